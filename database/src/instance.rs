//! DB instance of a cluster: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{DbCluster, DbInstance as Description, Filter};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, DbClusterId, DbClusterResourceId, DbInstanceArn, DbInstanceId, DbParameterGroupName,
    Doing, ReaderEndpoint, RoleArn, WriterEndpoint, ZoneName, absent_is_fine, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::api::{self, FILTER_VALUES, IDENTIFIER};
use crate::cluster;

/// An instance of a cluster: its writer, or one of its readers. Which of the two is RDS's to say, and moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DbInstance {
    /// The cluster. A change replaces the instance.
    #[builder(setter(into))]
    pub cluster: Input<DbClusterId>,
    /// Which cluster of that name: one that is made anew takes new instances.
    #[builder(setter(into))]
    pub cluster_resource: Input<DbClusterResourceId>,
    /// The host name that leads to the cluster's writer, which works once there is an instance.
    #[builder(setter(into))]
    pub writer_endpoint: Input<WriterEndpoint>,
    /// The host name that leads to the cluster's readers, which works once there is an instance.
    #[builder(setter(into))]
    pub reader_endpoint: Input<ReaderEndpoint>,
    /// The class, as in `db.r8g.large`. Where it writes, a reader takes over first. Default: `db.serverless`, whose
    /// capacity is the cluster's setting.
    #[builder(default = SERVERLESS.to_owned(), setter(into))]
    pub class: String,
    /// The zone. Default: RDS chooses. A change replaces the instance.
    #[builder(default, setter(strip_option, into))]
    pub zone: Option<ZoneName>,
    /// Who is promoted first, 0 to 15: the lowest. Readers of the tiers 0 and 1 have the writer's capacity. Default: 1.
    #[builder(default = 1)]
    pub promotion_tier: u8,
    /// Its parameters. Default: those of the engine.
    #[builder(default, setter(strip_option, into))]
    pub parameter_group: Option<Input<DbParameterGroupName>>,
    /// Every how many seconds Enhanced Monitoring looks at it: 1, 5, 10, 15, 30 or 60; 0 is never. Default: never.
    #[builder(default)]
    pub monitoring_secs: u8,
    /// The role in which Enhanced Monitoring writes. Default: none.
    #[builder(default, setter(strip_option, into))]
    pub monitoring_role: Option<Input<RoleArn>>,
    /// The authority that signs its certificate. Default: `rds-ca-rsa2048-g1`, valid until 2061.
    #[builder(default = "rds-ca-rsa2048-g1".to_owned(), setter(into))]
    pub certificate_authority: String,
    /// Whether AWS installs minor versions in the maintenance window. Default: yes.
    #[builder(default = true)]
    pub auto_minor_version_upgrade: bool,
    /// When AWS may restart it, in UTC. Default: sun:05:00-sun:06:00.
    #[builder(default = "sun:05:00-sun:06:00".to_owned(), setter(into))]
    pub maintenance_window: String,
    /// Whether it has a public address, which it never should. Default: no.
    #[builder(default)]
    pub publicly_accessible: bool,
}

outputs! {
    /// What an instance answers.
    pub struct DbInstanceOutputs => DbInstanceRefs {
        /// Its identifier.
        accepted id: DbInstanceId,
        /// Its ARN.
        accepted arn: DbInstanceArn,
        /// The cluster's host name for its writer, once an instance answers there.
        writer_endpoint: WriterEndpoint,
        /// The cluster's host name for its readers, once an instance answers there.
        reader_endpoint: ReaderEndpoint,
        /// Whether it wrote when it was last looked at.
        is_writer: bool,
    }
}

/// The class of instances whose capacity follows the load.
pub(crate) const SERVERLESS: &str = "db.serverless";

/// States in which an instance will never be usable.
const LOST: [&str; 5] = [
    "failed",
    "incompatible-network",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
];

type Was = Recorded<DbInstance, DbInstanceOutputs>;

