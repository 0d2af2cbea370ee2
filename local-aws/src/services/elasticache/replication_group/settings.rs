//! Settings that creating and modifying share: what they check, and the members of the row that they come to.

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::elasticache::engine::Version;
use crate::services::elasticache::kind::{invalid_combination, invalid_value};
use crate::services::elasticache::{parameter, parameter_group, window};
use crate::services::tables::SNS_TOPIC;
use serde_json::{Value, json};

/// Most days for which automatic snapshots are kept.
const MOST_DAYS: i64 = 35;

/// Windows, retention and upgrades, as far as a request has them.
pub(super) fn simple(call: &Call, input: &Value) -> Result<Value, Fault> {
    let mut changes = json!({});
    if let Some(text) = input.opt("ReplicationGroupDescription") {
        if text.is_empty() || text.len() > 255 {
            let message =
                "The parameter ReplicationGroupDescription must have 1 to 255 characters.";
            return Err(invalid_value(message));
        }
        changes["Description"] = json!(text);
    }
    if let Some(text) = input.opt("PreferredMaintenanceWindow") {
        changes["_window"] = json!(window::weekly("PreferredMaintenanceWindow", text)?);
    }
    if let Some(text) = input.opt("SnapshotWindow") {
        changes["SnapshotWindow"] = json!(window::daily("SnapshotWindow", text)?);
    }
    if let Some(days) = input.int("SnapshotRetentionLimit") {
        if !(0..=MOST_DAYS).contains(&days) {
            let message =
                format!("The parameter SnapshotRetentionLimit must be between 0 and {MOST_DAYS}.");
            return Err(invalid_value(message));
        }
        changes["SnapshotRetentionLimit"] = json!(days);
    }
    if let Some(upgrade) = input.opt_flag("AutoMinorVersionUpgrade") {
        changes["AutoMinorVersionUpgrade"] = json!(upgrade);
    }
    if let Some(topic) = input.opt("NotificationTopicArn") {
        if call.get(SNS_TOPIC, topic).is_none() {
            return Err(invalid_value(format!("The topic {topic} does not exist.")));
        }
        let status = input.opt("NotificationTopicStatus").unwrap_or("active");
        changes["_topic"] = json!({"TopicArn": topic, "TopicStatus": status});
    }
    Ok(changes)
}

/// The security groups that a request names, all of them in one VPC.
pub(super) fn security_groups(call: &Call, ids: &[&str], vpc: &str) -> Result<Vec<String>, Fault> {
    for id in ids {
        if ec2::vpc_of_group(call, id).as_deref() != Some(vpc) {
            return Err(invalid_value(format!("The security group {id} does not exist in {vpc}.")));
        }
    }
    Ok(ids.iter().map(|id| (*id).to_owned()).collect())
}

/// A parameter group for a version, and whether it switches cluster mode on.
pub(super) fn parameter_group(
    call: &Call,
    name: &str,
    version: Version,
) -> Result<(String, bool), Fault> {
    let group = parameter_group::named(call, name)?;
    let family = group.text("CacheParameterGroupFamily");
    if family != version.family {
        return Err(invalid_combination(format!(
            "Expected a parameter group of family {} but found one of family {family}.",
            version.family
        )));
    }
    let on = parameter::value_in(&group, "cluster-enabled") == "yes";
    Ok((group.text("CacheParameterGroupName").to_owned(), on))
}

/// What automatic failover and Multi-AZ need: `replicas` is the least that a shard has.
pub(super) fn check_failover(
    cluster_enabled: bool,
    (automatic, multi_az): (bool, bool),
    replicas: usize,
) -> Result<(), Fault> {
    if cluster_enabled && !automatic {
        return Err(invalid_combination(
            "Automatic failover must be on where cluster mode is enabled.",
        ));
    }
    if !cluster_enabled && automatic && replicas == 0 {
        return Err(invalid_combination(
            "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
        ));
    }
    if multi_az && !automatic {
        return Err(invalid_combination("Multi-AZ needs automatic failover to be on."));
    }
    if multi_az && replicas == 0 {
        return Err(invalid_combination("Multi-AZ needs at least one replica in every shard."));
    }
    Ok(())
}

/// Settings that AWS has and this cloud does not.
pub(super) fn refuse_absent(call: &Call, input: &Value) -> Result<(), Fault> {
    let only = [("Durability", "default"), ("NetworkType", "ipv4"), ("IpDiscovery", "ipv4")];
    for (member, usual) in only {
        if let Some(other) = input.opt(member).filter(|value| *value != usual) {
            return Err(Fault::not_implemented(&format!(
                "elasticache {} with the {member} {other}",
                call.operation()
            )));
        }
    }
    if input.opt("ClusterMode") == Some("compatible") {
        return Err(Fault::not_implemented("elasticache with the ClusterMode compatible"));
    }
    Ok(())
}
