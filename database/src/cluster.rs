//! DB cluster: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{DbCluster as Description, Filter};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Kept, Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, DbClusterArn, DbClusterId, DbClusterParameterGroupName, DbClusterResourceId,
    DbParameterGroupName, DbSubnetGroupName, Doing, KeyArn, ReaderEndpoint, SecretArn,
    SecurityGroupId, WriterEndpoint, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::api::{self, FILTER_VALUES, IDENTIFIER};
use crate::{Capacity, Insights, LogExport, Source};

mod check;
mod create;
mod described;
mod remove;
mod update;

pub(crate) use check::major;

/// An encrypted Aurora PostgreSQL cluster whose master password RDS keeps in Secrets Manager, and its storage; its
/// instances are resources of their own.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own in the API")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DbCluster {
    /// A fixed identifier, where something that is made first has it in its name. Default: a generated one. A change
    /// replaces the cluster.
    #[builder(default, setter(strip_option, into))]
    pub identifier: Option<String>,
    /// What the cluster begins with; only its creation looks at it. Default: nothing.
    #[builder(default)]
    pub source: Source,
    /// The engine's version, as in `17` or `17.7`. A minor one that AWS installs meanwhile is no change.
    #[builder(setter(into))]
    pub engine_version: String,
    /// The first database. Default: none. A change replaces the cluster.
    #[builder(default, setter(strip_option, into))]
    pub database_name: Option<String>,
    /// The master user. A change replaces the cluster.
    #[builder(setter(into))]
    pub master_username: String,
    /// The capacity of instances of the class `db.serverless`.
    pub capacity: Capacity,
    /// Where its instances stand. A change replaces the cluster.
    #[builder(setter(into))]
    pub subnet_group: Input<DbSubnetGroupName>,
    /// The security groups of its instances.
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// Its parameters; the group's family is that of the version.
    #[builder(setter(into))]
    pub parameter_group: Input<DbClusterParameterGroupName>,
    /// The parameters that its instances get with a major upgrade. Default: those of the engine.
    #[builder(default, setter(strip_option, into))]
    pub instance_parameter_group: Option<Input<DbParameterGroupName>>,
    /// The key that encrypts storage, snapshots and insights. Default: the AWS-managed key of RDS. A change replaces
    /// the cluster.
    #[builder(default, setter(strip_option, into))]
    pub kms_key: Option<Input<KeyArn>>,
    /// The key that encrypts the master password. Default: the AWS-managed key of Secrets Manager.
    #[builder(default, setter(strip_option, into))]
    pub secret_key: Option<Input<KeyArn>>,
    /// The port, 1150 to 65535. Default: 5432. A change replaces the cluster.
    #[builder(default = 5432)]
    pub port: u16,
    /// For how many days backups are kept, 1 to 35. Default: 35.
    #[builder(default = 35)]
    pub backup_retention_days: u8,
    /// When the day's backup is made, in UTC. Default: 03:00-04:00.
    #[builder(default = "03:00-04:00".to_owned(), setter(into))]
    pub backup_window: String,
    /// When AWS may restart the cluster, in UTC. Default: sun:05:00-sun:06:00.
    #[builder(default = "sun:05:00-sun:06:00".to_owned(), setter(into))]
    pub maintenance_window: String,
    /// Whether IAM identities can connect. Default: yes.
    #[builder(default = true)]
    pub iam_authentication: bool,
    /// The logs that go to CloudWatch Logs. Default: none.
    #[builder(default)]
    pub log_exports: BTreeSet<LogExport>,
    /// Database Insights. Default: standard, seven days.
    #[builder(default)]
    pub insights: Insights,
    /// Whether AWS refuses to delete the cluster; a confirmed destroy lifts it. Default: yes.
    #[builder(default = true)]
    pub deletion_protection: bool,
    /// Whether snapshots get the cluster's tags. Default: yes.
    #[builder(default = true)]
    pub copy_tags_to_snapshot: bool,
    /// Whether RDS goes on with a version whose time is over, for a fee. Default: no.
    #[builder(default)]
    pub extended_support: bool,
    /// Whether a delete leaves a snapshot. Default: yes.
    #[builder(default = true)]
    pub final_snapshot: bool,
    /// Whether a delete leaves the backups until their retention is over. Default: yes.
    #[builder(default = true)]
    pub keep_automated_backups: bool,
    /// Whether RDS keeps the master password: always, but for the moment after a restore.
    #[builder(default = true, setter(skip))]
    pub managed_password: bool,
}

outputs! {
    /// What a cluster answers. Its endpoints lead somewhere once it has an instance: see
    /// [`DbInstanceOutputs`](crate::DbInstanceOutputs).
    pub struct DbClusterOutputs => DbClusterRefs {
        /// Its identifier.
        accepted id: DbClusterId,
        /// Its ARN.
        accepted arn: DbClusterArn,
        /// What tells it from another cluster of the same name, before or after it.
        accepted resource_id: DbClusterResourceId,
        /// The host name that always leads to the writer.
        accepted writer_endpoint: WriterEndpoint,
        /// The host name that leads to the readers, and to the writer if there are none.
        accepted reader_endpoint: ReaderEndpoint,
        /// The secret with the master user's name and password.
        master_secret: SecretArn,
    }
}

