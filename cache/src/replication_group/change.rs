//! Changing a group: one modification at a time, each waited for before the next.
//!
//! What strengthens comes first and what weakens last: nodes are there before they are relied on, and encryption
//! in transit is on before users need it.

use aws_sdk_elasticache::types::TransitEncryptionMode;
use globecart_aws::engine::{CallResult, Made};
use globecart_aws::{Aws, Doing};

use super::{ReplicationGroup, ReplicationGroupOutputs, TransitEncryption, Was, live, logs};

/// One modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Transit(TransitEncryption),
    Replicas(u8),
    Shards(u16),
    /// Everything else, in one call.
    Settings,
}

/// The modifications that lead from one state to another.
pub(super) fn steps(now: &ReplicationGroup, to: &ReplicationGroup) -> Vec<Step> {
    let (on, off) = transit(now.transit_encryption, to.transit_encryption);
    let mut steps: Vec<Step> = on.into_iter().map(Step::Transit).collect();
    if to.replicas > now.replicas {
        steps.push(Step::Replicas(to.replicas));
    }
    if to.shards > now.shards {
        steps.push(Step::Shards(to.shards));
    }
    if settings(now) != settings(to) {
        steps.push(Step::Settings);
    }
    if to.shards < now.shards {
        steps.push(Step::Shards(to.shards));
    }
    if to.replicas < now.replicas {
        steps.push(Step::Replicas(to.replicas));
    }
    steps.extend(off.into_iter().map(Step::Transit));
    steps
}

/// The steps that switch encryption in transit on, and those that switch it off, by way of `preferred`.
fn transit(
    now: TransitEncryption,
    to: TransitEncryption,
) -> (Vec<TransitEncryption>, Vec<TransitEncryption>) {
    use TransitEncryption::{None, Preferred, Required};
    match (now, to) {
        (None, Required) => (vec![Preferred, Required], vec![]),
        (Required, None) => (vec![], vec![Preferred, None]),
        (now, to) if to > now => (vec![to], vec![]),
        (now, to) if to < now => (vec![], vec![to]),
        _ => (vec![], vec![]),
    }
}

/// A group without what has steps of its own, and without what is no modification.
fn settings(group: &ReplicationGroup) -> ReplicationGroup {
    ReplicationGroup {
        transit_encryption: TransitEncryption::None,
        replicas: 0,
        shards: 0,
        snapshot: None,
        final_snapshot: true,
        ..group.clone()
    }
}

impl Step {
    /// What the plan says of it.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Transit(TransitEncryption::None) => "stop encrypting connections".to_owned(),
            Self::Transit(TransitEncryption::Preferred) => {
                "encrypt connections as clients like".to_owned()
            }
            Self::Transit(TransitEncryption::Required) => "encrypt all connections".to_owned(),
            Self::Replicas(count) => format!("go to {count} replicas a shard"),
            Self::Shards(count) => format!("go to {count} shards"),
            Self::Settings => "change the other settings".to_owned(),
        }
    }
}

/// Begins the first modification that is left.
pub(super) async fn update(
    aws: &Aws,
    old: &Was,
    to: &ReplicationGroup,
) -> CallResult<Made<ReplicationGroupOutputs>> {
    let steps = steps(&old.args, to);
    let Some((first, rest)) = steps.split_first() else {
        return Ok(Made::ready(old.outputs.clone()));
    };
    match first {
        Step::Transit(mode) => transit_to(aws, old, *mode).await?,
        Step::Replicas(count) => replicas_to(aws, old, *count).await?,
        Step::Shards(count) => shards_to(aws, old, *count).await?,
        Step::Settings => settings_to(aws, old, to).await?,
    }
    let outputs = old.outputs.clone();
    Ok(if rest.is_empty() { Made::pending(outputs) } else { Made::step(outputs) })
}

async fn transit_to(aws: &Aws, old: &Was, mode: TransitEncryption) -> CallResult<()> {
    let call = (aws.elasticache().modify_replication_group())
        .replication_group_id(old.outputs.id.as_str())
        .apply_immediately(true)
        .transit_encryption_enabled(mode != TransitEncryption::None)
        .set_transit_encryption_mode(mode.mode());
    call.send().await.doing("changing the encryption in transit")?;
    Ok(())
}

