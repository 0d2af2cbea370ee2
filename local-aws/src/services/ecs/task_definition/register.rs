//! New revisions: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>

use super::{TASK_DEFINITION, check, container, view};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::{client, tags};
use serde_json::{Value, json};

/// What is stored as it was sent.
const KEPT: [&str; 12] = [
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
];

/// `RegisterTaskDefinition`: always a new revision, one more than the family ever had.
pub(in crate::services::ecs) fn register(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check::family(input.text("family"))?;
    check::supported(&input)?;
    let tags = tags::given(input.items("tags"))?;
    let fargate = input.texts("requiresCompatibilities").contains(&"FARGATE");
    let containers = container::whole(&input)?;
    let volumes = container::volumes(input.items("volumes"))?;
    check::containers(&containers, &volumes)?;
    if fargate {
        check::fargate(&input, &containers)?;
    }
    let family = input.text("family");
    let revision = call.count(&format!("ecs.revision/{}/{family}", call.region()));
    let arn = call.arn("ecs", &format!("task-definition/{family}:{revision}"));
    let mut row = json!({
        "taskDefinitionArn": arn, "revision": revision, "status": "ACTIVE", "registeredAt": call.now(),
        "registeredBy": call.global_arn("iam", "root"), "containerDefinitions": containers, "volumes": volumes,
        "placementConstraints": input.items("placementConstraints"), "compatibilities": if fargate { json!(["EC2", "FARGATE"]) } else { json!(["EC2"]) },
        "requiresAttributes": attributes(&input, &containers), "Tags": tags, "_arn": arn,
    });
    for member in KEPT.into_iter().filter(|member| input.has(member)) {
        row[member] = input[member].clone();
    }
    call.put(TASK_DEFINITION, &format!("{family}:{revision}"), row.clone());
    Ok(json!({"taskDefinition": view(&row), "tags": tags::shown(&row)}))
}

/// What an instance would have to offer.
fn attributes(input: &Value, containers: &[Value]) -> Value {
    let mut names = Vec::new();
    if input.text("networkMode") == "awsvpc" {
        names.push("ecs.capability.task-eni".to_owned());
    }
    if input.has("taskRoleArn") {
        names.push("com.amazonaws.ecs.capability.task-iam-role".to_owned());
    }
    if containers.iter().any(|one| one.text("image").contains(".dkr.ecr.")) {
        names.push("ecs.capability.execution-role-ecr-pull".to_owned());
    }
    for one in containers.iter().filter_map(|one| one["logConfiguration"].opt("logDriver")) {
        let name = format!("com.amazonaws.ecs.capability.logging-driver.{one}");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if containers.iter().any(|one| !one.items("secrets").is_empty()) {
        names.push("ecs.capability.secrets.asm.environment-variables".to_owned());
    }
    names.into_iter().map(|name| json!({"name": name})).collect()
}

/// The members of a request that are not here, if there are some.
pub(super) fn refuse(input: &Value, members: &[&str], of: &str) -> Result<(), Fault> {
    match members.iter().find(|member| input.has(member) && input[**member] != json!([])) {
        Some(member) => Err(Fault::not_implemented(&format!("{of} with {member}"))),
        None => Ok(()),
    }
}

pub(super) fn wrong(message: impl Into<String>) -> Fault {
    client(message)
}
