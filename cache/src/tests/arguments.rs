//! What a change of each argument means, and what AWS would refuse.

use globecart_aws::engine::{Argument, Effect, Order, Resource};
use globecart_aws::{Aws, CacheParameterGroupName, CacheSubnetGroupName, CacheUserGroupId};
use serde_json::{Value, json};

use crate::{
    Authentication, CacheParameterGroup, CacheSubnetGroup, CacheUser, CacheUserGroup, EngineName,
    NodeType, ReplicationGroup, TransitEncryption,
};

const IN_PLACE: Argument = Argument::InPlace(Effect::AtOnce);
const ROLLING: Argument = Argument::InPlace(Effect::Rolling);
const CREATE_FIRST: Argument = Argument::Replace(Order::CreateFirst);

#[track_caller]
fn change<R: Resource<Aws>>(expected: &[(&str, Argument)]) {
    for (name, argument) in expected {
        assert_eq!(R::argument(name, &Value::Null, &Value::Null), *argument, "{} {name}", R::TYPE);
    }
}

#[test]
fn only_what_aws_fixes_replaces() {
    change::<CacheSubnetGroup>(&[("subnets", IN_PLACE), ("description", IN_PLACE)]);
    change::<CacheParameterGroup>(&[("parameters", IN_PLACE), ("family", CREATE_FIRST)]);
    change::<CacheUser>(&[("access", IN_PLACE), ("name", CREATE_FIRST)]);
    change::<CacheUserGroup>(&[("users", IN_PLACE), ("engine", CREATE_FIRST)]);
    change::<ReplicationGroup>(&[
        ("kms_key", CREATE_FIRST),
        ("subnet_group", CREATE_FIRST),
        ("port", CREATE_FIRST),
        ("snapshot", Argument::Initial),
        ("engine_version", Argument::Owned(Effect::Rolling)),
        ("shards", ROLLING),
        ("replicas", ROLLING),
        ("node_type", ROLLING),
        ("transit_encryption", ROLLING),
        ("user_group", IN_PLACE),
        ("snapshot_retention_days", IN_PLACE),
    ]);
}

#[test]
fn a_subnet_is_left_only_by_a_new_cache() {
    let change = |new: Value| CacheSubnetGroup::argument("subnets", &json!(["a", "b"]), &new);
    assert_eq!(change(json!(["a", "b", "c"])), IN_PLACE);
    assert_eq!(change(json!(["a"])), CREATE_FIRST);
    assert_eq!(change(json!(["a", {"$ref": "network/data-b"}])), CREATE_FIRST);
}

fn group() -> ReplicationGroup {
    ReplicationGroup::builder()
        .description("sessions")
        .engine(EngineName::Redis)
        .engine_version("7.1")
        .node_type("cache.t4g.small")
        .shards(3)
        .replicas(1)
        .parameter_group(CacheParameterGroupName::new("p"))
        .subnet_group(CacheSubnetGroupName::new("s"))
        .security_groups(vec![])
        .build()
}

#[track_caller]
fn refused(resource: &impl Resource<Aws>, expected: &str) {
    assert_eq!(resource.check().unwrap_err().to_string(), expected);
}

