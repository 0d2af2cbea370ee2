//! What AWS refuses in a task definition.

use super::register::{refuse, wrong};
use super::size;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// Refuses a family with other characters than AWS takes.
pub(super) fn family(name: &str) -> Result<(), Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if (1..=255).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    Err(wrong(format!(
        "Invalid 'family' setting: '{name}'. Up to 255 letters, numbers, hyphens and underscores are allowed."
    )))
}

/// Refuses what is not here.
pub(super) fn supported(input: &Value) -> Result<(), Fault> {
    let members = ["inferenceAccelerators", "proxyConfiguration", "trustedExecutionConfiguration"];
    refuse(input, &members, "task definitions")
}

/// Checks containers among each other and against the volumes.
pub(super) fn containers(containers: &[Value], volumes: &[Value]) -> Result<(), Fault> {
    if containers.is_empty() {
        return Err(wrong("Container list cannot be empty."));
    }
    for (at, one) in containers.iter().enumerate() {
        let name = one.text("name");
        if containers[..at].iter().any(|other| other.text("name") == name) {
            return Err(wrong(format!("Container.name '{name}' is used more than once.")));
        }
        mounts(one, volumes)?;
        depends(one, containers)?;
    }
    if !containers.iter().any(|one| one.flag("essential")) {
        return Err(wrong("Task definition does not have any essential containers."));
    }
    Ok(())
}

fn mounts(container: &Value, volumes: &[Value]) -> Result<(), Fault> {
    for point in container.items("mountPoints") {
        let source = point.text("sourceVolume");
        if !volumes.iter().any(|volume| volume.text("name") == source) {
            return Err(wrong(format!("Unknown volume '{source}'.")));
        }
    }
    Ok(())
}

fn depends(container: &Value, all: &[Value]) -> Result<(), Fault> {
    for on in container.items("dependsOn") {
        let name = on.text("containerName");
        let Some(other) = all.iter().find(|one| one.text("name") == name) else {
            return Err(wrong(format!("The container {name} depended on does not exist.")));
        };
        if on.text("condition") == "HEALTHY" && !other.has("healthCheck") {
            let message = format!(
                "Container {name} must have a health check, because another depends on it being HEALTHY."
            );
            return Err(wrong(message));
        }
    }
    Ok(())
}

/// Checks what Fargate asks for.
pub(super) fn fargate(input: &Value, containers: &[Value]) -> Result<(), Fault> {
    if input.text("networkMode") != "awsvpc" {
        return Err(wrong("Fargate only supports network mode ‘awsvpc’."));
    }
    task_size(input)?;
    if let Some(storage) = input["ephemeralStorage"].int("sizeInGiB")
        && !(21..=200).contains(&storage)
    {
        return Err(wrong("Ephemeral storage must be between 21 and 200 GiB."));
    }
    for one in containers {
        fargate_container(input, one)?;
    }
    Ok(())
}

fn task_size(input: &Value) -> Result<(), Fault> {
    let (Some(cpu), Some(memory)) = (input.opt("cpu"), input.opt("memory")) else {
        let message = "Fargate requires that 'cpu' and 'memory' be defined at the task level.";
        return Err(wrong(message));
    };
    let (units, mib) = (size::cpu(cpu), size::memory(memory));
    if units.zip(mib).is_some_and(|(cpu, memory)| size::exists(cpu, memory)) {
        return Ok(());
    }
    Err(wrong(format!(
        "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values."
    )))
}

fn fargate_container(input: &Value, container: &Value) -> Result<(), Fault> {
    if container.flag("privileged") {
        return Err(wrong("The privileged option is not supported on Fargate."));
    }
    let needs = |why: &str| {
        wrong(format!(
            "Fargate requires task definition to have execution role ARN to support {why}."
        ))
    };
    if input.has("executionRoleArn") {
        return stop_timeout(container);
    }
    let driver = container["logConfiguration"].text("logDriver");
    if driver == "awslogs" {
        return Err(needs("log driver awslogs"));
    }
    if container.text("image").contains(".dkr.ecr.") {
        return Err(needs("ECR images"));
    }
    if !container.items("secrets").is_empty() {
        return Err(needs("container secrets"));
    }
    stop_timeout(container)
}

fn stop_timeout(container: &Value) -> Result<(), Fault> {
    match container.int("stopTimeout").filter(|seconds| !(0..=120).contains(seconds)) {
        Some(_) => Err(wrong("Container.stopTimeout must be at most 120 seconds on Fargate.")),
        None => Ok(()),
    }
}
