//! Service-linked roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>

use super::role;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// Services and the names of their roles.
const ROLES: [(&str, &str); 8] = [
    ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"),
    ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
    (
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    ),
    ("elasticfilesystem.amazonaws.com", "AWSServiceRoleForAmazonElasticFileSystem"),
    ("backup.amazonaws.com", "AWSServiceRoleForBackup"),
    ("wafv2.amazonaws.com", "AWSServiceRoleForWAFV2Logging"),
];

/// `CreateServiceLinkedRole`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let service = input.text("AWSServiceName");
    let Some((_, name)) = ROLES.iter().find(|(of, _)| *of == service) else {
        return Err(Fault::not_implemented(&format!("iam service-linked roles of {service}")));
    };
    if input.has("CustomSuffix") {
        let message = format!("Custom suffix is not allowed for {service}");
        return Err(Fault::new("InvalidInput", message));
    }
    if call.get(IAM_ROLE, name).is_some() {
        let message = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(Fault::new("InvalidInput", message));
    }
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [service]},
    }]});
    let mut row =
        role::new(call, name, &format!("/aws-service-role/{service}/"), &trust.to_string());
    row["Description"] = input["Description"].clone();
    call.put(IAM_ROLE, name, row.clone());
    Ok(json!({"Role": role::answered(&row)}))
}

/// `DeleteServiceLinkedRole`: done at once; the answer names the task all the same.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    let path = role::existing(call, name)?.text("Path").to_owned();
    if !path.starts_with("/aws-service-role/") {
        let message = format!("The role with name {name} cannot be found.");
        return Err(Fault::new("NoSuchEntity", message));
    }
    call.remove(IAM_ROLE, name);
    Ok(json!({"DeletionTaskId": format!("task{path}{name}/{}", call.new_uuid("iam.task"))}))
}

/// `GetServiceLinkedRoleDeletionStatus`.
pub(super) fn deletion_status(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let task = input.text("DeletionTaskId");
    let name = task.rsplit('/').nth(1).unwrap_or_default();
    if !task.starts_with("task/aws-service-role/") || call.get(IAM_ROLE, name).is_some() {
        return Err(Fault::new(
            "NoSuchEntity",
            format!("The deletion task {task} cannot be found."),
        ));
    }
    Ok(json!({"Status": "SUCCEEDED"}))
}