type Was = Recorded<DbCluster, DbClusterOutputs>;

impl Resource<Aws> for DbCluster {
    const TYPE: &'static str = "rds:DbCluster";
    const FACTS: Facts = Facts {
        name: Some(IDENTIFIER),
        quota: Some(("DB clusters", 40)),
        create_secs: 45,
        update_secs: 40,
        delete_secs: 63,
        actions: Actions {
            create: &[
                "rds:CreateDBCluster",
                "rds:RestoreDBClusterFromSnapshot",
                "rds:RestoreDBClusterToPointInTime",
                "rds:ModifyDBCluster",
                "rds:AddTagsToResource",
                "rds:DescribeDBClusters",
                "iam:CreateServiceLinkedRole",
                "iam:PassRole",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
                "secretsmanager:CreateSecret",
                "secretsmanager:TagResource",
            ],
            read: &["rds:DescribeDBClusters"],
            update: &[
                "rds:ModifyDBCluster",
                "rds:AddTagsToResource",
                "rds:RemoveTagsFromResource",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
                "secretsmanager:CreateSecret",
                "secretsmanager:RotateSecret",
                "secretsmanager:TagResource",
            ],
            delete: &["rds:DeleteDBCluster", "rds:ModifyDBCluster", "rds:CreateDBClusterSnapshot"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DbClusterOutputs;

    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        match name {
            "identifier" | "database_name" | "kms_key" | "master_username" | "port"
            | "subnet_group" => Argument::Replace(Order::DeleteFirst),
            "source" => Argument::Initial,
            "engine_version" => update::version_argument(old, new),
            "parameter_group" => Argument::InPlace(Effect::AtReboot),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn loss(&self) -> Option<String> {
        Some(self.lost())
    }

    fn loss_by(&self, to: &Self) -> Option<String> {
        let days = to.backup_retention_days;
        let fewer = days < self.backup_retention_days;
        fewer.then(|| format!("the backups that are older than {days} days"))
    }

    async fn keeps(_aws: &Aws, going: &[Was]) -> CallResult<Vec<Vec<Kept>>> {
        Ok(going.iter().map(remove::kept).collect())
    }

    fn check(&self) -> Result<(), Invalid> {
        self.checked()
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<DbClusterOutputs>> {
        self.make(aws, intent).await
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, DbClusterOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.to_string()).collect();
            for cluster in described_by(aws, ids).await? {
                found.extend(cluster.db_cluster_identifier.clone().map(|id| (id, cluster)));
            }
        }
        let one = |was: &Was| match found.get(was.outputs.id.as_str()) {
            // One of the same name that was made later is not this one.
            Some(cluster) if same(was, cluster) => described::live(was, cluster),
            _ => Live::Absent,
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(FILTER_VALUES)
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<DbClusterOutputs>> {
        self.change(aws, old).await
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        api::retag(aws, &of.outputs.arn, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            remove::one(aws, was).await?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<DbClusterOutputs>> {
        let id = self.id(intent);
        let mut clusters = described_by(aws, vec![id.clone()]).await?;
        let Some(cluster) = clusters.pop() else { return Ok(Found::Nothing) };
        let doing = "looking for the cluster";
        let outputs = described::outputs(&cluster).ok_or_else(|| api::incomplete(doing))?;
        let tags = api::from_tags(cluster.tag_list());
        Ok(found::claim(intent, &format!("DB cluster {id}"), &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        api::class_of(error, operation)
    }
}

impl DbCluster {
    fn id(&self, intent: &Intent) -> String {
        self.identifier.clone().unwrap_or_else(|| intent.name(&IDENTIFIER))
    }

    /// What a delete loses, and what it leaves.
    fn lost(&self) -> String {
        let snapshot = self.final_snapshot.then(|| "a final snapshot".to_owned());
        let backups = self
            .keep_automated_backups
            .then(|| format!("the backups of {} days", self.backup_retention_days));
        let kept: Vec<String> = snapshot.into_iter().chain(backups).collect();
        match kept.as_slice() {
            [] => "the database and all its backups".to_owned(),
            kept => format!("the database; kept: {}", kept.join(", ")),
        }
    }
}

fn same(was: &Was, cluster: &Description) -> bool {
    cluster.db_cluster_resource_id() == Some(was.outputs.resource_id.as_str())
}

/// The clusters with these identifiers; those that are gone are left out.
pub(crate) async fn described_by(aws: &Aws, ids: Vec<String>) -> CallResult<Vec<Description>> {
    let filter = Filter::builder().name("db-cluster-id").set_values(Some(ids)).build();
    let call = aws.rds().describe_db_clusters().filters(filter).into_paginator();
    call.items().send().try_collect().await.doing("reading clusters")
}
