//! Service-linked roles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>

use super::{missing, role, unique_id};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use crate::store::Table;
use serde_json::{Value, json};

/// Deletions by task id: the name of the role, and `Status`.
const DELETION: Table = Table::global("iam.deletion_task");

/// A service with what ends the name of its role and the name of AWS's policy on it.
struct Linked(&'static str, &'static str, &'static str);

const LINKED: [Linked; 12] = [
    Linked("backup.amazonaws.com", "Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    Linked("ec2.amazonaws.com", "EC2", "AWSServiceRoleForEC2"),
    Linked("ecs.amazonaws.com", "ECS", "AmazonECSServiceRolePolicy"),
    Linked(
        "ecs.application-autoscaling.amazonaws.com",
        "ApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy",
    ),
    Linked("elasticache.amazonaws.com", "ElastiCache", "ElastiCacheServiceRolePolicy"),
    Linked(
        "elasticfilesystem.amazonaws.com",
        "AmazonElasticFileSystem",
        "AmazonElasticFileSystemServiceRolePolicy",
    ),
    Linked(
        "elasticloadbalancing.amazonaws.com",
        "ElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
    ),
    Linked("natgateway.amazonaws.com", "NATGateway", "AWSNATGatewayServiceRolePolicy"),
    Linked("ops.apigateway.amazonaws.com", "APIGateway", "APIGatewayServiceRolePolicy"),
    Linked("rds.amazonaws.com", "RDS", "AmazonRDSServiceRolePolicy"),
    Linked(
        "transitgateway.amazonaws.com",
        "VPCTransitGateway",
        "AWSVPCTransitGatewayServiceRolePolicy",
    ),
    Linked("wafv2.amazonaws.com", "WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
];

/// `CreateServiceLinkedRole`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let service = input.text("AWSServiceName");
    let Some(Linked(_, ending, policy)) = LINKED.iter().find(|known| known.0 == service) else {
        return Err(Fault::new(
            "InvalidInput",
            format!("Service {service} has no service-linked role in the embedded AWS."),
        ));
    };
    if input.has("CustomSuffix") {
        return Err(Fault::new(
            "InvalidInput",
            format!("Custom suffix is not allowed for {service}"),
        ));
    }
    let name = format!("AWSServiceRoleFor{ending}");
    if call.get(IAM_ROLE, &name).is_some() {
        let message = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(Fault::new("InvalidInput", message));
    }
    let mut row = make(call, service, &name, policy);
    if input.has("Description") {
        row["Description"] = input["Description"].clone();
    }
    call.put(IAM_ROLE, &name, row.clone());
    Ok(json!({"Role": role::described(&row)}))
}

/// Makes the role of a service that does so by itself when it is first used, such as `rds.amazonaws.com`.
pub(crate) fn ensure_linked_role(call: &mut Call, service: &str) {
    let Some(Linked(_, ending, policy)) = LINKED.iter().find(|known| known.0 == service) else {
        return;
    };
    let name = format!("AWSServiceRoleFor{ending}");
    if call.get(IAM_ROLE, &name).is_none() {
        let row = make(call, service, &name, policy);
        call.put(IAM_ROLE, &name, row);
    }
}

fn make(call: &mut Call, service: &str, name: &str, policy: &str) -> Value {
    let path = format!("/aws-service-role/{service}/");
    let arn = call.global_arn("iam", &format!("role{path}{name}"));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}, "Effect": "Allow"}]});
    json!({
        "RoleName": name, "Path": path, "RoleId": unique_id(call, "AROA"), "Arn": arn, "CreateDate": call.now(), "RoleLastUsed": {},
        "AssumeRolePolicyDocument": trust.to_string(), "Tags": [], "MaxSessionDuration": 3600, "_service_linked": service, "_inline": {},
        "_attached": [format!("arn:aws:iam::aws:policy/aws-service-role/{policy}")], "_arn": arn, "_key": name,
        "_usable_at": call.now() + call.latency("iam.service_linked_role", "visible_to_other_services"),
    })
}

/// `DeleteServiceLinkedRole`: a task that runs in the background.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    let role = role::known(call, name)?;
    let Some(service) = role.opt("_service_linked").map(str::to_owned) else {
        return Err(missing(format!("The role with name {name} cannot be found.")));
    };
    let task =
        format!("task/aws-service-role/{service}/{name}/{}", call.new_uuid("iam.deletion_task"));
    call.put(DELETION, &task, json!({"Status": "IN_PROGRESS", "role": name}));
    let seconds = call.latency("iam.service_linked_role", "delete");
    call.schedule(seconds, DELETION, &task, Step::Run("remove_role", json!(task)));
    Ok(json!({"DeletionTaskId": task}))
}

/// The end of a deletion.
pub(super) fn remove(call: &mut Call, task: &Value) {
    let task = task.as_str().unwrap_or_default();
    let Some(name) = call.get(DELETION, task).map(|row| row.text("role").to_owned()) else {
        return;
    };
    call.remove(IAM_ROLE, &name);
    call.merge(DELETION, task, json!({"Status": "SUCCEEDED"}));
}

/// `GetServiceLinkedRoleDeletionStatus`.
pub(super) fn deletion_status(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let task = input.text("DeletionTaskId");
    let row = call
        .get(DELETION, task)
        .ok_or_else(|| missing(format!("The deletion task {task} cannot be found.")))?;
    Ok(json!({"Status": row["Status"]}))
}
