//! `CreateService`: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>

use super::{SERVICE, SOON, check, deployment, describe, wake};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::{cluster, invalid, network, reference, tags};
use crate::services::iam::ensure_linked_role;
use serde_json::{Value, json};

/// AWS's quota per cluster.
const QUOTA: usize = 5000;

/// `CreateService`: a repeated token is answered as before.
pub(in crate::services::ecs) fn create(call: &mut Call) -> Result<Value, Fault> {
    let mismatch = |fault: Fault| match fault.code.as_str() {
        "IdempotentParameterMismatch" => invalid(fault.message),
        _ => fault,
    };
    call.idempotent("clientToken", create_once).map_err(mismatch)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("serviceName");
    cluster::check_name("Service", name)?;
    check::supported(&input)?;
    let cluster = reference::cluster(call, &input)?;
    let id = reference::id(cluster.text("clusterName"), name);
    taken(call, &id)?;
    let definition = reference::startable(call, input.text("taskDefinition"))?;
    let row = row(call, &input, &cluster, &definition)?;
    check::related(&row, &definition)?;
    ensure_linked_role(call, "ecs.amazonaws.com");
    call.remove(SERVICE, &id);
    call.put(SERVICE, &id, row);
    deployment::begin(call, &id, &deployment::of_service(call, &id));
    wake(call, &id, SOON);
    Ok(json!({"service": describe::view(call, &id, true)}))
}

fn taken(call: &Call, id: &str) -> Result<(), Fault> {
    let cluster = id.split('/').next().unwrap_or_default();
    let here = call
        .rows(SERVICE)
        .filter(|(_, row)| row.text("_cluster") == cluster && row.text("status") != "INACTIVE");
    match call.get(SERVICE, id).map(|row| row.text("status")) {
        Some("ACTIVE") => Err(invalid("Creation of service was not idempotent.")),
        Some("DRAINING") => Err(invalid("Unable to Start a service that is still Draining.")),
        _ if here.count() >= call.quota("ecs.services_per_cluster", QUOTA) => {
            Err(Fault::new("LimitExceededException", "The limit for services was exceeded."))
        }
        _ => Ok(()),
    }
}

fn row(
    call: &mut Call,
    input: &Value,
    cluster: &Value,
    definition: &Value,
) -> Result<Value, Fault> {
    let (name, of) = (input.text("serviceName"), cluster.text("clusterName"));
    let strategy = check::capacity(call, input, cluster, definition)?;
    let network = network::checked(call, &input["networkConfiguration"])?;
    check::load_balancers(call, input.items("loadBalancers"), definition)?;
    let Some(desired) = input.int("desiredCount").filter(|count| *count >= 0) else {
        return Err(invalid("desiredCount must be given, and must not be negative."));
    };
    let arn = call.arn("ecs", &format!("service/{of}/{name}"));
    let role = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
    let mut row = json!({
        "serviceArn": arn, "serviceName": name, "clusterArn": cluster["clusterArn"], "status": "ACTIVE",
        "loadBalancers": input.items("loadBalancers"), "serviceRegistries": [], "desiredCount": desired,
        "taskDefinition": definition["taskDefinitionArn"], "networkConfiguration": network,
        "deploymentConfiguration": check::configuration(&input["deploymentConfiguration"])?,
        "deploymentController": {"type": "ECS"}, "deployments": [], "events": [], "createdAt": call.now(),
        "createdBy": call.global_arn("iam", "root"), "roleArn": call.global_arn("iam", role),
        "placementConstraints": [], "placementStrategy": [], "schedulingStrategy": "REPLICA",
        "platformVersion": input.opt("platformVersion").unwrap_or("LATEST"), "platformFamily": "Linux",
        "enableECSManagedTags": input.flag("enableECSManagedTags"), "enableExecuteCommand": input.flag("enableExecuteCommand"),
        "propagateTags": input.opt("propagateTags").unwrap_or("NONE"), "resourceManagementType": "CUSTOMER",
        "availabilityZoneRebalancing": input.opt("availabilityZoneRebalancing").unwrap_or("ENABLED"),
        "healthCheckGracePeriodSeconds": input.int("healthCheckGracePeriodSeconds").unwrap_or(0),
        "Tags": tags::given(input.items("tags"))?, "_arn": arn, "_cluster": of, "_key": arn,
    });
    if strategy.is_empty() {
        row["launchType"] = json!("FARGATE");
    } else {
        row["capacityProviderStrategy"] = json!(strategy);
    }
    Ok(row)
}
