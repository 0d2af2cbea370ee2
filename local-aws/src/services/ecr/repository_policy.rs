//! Who may use a repository: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html>

use super::repository::{self, REPOSITORY};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy;
use serde_json::{Value, json};

fn shown(row: &Value, text: &Value) -> Value {
    json!({"registryId": ACCOUNT, "repositoryName": row["repositoryName"], "policyText": text})
}

/// `SetRepositoryPolicy`: the statements are about the repository itself, and name no resource.
pub(super) fn set(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = repository::named(call, &input)?;
    let malformed = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'";
    let document: Value =
        serde_json::from_str(input.text("policyText")).map_err(|_| repository::wrong(malformed))?;
    let whole = |statement: &Value| {
        statement.has("Effect") && statement.has("Action") && statement.has("Principal")
    };
    let statements = policy::statements(&document);
    if statements.is_empty() || !statements.iter().all(whole) {
        return Err(repository::wrong(malformed));
    }
    if policy::unknown_principal(call, &document).is_some() {
        return Err(repository::wrong(malformed));
    }
    let text = &input["policyText"];
    call.merge(REPOSITORY, row.text("repositoryName"), json!({"_policy": text}));
    Ok(shown(&row, text))
}

/// `GetRepositoryPolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let row = repository::named(call, &call.input())?;
    existing(&row)?;
    Ok(shown(&row, &row["_policy"]))
}

/// `DeleteRepositoryPolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = repository::named(call, &call.input())?;
    existing(&row)?;
    call.merge(REPOSITORY, row.text("repositoryName"), json!({"_policy": null}));
    Ok(shown(&row, &row["_policy"]))
}

fn existing(row: &Value) -> Result<(), Fault> {
    if row.has("_policy") {
        return Ok(());
    }
    let message = format!(
        "Repository policy does not exist for the repository with name '{}' in the registry with id '{ACCOUNT}'",
        row.text("repositoryName")
    );
    Err(Fault::new("RepositoryPolicyNotFoundException", message))
}
