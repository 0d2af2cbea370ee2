//! Lifecycle policies, which are kept and never run: no image here is ever old by itself.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html>

use super::repository::{self, REPOSITORY};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

fn shown(row: &Value, text: &Value) -> Value {
    json!({"registryId": ACCOUNT, "repositoryName": row["repositoryName"], "lifecyclePolicyText": text})
}

/// `PutLifecyclePolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = repository::named(call, &input)?;
    let document: Value =
        serde_json::from_str(input.text("lifecyclePolicyText")).unwrap_or_default();
    if document.items("rules").is_empty() {
        let message = "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'";
        return Err(repository::wrong(message));
    }
    let text = &input["lifecyclePolicyText"];
    call.merge(REPOSITORY, row.text("repositoryName"), json!({"_lifecycle": text}));
    Ok(shown(&row, text))
}

/// `GetLifecyclePolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let row = repository::named(call, &call.input())?;
    existing(&row)?;
    Ok(shown(&row, &row["_lifecycle"]))
}

/// `DeleteLifecyclePolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = repository::named(call, &call.input())?;
    existing(&row)?;
    call.merge(REPOSITORY, row.text("repositoryName"), json!({"_lifecycle": null}));
    Ok(shown(&row, &row["_lifecycle"]))
}

fn existing(row: &Value) -> Result<(), Fault> {
    if row.has("_lifecycle") {
        return Ok(());
    }
    let message = format!(
        "Lifecycle policy does not exist for the repository with name '{}' in the registry with id '{ACCOUNT}'",
        row.text("repositoryName")
    );
    Err(Fault::new("LifecyclePolicyNotFoundException", message))
}
