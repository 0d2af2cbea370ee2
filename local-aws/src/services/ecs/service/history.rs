//! What became of deployments: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>

use super::{SERVICE, deployment};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::reference;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ServiceDeployment` by ARN; `_service` is the service's row.
const DEPLOYMENT: Table = Table::regional("ecs.service_deployment");

/// Rows are a `ServiceRevision` by ARN.
const REVISION: Table = Table::regional("ecs.service_revision");

/// AWS tells of deployments for 90 days.
const REMEMBERED_SECONDS: f64 = 90.0 * 24.0 * 3600.0;

fn arn_of(call: &Call, kind: &str, id: &str, deployment: &str) -> String {
    let number = deployment.rsplit('/').next().unwrap_or_default();
    call.arn("ecs", &format!("{kind}/{id}/{number}"))
}

/// The primary deployment of a service has begun.
pub(super) fn begun(call: &mut Call, id: &str) {
    let (Some(primary), Some(service)) =
        (deployment::primary(call, id), call.get(SERVICE, id).cloned())
    else {
        return;
    };
    let name = primary.text("id");
    let (arn, revision) =
        (arn_of(call, "service-deployment", id, name), arn_of(call, "service-revision", id, name));
    let now = call.now();
    let mut row = json!({
        "serviceDeploymentArn": arn, "serviceArn": service["serviceArn"], "clusterArn": service["clusterArn"],
        "createdAt": now, "startedAt": now, "updatedAt": now, "status": "IN_PROGRESS", "sourceServiceRevisions": [],
        "targetServiceRevision": {"arn": revision}, "deploymentConfiguration": service["deploymentConfiguration"],
        "_service": id, "_key": arn,
    });
    row["targetServiceRevision"]["requestedTaskCount"] = service["desiredCount"].clone();
    let members = [
        "taskDefinition",
        "capacityProviderStrategy",
        "launchType",
        "platformVersion",
        "platformFamily",
        "networkConfiguration",
    ];
    let mut made = json!({
        "serviceRevisionArn": revision, "serviceArn": service["serviceArn"], "clusterArn": service["clusterArn"],
        "createdAt": now, "loadBalancers": primary["_loadBalancers"], "serviceRegistries": [], "containerImages": [],
        "guardDutyEnabled": false,
    });
    for member in members.into_iter().filter(|member| primary.has(member)) {
        made[member] = primary[member].clone();
    }
    call.put(REVISION, &revision, made);
    call.put(DEPLOYMENT, &arn, row);
    call.merge(SERVICE, id, json!({"currentServiceDeployment": arn}));
}

/// The primary deployment of a service ends, because another one begins.
pub(super) fn superseded(call: &mut Call, id: &str) {
    let Some(primary) = deployment::primary(call, id) else { return };
    let arn = arn_of(call, "service-deployment", id, primary.text("id"));
    let open = call.get(DEPLOYMENT, &arn).is_some_and(|row| row.text("status") == "IN_PROGRESS");
    if open {
        ended(call, id, primary.text("id"), "STOPPED", "Superseded by another deployment.");
    }
}

/// A deployment has come to an end.
pub(super) fn ended(call: &mut Call, id: &str, deployment: &str, status: &str, reason: &str) {
    let arn = arn_of(call, "service-deployment", id, deployment);
    let now = call.now();
    let members =
        json!({"status": status, "statusReason": reason, "finishedAt": now, "updatedAt": now});
    call.merge(DEPLOYMENT, &arn, members);
    call.schedule(REMEMBERED_SECONDS, DEPLOYMENT, &arn, Step::Remove);
    let revision = arn_of(call, "service-revision", id, deployment);
    if status == "SUCCESSFUL" {
        let current = json!([{"arn": revision}]);
        call.merge(SERVICE, id, json!({"currentServiceRevisions": current}));
    }
    call.schedule(REMEMBERED_SECONDS, REVISION, &revision, Step::Remove);
}

/// A deployment failed and another one takes its place.
pub(super) fn rolling_back(call: &mut Call, id: &str, deployment: &str, reason: &str) {
    let arn = arn_of(call, "service-deployment", id, deployment);
    let now = call.now();
    let rollback = json!({"reason": reason, "startedAt": now});
    let members = json!({
        "status": "ROLLBACK_IN_PROGRESS", "statusReason": reason, "rollback": rollback, "updatedAt": now,
    });
    call.merge(DEPLOYMENT, &arn, members);
}

/// What belongs to a service that is gone ends with it.
pub(super) fn forget_open(call: &mut Call, id: &str) {
    let mine = |row: &Value| row.text("_service") == id;
    let arns: Vec<String> =
        call.rows(DEPLOYMENT).filter(|(_, row)| mine(row)).map(|(arn, _)| arn.to_owned()).collect();
    for arn in arns {
        call.remove(DEPLOYMENT, &arn);
        call.remove(REVISION, &arn.replacen(":service-deployment/", ":service-revision/", 1));
    }
}

/// `ListServiceDeployments`, newest first.
pub(in crate::services::ecs) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, _) = reference::service(call, &input)?;
    let wanted = input.texts("status");
    let mut rows: Vec<&Value> = (call.rows(DEPLOYMENT).map(|(_, row)| row))
        .filter(|row| row.text("_service") == id)
        .filter(|row| wanted.is_empty() || wanted.contains(&row.text("status")))
        .collect();
    rows.sort_by(|a, b| {
        let at = |row: &Value| row.number("createdAt").unwrap_or_default();
        at(b).total_cmp(&at(a))
    });
    let briefs: Vec<Value> = rows.into_iter().map(brief).collect();
    Ok(json!({"serviceDeployments": briefs}))
}

/// What the list tells of a deployment.
fn brief(row: &Value) -> Value {
    const MEMBERS: [&str; 8] = [
        "serviceDeploymentArn",
        "serviceArn",
        "clusterArn",
        "createdAt",
        "startedAt",
        "finishedAt",
        "status",
        "statusReason",
    ];
    let mut seen = json!({"targetServiceRevisionArn": row["targetServiceRevision"]["arn"], "_key": row["_key"]});
    for member in MEMBERS.into_iter().filter(|member| row.has(member)) {
        seen[member] = row[member].clone();
    }
    seen
}

/// `DescribeServiceDeployments`.
pub(in crate::services::ecs) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (found, failures) = look(call, DEPLOYMENT, &input.texts("serviceDeploymentArns"));
    Ok(json!({"serviceDeployments": found, "failures": failures}))
}

/// `DescribeServiceRevisions`.
pub(in crate::services::ecs) fn revisions(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (found, failures) = look(call, REVISION, &input.texts("serviceRevisionArns"));
    Ok(json!({"serviceRevisions": found, "failures": failures}))
}

fn look(call: &Call, table: Table, arns: &[&str]) -> (Vec<Value>, Vec<Value>) {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        match call.get(table, arn) {
            Some(row) => found.push(row.clone()),
            None => failures.push(json!({"arn": arn, "reason": "MISSING"})),
        }
    }
    (found, failures)
}
