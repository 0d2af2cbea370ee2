//! What is read of groups: some of it is told only of their nodes.

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, Endpoint, LogType, MultiAzStatus,
    ReplicationGroup as Description, SlotMigration, TransitEncryptionMode,
};
use globecart_aws::engine::{CallResult, Input, Live};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::{
    Aws, CacheConfigurationEndpoint, CacheParameterGroupName, CacheSubnetGroupName,
    CacheUserGroupId, Doing, KeyArn, ReplicationGroupId, SecurityGroupId, TopicArn, absent_is_none,
};

use super::{ReplicationGroup, ReplicationGroupOutputs, TransitEncryption, Was, logs};
use crate::answer;
use crate::engine::EngineName;

/// The group with an id.
pub(super) async fn one(aws: &Aws, id: &ReplicationGroupId) -> CallResult<Option<Description>> {
    let call = aws.elasticache().describe_replication_groups().replication_group_id(id.as_str());
    let groups = absent_is_none(call.send().await.doing("reading the replication group"))?;
    Ok(groups.and_then(|groups| groups.replication_groups.unwrap_or_default().into_iter().next()))
}

/// Reads groups, and one node of each.
pub(super) async fn read(
    aws: &Aws,
    wanted: &[Was],
) -> CallResult<Vec<Live<ReplicationGroup, ReplicationGroupOutputs>>> {
    let groups = groups(aws).await?;
    let nodes = nodes(aws).await?;
    let mut live = Vec::with_capacity(wanted.len());
    for was in wanted {
        let Some(group) = groups.get(was.outputs.id.as_str()) else {
            live.push(Live::Absent);
            continue;
        };
        live.push(match unusable(group) {
            Some(unusable) => unusable,
            None => Live::Ready {
                args: described(was, group, nodes.get(was.outputs.id.as_str())),
                outputs: outputs(was, group),
                tags: answer::tags_of(aws, was.outputs.arn.as_str()).await?,
            },
        });
    }
    Ok(live)
}

async fn groups(aws: &Aws) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elasticache().describe_replication_groups().into_paginator().items();
    let groups = call.send().try_collect().await.doing("reading replication groups")?;
    let pair = |group: Description| Some((group.replication_group_id.clone()?, group));
    Ok(groups.into_iter().filter_map(pair).collect())
}

/// One node of each group.
async fn nodes(aws: &Aws) -> CallResult<BTreeMap<String, CacheCluster>> {
    let call = aws.elasticache().describe_cache_clusters().into_paginator().items();
    let nodes = call.send().try_collect().await.doing("reading cache nodes")?;
    let pair = |node: CacheCluster| Some((node.replication_group_id.clone()?, node));
    Ok(nodes.into_iter().filter_map(pair).collect())
}

/// A group that is being made, changed or deleted, or never comes. One of which a snapshot is taken can be used.
fn unusable(group: &Description) -> Option<Live<ReplicationGroup, ReplicationGroupOutputs>> {
    match group.status().unwrap_or_default() {
        "available" | "snapshotting" if group.configuration_endpoint().is_some() => None,
        "create-failed" => Some(Live::Failed("ElastiCache reports `create-failed`".to_owned())),
        status => Some(Live::Pending(progress(group, status))),
    }
}

fn progress(group: &Description, status: &str) -> String {
    let moved = (group.pending_modified_values())
        .and_then(|pending| pending.resharding())
        .and_then(|resharding| resharding.slot_migration())
        .and_then(SlotMigration::progress_percentage);
    match moved {
        Some(percent) => format!("{status}, {percent:.0} % of the slots moved"),
        None => status.to_owned(),
    }
}

fn outputs(was: &Was, group: &Description) -> ReplicationGroupOutputs {
    let endpoint = group.configuration_endpoint();
    let address = endpoint.and_then(|endpoint| endpoint.address());
    let port = endpoint.and_then(Endpoint::port);
    ReplicationGroupOutputs {
        configuration_endpoint: address.map(CacheConfigurationEndpoint::new),
        port: port.and_then(|port| u16::try_from(port).ok()),
        ..was.outputs.clone()
    }
}

