//! `UpdateService`: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>

use super::{SERVICE, SOON, check, deployment, describe, event, wake};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::{invalid, network, reference};
use serde_json::{Value, json};

/// What a new deployment carries to tasks; everything else holds at once.
const DEPLOYED: [&str; 6] = [
    "taskDefinition",
    "networkConfiguration",
    "loadBalancers",
    "capacityProviderStrategy",
    "launchType",
    "platformVersion",
];

/// What is set as it is given.
const PLAIN: [&str; 6] = [
    "availabilityZoneRebalancing",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "platformVersion",
    "propagateTags",
];

/// `UpdateService`.
pub(in crate::services::ecs) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check::supported(&input)?;
    let (id, old) = reference::active_service(call, &input)?;
    let mut row = changed(call, &input, &old)?;
    let definition = reference::task_definition(call, row.text("taskDefinition"));
    check::related(&row, &definition.unwrap_or_default())?;
    let count = input.int("desiredCount");
    if count.is_some_and(|count| count < 0) {
        return Err(invalid("desiredCount must not be negative."));
    }
    let differs = |member: &&str| row[*member] != old[*member];
    let deploys = input.flag("forceNewDeployment") || DEPLOYED.iter().any(differs);
    row["desiredCount"] = json!(count.or(old.int("desiredCount")));
    call.put(SERVICE, &id, row);
    if let Some(count) = count {
        deployment::resize(call, &id, count);
    }
    if deploys {
        deployment::begin(call, &id, &deployment::of_service(call, &id));
    }
    event::trim(call, &id);
    wake(call, &id, SOON);
    Ok(json!({"service": describe::view(call, &id, true)}))
}

/// The row with everything that the request changes.
fn changed(call: &mut Call, input: &Value, old: &Value) -> Result<Value, Fault> {
    let mut row = old.clone();
    if let Some(name) = input.opt("taskDefinition") {
        row["taskDefinition"] = reference::startable(call, name)?["taskDefinitionArn"].clone();
    }
    let definition = reference::task_definition(call, row.text("taskDefinition"));
    let definition = definition.unwrap_or_default();
    if input.has("networkConfiguration") {
        row["networkConfiguration"] = network::checked(call, &input["networkConfiguration"])?;
    }
    if input.has("loadBalancers") {
        row["loadBalancers"] = input["loadBalancers"].clone();
    }
    check::load_balancers(call, row.items("loadBalancers"), &definition)?;
    if input.has("capacityProviderStrategy") {
        strategy(call, input, &mut row, &definition)?;
    }
    if input.has("deploymentConfiguration") {
        let mut whole = old["deploymentConfiguration"].clone();
        for (name, value) in input["deploymentConfiguration"].as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        row["deploymentConfiguration"] = check::configuration(&whole)?;
    }
    for member in PLAIN.into_iter().filter(|member| input.has(member)) {
        row[member] = input[member].clone();
    }
    Ok(row)
}

/// Another strategy takes a new deployment, which has to be asked for.
fn strategy(call: &Call, input: &Value, row: &mut Value, definition: &Value) -> Result<(), Fault> {
    let cluster = json!({"cluster": row["_cluster"]});
    let cluster = reference::cluster(call, &cluster)?;
    let fresh = json!(check::capacity(call, input, &cluster, definition)?);
    if fresh == row["capacityProviderStrategy"] {
        return Ok(());
    }
    if !input.flag("forceNewDeployment") {
        let message = "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.";
        return Err(invalid(message));
    }
    row["capacityProviderStrategy"] = fresh;
    if let Some(members) = row.as_object_mut() {
        members.remove("launchType");
    }
    Ok(())
}
