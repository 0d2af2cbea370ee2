//! Aurora PostgreSQL Serverless v2: a writer and readers in different zones, encrypted, backed up, watched.
//!
//! ```
//! use globecart_aws::engine::{Invalid, Zone};
//! use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
//! use globecart_aws::{Environment, Stack, SubnetId, VpcId};
//! use globecart_database::{Acu, Capacity, Database};
//!
//! fn declare(stack: &mut Stack, network: &NetworkOutputs) -> Result<(), Invalid> {
//!     let shop = stack.component("shop", Database::builder().network(network).build())?;
//!     stack.export("writer", &shop.writer_endpoint)?;
//!
//!     // Costs nothing while nobody uses it.
//!     let trial = Database::builder()
//!         .network(network)
//!         .environment(Environment::Development)
//!         .capacity(Capacity::pausing(Acu::whole(2)))
//!         .build();
//!     assert_eq!(stack.component("trial", trial)?.instances.len(), 1);
//!     Ok(())
//! }
//! # let zone = |id: &str| Zone { name: format!("eu-central-1{id}"), id: format!("euc1-az{id}") };
//! # let subnet = |id: &str| {
//! #     let cidr = format!("10.0.{id}.0/24").parse().unwrap();
//! #     NetworkSubnet::new(Tier::Data, zone(id), cidr, SubnetId::new(format!("subnet-{id}")))
//! # };
//! # let network = NetworkOutputs::existing()
//! #     .vpc(VpcId::new("vpc-1"))
//! #     .cidr("10.0.0.0/16".parse().unwrap())
//! #     .subnets(vec![subnet("1"), subnet("2")])
//! #     .egress(Egress::Internet)
//! #     .build();
//! # let place = globecart_aws::engine::Place {
//! #     partition: "aws".into(),
//! #     account: "123456789012".into(),
//! #     region: "eu-central-1".into(),
//! #     zones: vec![zone("1"), zone("2")],
//! # };
//! # declare(&mut Stack::new("docs", place).unwrap(), &network).unwrap();
//! ```

use std::collections::BTreeSet;

use globecart_aws::database::DatabaseTarget;
use globecart_aws::engine::{Addressed, Component, Input, Invalid, Kind, Place};
use globecart_aws::iam::RoleRefs;
use globecart_aws::logs::LogGroupRefs;
use globecart_aws::network::NetworkOutputs;
use globecart_aws::policy::Statement;
use globecart_aws::{
    AlarmName, AlertRoute, Aws, Client, ClientRules, DbClusterArn, DbClusterId,
    DbClusterResourceId, EncryptionKey, Grant, ReaderEndpoint, SecretArn, Stack, StoreAccess,
    StoreKey, TopicArn, Usable, WriterEndpoint,
};
use typed_builder::TypedBuilder;

/// What a database is for, and why a control is waived: as everywhere.
pub use globecart_aws::{Environment, Waived};

pub use capacity::{Acu, Capacity};
pub use cluster::{DbCluster, DbClusterOutputs, DbClusterRefs};
pub use cluster_parameter_group::{
    DbClusterParameterGroup, DbClusterParameterGroupOutputs, DbClusterParameterGroupRefs,
};
pub use event_subscription::{
    EventSource, EventSubscription, EventSubscriptionOutputs, EventSubscriptionRefs,
};
pub use insights::Insights;
pub use instance::{DbInstance, DbInstanceOutputs, DbInstanceRefs};
pub use log_export::LogExport;
pub use parameter::{Apply, Parameter, Parameters};
pub use parameter_group::{DbParameterGroup, DbParameterGroupOutputs, DbParameterGroupRefs};
pub use source::{Original, RestoreTime, Source};
pub use subnet_group::{DbSubnetGroup, DbSubnetGroupOutputs, DbSubnetGroupRefs};

mod alarms;
mod api;
mod capacity;
mod cluster;
mod cluster_parameter_group;
mod defaults;
mod event_subscription;
mod insights;
mod instance;
mod log_export;
mod parameter;
mod parameter_group;
mod parts;
mod source;
mod subnet_group;
#[cfg(test)]
mod tests;