impl Resource<Aws> for DbInstance {
    const TYPE: &'static str = "rds:DbInstance";
    const FACTS: Facts = Facts {
        name: Some(IDENTIFIER),
        quota: Some(("DB instances", 40)),
        create_secs: 381,
        update_secs: 120,
        delete_secs: 480,
        actions: Actions {
            create: &[
                "rds:CreateDBInstance",
                "rds:AddTagsToResource",
                "rds:DescribeDBInstances",
                "iam:PassRole",
            ],
            read: &["rds:DescribeDBInstances", "rds:DescribeDBClusters"],
            update: &[
                "rds:ModifyDBInstance",
                "rds:FailoverDBCluster",
                "rds:DescribeDBInstances",
                "rds:AddTagsToResource",
                "rds:RemoveTagsFromResource",
                "iam:PassRole",
            ],
            delete: &["rds:DeleteDBInstance"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DbInstanceOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "cluster" | "cluster_resource" => Argument::Replace(Order::DeleteFirst),
            "zone" => Argument::Replace(Order::CreateFirst),
            "class" | "certificate_authority" => Argument::InPlace(Effect::Rolling),
            "parameter_group" => Argument::InPlace(Effect::AtReboot),
            "writer_endpoint" | "reader_endpoint" => Argument::Initial,
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if !self.class.starts_with("db.") {
            let problem =
                format!("`{}` must be one such as `db.serverless` or `db.r8g.large`", self.class);
            return Err(Invalid::new("class", problem));
        }
        if self.promotion_tier > 15 {
            let problem = format!("must be 0 to 15, not {}", self.promotion_tier);
            return Err(Invalid::new("promotion_tier", problem));
        }
        let seconds = self.monitoring_secs;
        if ![0, 1, 5, 10, 15, 30, 60].contains(&seconds) {
            let problem = format!("must be 0, 1, 5, 10, 15, 30 or 60, not {seconds}");
            return Err(Invalid::new("monitoring_secs", problem));
        }
        if (seconds > 0) != self.monitoring_role.is_some() {
            let problem = "`monitoring_secs` above 0 and `monitoring_role` need each other";
            return Err(Invalid::new("monitoring_role", problem));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<DbInstanceOutputs>> {
        let doing = "creating the instance";
        let call = (aws.rds().create_db_instance())
            .db_instance_identifier(intent.name(&IDENTIFIER))
            .db_cluster_identifier(self.cluster.known().as_str())
            .engine("aurora-postgresql")
            .db_instance_class(&self.class)
            .set_availability_zone(self.zone.as_ref().map(ToString::to_string))
            .promotion_tier(self.promotion_tier.into())
            .set_db_parameter_group_name(
                self.parameter_group.as_ref().map(|group| group.known().to_string()),
            )
            .monitoring_interval(self.monitoring_secs.into())
            .set_monitoring_role_arn(
                self.monitoring_role.as_ref().map(|role| role.known().to_string()),
            )
            .ca_certificate_identifier(&self.certificate_authority)
            .auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .preferred_maintenance_window(&self.maintenance_window)
            .publicly_accessible(self.publicly_accessible)
            .set_tags(Some(api::tags(intent.tags())));
        let instance = call.send().await.doing(doing)?.db_instance;
        let outputs = instance.as_ref().and_then(accepted);
        Ok(Made::pending(outputs.ok_or_else(|| api::incomplete(doing))?))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, DbInstanceOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.to_string()).collect();
            for instance in described_by(aws, ids).await? {
                found.extend(instance.db_instance_identifier.clone().map(|id| (id, instance)));
            }
        }
        let clusters: BTreeSet<String> =
            found.values().filter_map(|instance| instance.db_cluster_identifier.clone()).collect();
        let roles = Roles::read(aws, clusters).await?;
        let one = |was: &Was| {
            let instance = found.get(was.outputs.id.as_str());
            instance.map_or(Live::Absent, |instance| live(was, instance, &roles))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        2 * wanted.len().div_ceil(FILTER_VALUES)
    }

    /// What restarts the writer is done once a reader has taken over, if there is one.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<DbInstanceOutputs>> {
        let id = old.outputs.id.as_str();
        if self.restarts(&old.args) && self.writes_beside_others(aws, id).await? {
            let call = aws.rds().failover_db_cluster();
            let call = call.db_cluster_identifier(self.cluster.known().as_str());
            call.send().await.doing("failing over to a reader")?;
            return Ok(Made::step(old.outputs.clone()));
        }
        let changed = |new: &str, was: &str| (new != was).then(|| new.to_owned());
        let args = &old.args;
        let monitoring = (self.monitoring_secs, &self.monitoring_role)
            != (args.monitoring_secs, &args.monitoring_role);
        let group = (self.parameter_group != args.parameter_group)
            .then(|| self.parameter_group.as_ref().map(|group| group.known().to_string()))
            .flatten();
        let call = (aws.rds().modify_db_instance())
            .db_instance_identifier(id)
            .apply_immediately(true)
            .set_db_instance_class(changed(&self.class, &args.class))
            .set_ca_certificate_identifier(changed(
                &self.certificate_authority,
                &args.certificate_authority,
            ))
            .promotion_tier(self.promotion_tier.into())
            .set_db_parameter_group_name(group)
            .set_monitoring_interval(monitoring.then_some(self.monitoring_secs.into()))
            .set_monitoring_role_arn(
                self.monitoring_role
                    .as_ref()
                    .filter(|_| monitoring)
                    .map(|role| role.known().to_string()),
            )
            .auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .publicly_accessible(self.publicly_accessible)
            .preferred_maintenance_window(&self.maintenance_window);
        call.send().await.doing("changing the instance")?;
        Ok(Made::pending(old.outputs.clone()))
    }

    fn steps(&self, old: &Self) -> Vec<String> {
        if !self.restarts(old) {
            return Vec::new();
        }
        vec![
            "fails over to a reader, where it writes and there is one".to_owned(),
            "is changed and restarts".to_owned(),
        ]
    }

    /// Readers first, whoever writes last.
    fn turn(of: &Was) -> u32 {
        u32::from(of.outputs.is_writer == Some(true))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        api::retag(aws, &of.outputs.arn, set, unset).await
    }

    /// The data is the cluster's, and so is the last snapshot.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.rds().delete_db_instance().skip_final_snapshot(true);
            let call = call.db_instance_identifier(was.outputs.id.as_str());
            match call.send().await.map(|_| ()).doing("deleting the instance") {
                Err(error) if error.message.contains("already being deleted") => {}
                answer => absent_is_fine(answer)?,
            }
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<DbInstanceOutputs>> {
        let id = intent.name(&IDENTIFIER);
        let mut instances = described_by(aws, vec![id.clone()]).await?;
        let Some(instance) = instances.pop() else { return Ok(Found::Nothing) };
        let doing = "looking for the instance";
        let outputs = accepted(&instance).ok_or_else(|| api::incomplete(doing))?;
        let tags = api::from_tags(instance.tag_list());
        Ok(found::claim(intent, &format!("DB instance {id}"), &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        api::class_of(error, operation)
    }
}

impl DbInstance {
    /// Whether the change from `old` restarts the instance.
    fn restarts(&self, old: &Self) -> bool {
        self.class != old.class || self.certificate_authority != old.certificate_authority
    }

    /// Whether it is the writer, and another instance could be.
    async fn writes_beside_others(&self, aws: &Aws, id: &str) -> CallResult<bool> {
        let ids = vec![self.cluster.known().to_string()];
        let clusters = cluster::described_by(aws, ids).await?;
        let members = clusters.first().map(DbCluster::db_cluster_members).unwrap_or_default();
        let writes = members.iter().any(|one| {
            one.db_instance_identifier() == Some(id) && one.is_cluster_writer() == Some(true)
        });
        let others = members
            .iter()
            .filter_map(|one| one.db_instance_identifier.clone())
            .filter(|other| other != id);
        let others: Vec<String> = others.collect();
        if !writes || others.is_empty() {
            return Ok(false);
        }
        let others = described_by(aws, others).await?;
        Ok(others.iter().any(|one| one.db_instance_status() == Some("available")))
    }
}

/// Who writes in which cluster, and which clusters are failing over.
struct Roles {
    writers: BTreeSet<String>,
    failing_over: BTreeSet<String>,
}

impl Roles {
    async fn read(aws: &Aws, clusters: BTreeSet<String>) -> CallResult<Self> {
        let mut roles = Self { writers: BTreeSet::new(), failing_over: BTreeSet::new() };
        let clusters: Vec<String> = clusters.into_iter().collect();
        for page in clusters.chunks(FILTER_VALUES) {
            for cluster in cluster::described_by(aws, page.to_vec()).await? {
                let members = cluster.db_cluster_members().iter();
                let writers = members.filter(|one| one.is_cluster_writer() == Some(true));
                roles.writers.extend(writers.filter_map(|one| one.db_instance_identifier.clone()));
                if cluster.status() == Some("failing-over") {
                    roles.failing_over.extend(cluster.db_cluster_identifier);
                }
            }
        }
        Ok(roles)
    }
}

async fn described_by(aws: &Aws, ids: Vec<String>) -> CallResult<Vec<Description>> {
    let filter = Filter::builder().name("db-instance-id").set_values(Some(ids)).build();
    let call = aws.rds().describe_db_instances().filters(filter).into_paginator();
    call.items().send().try_collect().await.doing("reading instances")
}

/// What the create call answers.
fn accepted(instance: &Description) -> Option<DbInstanceOutputs> {
    Some(DbInstanceOutputs {
        id: DbInstanceId::new(instance.db_instance_identifier()?),
        arn: DbInstanceArn::new(instance.db_instance_arn()?),
        writer_endpoint: None,
        reader_endpoint: None,
        is_writer: None,
    })
}

fn live(was: &Was, instance: &Description, roles: &Roles) -> Live<DbInstance, DbInstanceOutputs> {
    let status = instance.db_instance_status().unwrap_or_default();
    if LOST.contains(&status) {
        return Live::Failed(format!("RDS reports `{status}`"));
    }
    if status != "available" {
        return Live::Pending(status.to_owned());
    }
    let cluster = instance.db_cluster_identifier().unwrap_or_default();
    if roles.failing_over.contains(cluster) {
        return Live::Pending("its cluster is failing over".to_owned());
    }
    let waits = instance.pending_modified_values().is_some_and(|values| {
        values.db_instance_class().is_some() || values.ca_certificate_identifier().is_some()
    });
    if waits {
        return Live::Pending("RDS has yet to apply its changes".to_owned());
    }
    let id = was.outputs.id.clone();
    let outputs = DbInstanceOutputs {
        is_writer: Some(roles.writers.contains(id.as_str())),
        id,
        arn: was.outputs.arn.clone(),
        writer_endpoint: was.args.writer_endpoint.get().cloned(),
        reader_endpoint: was.args.reader_endpoint.get().cloned(),
    };
    let tags = api::from_tags(instance.tag_list());
    Live::Ready { args: described(was, instance), outputs, tags }
}

fn described(was: &Was, instance: &Description) -> DbInstance {
    let recorded = &was.args;
    let small = |number: Option<i32>| number.and_then(|number| u8::try_from(number).ok());
    let group = instance.db_parameter_groups().first();
    let group = group.and_then(|group| group.db_parameter_group_name());
    DbInstance {
        cluster: instance
            .db_cluster_identifier()
            .map_or_else(|| recorded.cluster.clone(), |id| DbClusterId::new(id).into()),
        cluster_resource: recorded.cluster_resource.clone(),
        writer_endpoint: recorded.writer_endpoint.clone(),
        reader_endpoint: recorded.reader_endpoint.clone(),
        class: instance.db_instance_class().unwrap_or_default().to_owned(),
        // Where RDS chose, the zone is its own.
        zone: recorded.zone.as_ref().and(instance.availability_zone()).map(ZoneName::new),
        promotion_tier: small(instance.promotion_tier()).unwrap_or(recorded.promotion_tier),
        parameter_group: recorded
            .parameter_group
            .as_ref()
            .and(group)
            .map(|name| DbParameterGroupName::new(name).into()),
        monitoring_secs: small(instance.monitoring_interval()).unwrap_or_default(),
        monitoring_role: instance.monitoring_role_arn().map(|arn| RoleArn::new(arn).into()),
        certificate_authority: instance
            .ca_certificate_identifier()
            .unwrap_or(&recorded.certificate_authority)
            .to_owned(),
        auto_minor_version_upgrade: instance.auto_minor_version_upgrade().unwrap_or_default(),
        maintenance_window: instance.preferred_maintenance_window().unwrap_or_default().to_owned(),
        publicly_accessible: instance.publicly_accessible().unwrap_or_default(),
    }
}