async fn replicas_to(aws: &Aws, old: &Was, count: u8) -> CallResult<()> {
    let id = old.outputs.id.as_str();
    if count > old.args.replicas {
        let call = aws.elasticache().increase_replica_count().replication_group_id(id);
        let call = call.new_replica_count(count.into()).apply_immediately(true);
        call.send().await.doing("adding replicas")?;
    } else {
        let call = aws.elasticache().decrease_replica_count().replication_group_id(id);
        let call = call.new_replica_count(count.into()).apply_immediately(true);
        call.send().await.doing("removing replicas")?;
    }
    Ok(())
}

/// The shards with the highest ids go, so that those left are numbered without a gap.
async fn shards_to(aws: &Aws, old: &Was, count: u16) -> CallResult<()> {
    let mut gone = Vec::new();
    if count < old.args.shards {
        let group = live::one(aws, &old.outputs.id).await?;
        let shards = group.and_then(|group| group.node_groups).unwrap_or_default();
        gone.extend(shards.into_iter().filter_map(|shard| shard.node_group_id));
        gone.sort();
        gone.drain(..usize::from(count).min(gone.len()));
    }
    let call = (aws.elasticache().modify_replication_group_shard_configuration())
        .replication_group_id(old.outputs.id.as_str())
        .node_group_count(count.into())
        .apply_immediately(true)
        .set_node_groups_to_remove((!gone.is_empty()).then_some(gone));
    call.send().await.doing("changing the number of shards")?;
    Ok(())
}

async fn settings_to(aws: &Aws, old: &Was, to: &ReplicationGroup) -> CallResult<()> {
    let now = &old.args;
    let mut call = (aws.elasticache().modify_replication_group())
        .replication_group_id(old.outputs.id.as_str())
        .apply_immediately(true)
        .replication_group_description(&to.description)
        .snapshot_retention_limit(to.snapshot_retention_days.into())
        .set_snapshot_window(to.snapshot_window.clone())
        .set_preferred_maintenance_window(to.maintenance_window.clone())
        .auto_minor_version_upgrade(to.auto_minor_version_upgrade)
        .set_log_delivery_configurations(logs::changed(now, to));
    if (now.engine, &now.engine_version) != (to.engine, &to.engine_version) {
        call = call.engine(to.engine.as_str()).engine_version(&to.engine_version);
    }
    if now.node_type != to.node_type {
        call = call.cache_node_type(&to.node_type);
    }
    if now.parameter_group != to.parameter_group {
        call = call.cache_parameter_group_name(to.parameter_group.known().as_str());
    }
    if now.security_groups != to.security_groups {
        call = call.set_security_group_ids(Some(to.group_ids()));
    }
    if now.multi_az != to.multi_az {
        call = call.multi_az_enabled(to.multi_az);
    }
    if now.user_group != to.user_group {
        call = match (&now.user_group, &to.user_group) {
            (_, None) => call.remove_user_groups(true),
            (None, Some(new)) => call.user_group_ids_to_add(new.known().as_str()),
            (Some(old), Some(new)) => call
                .user_group_ids_to_remove(old.known().as_str())
                .user_group_ids_to_add(new.known().as_str()),
        };
    }
    if now.notification_topic != to.notification_topic {
        call = match to.topic() {
            Some(topic) => call.notification_topic_arn(topic).notification_topic_status("active"),
            None => call.notification_topic_status("inactive"),
        };
    }
    call.send().await.doing("changing the replication group")?;
    Ok(())
}

impl TransitEncryption {
    /// What the API calls it; nothing where there is none.
    pub(super) fn mode(self) -> Option<TransitEncryptionMode> {
        match self {
            Self::None => None,
            Self::Preferred => Some(TransitEncryptionMode::Preferred),
            Self::Required => Some(TransitEncryptionMode::Required),
        }
    }
}
