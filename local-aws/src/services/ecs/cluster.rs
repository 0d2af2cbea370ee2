//! Clusters: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html>

use super::service::SERVICE;
use super::task::TASK;
use super::{account_setting, capacity, invalid, reference, tags};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam::ensure_linked_role;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `Cluster` without counts, by name.
pub(super) const CLUSTER: Table = Table::regional("ecs.cluster");

/// The end of the time for which a deleted cluster is described; its argument is the name.
pub(super) const REMOVED: &str = "cluster_removed";

/// AWS describes a deleted cluster for a while, here for an hour.
const REMEMBERED_SECONDS: f64 = 3600.0;

/// AWS's quota per region.
const QUOTA: usize = 10_000;

/// `CreateCluster`: an active cluster of that name is answered as it is.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.opt("clusterName").unwrap_or("default");
    check_name("Cluster", name)?;
    let all = ["SETTINGS", "CONFIGURATIONS", "TAGS", "ATTACHMENTS"];
    if let Some(row) = call.get(CLUSTER, name).filter(|row| row.text("status") != "INACTIVE") {
        return Ok(json!({"cluster": view(call, &row.clone(), &all)}));
    }
    if call.rows(CLUSTER).count() >= call.quota("ecs.clusters", QUOTA) {
        return Err(Fault::new("LimitExceededException", "The limit for clusters was exceeded."));
    }
    if input.has("serviceConnectDefaults") {
        return Err(Fault::not_implemented("clusters with serviceConnectDefaults"));
    }
    let (providers, strategy) =
        (input.texts("capacityProviders"), input.items("defaultCapacityProviderStrategy"));
    capacity::check(&providers, strategy)?;
    ensure_linked_role(call, "ecs.amazonaws.com");
    let arn = call.arn("ecs", &format!("cluster/{name}"));
    let mut row = json!({
        "clusterArn": arn, "clusterName": name, "status": "ACTIVE", "capacityProviders": providers,
        "defaultCapacityProviderStrategy": capacity::whole(strategy), "settings": settings(call, input.items("settings"))?,
        "Tags": tags::given(input.items("tags"))?, "_arn": arn, "_key": name,
    });
    if input.has("configuration") {
        row["configuration"] = input["configuration"].clone();
    }
    call.remove(CLUSTER, name);
    call.put(CLUSTER, name, row.clone());
    if !providers.is_empty() {
        begin_attaching(call, name);
        row = call.get(CLUSTER, name).cloned().unwrap_or_default();
    }
    Ok(json!({"cluster": view(call, &row, &all)}))
}

/// A cluster that gets capacity providers is provisioned for a while.
fn begin_attaching(call: &mut Call, name: &str) {
    let started = json!({"status": "PROVISIONING", "attachmentsStatus": "UPDATE_IN_PROGRESS"});
    call.merge(CLUSTER, name, started);
    let seconds = call.latency("ecs.cluster", "create");
    let done = json!({"status": "ACTIVE", "attachmentsStatus": "UPDATE_COMPLETE"});
    call.schedule(seconds, CLUSTER, name, Step::Merge(done));
}

/// The settings of a cluster: those of the request over the account's.
fn settings(call: &Call, given: &[Value]) -> Result<Value, Fault> {
    for one in given {
        if !["enabled", "disabled", "enhanced"].contains(&one.text("value")) {
            let message = format!(
                "Invalid value for the setting {}: {}",
                one.text("name"),
                one.text("value")
            );
            return Err(invalid(message));
        }
    }
    if given.is_empty() {
        let value = account_setting::value(call, "containerInsights");
        return Ok(json!([{"name": "containerInsights", "value": value}]));
    }
    Ok(json!(given))
}

/// Refuses names with other characters than AWS takes.
pub(super) fn check_name(noun: &str, name: &str) -> Result<(), Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if (1..=255).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    let message = format!(
        "{noun} name can have up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens."
    );
    Err(invalid(message))
}

/// Refuses a change while another one is under way.
pub(super) fn idle(row: &Value) -> Result<(), Fault> {
    if row.text("attachmentsStatus") == "UPDATE_IN_PROGRESS" {
        let message = "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state before they can be updated.";
        return Err(Fault::new("UpdateInProgressException", message));
    }
    Ok(())
}

