//! Tags of alarms and dashboards: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>

use super::alarm::ALARM;
use super::dashboard::DASHBOARD;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, once they are known to be allowed.
pub(super) fn checked(tags: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(tags).map_err(|bad| refused(&bad))?;
    Ok(tags.to_vec())
}

fn refused(bad: &BadTag) -> Fault {
    Fault::new("InvalidParameterValue", bad.message())
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = checked(input.items("Tags"))?;
    let (table, id) = taggable(call, input.text("ResourceARN"))?;
    let mut done = Ok(());
    call.update(table, &id, |row| done = tags::add(row, &fresh));
    done.map_err(|bad| refused(&bad))?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (table, id) = taggable(call, input.text("ResourceARN"))?;
    call.update(table, &id, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let (table, id) = taggable(call, call.input().text("ResourceARN"))?;
    let tags = call.get(table, &id).map(|row| row.items("Tags").to_vec());
    Ok(json!({"Tags": tags.unwrap_or_default()}))
}

/// The row that an ARN names.
fn taggable(call: &Call, arn: &str) -> Result<(Table, String), Fault> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "cloudwatch", _, _, resource] = parts[..] else {
        return Err(Fault::new(
            "InvalidParameterValue",
            format!("{arn} is not an ARN of CloudWatch"),
        ));
    };
    let alarm = resource.strip_prefix("alarm:").map(|name| (ALARM, name));
    let named = alarm.or_else(|| resource.strip_prefix("dashboard/").map(|name| (DASHBOARD, name)));
    let found =
        named.filter(|(table, id)| call.get(*table, id).is_some_and(|row| row.text("_arn") == arn));
    match found {
        Some((table, id)) => Ok((table, id.to_owned())),
        None => Err(Fault::new("ResourceNotFoundException", format!("{arn} does not exist"))
            .with("ResourceType", "cloudwatch")
            .with("ResourceId", arn)),
    }
}
