//! Making a task, which then starts by itself.

use super::start::PROVISIONED;
use super::{TASK, role};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Placed};
use crate::services::ecs::{client, invalid};
use serde_json::{Value, json};

/// What is to run, and where.
pub(in crate::services::ecs) struct Launch<'a> {
    pub(in crate::services::ecs) cluster: &'a str,
    /// The row of the task definition.
    pub(in crate::services::ecs) definition: &'a Value,
    /// The network configuration.
    pub(in crate::services::ecs) network: &'a Value,
    /// One of its subnets.
    pub(in crate::services::ecs) subnet: &'a str,
    /// The capacity provider, or none for the launch type `FARGATE` alone.
    pub(in crate::services::ecs) provider: Option<String>,
    /// Such as `service:shop`.
    pub(in crate::services::ecs) group: String,
    pub(in crate::services::ecs) started_by: Option<String>,
    pub(in crate::services::ecs) tags: Vec<Value>,
    pub(in crate::services::ecs) exec: bool,
    pub(in crate::services::ecs) overrides: Value,
    /// The service's row and deployment.
    pub(in crate::services::ecs) service: Option<(&'a str, &'a str)>,
    /// The target groups that it is to register with, as in a service.
    pub(in crate::services::ecs) load_balancers: &'a [Value],
}

/// Makes a task with its interface; the id of its row.
pub(in crate::services::ecs) fn launch(call: &mut Call, launch: &Launch) -> Result<String, Fault> {
    let definition = launch.definition;
    for member in ["executionRoleArn", "taskRoleArn"] {
        let given = launch.overrides.opt(member).or_else(|| definition.opt(member));
        if let Some(role) = given.filter(|role| !role::assumable(call, role)) {
            return Err(client(format!(
                "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
            )));
        }
    }
    let short = call.new_hex("ecs.task", 32);
    let id = format!("{}/{short}", launch.cluster);
    let arn = call.arn("ecs", &format!("task/{id}"));
    let (interface, attachment) = attach(call, launch, &arn)?;
    let mut row = row(call, launch, &arn);
    row["attachments"] = json!([attachment]);
    row["_interface"] = json!(interface.0);
    row["_ip"] = json!(interface.1);
    call.put(TASK, &id, row);
    let seconds = call.latency("ecs.task", "provision");
    call.schedule(seconds, TASK, &id, Step::Run(PROVISIONED, json!(id)));
    Ok(id)
}

/// Places the interface; its id and address, and the attachment that describes it.
fn attach(call: &mut Call, launch: &Launch, arn: &str) -> Result<((String, String), Value), Fault> {
    let groups: Vec<String> = groups(launch.network);
    let placed = Placed {
        subnet: launch.subnet,
        groups: &groups,
        private_ip: None,
        description: &format!("Interface of the ECS task {arn}"),
        requester: "amazon-ecs",
    };
    let placed = ec2::place(call, &placed).map_err(|fault| invalid(fault.message))?;
    let detail = |name: &str, value: &str| json!({"name": name, "value": value});
    let attachment = json!({
        "id": call.new_uuid("ecs.attachment"), "type": "ElasticNetworkInterface", "status": "PRECREATED",
        "details": [
            detail("subnetId", launch.subnet), detail("networkInterfaceId", &placed.0),
            detail("privateIPv4Address", &placed.1),
        ],
    });
    Ok((placed, attachment))
}

fn groups(network: &Value) -> Vec<String> {
    let texts = network["awsvpcConfiguration"].texts("securityGroups");
    texts.into_iter().map(str::to_owned).collect()
}

fn row(call: &mut Call, launch: &Launch, arn: &str) -> Value {
    let definition = launch.definition;
    let zone = ec2::spot(call, launch.subnet).map(|spot| spot.zone).unwrap_or_default();
    let containers: Vec<Value> = definition
        .items("containerDefinitions")
        .iter()
        .map(|one| container(call, one, arn))
        .collect();
    let cluster = call.arn("ecs", &format!("cluster/{}", launch.cluster));
    let mut row = json!({
        "taskArn": arn, "clusterArn": cluster, "taskDefinitionArn": definition["taskDefinitionArn"],
        "availabilityZone": zone, "containers": containers, "cpu": definition["cpu"], "memory": definition["memory"],
        "createdAt": call.now(), "desiredStatus": "RUNNING", "lastStatus": "PROVISIONING", "healthStatus": "UNKNOWN",
        "connectivity": "CONNECTING", "group": launch.group, "launchType": "FARGATE", "platformVersion": "1.4.0",
        "platformFamily": "Linux", "enableExecuteCommand": launch.exec, "overrides": launch.overrides, "version": 1,
        "ephemeralStorage": {"sizeInGiB": definition["ephemeralStorage"].int("sizeInGiB").unwrap_or(20)},
        "attributes": [], "Tags": launch.tags, "_arn": arn, "_cluster": launch.cluster,
        "_subnet": launch.subnet, "_groups": launch.network["awsvpcConfiguration"]["securityGroups"],
        "_public": launch.network["awsvpcConfiguration"].text("assignPublicIp") == "ENABLED",
        "_targets": launch.load_balancers,
    });
    if let Some(provider) = &launch.provider {
        row["capacityProviderName"] = json!(provider);
    }
    if let Some(by) = &launch.started_by {
        row["startedBy"] = json!(by);
    }
    if let Some((service, deployment)) = launch.service {
        row["_service"] = json!(service);
        row["_deployment"] = json!(deployment);
    }
    row
}

fn container(call: &mut Call, definition: &Value, task: &str) -> Value {
    let short = call.new_uuid("ecs.container");
    let path = task.rsplit_once(":task/").map_or("", |(_, path)| path);
    json!({
        "containerArn": call.arn("ecs", &format!("container/{path}/{short}")), "taskArn": task,
        "name": definition["name"], "image": definition["image"], "lastStatus": "PENDING", "healthStatus": "UNKNOWN",
        "networkInterfaces": [], "networkBindings": [], "cpu": definition["cpu"].to_string(),
        "managedAgents": [],
    })
}
