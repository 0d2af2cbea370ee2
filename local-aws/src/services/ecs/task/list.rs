//! `DescribeTasks` and `ListTasks`.

use super::TASK;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::{invalid, reference, tags};
use serde_json::{Value, json};

/// `DescribeTasks`: what is not there is a failure in the answer.
pub(in crate::services::ecs) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let cluster = reference::cluster(call, &input)?;
    let wanted = input.texts("tasks");
    if wanted.is_empty() || wanted.len() > 100 {
        return Err(invalid("tasks must have 1 to 100 elements."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in wanted {
        let id = reference::id(cluster.text("clusterName"), one);
        if let Some(row) = call.get(TASK, &id) {
            found.push(view(row, input.texts("include").contains(&"TAGS")));
        } else {
            let arn = call.arn("ecs", &format!("task/{id}"));
            failures.push(json!({"arn": arn, "reason": "MISSING"}));
        }
    }
    Ok(json!({"tasks": found, "failures": failures}))
}

/// A task as it is described.
pub(super) fn view(row: &Value, with_tags: bool) -> Value {
    let mut seen = row.clone();
    seen["tags"] = if with_tags { tags::shown(row) } else { json!([]) };
    seen
}

/// `ListTasks`: those that are to run, unless another status is asked for.
pub(in crate::services::ecs) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let cluster = reference::cluster(call, &input)?;
    let name = cluster.text("clusterName");
    if let Some(service) = input.opt("serviceName") {
        let id = reference::id(name, service);
        if call.get(super::super::service::SERVICE, &id).is_none() {
            return Err(Fault::new("ServiceNotFoundException", "Service not found."));
        }
    }
    let status = input.opt("desiredStatus").unwrap_or("RUNNING");
    let is = |member: &str, row: &Value, asked: &str| {
        input.opt(asked).is_none_or(|wanted| row.text(member) == wanted)
    };
    let of_family = |row: &Value| {
        input.opt("family").is_none_or(|family| {
            let short = reference::name(row.text("taskDefinitionArn"));
            short.split(':').next() == Some(family)
        })
    };
    let of_service = |row: &Value| {
        input
            .opt("serviceName")
            .is_none_or(|service| row.text("_service") == reference::id(name, service))
    };
    let fits = |row: &Value| {
        row.text("_cluster") == name
            && row.text("desiredStatus") == status
            && is("startedBy", row, "startedBy")
            && is("launchType", row, "launchType")
            && of_family(row)
            && of_service(row)
    };
    let tasks = call.rows(TASK).filter(|(_, row)| fits(row));
    let arns: Vec<&str> = tasks.map(|(_, row)| row.text("taskArn")).collect();
    Ok(json!({"taskArns": arns}))
}