/// An Aurora PostgreSQL cluster with its instances, key, log groups, parameters, security group and alarms.
///
/// With the defaults, for production: a writer and a reader in different zones, 0.5 to 16 capacity units each, backups
/// of 35 days, an own rotating key, TLS and IAM authentication, logs kept for a year, deletion protection, and a final
/// snapshot if it is ever destroyed. In development: one instance that pauses when nobody uses it, backups of 7 days,
/// no deletion protection, and nothing is left by a destroy.
#[derive(Debug, Clone, TypedBuilder)]
pub struct Database<'a> {
    /// Its data subnets take the instances, in two zones at least.
    network: &'a NetworkOutputs,
    /// What the database is for. Default: production.
    #[builder(default)]
    environment: Environment,
    /// The version, as in `17`, or `17.7` where a certain one is needed. Default: 17.
    #[builder(default = "17".to_owned(), setter(into))]
    engine_version: String,
    /// What the cluster begins with. Default: nothing.
    #[builder(default)]
    source: Source,
    /// The first database. Default: app.
    #[builder(default = "app".to_owned(), setter(into))]
    name: String,
    /// The master user. Default: dbowner.
    #[builder(default = "dbowner".to_owned(), setter(into))]
    master_username: String,
    /// The capacity of each instance. Default: 0.5 to 16 units; in development 0 to 4, pausing after five minutes.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    capacity: Option<Capacity>,
    /// The class of the instances. Default: `db.serverless`.
    #[builder(default = instance::SERVERLESS.to_owned(), setter(into))]
    instance_class: String,
    /// How many instances besides the writer, up to 15. Default: 1; in development 0.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    readers: Option<u8>,
    /// Why production does without a reader, which takes over when the writer fails. Default: it has one.
    #[builder(default, setter(strip_option))]
    without_reader: Option<Waived>,
    /// The port. Default: 5432.
    #[builder(default = 5432)]
    port: u16,
    /// Whether clients must use TLS. Default: they must.
    #[builder(default)]
    tls: Tls,
    /// What differs from the engine's defaults, over what this component sets. Default: nothing more.
    #[builder(default)]
    parameters: Parameters,
    /// The key that encrypts storage, snapshots, the master password and the logs. Default: one of its own.
    #[builder(default)]
    encryption_key: EncryptionKey,
    /// For how many days backups are kept. Default: 35; in development 7.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    backup_retention_days: Option<u8>,
    /// When the day's backup is made, in UTC. Default: 03:00-04:00.
    #[builder(default = "03:00-04:00".to_owned(), setter(into))]
    backup_window: String,
    /// When AWS may restart instances, in UTC. Default: sun:05:00-sun:06:00.
    #[builder(default = "sun:05:00-sun:06:00".to_owned(), setter(into))]
    maintenance_window: String,
    /// Whether AWS refuses to delete the cluster. Default: in production.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    deletion_protection: Option<bool>,
    /// Whether a destroy leaves a final snapshot and the backups. Default: in production.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    keep_after_destroy: Option<bool>,
    /// The logs that go to CloudWatch Logs. Default: those of PostgreSQL, of IAM authentication and of instances.
    #[builder(default = LogExport::ALL.into(), setter(into))]
    log_exports: BTreeSet<LogExport>,
    /// For how many days logs are kept. Default: 365, as PCI DSS 10.5.1 asks.
    #[builder(default = 365)]
    log_retention_days: u16,
    /// Database Insights. Default: standard, for seven days.
    #[builder(default)]
    insights: Insights,
    /// Every how many seconds Enhanced Monitoring looks; 0 is never. Default: 60; in development never.
    #[builder(default, setter(strip_option))]
    monitoring_secs: Option<u8>,
    /// Where alarms go. Default: nowhere, which every plan says.
    #[builder(default, setter(strip_option, into))]
    alerts: Option<AlertRoute>,
    /// The topic that hears of RDS's own events; its policy and key must let `events.rds.amazonaws.com` publish for
    /// [`event_subscriptions`] (`AlertsOutputs::admit`). Default: none.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt"), into))]
    events: Option<Input<TopicArn>>,
    /// Changes the cluster just before it is declared. Default: as is.
    #[builder(default = |cluster| cluster)]
    adjust_cluster: fn(DbCluster) -> DbCluster,
    /// Changes an instance just before it is declared. Default: as is.
    #[builder(default = |instance| instance)]
    adjust_instance: fn(DbInstance) -> DbInstance,
    /// Changes the cluster's parameters just before they are declared. Default: as they are.
    #[builder(default = |group| group)]
    adjust_parameter_group: fn(DbClusterParameterGroup) -> DbClusterParameterGroup,
    /// Changes the subnet group just before it is declared. Default: as is.
    #[builder(default = |group| group)]
    adjust_subnet_group: fn(DbSubnetGroup) -> DbSubnetGroup,
}

