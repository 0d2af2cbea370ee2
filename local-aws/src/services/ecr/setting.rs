//! Settings of repositories.

use super::repository::{self, REPOSITORY};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Refuses what is not here.
pub(super) fn supported(mutability: &str) -> Result<(), Fault> {
    match mutability {
        "MUTABLE" | "IMMUTABLE" => Ok(()),
        other => Err(Fault::not_implemented(&format!("repositories with {other}"))),
    }
}

/// `PutImageTagMutability`.
pub(super) fn mutability(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = repository::named(call, &input)?;
    supported(input.text("imageTagMutability"))?;
    let members = json!({"imageTagMutability": input["imageTagMutability"]});
    call.merge(REPOSITORY, row.text("repositoryName"), members);
    Ok(json!({
        "registryId": ACCOUNT, "repositoryName": row["repositoryName"], "imageTagMutability": input["imageTagMutability"],
    }))
}

/// `PutImageScanningConfiguration`.
pub(super) fn scanning(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = repository::named(call, &input)?;
    let on = input["imageScanningConfiguration"].flag("scanOnPush");
    let members = json!({"imageScanningConfiguration": {"scanOnPush": on}});
    call.merge(REPOSITORY, row.text("repositoryName"), members.clone());
    Ok(json!({
        "registryId": ACCOUNT, "repositoryName": row["repositoryName"],
        "imageScanningConfiguration": members["imageScanningConfiguration"],
    }))
}
