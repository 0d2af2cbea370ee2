//! Who may read a secret: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>

use super::reference::{self, SECRET};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Kind};
use serde_json::{Value, json};

/// `PutResourcePolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, row) = reference::own(call, input.text("SecretId"))?;
    let text = input.text("ResourcePolicy");
    let document = parsed(call, text)?;
    if input.flag("BlockPublicPolicy") && is_public(&document) {
        let message = "You can't attach a resource policy that allows broad access to the secret because BlockPublicPolicy is set to true.";
        return Err(Fault::new("PublicPolicyException", message));
    }
    call.merge(SECRET, &name, json!({"_policy": text}));
    Ok(json!({"ARN": row["ARN"], "Name": name}))
}

fn parsed(call: &Call, text: &str) -> Result<Value, Fault> {
    let malformed = |message: String| Fault::new("MalformedPolicyDocumentException", message);
    let document = policy::parse(text, Kind::Resource).map_err(malformed)?;
    match policy::unknown_principal(call, &document) {
        Some(_) => {
            Err(malformed("This resource policy contains an unsupported principal.".to_owned()))
        }
        None => Ok(document),
    }
}

/// Whether a statement lets everybody in, without a condition.
fn is_public(document: &Value) -> bool {
    let everybody = |principal: &Value| {
        principal == "*" || principal["AWS"] == "*" || principal.texts("AWS").contains(&"*")
    };
    policy::statements(document).iter().any(|statement| {
        statement.text("Effect") == "Allow"
            && everybody(&statement["Principal"])
            && !statement.has("Condition")
    })
}

/// `GetResourcePolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let (name, row) = reference::live(call, call.input().text("SecretId"))?;
    Ok(json!({"ARN": row["ARN"], "Name": name, "ResourcePolicy": row["_policy"]}))
}

/// `DeleteResourcePolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let (name, row) = reference::own(call, call.input().text("SecretId"))?;
    call.merge(SECRET, &name, json!({"_policy": null}));
    Ok(json!({"ARN": row["ARN"], "Name": name}))
}

/// `ValidateResourcePolicy`.
pub(super) fn validate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if let Some(id) = input.opt("SecretId") {
        reference::live(call, id)?;
    }
    let document = parsed(call, input.text("ResourcePolicy"))?;
    let problems: Vec<Value> = if is_public(&document) {
        vec![
            json!({"CheckName": "PUBLIC_POLICY", "ErrorMessage": "The resource policy allows broad access to the secret."}),
        ]
    } else {
        Vec::new()
    };
    Ok(json!({"PolicyValidationPassed": problems.is_empty(), "ValidationErrors": problems}))
}
