//! Replication group: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>

mod change;
mod last_snapshot;
mod live;
mod logs;

use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Kept, Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, CacheConfigurationEndpoint, CacheParameterGroupName, CacheSubnetGroupName,
    CacheUserGroupId, Doing, KeyArn, LogGroupName, ReplicationGroupArn, ReplicationGroupId,
    SecurityGroupId, TopicArn, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;
use crate::engine::EngineName;

/// A cache with cluster mode: its data is spread over shards, each with a primary and replicas. It is always encrypted at
/// rest, and always fails over by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ReplicationGroup {
    /// What it is for, 1 to 255 characters.
    #[builder(setter(into))]
    pub description: String,
    /// The engine. Redis OSS is upgraded to Valkey in place, never back.
    pub engine: EngineName,
    /// Major and minor version, as in `7.1`. AWS may upgrade it; it is never set back.
    #[builder(setter(into))]
    pub engine_version: String,
    /// The size of every node, as in `cache.t4g.small`.
    #[builder(setter(into))]
    pub node_type: String,
    /// How many shards, 1 to 90. Keys move to and from shards that come and go, while clients go on.
    pub shards: u16,
    /// How many replicas each shard has, 0 to 5.
    pub replicas: u8,
    /// Whether a shard's nodes are kept in different zones. Default: yes.
    #[builder(default = true)]
    pub multi_az: bool,
    /// How the engine is set up; with `cluster-enabled yes`.
    #[builder(setter(into))]
    pub parameter_group: Input<CacheParameterGroupName>,
    /// Where the nodes stand. A change replaces the cache.
    #[builder(setter(into))]
    pub subnet_group: Input<CacheSubnetGroupName>,
    /// Who can connect.
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// The port of every node. Default: 6379. A change replaces the cache.
    #[builder(default = 6379)]
    pub port: u16,
    /// The key that encrypts disks and snapshots. Default: one of `ElastiCache`'s own. A change replaces the cache.
    #[builder(default)]
    pub kms_key: Option<Input<KeyArn>>,
    /// Whether connections are encrypted. Default: all of them.
    #[builder(default)]
    pub transit_encryption: TransitEncryption,
    /// Whom it lets in. Default: everybody who can connect.
    #[builder(default)]
    pub user_group: Option<Input<CacheUserGroupId>>,
    /// For how many days automatic snapshots are kept, 0 to 35; with 0 there are none. Default: 5.
    #[builder(default = 5)]
    pub snapshot_retention_days: u8,
    /// When the daily snapshot is taken, in UTC, as in `03:00-04:00`. Default: AWS chooses.
    #[builder(default)]
    pub snapshot_window: Option<String>,
    /// When AWS maintains the nodes, in UTC, as in `sun:05:00-sun:06:00`. Default: AWS chooses.
    #[builder(default)]
    pub maintenance_window: Option<String>,
    /// Whether AWS upgrades minor versions. Default: yes.
    #[builder(default = true)]
    pub auto_minor_version_upgrade: bool,
    /// Where commands go that took long. Default: nowhere.
    #[builder(default)]
    pub slow_log: Option<Input<LogGroupName>>,
    /// Where the engine's messages go. Default: nowhere.
    #[builder(default)]
    pub engine_log: Option<Input<LogGroupName>>,
    /// Who hears of failovers and the like. Default: nobody.
    #[builder(default)]
    pub notification_topic: Option<Input<TopicArn>>,
    /// The snapshot that the first data comes from. Default: none. It is looked at only when the cache is made.
    #[builder(default)]
    pub snapshot: Option<String>,
    /// Whether a last snapshot is taken when the cache is deleted, which outlives it. Default: yes.
    #[builder(default = true)]
    pub final_snapshot: bool,
}

/// Whether connections to a cache are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransitEncryption {
    /// None is.
    None,
    /// As the client likes: the step between the others.
    Preferred,
    /// All are.
    #[default]
    Required,
}