#[test]
fn what_aws_would_refuse_is_refused_before() {
    use EngineName::{Redis, Valkey};

    assert!(group().check().is_ok());
    refused(
        &ReplicationGroup { description: String::new(), ..group() },
        "description: must have 1 to 255 characters",
    );
    refused(&ReplicationGroup { shards: 0, ..group() }, "shards: 1 to 90 can be had, not 0");
    refused(&ReplicationGroup { replicas: 6, ..group() }, "replicas: 0 to 5 can be had, not 6");
    refused(
        &ReplicationGroup { replicas: 0, ..group() },
        "multi_az: needs `replicas` of at least 1: a shard of one node is in one zone",
    );
    refused(
        &ReplicationGroup { snapshot_retention_days: 36, ..group() },
        "snapshot_retention_days: at most 35 days, not 36",
    );
    refused(
        &ReplicationGroup {
            transit_encryption: TransitEncryption::None,
            user_group: Some(CacheUserGroupId::new("u").into()),
            ..group()
        },
        "user_group: needs `transit_encryption`, or passwords and tokens go in the clear",
    );
    let user = |access: &str, authentication, engine| CacheUser {
        name: Some("default".to_owned()),
        engine,
        access: access.to_owned(),
        authentication,
    };
    refused(&user("~*", Authentication::NoPassword, Redis), "access: must say `on` or `off`");
    refused(
        &user("on ~*", Authentication::NoPassword, Redis),
        "authentication: without a password only a user whose `access` says `off` can be declared",
    );
    refused(
        &user("off", Authentication::NoPassword, Valkey),
        "authentication: users of valkey need a password or IAM",
    );
    refused(
        &user("on ~*", Authentication::Iam, Redis),
        "name: with IAM authentication the name is the id: leave it out",
    );
    refused(
        &user("on ~*", Authentication::Passwords, Redis),
        "authentication: passwords are secrets and are not declared; use IAM",
    );
    let nothing = CacheSubnetGroup { description: "d".to_owned(), subnets: vec![] };
    refused(&nothing, "subnets: 1 to 20 can be given, not 0");
    let nameless = CacheParameterGroup::builder().family("redis7").description("").build();
    refused(&nameless, "description: a parameter group needs a description");
}

#[test]
fn what_strengthens_comes_first_and_what_weakens_last() {
    let steps = |to: &ReplicationGroup, from: &ReplicationGroup| to.steps(from).join(", ");
    let open = ReplicationGroup { transit_encryption: TransitEncryption::None, ..group() };
    let larger = ReplicationGroup {
        shards: 5,
        replicas: 2,
        node_type: "cache.r7g.large".to_owned(),
        ..group()
    };
    insta::assert_snapshot!(steps(&group(), &open), @"encrypt connections as clients like, encrypt all connections");
    insta::assert_snapshot!(steps(&open, &group()), @"encrypt connections as clients like, stop encrypting connections");
    insta::assert_snapshot!(steps(&larger, &open), @"encrypt connections as clients like, encrypt all connections, go to 2 replicas a shard, go to 5 shards, change the other settings");
    insta::assert_snapshot!(steps(&group(), &larger), @"change the other settings, go to 3 shards, go to 1 replicas a shard");
    assert_eq!(steps(&ReplicationGroup { shards: 4, ..group() }, &group()), "", "it is one call");
}

#[test]
fn what_is_lost_is_said() {
    let without = ReplicationGroup { final_snapshot: false, ..group() };
    assert_eq!(
        without.loss().unwrap(),
        "all that the cache holds, and no last snapshot is taken of it"
    );
    assert!(group().loss().unwrap().contains("a last snapshot of it is taken and kept"));
    let never = ReplicationGroup { snapshot_retention_days: 0, ..group() };
    assert_eq!(group().loss_by(&never).unwrap(), "the automatic snapshots of the last 5 days");
    assert_eq!(never.loss_by(&group()), None);
}

#[test]
fn small_nodes_keep_more_in_reserve() {
    let node = |text: &str| text.parse::<NodeType>().unwrap();
    for (name, reserved, usable, vcpus) in [
        ("cache.t4g.micro", 50, Some(256), 2),
        ("cache.t4g.small", 30, Some(981), 2),
        ("cache.r7g.xlarge", 25, Some(20_214), 4),
        ("cache.m7g.16xlarge", 25, Some(160_932), 64),
        ("cache.x9.large", 25, None, 2),
    ] {
        let node = node(name);
        assert_eq!(node.reserved_memory_percent(), reserved, "{name}");
        assert_eq!(node.usable_mib(), usable, "{name}");
        assert_eq!(node.vcpus(), vcpus, "{name}");
        assert_eq!(node.to_string(), name);
    }
}
