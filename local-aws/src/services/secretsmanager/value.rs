//! Values of secrets: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>

use super::reference::{self, SECRET, invalid_parameter, not_found};
use super::version::{self, CURRENT, VERSION};
use super::{list, reference::invalid_request, rotation};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const DAY_SECONDS: f64 = 24.0 * 3600.0;

/// Most secrets of one `BatchGetSecretValue`.
const BATCH: usize = 20;

/// `GetSecretValue`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (_, secret) = reference::live(call, input.text("SecretId"))?;
    of(call, &secret, input.opt("VersionId"), input.opt("VersionStage"))
}

/// A value that another service has fetched for a container.
pub(crate) struct Fetched(pub(crate) String);

/// The row of a secret by its ARN, if there is one that does not wait for its deletion.
pub(crate) fn described(call: &Call, id: &str) -> Option<Value> {
    reference::live(call, id).ok().map(|(_, row)| row)
}

/// The value of a secret for a service that fetches it in a role's name; what the role may do has been looked at.
pub(crate) fn fetch(
    call: &mut Call,
    id: &str,
    version: Option<&str>,
    label: Option<&str>,
) -> Result<Fetched, Fault> {
    let (_, secret) = reference::live(call, id)?;
    let answer = of(call, &secret, version, label)?;
    Ok(Fetched(answer.text("SecretString").to_owned()))
}

/// The value of a version by its id, its label or both; the current one without either.
fn of(
    call: &mut Call,
    secret: &Value,
    id: Option<&str>,
    label: Option<&str>,
) -> Result<Value, Fault> {
    let found = match (id, label) {
        (Some(id), label) => {
            let found = version::with_id(call, secret, id).cloned();
            if let (Some(row), Some(label)) = (&found, label)
                && !row.texts("VersionStages").contains(&label)
            {
                return Err(invalid_request(
                    "You provided a VersionStage that is not associated to the provided VersionId.",
                ));
            }
            found.ok_or_else(|| no_value("VersionId", id))
        }
        (None, label) => {
            let label = label.unwrap_or(CURRENT);
            let found = version::with_label(call, secret, label).cloned();
            found.ok_or_else(|| no_value("staging label", label))
        }
    }?;
    if !found.has("_blob") {
        return Err(match (id, label) {
            (_, Some(label)) => no_value("staging label", label),
            (Some(id), None) => no_value("VersionId", id),
            (None, None) => no_value("staging label", CURRENT),
        });
    }
    let plain = version::value(call, secret, &found)?;
    accessed(call, secret, &found);
    let (member, text) = plain.member();
    let mut answer = json!({
        "ARN": secret["ARN"], "Name": secret["Name"], "VersionId": found["VersionId"],
        "VersionStages": found["VersionStages"], "CreatedDate": found["CreatedDate"],
    });
    answer[member] = json!(text);
    Ok(answer)
}

fn no_value(by: &str, what: &str) -> Fault {
    not_found(&format!("Secrets Manager can't find the specified secret value for {by}: {what}"))
}

/// When a secret was read is told by the day.
fn accessed(call: &mut Call, secret: &Value, found: &Value) {
    let day = (call.now() / DAY_SECONDS).floor() * DAY_SECONDS;
    let id = format!("{}/{}", secret.text("ARN"), found.text("VersionId"));
    call.merge(VERSION, &id, json!({"LastAccessedDate": day}));
    call.merge(SECRET, secret.text("Name"), json!({"LastAccessedDate": day}));
}

/// `BatchGetSecretValue`: the current values, and what went wrong one by one.
pub(super) fn batch_get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let ids: Vec<String> = match (input.has("SecretIdList"), input.has("Filters")) {
        (true, true) | (false, false) => {
            return Err(invalid_parameter(
                "You must specify either SecretIdList or Filters, but not both.",
            ));
        }
        (true, false) => input.texts("SecretIdList").into_iter().map(str::to_owned).collect(),
        (false, true) => list::names(call, input.items("Filters")),
    };
    if ids.len() > BATCH {
        return Err(Fault::not_implemented(
            "BatchGetSecretValue of more than 20 secrets by filter",
        ));
    }
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        let value =
            reference::live(call, &id).and_then(|(_, secret)| of(call, &secret, None, None));
        match value {
            Ok(value) => values.push(value),
            Err(fault) => errors
                .push(json!({"SecretId": id, "ErrorCode": fault.code, "Message": fault.message})),
        }
    }
    Ok(json!({"SecretValues": values, "Errors": errors}))
}

/// `PutSecretValue`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, secret) = reference::own(call, input.text("SecretId"))?;
    if !input.has("SecretString") && !input.has("SecretBinary") {
        return Err(invalid_request("You must provide either SecretString or SecretBinary."));
    }
    rotation::check_token(&input, &secret)?;
    let labels = input.texts("VersionStages");
    let labels = if labels.is_empty() { vec![CURRENT] } else { labels };
    // The first value of a secret is its current one, whatever the request says.
    let first = version::with_label(call, &secret, CURRENT).is_none();
    let labels: Vec<&str> = if first && !labels.contains(&CURRENT) {
        labels.into_iter().chain([CURRENT]).collect()
    } else {
        labels
    };
    let id = version::of_request(call, &name, &input, &labels)?;
    let stages = version::with_id(call, &secret, id.as_str().unwrap_or_default())
        .map_or(Value::Null, |row| row["VersionStages"].clone());
    Ok(json!({"ARN": secret["ARN"], "Name": name, "VersionId": id, "VersionStages": stages}))
}
