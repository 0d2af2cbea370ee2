//! `DescribeServices` and `ListServices`.

use super::{SERVICE, counts};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ecs::{invalid, reference, tags};
use serde_json::{Value, json};

/// Most services of one call.
const BATCH: usize = 10;

/// A service as it is described, with its counts.
pub(super) fn view(call: &Call, id: &str, with_tags: bool) -> Value {
    let Some(row) = call.get(SERVICE, id) else { return Value::Null };
    let mut seen = row.clone();
    let (pending, running) = counts(call, id, None);
    seen["pendingCount"] = json!(pending);
    seen["runningCount"] = json!(running);
    for one in seen["deployments"].as_array_mut().into_iter().flatten() {
        let (pending, running) = counts(call, id, one.opt("id"));
        one["pendingCount"] = json!(pending);
        one["runningCount"] = json!(running);
    }
    seen["tags"] = if with_tags { tags::shown(row) } else { json!([]) };
    seen
}

/// `DescribeServices`: what is not there is a failure in the answer.
pub(in crate::services::ecs) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let cluster = reference::cluster(call, &input)?;
    let wanted = input.texts("services");
    if wanted.is_empty() || wanted.len() > BATCH {
        return Err(invalid(format!("services must have 1 to {BATCH} elements.")));
    }
    let with_tags = input.texts("include").contains(&"TAGS");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in wanted {
        let id = reference::id(cluster.text("clusterName"), one);
        if call.get(SERVICE, &id).is_some() {
            found.push(view(call, &id, with_tags));
        } else {
            let arn = call.arn("ecs", &format!("service/{id}"));
            failures.push(json!({"arn": arn, "reason": "MISSING"}));
        }
    }
    Ok(json!({"services": found, "failures": failures}))
}

/// `ListServices`: those that are not inactive.
pub(in crate::services::ecs) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let cluster = reference::cluster(call, &input)?;
    let name = cluster.text("clusterName");
    call.default_page_size(10);
    let fits = |row: &Value| {
        row.text("_cluster") == name
            && row.text("status") != "INACTIVE"
            && input.opt("launchType").is_none_or(|wanted| row.opt("launchType") == Some(wanted))
            && input.opt("schedulingStrategy").is_none_or(|wanted| wanted == "REPLICA")
    };
    let services = call.rows(SERVICE).filter(|(_, row)| fits(row));
    let arns: Vec<&str> = services.map(|(_, row)| row.text("serviceArn")).collect();
    Ok(json!({"serviceArns": arns}))
}