/// A cluster as it is described, with its counts.
pub(super) fn view(call: &Call, row: &Value, include: &[&str]) -> Value {
    let name = row.text("clusterName");
    let tasks = |status: &dyn Fn(&str) -> bool| {
        let here = call.rows(TASK).map(|(_, task)| task);
        here.filter(|task| task.text("_cluster") == name && status(task.text("lastStatus"))).count()
    };
    let services = call.rows(SERVICE).map(|(_, service)| service);
    let active =
        services.filter(|one| one.text("_cluster") == name && one.text("status") == "ACTIVE");
    let mut seen = row.clone();
    seen["registeredContainerInstancesCount"] = json!(0);
    seen["activeServicesCount"] = json!(active.count());
    seen["runningTasksCount"] = json!(tasks(&|status| status == "RUNNING"));
    seen["pendingTasksCount"] =
        json!(tasks(&|status| ["PROVISIONING", "PENDING", "ACTIVATING"].contains(&status)));
    seen["statistics"] = json!([]);
    seen["tags"] = tags::shown(row);
    for (field, member) in [
        ("TAGS", "tags"),
        ("SETTINGS", "settings"),
        ("CONFIGURATIONS", "configuration"),
        ("ATTACHMENTS", "attachments"),
    ] {
        if !include.contains(&field)
            && let Some(members) = seen.as_object_mut()
        {
            let empty = field != "CONFIGURATIONS";
            members.remove(member);
            if empty {
                members.insert(member.to_owned(), json!([]));
            }
        }
    }
    if include.contains(&"ATTACHMENTS") {
        seen["attachments"] = json!([]);
    }
    seen
}

/// `DescribeClusters`: what is not there is a failure in the answer.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = match input.texts("clusters") {
        none if none.is_empty() => vec!["default"],
        some => some,
    };
    if wanted.len() > 100 {
        return Err(invalid("clusters cannot have more than 100 elements."));
    }
    let include = input.texts("include");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in wanted {
        let name = reference::name(one);
        if let Some(row) = call.get(CLUSTER, name) {
            found.push(view(call, row, &include));
        } else {
            let arn = call.arn("ecs", &format!("cluster/{name}"));
            failures.push(json!({"arn": arn, "reason": "MISSING"}));
        }
    }
    Ok(json!({"clusters": found, "failures": failures}))
}

/// `ListClusters`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let active = call.rows(CLUSTER).filter(|(_, row)| row.text("status") != "INACTIVE");
    let arns: Vec<&str> = active.map(|(_, row)| row.text("clusterArn")).collect();
    Ok(json!({"clusterArns": arns}))
}

/// `UpdateCluster` and `UpdateClusterSettings`.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = reference::cluster(call, &input)?;
    let name = row.text("clusterName");
    if input.has("serviceConnectDefaults") {
        return Err(Fault::not_implemented("clusters with serviceConnectDefaults"));
    }
    let mut members = json!({});
    if input.has("settings") {
        members["settings"] = settings(call, input.items("settings"))?;
    }
    if input.has("configuration") {
        members["configuration"] = input["configuration"].clone();
    }
    call.merge(CLUSTER, name, members);
    let row = call.get(CLUSTER, name).cloned().unwrap_or_default();
    Ok(json!({"cluster": view(call, &row, &["SETTINGS", "CONFIGURATIONS", "TAGS"])}))
}

/// `DeleteCluster`: once its services and tasks are gone.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = reference::cluster(call, &input)?;
    let name = row.text("clusterName");
    idle(&row)?;
    let of = |row: &Value, gone: &str, status: &str| {
        row.text("_cluster") == name && row.text(status) != gone
    };
    if call.rows(SERVICE).any(|(_, row)| of(row, "INACTIVE", "status")) {
        let message = "The Cluster cannot be deleted while Services are active.";
        return Err(Fault::new("ClusterContainsServicesException", message));
    }
    if call.rows(TASK).any(|(_, row)| of(row, "STOPPED", "lastStatus")) {
        let message = "The Cluster cannot be deleted while Tasks are active.";
        return Err(Fault::new("ClusterContainsTasksException", message));
    }
    let attached = !row.items("capacityProviders").is_empty();
    let status = if attached { "DEPROVISIONING" } else { "INACTIVE" };
    let shown =
        if attached { json!({"status": status}) } else { json!({"status": status, "_arn": null}) };
    call.merge(CLUSTER, name, shown);
    if attached {
        let seconds = call.latency("ecs.cluster", "delete");
        call.schedule(
            seconds,
            CLUSTER,
            name,
            Step::Merge(json!({"status": "INACTIVE", "_arn": null})),
        );
    }
    call.schedule(REMEMBERED_SECONDS, CLUSTER, name, Step::Run(REMOVED, json!(name)));
    let row = call.get(CLUSTER, name).cloned().unwrap_or_default();
    Ok(json!({"cluster": view(call, &row, &["SETTINGS", "CONFIGURATIONS", "TAGS"])}))
}

/// Forgets a cluster that was deleted, if there is no new one of its name.
pub(super) fn removed(call: &mut Call, name: &Value) {
    let name = name.as_str().unwrap_or_default();
    if call.get(CLUSTER, name).is_some_and(|row| row.text("status") == "INACTIVE") {
        call.remove(CLUSTER, name);
    }
}