/// Whether clients must use TLS.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Tls {
    /// They must: `rds.force_ssl` is 1.
    #[default]
    Required,
    /// They may, and why that is enough.
    Optional(Waived),
}

/// What was made of [`Database`].
///
/// A reader's endpoint does not fit where a writer's belongs:
///
/// ```compile_fail,E0308
/// use globecart_aws::WriterEndpoint;
/// use globecart_aws::engine::Input;
/// use globecart_database::DatabaseOutputs;
/// fn migrate(_: &Input<WriterEndpoint>) {}
/// fn wire(database: &DatabaseOutputs) {
///     migrate(&database.reader_endpoint);
/// }
/// ```
#[derive(Debug)]
pub struct DatabaseOutputs {
    /// The host name that always leads to the writer, once it answers.
    pub writer_endpoint: Input<WriterEndpoint>,
    /// The host name that leads to the readers, and to the writer if there are none.
    pub reader_endpoint: Input<ReaderEndpoint>,
    /// The port of both.
    pub port: u16,
    /// The first database.
    pub name: String,
    /// The cluster's ARN.
    pub arn: Input<DbClusterArn>,
    /// The cluster's identifier.
    pub id: Input<DbClusterId>,
    /// What tells the cluster from another of its name; permissions to connect hang on it.
    pub resource_id: Input<DbClusterResourceId>,
    /// The secret with the master user's name and password, which RDS changes every week.
    pub master_secret: Input<SecretArn>,
    /// The security group, and the way in.
    pub access: StoreAccess,
    /// The key.
    pub key: StoreKey,
    /// The cluster.
    pub cluster: DbClusterRefs,
    /// The instances. Which of them writes is RDS's to say.
    pub instances: Vec<DbInstanceRefs>,
    /// The subnets of the instances.
    pub subnet_group: DbSubnetGroupRefs,
    /// The parameters of the cluster.
    pub parameter_group: DbClusterParameterGroupRefs,
    /// The parameters of the instances.
    pub instance_parameter_group: DbParameterGroupRefs,
    /// The log groups, in the order of the logs' names.
    pub log_groups: Vec<LogGroupRefs>,
    /// The role of Enhanced Monitoring.
    pub monitoring_role: Option<RoleRefs>,
    /// The subscriptions to RDS's events.
    pub subscriptions: Vec<EventSubscriptionRefs>,
    /// The alarms.
    pub alarms: Vec<Input<AlarmName>>,
}

