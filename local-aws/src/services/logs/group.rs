//! Log groups: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use super::reference::{self, exists, invalid};
use super::{encryption, event, group_tags, metric_filter, resource_policy, stream};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use serde_json::{Value, json};

/// Groups of an account and region.
const QUOTA: usize = 1_000_000;

/// `CreateLogGroup`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("logGroupName");
    if name.to_ascii_lowercase().starts_with("aws/") {
        return Err(invalid("Log groups starting with AWS/ are reserved for AWS."));
    }
    let class = input.opt("logGroupClass").unwrap_or("STANDARD");
    if class == "ESSENTIALS" {
        return Err(Fault::not_implemented("logs CreateLogGroup with the class ESSENTIALS"));
    }
    let tags = group_tags::from_wire(&input["tags"])?;
    if call.get(LOG_GROUP, name).is_some() {
        return Err(exists("The specified log group already exists"));
    }
    if call.rows(LOG_GROUP).count() >= call.quota("logs.log_groups", QUOTA) {
        return Err(Fault::new("LimitExceededException", "Resource limit exceeded."));
    }
    let arn = call.arn("logs", &format!("log-group:{name}"));
    if let Some(key) = input.opt("kmsKeyId") {
        encryption::check(call, key, &arn)?;
    }
    let mut row = json!({
        "logGroupName": name, "arn": format!("{arn}:*"), "logGroupArn": arn, "logGroupClass": class,
        "creationTime": reference::now(call), "storedBytes": 0, "metricFilterCount": 0, "deletionProtectionEnabled": input.flag("deletionProtectionEnabled"),
        "Tags": tags, "_arn": arn, "_key": name,
    });
    if let Some(key) = input.opt("kmsKeyId") {
        row["kmsKeyId"] = json!(key);
    }
    if class == "DELIVERY" {
        row["retentionInDays"] = json!(1);
    }
    call.put(LOG_GROUP, name, row);
    Ok(json!({}))
}

/// Makes a group for a service that writes to one which is not there, as RDS or Lambda do: it never expires and has no key.
pub(crate) fn ensure_log_group(call: &mut Call, name: &str) {
    if call.get(LOG_GROUP, name).is_some() {
        return;
    }
    let arn = call.arn("logs", &format!("log-group:{name}"));
    let row = json!({
        "logGroupName": name, "arn": format!("{arn}:*"), "logGroupArn": arn, "logGroupClass": "STANDARD",
        "creationTime": reference::now(call), "storedBytes": 0, "metricFilterCount": 0, "deletionProtectionEnabled": false,
        "Tags": [], "_arn": arn, "_key": name,
    });
    call.put(LOG_GROUP, name, row);
}

/// `PutLogGroupDeletionProtection`.
pub(super) fn protect(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = reference::name(call, input.text("logGroupIdentifier"))?;
    reference::group(call, name)?;
    call.merge(
        LOG_GROUP,
        name,
        json!({"deletionProtectionEnabled": input["deletionProtectionEnabled"]}),
    );
    Ok(json!({}))
}

/// `DeleteLogGroup`, with all that is in it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("logGroupName");
    let group = reference::group(call, name)?;
    unprotected(group)?;
    let arn = group.text("logGroupArn").to_owned();
    event::remove_all(call, name, None);
    stream::remove_all(call, name);
    metric_filter::remove_all(call, name);
    resource_policy::remove_of(call, &arn);
    call.remove(LOG_GROUP, name);
    Ok(json!({}))
}

/// Refuses deleting a group that is protected, and whatever is in it.
pub(super) fn unprotected(group: &Value) -> Result<(), Fault> {
    if group.flag("deletionProtectionEnabled") {
        let message = format!(
            "Deletion protection is enabled for the log group {}.",
            group.text("logGroupName")
        );
        return Err(Fault::new("ValidationException", message));
    }
    Ok(())
}
