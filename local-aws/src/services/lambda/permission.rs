//! Who may invoke a function: <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>

use super::reference::{FUNCTION, Named, revision};
use super::{conflict, invalid, missing};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Asked, Who};
use serde_json::{Value, json};

/// Bytes that the policy of a function may have.
const MOST: usize = 20_480;

/// `AddPermission`.
pub(super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = Named::of_request(&input);
    let row = named.version(call)?;
    let function = named.function(call)?;
    revision(&input, &row)?;
    let sid = input.text("StatementId");
    if function.items("_policy").iter().any(|known| known.text("Sid") == sid) {
        return Err(conflict(format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
        )));
    }
    let statement = statement(call, &named, &input)?;
    let mut all = function.items("_policy").to_vec();
    all.push(statement.clone());
    if json!(all).to_string().len() > MOST {
        let message = format!("The final policy size is bigger than the limit ({MOST}).");
        return Err(Fault::new("PolicyLengthExceededException", message));
    }
    store(call, &named.name, all);
    Ok(json!({"Statement": statement.to_string()}))
}

fn store(call: &mut Call, name: &str, statements: Vec<Value>) {
    let revision = call.new_uuid("lambda.revision");
    let policy = if statements.is_empty() { Value::Null } else { json!(statements) };
    call.merge(FUNCTION, name, json!({"_policy": policy, "RevisionId": revision}));
}

fn statement(call: &Call, named: &Named, input: &Value) -> Result<Value, Fault> {
    let principal = input.text("Principal");
    let who = principal_of(call, principal)?;
    let mut conditions = json!({});
    let mut test = |operator: &str, key: &str, value: &Value| {
        if value.as_str().is_some_and(|text| !text.is_empty()) {
            conditions[operator][key] = value.clone();
        }
    };
    test("StringEquals", "AWS:SourceAccount", &input["SourceAccount"]);
    test("StringEquals", "aws:PrincipalOrgID", &input["PrincipalOrgID"]);
    test("StringEquals", "lambda:EventSourceToken", &input["EventSourceToken"]);
    test("StringEquals", "lambda:FunctionUrlAuthType", &input["FunctionUrlAuthType"]);
    test("ArnLike", "AWS:SourceArn", &input["SourceArn"]);
    let mut statement = json!({
        "Sid": input["StatementId"], "Effect": "Allow", "Principal": who, "Action": input["Action"], "Resource": named.arn(call),
    });
    if conditions.as_object().is_some_and(|tests| !tests.is_empty()) {
        statement["Condition"] = conditions;
    }
    Ok(statement)
}

fn principal_of(call: &Call, principal: &str) -> Result<Value, Fault> {
    let refused =
        || invalid("The provided principal was invalid. Please check the principal and try again.");
    if principal == "*" {
        return Ok(json!("*"));
    }
    if principal.starts_with("arn:") || principal.bytes().all(|byte| byte.is_ascii_digit()) {
        if !policy::exists(call, principal) {
            return Err(refused());
        }
        let is_account = !principal.starts_with("arn:");
        let arn = if is_account {
            format!("arn:aws:iam::{principal}:root")
        } else {
            principal.to_owned()
        };
        return Ok(json!({"AWS": arn}));
    }
    if !principal.contains('.') {
        return Err(refused());
    }
    Ok(json!({"Service": principal}))
}

/// `RemovePermission`.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = Named::of_request(&input);
    let row = named.function(call)?;
    revision(&input, &row)?;
    let mut all = row.items("_policy").to_vec();
    let before = all.len();
    all.retain(|known| known.text("Sid") != input.text("StatementId"));
    if all.len() == before {
        return Err(if before == 0 {
            no_policy()
        } else {
            missing(format!(
                "Statement {} is not found in resource policy.",
                input.text("StatementId")
            ))
        });
    }
    store(call, &named.name, all);
    Ok(json!({}))
}

fn no_policy() -> Fault {
    missing("The resource you requested does not exist.")
}

/// `GetPolicy`.
pub(super) fn policy(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    let row = named.version(call)?;
    let function = named.function(call)?;
    let arn = named.arn(call);
    let mine = function.items("_policy").iter().filter(|known| known.text("Resource") == arn);
    let statements: Vec<&Value> = mine.collect();
    if statements.is_empty() {
        return Err(no_policy());
    }
    let document = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements});
    Ok(json!({"Policy": document.to_string(), "RevisionId": row["RevisionId"]}))
}

/// Whether there is a function with an ARN.
pub(crate) fn exists(call: &Call, arn: &str) -> bool {
    Named::parse(arn).version(call).is_ok()
}

/// Whether a function's policy lets a service invoke it for a resource: nothing else does, for a service has no policies of its own.
pub(crate) fn admits(call: &Call, service: &str, function_arn: &str, source_arn: &str) -> bool {
    let named = Named::parse(function_arn);
    let Ok(row) = named.function(call) else { return false };
    let document = json!({"Statement": row.items("_policy")});
    let context = [("aws:SourceArn", source_arn), ("aws:SourceAccount", ACCOUNT)];
    let asked = Asked {
        who: Who::Service(service),
        action: "lambda:InvokeFunction",
        resource: &named.arn(call),
        context: &context,
    };
    policy::allows(&document, &asked)
}