impl Component<Aws> for Database<'_> {
    type Outputs = DatabaseOutputs;

    fn declare(self, stack: &mut Stack) -> Result<DatabaseOutputs, Invalid> {
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        let plan = parts::Plan::of(&self, stack)?;
        let access = StoreAccess::closed(stack, &self.network.vpc, self.port)?;
        let key = plan.key(stack)?;
        let log_groups = plan.log_groups(stack, &key)?;
        let monitoring = plan.monitoring_role(stack)?;
        let groups = plan.groups(stack)?;
        let cluster = plan.cluster(stack, &groups, &access, &key)?;
        // Whoever writes logs first makes their groups; here that is never RDS.
        for group in &log_groups {
            stack.after(&cluster, group);
        }
        let instances = plan.instances(stack, &cluster, &groups, monitoring.as_ref())?;
        stack.in_turn::<DbInstance>(&cluster);
        let subscriptions = plan.subscriptions(stack)?;
        let alarms = plan.alarms(stack, &cluster, &instances)?;
        let last = instances.last().expect("a database has an instance");
        Ok(DatabaseOutputs {
            writer_endpoint: instances[0].writer_endpoint.clone(),
            reader_endpoint: last.reader_endpoint.clone(),
            port: self.port,
            name: self.name,
            arn: (&cluster.arn).into(),
            id: (&cluster.id).into(),
            resource_id: (&cluster.resource_id).into(),
            master_secret: cluster.master_secret.clone(),
            access,
            key,
            instances,
            subnet_group: groups.subnets,
            parameter_group: groups.cluster,
            instance_parameter_group: groups.instances,
            log_groups,
            monitoring_role: monitoring.map(|monitoring| monitoring.role),
            subscriptions,
            alarms,
            cluster,
        })
    }
}

impl DatabaseOutputs {
    /// Lets a client connect: a rule into the database and one out of the client.
    ///
    /// # Errors
    /// When the client is let in twice, or its name is no name.
    pub fn allow_from(&self, stack: &mut Stack, client: &Client) -> Result<ClientRules, Invalid> {
        self.access.allow_from(stack, client)
    }

    /// The database as a target for what rotates the passwords of its users.
    pub fn target(&self) -> DatabaseTarget {
        let instances = self.instances.iter().map(|instance| instance.address().clone());
        DatabaseTarget {
            arn: self.arn.clone(),
            id: self.id.clone(),
            endpoint: self.cluster.writer_endpoint.accepted(),
            port: self.port,
            name: self.name.clone(),
            master_secret: self.master_secret.clone(),
            access: self.access.clone(),
            key: self.key.clone(),
            ready_with: instances.collect(),
        }
    }

    /// Lets a role connect as a database user by IAM authentication, for a policy of the role.
    pub fn may_connect(&self, place: &Place, user: &str) -> Statement {
        let Place { partition, region, account, .. } = place;
        let start = format!("arn:{partition}:rds-db:{region}:{account}:dbuser:");
        let parts = [vec![start.as_str().into()], self.resource_id.part()].concat();
        let end = format!("/{user}");
        let arn = Input::join(parts.into_iter().chain([end.as_str().into()]));
        Statement::allow(["rds-db:connect"]).on(arn)
    }
}

/// The user as whom programs connect by IAM authentication.
pub const APPLICATION_USER: &str = "app";

impl Usable for DatabaseOutputs {
    /// `DATABASE_HOST`, `DATABASE_READER_HOST` and `DATABASE_PORT`, and the permission to connect as the user
    /// [`APPLICATION_USER`] by IAM authentication. A password is a secret's to give.
    fn grant(&self, stack: &mut Stack, client: &Client) -> Result<Grant, Invalid> {
        let rules = self.allow_from(stack, client)?;
        let place = stack.place().clone();
        let mut grant = Grant::default()
            .with("DATABASE_HOST", self.writer_endpoint.text())
            .with("DATABASE_READER_HOST", self.reader_endpoint.text())
            .with("DATABASE_PORT", self.port.to_string())
            .after(&rules.ingress)
            .after(&rules.egress);
        grant.may.push(self.may_connect(&place, APPLICATION_USER));
        Ok(grant)
    }
}

/// For whose events a topic must admit `events.rds.amazonaws.com`: the subscriptions of this account and region.
pub fn event_subscriptions(place: &Place) -> String {
    format!("arn:{}:rds:{}:{}:es:*", place.partition, place.region, place.account)
}

/// The service that publishes RDS's events.
pub const EVENTS: &str = "events.rds.amazonaws.com";

/// Every resource type of this crate, for a stack that no longer has a database to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<DbCluster>(),
        Kind::of::<DbClusterParameterGroup>(),
        Kind::of::<DbInstance>(),
        Kind::of::<DbParameterGroup>(),
        Kind::of::<DbSubnetGroup>(),
        Kind::of::<EventSubscription>(),
    ]
}