outputs! {
    /// What a replication group answers.
    pub struct ReplicationGroupOutputs => ReplicationGroupRefs {
        /// Its id.
        accepted id: ReplicationGroupId,
        /// Its ARN.
        accepted arn: ReplicationGroupArn,
        /// Where clients learn of all its nodes.
        configuration_endpoint: CacheConfigurationEndpoint,
        /// The port of every node.
        port: u16,
    }
}

pub(crate) const NAME: NameRule = NameRule::new(40).lower();

/// Most shards of a group.
const SHARDS: u16 = 90;

/// Most replicas of a shard.
const REPLICAS: u8 = 5;

/// Most days for which automatic snapshots are kept.
const DAYS: u8 = 35;

type Was = Recorded<ReplicationGroup, ReplicationGroupOutputs>;

impl Resource<Aws> for ReplicationGroup {
    const TYPE: &'static str = "elasticache:ReplicationGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 780,
        update_secs: 600,
        delete_secs: 540,
        quota: None,
        actions: Actions {
            create: &[
                "elasticache:CreateReplicationGroup",
                "elasticache:AddTagsToResource",
                "elasticache:DescribeReplicationGroups",
                "elasticache:ListTagsForResource",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "iam:CreateServiceLinkedRole",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            ],
            read: &[
                "elasticache:DescribeReplicationGroups",
                "elasticache:DescribeCacheClusters",
                "elasticache:ListTagsForResource",
            ],
            update: &[
                "elasticache:ModifyReplicationGroup",
                "elasticache:ModifyReplicationGroupShardConfiguration",
                "elasticache:IncreaseReplicaCount",
                "elasticache:DecreaseReplicaCount",
                "elasticache:AddTagsToResource",
                "elasticache:RemoveTagsFromResource",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
            ],
            delete: &[
                "elasticache:DeleteReplicationGroup",
                "elasticache:CreateSnapshot",
                "elasticache:AddTagsToResource",
            ],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ReplicationGroupOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "subnet_group" | "port" | "kms_key" => Argument::Replace(Order::CreateFirst),
            "snapshot" => Argument::Initial,
            "engine" | "engine_version" => Argument::Owned(Effect::Rolling),
            "node_type" | "shards" | "replicas" | "multi_az" | "transit_encryption" => {
                Argument::InPlace(Effect::Rolling)
            }
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn loss(&self) -> Option<String> {
        Some(if self.final_snapshot {
            "what the cache holds; a last snapshot of it is taken and kept".to_owned()
        } else {
            "all that the cache holds, and no last snapshot is taken of it".to_owned()
        })
    }

    fn steps(&self, old: &Self) -> Vec<String> {
        let steps = change::steps(old, self);
        if steps.len() < 2 {
            Vec::new()
        } else {
            steps.into_iter().map(change::Step::in_words).collect()
        }
    }

    fn loss_by(&self, to: &Self) -> Option<String> {
        let stops = self.snapshot_retention_days > 0 && to.snapshot_retention_days == 0;
        stops.then(|| {
            format!("the automatic snapshots of the last {} days", self.snapshot_retention_days)
        })
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.description.is_empty() || self.description.len() > 255 {
            return Err(Invalid::new("description", "must have 1 to 255 characters"));
        }
        if !(1..=SHARDS).contains(&self.shards) {
            let problem = format!("1 to {SHARDS} can be had, not {}", self.shards);
            return Err(Invalid::new("shards", problem));
        }
        if self.replicas > REPLICAS {
            let problem = format!("0 to {REPLICAS} can be had, not {}", self.replicas);
            return Err(Invalid::new("replicas", problem));
        }
        if self.multi_az && self.replicas == 0 {
            let problem = "needs `replicas` of at least 1: a shard of one node is in one zone";
            return Err(Invalid::new("multi_az", problem));
        }
        if self.snapshot_retention_days > DAYS {
            let problem = format!("at most {DAYS} days, not {}", self.snapshot_retention_days);
            return Err(Invalid::new("snapshot_retention_days", problem));
        }
        if self.user_group.is_some() && self.transit_encryption == TransitEncryption::None {
            let problem = "needs `transit_encryption`, or passwords and tokens go in the clear";
            return Err(Invalid::new("user_group", problem));
        }
        Ok(())
    }

    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<ReplicationGroupOutputs>> {
        let outputs = named(aws, intent);
        let encrypted = self.transit_encryption != TransitEncryption::None;
        let call = (aws.elasticache().create_replication_group())
            .replication_group_id(outputs.id.as_str())
            .replication_group_description(&self.description)
            .engine(self.engine.as_str())
            .engine_version(&self.engine_version)
            .cache_node_type(&self.node_type)
            .num_node_groups(self.shards.into())
            .replicas_per_node_group(self.replicas.into())
            .automatic_failover_enabled(true)
            .multi_az_enabled(self.multi_az)
            .cache_parameter_group_name(self.parameter_group.known().as_str())
            .cache_subnet_group_name(self.subnet_group.known().as_str())
            .set_security_group_ids(Some(self.group_ids()))
            .port(self.port.into())
            .at_rest_encryption_enabled(true)
            .set_kms_key_id(self.kms_key.as_ref().map(|key| key.known().to_string()))
            .transit_encryption_enabled(encrypted)
            .set_transit_encryption_mode(self.transit_encryption.mode())
            .set_user_group_ids(self.user_group.as_ref().map(|id| vec![id.known().to_string()]))
            .snapshot_retention_limit(self.snapshot_retention_days.into())
            .set_snapshot_window(self.snapshot_window.clone())
            .set_preferred_maintenance_window(self.maintenance_window.clone())
            .auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .set_log_delivery_configurations(logs::of_new(self))
            .set_notification_topic_arn(self.topic())
            .set_snapshot_name(self.snapshot.clone())
            .set_tags(Some(answer::tags(intent)));
        call.send().await.doing("creating the replication group")?;
        Ok(Made::pending(outputs))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, ReplicationGroupOutputs>>> {
        live::read(aws, wanted).await
    }

    fn read_calls(wanted: &[Was]) -> usize {
        let nodes: usize = wanted.iter().map(|was| was.args.nodes()).sum();
        answer::calls(wanted.len()) + nodes.div_ceil(100)
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ReplicationGroupOutputs>> {
        change::update(aws, old, self).await
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let mut removal = Removal::Gone;
        for was in gone {
            if last_snapshot::delete(aws, was).await? {
                removal = Removal::Pending;
            }
        }
        Ok(removal)
    }

    async fn keeps(aws: &Aws, going: &[Was]) -> CallResult<Vec<Vec<Kept>>> {
        Ok(going.iter().map(|was| last_snapshot::kept(aws, was)).collect())
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ReplicationGroupOutputs>> {
        let outputs = named(aws, intent);
        if live::one(aws, &outputs.id).await?.is_none() {
            return Ok(Found::Nothing);
        }
        let tags = answer::tags_of(aws, outputs.arn.as_str()).await?;
        let what = format!("replication group {}", outputs.id);
        Ok(found::claim(intent, &what, &tags, outputs))
    }

    /// A key or a topic that was made just now may not be seen yet.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let unseen =
            ["KMS key", "topic", "log group"].iter().any(|what| error.message.contains(what));
        if unseen && operation != Operation::Delete && error.class == Class::Invalid {
            return Class::Propagation;
        }
        answer::class_of(error, operation)
    }
}

impl ReplicationGroup {
    /// How many nodes there are in all.
    pub(crate) fn nodes(&self) -> usize {
        usize::from(self.shards) * (usize::from(self.replicas) + 1)
    }

    fn group_ids(&self) -> Vec<String> {
        self.security_groups.iter().map(|id| id.known().to_string()).collect()
    }

    fn topic(&self) -> Option<String> {
        self.notification_topic.as_ref().map(|topic| topic.known().to_string())
    }
}

fn named(aws: &Aws, intent: &Intent) -> ReplicationGroupOutputs {
    let id = intent.name(&NAME);
    let arn = ReplicationGroupArn::new(answer::arn(aws.place(), "replicationgroup", &id));
    let id = ReplicationGroupId::new(id);
    ReplicationGroupOutputs { id, arn, configuration_endpoint: None, port: None }
}
