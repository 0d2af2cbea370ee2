//! Capacity providers: Fargate and Fargate Spot.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html>

use super::cluster::{self, CLUSTER};
use super::{invalid, reference};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// What AWS brings along. Providers over instances are not here.
const PROVIDERS: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// `DescribeCapacityProviders`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted: Vec<&str> = match input.texts("capacityProviders") {
        all if all.is_empty() => PROVIDERS.to_vec(),
        some => some.into_iter().map(reference::name).collect(),
    };
    let shown = |name: &&str| {
        json!({
            "capacityProviderArn": call.arn("ecs", &format!("capacity-provider/{name}")), "name": name,
            "status": "ACTIVE", "tags": [],
        })
    };
    let known = |name: &&&str| PROVIDERS.contains(name);
    let missing = |name: &&str| json!({"arn": call.arn("ecs", &format!("capacity-provider/{name}")), "reason": "MISSING"});
    let failures: Vec<Value> = wanted.iter().filter(|name| !known(name)).map(missing).collect();
    let found: Vec<Value> = wanted.iter().filter(known).map(shown).collect();
    Ok(json!({"capacityProviders": found, "failures": failures}))
}

/// Checks the providers that a cluster is to have, and its default strategy.
pub(super) fn check(providers: &[&str], strategy: &[Value]) -> Result<(), Fault> {
    if let Some(unknown) = providers.iter().find(|name| !PROVIDERS.contains(name)) {
        return Err(invalid(format!("The specified capacity provider '{unknown}' was not found.")));
    }
    check_strategy(strategy, providers)
}

/// Checks a strategy against the providers of its cluster.
pub(super) fn check_strategy(strategy: &[Value], providers: &[&str]) -> Result<(), Fault> {
    for item in strategy {
        let name = item.text("capacityProvider");
        if !providers.contains(&name) {
            let message = format!("The specified capacity provider '{name}' was not found.");
            return Err(invalid(message));
        }
    }
    if strategy.iter().filter(|item| item.int("base").unwrap_or(0) > 0).count() > 1 {
        return Err(invalid("Only one capacity provider in a strategy can have a base value."));
    }
    let weighs = |item: &Value| item.int("weight").unwrap_or(0) > 0;
    if !strategy.is_empty() && !strategy.iter().any(weighs) {
        let message = "The capacity provider strategy must contain at least one capacity provider with a weight greater than 0.";
        return Err(invalid(message));
    }
    Ok(())
}

/// A strategy with its defaults spelled out, as it is described.
pub(super) fn whole(strategy: &[Value]) -> Value {
    let item = |item: &Value| {
        json!({
            "capacityProvider": item["capacityProvider"], "base": item.int("base").unwrap_or(0),
            "weight": item.int("weight").unwrap_or(0),
        })
    };
    strategy.iter().map(item).collect()
}

/// `PutClusterCapacityProviders`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = reference::cluster(call, &input)?;
    cluster::idle(&row)?;
    let (providers, strategy) =
        (input.texts("capacityProviders"), input.items("defaultCapacityProviderStrategy"));
    check(&providers, strategy)?;
    let name = row.text("clusterName");
    if let Some(used) = used_elsewhere(call, name, &providers) {
        let message =
            format!("The specified capacity provider is in use and cannot be removed: {used}");
        return Err(Fault::new("ResourceInUseException", message));
    }
    let members = json!({
        "capacityProviders": providers, "defaultCapacityProviderStrategy": whole(strategy),
        "attachmentsStatus": "UPDATE_IN_PROGRESS",
    });
    call.merge(CLUSTER, name, members);
    let seconds = call.latency("ecs.capacity_providers", "update");
    let done = json!({"attachmentsStatus": "UPDATE_COMPLETE"});
    call.schedule(seconds, CLUSTER, name, Step::Merge(done));
    let row = call.get(CLUSTER, name).cloned().unwrap_or_default();
    Ok(
        json!({"cluster": cluster::view(call, &row, &["SETTINGS", "CONFIGURATIONS", "TAGS", "ATTACHMENTS"])}),
    )
}

/// A provider that services of the cluster use and that it is not to have any more.
fn used_elsewhere(call: &Call, cluster: &str, kept: &[&str]) -> Option<String> {
    let services = call.rows(super::service::SERVICE).map(|(_, row)| row);
    let here =
        services.filter(|row| row.text("_cluster") == cluster && row.text("status") != "INACTIVE");
    let used = here.flat_map(|row| row.items("capacityProviderStrategy"));
    let mut names = used.map(|item| item.text("capacityProvider"));
    names.find(|name| !kept.contains(name)).map(str::to_owned)
}

/// Which provider the next task runs on: the base first, then by weight.
pub(super) fn choose(strategy: &[Value], running: &[&str]) -> Option<String> {
    let count = |name: &str| running.iter().filter(|one| **one == name).count();
    let short = |item: &&Value| {
        let base = usize::try_from(item.int("base").unwrap_or(0)).unwrap_or(0);
        count(item.text("capacityProvider")) < base
    };
    if let Some(item) = strategy.iter().find(short) {
        return Some(item.text("capacityProvider").to_owned());
    }
    let share = |item: &Value| {
        let base = usize::try_from(item.int("base").unwrap_or(0)).unwrap_or(0);
        let above = count(item.text("capacityProvider")).saturating_sub(base) + 1;
        let weight = usize::try_from(item.int("weight").unwrap_or(0)).unwrap_or(0);
        // Compared as above/weight without fractions.
        above * 1_000_000 / weight.max(1)
    };
    let weighing = strategy.iter().filter(|item| item.int("weight").unwrap_or(0) > 0);
    weighing.min_by_key(|item| share(item)).map(|item| item.text("capacityProvider").to_owned())
}
