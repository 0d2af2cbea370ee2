//! What a change of each argument means.

use globecart_aws::engine::{Argument, Effect, Order, Resource};
use serde_json::{Value, json};

use crate::{
    DbCluster, DbClusterParameterGroup, DbInstance, DbParameterGroup, DbSubnetGroup,
    EventSubscription,
};

const AT_ONCE: Argument = Argument::InPlace(Effect::AtOnce);
const AT_REBOOT: Argument = Argument::InPlace(Effect::AtReboot);
const ROLLING: Argument = Argument::InPlace(Effect::Rolling);
const DELETE_FIRST: Argument = Argument::Replace(Order::DeleteFirst);
const CREATE_FIRST: Argument = Argument::Replace(Order::CreateFirst);

#[track_caller]
fn check<R: Resource<globecart_aws::Aws>>(expected: &[(&str, Argument)]) {
    for (name, argument) in expected {
        assert_eq!(R::argument(name, &Value::Null, &Value::Null), *argument, "{name}");
    }
}

#[test]
fn of_clusters() {
    check::<DbCluster>(&[
        ("identifier", DELETE_FIRST),
        ("kms_key", DELETE_FIRST),
        ("database_name", DELETE_FIRST),
        ("master_username", DELETE_FIRST),
        ("subnet_group", DELETE_FIRST),
        ("port", DELETE_FIRST),
        ("source", Argument::Initial),
        ("capacity", AT_ONCE),
        ("security_groups", AT_ONCE),
        ("secret_key", AT_ONCE),
        ("parameter_group", AT_REBOOT),
    ]);
    let version = |old, new| {
        <DbCluster as Resource<globecart_aws::Aws>>::argument(
            "engine_version",
            &json!(old),
            &json!(new),
        )
    };
    assert_eq!(version("17.4", "17.7"), Argument::Owned(Effect::AtOnce));
    assert_eq!(version("16", "17"), AT_ONCE);
}

#[test]
fn of_instances() {
    check::<DbInstance>(&[
        ("cluster", DELETE_FIRST),
        ("cluster_resource", DELETE_FIRST),
        ("zone", CREATE_FIRST),
        ("class", ROLLING),
        ("certificate_authority", ROLLING),
        ("promotion_tier", AT_ONCE),
        ("monitoring_secs", AT_ONCE),
        ("parameter_group", AT_REBOOT),
        ("writer_endpoint", Argument::Initial),
    ]);
}

#[test]
fn of_groups_and_subscriptions() {
    check::<DbSubnetGroup>(&[("subnets", AT_ONCE), ("description", AT_ONCE)]);
    check::<DbClusterParameterGroup>(&[("family", CREATE_FIRST), ("description", CREATE_FIRST)]);
    check::<DbParameterGroup>(&[("family", CREATE_FIRST), ("description", CREATE_FIRST)]);
    check::<EventSubscription>(&[
        ("source", CREATE_FIRST),
        ("sources", CREATE_FIRST),
        ("topic", AT_ONCE),
        ("categories", AT_ONCE),
    ]);
    let parameters = |old, new| {
        <DbParameterGroup as Resource<globecart_aws::Aws>>::argument("parameters", &old, &new)
    };
    let set = |value: &str, apply: &str| json!({"a": {"value": value, "apply": apply}});
    assert_eq!(parameters(set("1", "at_once"), set("2", "at_once")), AT_ONCE);
    assert_eq!(parameters(set("1", "at_reboot"), set("2", "at_reboot")), AT_REBOOT);
    assert_eq!(parameters(set("1", "at_reboot"), json!({})), AT_REBOOT);
    assert_eq!(parameters(set("1", "at_reboot"), set("1", "at_reboot")), AT_ONCE);
}
