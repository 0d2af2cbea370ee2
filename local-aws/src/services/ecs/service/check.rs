//! What ECS refuses in a service.

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::{capacity, invalid, target};
use serde_json::{Value, json};

/// What a request can ask for that is not here.
const UNSUPPORTED: [&str; 7] = [
    "gatewayConnectors",
    "monitoring",
    "role",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Refuses what is not here.
pub(super) fn supported(input: &Value) -> Result<(), Fault> {
    let given = |member: &&&str| input.has(member) && input[**member] != json!([]);
    if let Some(member) = UNSUPPORTED.iter().find(given) {
        return Err(Fault::not_implemented(&format!("services with {member}")));
    }
    let controller = input["deploymentController"].opt("type").unwrap_or("ECS");
    if controller != "ECS" {
        let what = format!("services with the deployment controller {controller}");
        return Err(Fault::not_implemented(&what));
    }
    if input.opt("schedulingStrategy").is_some_and(|strategy| strategy != "REPLICA") {
        return Err(invalid("The DAEMON scheduling strategy is not supported on Fargate."));
    }
    if !input.items("placementConstraints").is_empty()
        || !input.items("placementStrategy").is_empty()
    {
        return Err(invalid("Placement constraints and strategies are not supported on Fargate."));
    }
    Ok(())
}

/// The capacity provider strategy that a request comes to; empty for the launch type `FARGATE` alone.
pub(in crate::services::ecs) fn capacity(
    _call: &Call,
    input: &Value,
    cluster: &Value,
    definition: &Value,
) -> Result<Vec<Value>, Fault> {
    let given = input.items("capacityProviderStrategy");
    if !given.is_empty() && input.has("launchType") {
        let message = "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.";
        return Err(invalid(message));
    }
    if !definition.texts("requiresCompatibilities").contains(&"FARGATE") {
        let message = "Task definition does not support launch_type FARGATE.";
        return Err(invalid(message));
    }
    platform(input)?;
    if input.text("launchType") == "FARGATE" {
        return Ok(Vec::new());
    }
    let default = cluster.items("defaultCapacityProviderStrategy");
    let strategy = if given.is_empty() { default } else { given };
    if strategy.is_empty() || input.has("launchType") {
        return Err(Fault::not_implemented("tasks on container instances"));
    }
    capacity::check_strategy(strategy, &cluster.texts("capacityProviders"))?;
    Ok(capacity::whole(strategy).as_array().cloned().unwrap_or_default())
}

fn platform(input: &Value) -> Result<(), Fault> {
    match input.opt("platformVersion") {
        None | Some("LATEST" | "1.4.0" | "1.3.0") => Ok(()),
        Some(_) => {
            let message = "The specified platform version does not exist.";
            Err(Fault::new("PlatformUnknownException", message))
        }
    }
}

/// The deployment configuration with its defaults.
pub(super) fn configuration(given: &Value) -> Result<Value, Fault> {
    let mut whole = json!({"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING", "bakeTimeInMinutes": 0});
    for (name, value) in given.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    if whole.text("strategy") != "ROLLING"
        || whole.has("lifecycleHooks") && whole["lifecycleHooks"] != json!([])
    {
        let what = "deployments by another strategy than ROLLING";
        return Err(Fault::not_implemented(what));
    }
    let (least, most) = (whole.int("minimumHealthyPercent"), whole.int("maximumPercent"));
    if least.is_some_and(|least| least >= 100) && most.is_some_and(|most| most <= 100) {
        let message = "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.";
        return Err(invalid(message));
    }
    if let Some(alarms) = given.get("alarms")
        && alarms.flag("enable")
        && alarms.items("alarmNames").is_empty()
    {
        return Err(invalid("alarmNames must not be empty when alarms are enabled."));
    }
    Ok(whole)
}

/// Checks load balancers against the task definition and their target groups.
pub(super) fn load_balancers(
    call: &Call,
    given: &[Value],
    definition: &Value,
) -> Result<(), Fault> {
    for one in given {
        let (name, port) = (one.text("containerName"), one.int("containerPort").unwrap_or(0));
        let mut containers = definition.items("containerDefinitions").iter();
        let Some(container) = containers.find(|row| row.text("name") == name) else {
            let message = format!("The container {name} does not exist in the task definition.");
            return Err(invalid(message));
        };
        let mut ports = container.items("portMappings").iter();
        if !ports.any(|row| row.int("containerPort") == Some(port)) {
            let message =
                format!("The container {name} did not have a container port {port} defined.");
            return Err(invalid(message));
        }
        if one.has("advancedConfiguration") || one.has("loadBalancerName") {
            return Err(Fault::not_implemented("services with such a load balancer"));
        }
        target::check(call, one)?;
    }
    Ok(())
}

/// Checks what depends on whether there is a load balancer, and on the task's roles.
pub(super) fn related(row: &Value, definition: &Value) -> Result<(), Fault> {
    let grace = row.int("healthCheckGracePeriodSeconds").unwrap_or(0);
    if grace > 0 && row.items("loadBalancers").is_empty() {
        let message =
            "Health check grace period is only valid for services configured to use load balancers";
        return Err(invalid(message));
    }
    if row.flag("enableExecuteCommand") && !definition.has("taskRoleArn") {
        let message = "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.";
        return Err(invalid(message));
    }
    let most = row["deploymentConfiguration"].int("maximumPercent").unwrap_or(200);
    if row.text("availabilityZoneRebalancing") == "ENABLED" && most <= 100 {
        let message = "Availability Zone rebalancing needs a maximumPercent above 100.";
        return Err(invalid(message));
    }
    Ok(())
}
