//! Tags of many resources: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html>

use super::inventory;
use super::resources::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Key;
use crate::tags::{self, BadTag};
use serde_json::{Map, Value, json};

/// `TagResources`: a resource that cannot be tagged does not keep the others from it.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = tags::from_map(&input["Tags"]);
    if fresh.is_empty() {
        return Err(invalid("Tags must have at least one tag."));
    }
    tags::check(&fresh).map_err(|bad| invalid(bad.message()))?;
    each(call, |row| tags::add(row, &fresh))
}

/// `UntagResources`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let keys = input.texts("TagKeys");
    if let Some(key) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(invalid(BadTag::Reserved((*key).to_owned()).message()));
    }
    each(call, |row| {
        tags::remove(row, &keys);
        Ok(())
    })
}

fn each(
    call: &mut Call,
    change: impl Fn(&mut Value) -> Result<(), BadTag>,
) -> Result<Value, Fault> {
    let input = call.input();
    let mut failed = Map::new();
    for arn in input.texts("ResourceARNList") {
        if !arn.starts_with("arn:") || arn.splitn(6, ':').count() < 6 {
            return Err(invalid(format!("{arn} is not a valid ARN.")));
        }
        let Some(key) = find(call, arn) else {
            failed.insert(
                arn.to_owned(),
                failure(&format!("There is no resource {arn} in this region that can be tagged.")),
            );
            continue;
        };
        let mut done = Ok(());
        call.update_resource(&key, |row| done = change(row));
        if let Err(bad) = done {
            failed.insert(arn.to_owned(), failure(&bad.message()));
        }
    }
    Ok(json!({"FailedResourcesMap": failed}))
}

fn find(call: &Call, arn: &str) -> Option<Key> {
    inventory::covered(call)
        .find(|resource| resource.row.text("_arn") == arn)
        .map(|resource| resource.key())
}

fn failure(message: &str) -> Value {
    json!({"StatusCode": 400, "ErrorCode": "InvalidParameterException", "ErrorMessage": message})
}