fn described(was: &Was, group: &Description, node: Option<&CacheCluster>) -> ReplicationGroup {
    let args = &was.args;
    let shards = group.node_groups();
    let nodes = shards.iter().map(|shard| shard.node_group_members().len());
    let topic = node.and_then(|node| node.notification_configuration());
    let topic = topic.filter(|topic| topic.topic_status() == Some("active"));
    ReplicationGroup {
        description: group.description().unwrap_or_default().to_owned(),
        engine: EngineName::described(group.engine()).unwrap_or(args.engine),
        engine_version: version(node).unwrap_or_else(|| args.engine_version.clone()),
        node_type: group.cache_node_type().unwrap_or(&args.node_type).to_owned(),
        shards: u16::try_from(shards.len()).unwrap_or(u16::MAX),
        replicas: replicas(nodes, args.replicas),
        multi_az: group.multi_az() == Some(&MultiAzStatus::Enabled)
            && group.automatic_failover() == Some(&AutomaticFailoverStatus::Enabled),
        parameter_group: parameter_group(node).unwrap_or_else(|| args.parameter_group.clone()),
        subnet_group: (node.and_then(CacheCluster::cache_subnet_group_name)).map_or_else(
            || args.subnet_group.clone(),
            |name| CacheSubnetGroupName::new(name).into(),
        ),
        security_groups: security_groups(node, &args.security_groups),
        port: outputs(was, group).port.unwrap_or(args.port),
        // A server that does not tell the key cannot have changed it: nobody can.
        kms_key: group.kms_key_id().map(|key| KeyArn::new(key).into()).or(args.kms_key.clone()),
        transit_encryption: transit(group),
        user_group: group.user_group_ids().first().map(|id| CacheUserGroupId::new(id).into()),
        snapshot_retention_days: u8::try_from(group.snapshot_retention_limit().unwrap_or_default())
            .unwrap_or(u8::MAX),
        snapshot_window: (args.snapshot_window.as_ref())
            .and(group.snapshot_window().map(str::to_owned)),
        maintenance_window: (args.maintenance_window.as_ref())
            .and(node.and_then(CacheCluster::preferred_maintenance_window).map(str::to_owned)),
        auto_minor_version_upgrade: (group.auto_minor_version_upgrade())
            .unwrap_or(args.auto_minor_version_upgrade),
        slow_log: logs::described(group.log_delivery_configurations(), &LogType::SlowLog),
        engine_log: logs::described(group.log_delivery_configurations(), &LogType::EngineLog),
        notification_topic: topic
            .and_then(|topic| topic.topic_arn())
            .map(|arn| TopicArn::new(arn).into()),
        snapshot: args.snapshot.clone(),
        final_snapshot: args.final_snapshot,
    }
}

/// Major and minor version of a node, as in `7.1` for `7.1.0`.
fn version(node: Option<&CacheCluster>) -> Option<String> {
    let mut parts = node?.engine_version()?.split('.');
    Some(format!("{}.{}", parts.next()?, parts.next()?))
}

fn parameter_group(node: Option<&CacheCluster>) -> Option<Input<CacheParameterGroupName>> {
    let name = node?.cache_parameter_group()?.cache_parameter_group_name()?;
    Some(CacheParameterGroupName::new(name).into())
}

/// The replicas of each shard; of shards that differ, one that is not as it should be.
fn replicas(nodes: impl Iterator<Item = usize>, wanted: u8) -> u8 {
    let counts = nodes.map(|count| u8::try_from(count.saturating_sub(1)).unwrap_or(u8::MAX));
    let counts: Vec<u8> = counts.collect();
    let other = counts.iter().copied().find(|count| *count != wanted);
    other.or(counts.first().copied()).unwrap_or(wanted)
}

fn security_groups(
    node: Option<&CacheCluster>,
    recorded: &[Input<SecurityGroupId>],
) -> Vec<Input<SecurityGroupId>> {
    let live = node.map(CacheCluster::security_groups).unwrap_or_default();
    let ids = live.iter().filter_map(|group| group.security_group_id()).map(SecurityGroupId::new);
    let ids: Vec<SecurityGroupId> = ids.collect();
    // Every node has a group, so a server that names none tells nothing.
    if ids.is_empty() { recorded.to_vec() } else { in_recorded_order(ids, recorded) }
}

fn transit(group: &Description) -> TransitEncryption {
    match (group.transit_encryption_enabled(), group.transit_encryption_mode()) {
        (Some(true), Some(TransitEncryptionMode::Preferred)) => TransitEncryption::Preferred,
        (Some(true), _) => TransitEncryption::Required,
        _ => TransitEncryption::None,
    }
}
