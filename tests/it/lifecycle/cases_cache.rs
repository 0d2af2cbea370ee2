//! The types of a cache.

use std::collections::BTreeMap;

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::logs::LogGroup;
use globecart_aws::policy::PolicyDocument;
use globecart_aws::sns::Topic;
use globecart_aws::{CacheUserId, Stack, SubnetId};
use globecart_cache::{
    Authentication, CacheParameterGroup, CacheParameterGroupRefs, CacheSubnetGroup,
    CacheSubnetGroupRefs, CacheUser, CacheUserGroup, EngineName, ReplicationGroup,
    TransitEncryption,
};
use globecart_network::VpcRefs;

use super::Case;
use super::Change::InPlace;
use super::cases::{case, key, subnet, vpc};

/// Every case of a cache.
pub(crate) const ALL: &[Case] = &[
    case("a cache's subnets", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let mut subnets = subnets(stack, &vpc)?;
        subnets.truncate(if changed { 2 } else { 1 });
        let group = CacheSubnetGroup::builder().description("data").subnets(subnets);
        stack.add("subnets", group.build())?;
        Ok(())
    }),
    case("a cache's parameters", InPlace, |stack, changed| {
        parameters(stack, changed)?;
        Ok(())
    }),
    case("a cache's users", InPlace, |stack, changed| {
        let users = users(stack, changed)?;
        let group = CacheUserGroup::builder().engine(EngineName::Redis).users(users);
        stack.add("users", group.build())?;
        Ok(())
    }),
    case("a cache", InPlace, |stack, changed| {
        let group = cache(stack)?;
        let (description, days) = if changed { ("carts", 7) } else { ("sessions", 3) };
        let group = ReplicationGroup {
            description: description.to_owned(),
            snapshot_retention_days: days,
            ..group
        };
        stack.add("cache", group)?;
        Ok(())
    }),
    case("a cache's shards, encryption and users", InPlace, |stack, changed| {
        let group = cache(stack)?;
        let mut members = users(stack, false)?;
        members.truncate(2);
        let users = CacheUserGroup::builder().engine(EngineName::Redis).users(members);
        let users = stack.add("users", users.build())?;
        let group = if changed {
            ReplicationGroup { shards: 3, user_group: Some((&users.id).into()), ..group }
        } else {
            ReplicationGroup { transit_encryption: TransitEncryption::None, ..group }
        };
        stack.add("cache", group)?;
        Ok(())
    }),
];

fn subnets(stack: &mut Stack, vpc: &VpcRefs) -> Result<Vec<Input<SubnetId>>, Invalid> {
    let one = stack.add("a", subnet(vpc, "10.0.0.0/24", "a"))?;
    let other = stack.add("b", subnet(vpc, "10.0.1.0/24", "b"))?;
    Ok(vec![(&one.id).into(), (&other.id).into()])
}

fn parameters(stack: &mut Stack, changed: bool) -> Result<CacheParameterGroupRefs, Invalid> {
    let mut parameters = BTreeMap::from([("cluster-enabled".to_owned(), "yes".to_owned())]);
    if changed {
        parameters.insert("maxmemory-policy".to_owned(), "noeviction".to_owned());
    } else {
        parameters.insert("timeout".to_owned(), "300".to_owned());
    }
    let group = CacheParameterGroup::builder()
        .family("redis7")
        .description("for tests")
        .parameters(parameters);
    stack.add("parameters", group.build())
}

/// The user who is switched off, and one or two who are not.
fn users(stack: &mut Stack, changed: bool) -> Result<Vec<Input<CacheUserId>>, Invalid> {
    let nobody = CacheUser::builder()
        .name("default")
        .engine(EngineName::Redis)
        .access("off -@all")
        .authentication(Authentication::NoPassword);
    let nobody = stack.add("nobody", nobody.build())?;
    let access = if changed { "on ~cart:* +@read" } else { "on ~* +@all" };
    let reader = CacheUser::builder().engine(EngineName::Redis).access(access);
    let reader = stack.add("reader", reader.build())?;
    let mut users = vec![(&nobody.id).into(), (&reader.id).into()];
    if changed {
        let writer = CacheUser::builder().engine(EngineName::Redis).access("on ~* +@write");
        users.push((&stack.add("writer", writer.build())?.id).into());
    }
    Ok(users)
}

/// A cache of two shards with a replica each, and all that it needs.
fn cache(stack: &mut Stack) -> Result<ReplicationGroup, Invalid> {
    let vpc = vpc(stack)?;
    let subnets = subnets(stack, &vpc)?;
    let subnets: CacheSubnetGroupRefs = stack
        .add("subnets", CacheSubnetGroup::builder().description("data").subnets(subnets).build())?;
    let parameters = parameters(stack, false)?;
    let closed = SecurityGroup::builder().vpc(&vpc.id).description("cache").build();
    let closed = stack.add("closed", closed)?;
    let key = key(stack, 365)?;
    let log = stack.add("log", LogGroup::builder().build())?;
    let topic = stack.add("topic", Topic::builder().policy(PolicyDocument::new([])).build())?;
    Ok(ReplicationGroup::builder()
        .description("sessions")
        .engine(EngineName::Redis)
        .engine_version("7.1")
        .node_type("cache.t4g.small")
        .shards(2)
        .replicas(1)
        .parameter_group(&parameters.name)
        .subnet_group(&subnets.name)
        .security_groups(vec![(&closed.id).into()])
        .port(6380)
        .kms_key(Some((&key.arn).into()))
        .transit_encryption(TransitEncryption::Required)
        .snapshot_window(Some("03:00-04:00".to_owned()))
        .maintenance_window(Some("sun:05:00-sun:06:00".to_owned()))
        .auto_minor_version_upgrade(false)
        .slow_log(Some((&log.name).into()))
        .notification_topic(Some((&topic.arn).into()))
        .final_snapshot(false)
        .build())
}
