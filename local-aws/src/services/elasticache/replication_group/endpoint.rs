//! The names under which groups and nodes are found. They keep the form that they had when the group was created.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html>

use crate::call::Call;
use crate::fields::Fields;
use crate::region;
use serde_json::{Value, json};

/// What ends the names of a region, such as `use1.cache.amazonaws.com`.
fn domain(call: &Call) -> String {
    let zones = region::zones(call.region());
    let prefix = zones.first().and_then(|(_, id)| id.split("-az").next()).unwrap_or_default();
    format!("{prefix}.cache.amazonaws.com")
}

fn endpoint(group: &Value, address: String) -> Value {
    json!({"Address": address, "Port": group["_port"]})
}

/// A name that starts with a role where the group began with TLS, and else has it in the middle.
fn named(call: &Call, group: &Value, (first, middle): (&str, &str)) -> Value {
    let (id, suffix) = (group.text("ReplicationGroupId"), group.text("_suffix"));
    let domain = domain(call);
    let address = if group.flag("_tls_names") {
        format!("{first}.{id}.{suffix}.{domain}")
    } else {
        format!("{id}{middle}.{domain}").replacen("{}", suffix, 1)
    };
    endpoint(group, address)
}

/// Where clients of a cluster learn of all its nodes.
pub(super) fn configuration(call: &Call, group: &Value) -> Value {
    named(call, group, ("clustercfg", ".{}.clustercfg"))
}

/// Where the primary of a group without cluster mode is.
pub(super) fn primary(call: &Call, group: &Value) -> Value {
    named(call, group, ("master", ".{}.ng.0001"))
}

/// Where the replicas of a group without cluster mode are.
pub(super) fn reader(call: &Call, group: &Value) -> Value {
    named(call, group, ("replica", "-ro.{}.ng.0001"))
}

/// Where a node is.
pub(in super::super) fn node(call: &Call, group: &Value, node: &str) -> Value {
    let (id, suffix) = (group.text("ReplicationGroupId"), group.text("_suffix"));
    let domain = domain(call);
    endpoint(
        group,
        if group.flag("_tls_names") {
            format!("{node}.{id}.{suffix}.{domain}")
        } else {
            format!("{node}.{suffix}.0001.{domain}")
        },
    )
}
