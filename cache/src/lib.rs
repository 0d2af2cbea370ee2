//! Redis or Valkey in cluster mode: encrypted, over several zones, with users in place of passwords.
//!
//! ```
//! use globecart_aws::Stack;
//! use globecart_aws::engine::Invalid;
//! use globecart_aws::network::NetworkOutputs;
//! use globecart_cache::{Cache, Engine, Purpose, ValkeyVersion};
//!
//! fn declare(stack: &mut Stack, network: &NetworkOutputs) -> Result<(), Invalid> {
//!     let cache = stack.component("cache", Cache::builder().network(network).build())?;
//!     stack.export("redis_configuration_endpoint", &cache.configuration_endpoint)?;
//!
//!     let carts = Cache::builder()
//!         .network(network)
//!         .engine(Engine::Valkey(ValkeyVersion::V8_1))
//!         .purpose(Purpose::Sessions)
//!         .shards(2)
//!         .node_type("cache.r7g.large".parse()?)
//!         .holds_gib(15)
//!         .build();
//!     stack.component("carts", carts)?;
//!     Ok(())
//! }
//! ```

use std::collections::BTreeMap;

use globecart_aws::engine::{Component, Input, Invalid, Kind};
use globecart_aws::iam::{ManagedPolicy, RolePolicyAttachment};
use globecart_aws::logs::{LogGroup, LogGroupRefs};
use globecart_aws::network::{NetworkOutputs, Tier};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{
    AlarmName, AlertRoute, Aws, CacheConfigurationEndpoint, CacheUserGroupId, Client, ClientRules,
    EncryptionKey, Environment, Grant, KeyUse, ReplicationGroupArn, Stack, StoreAccess, StoreKey,
    Usable, Waived,
};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

pub use engine::{Engine, EngineName, ValkeyVersion};
pub use node_type::NodeType;
pub use parameter_group::{
    CacheParameterGroup, CacheParameterGroupOutputs, CacheParameterGroupRefs,
};
pub use replication_group::{
    ReplicationGroup, ReplicationGroupOutputs, ReplicationGroupRefs, TransitEncryption,
};
pub use subnet_group::{CacheSubnetGroup, CacheSubnetGroupOutputs, CacheSubnetGroupRefs};
pub use user::{Authentication, CacheUser, CacheUserOutputs, CacheUserRefs};
pub use user_group::{CacheUserGroup, CacheUserGroupOutputs, CacheUserGroupRefs};

mod alarms;
mod answer;
mod check;
mod engine;
mod node_type;
mod parameter_group;
mod replication_group;
mod subnet_group;
#[cfg(test)]
mod tests;
mod user;
mod user_group;

/// The port of Redis and Valkey.
const PORT: u16 = 6379;

/// What the application's user may do: everything but what is dangerous, such as emptying the cache.
const APPLICATION_ACCESS: &str = "on ~* &* +@all -@dangerous";

/// The user that connections without a name are may do nothing.
const NOBODY_ACCESS: &str = "off -@all";

/// A cache of Redis OSS 7.1, or of Valkey, in cluster mode.
///
/// With the defaults: three shards with a replica each in another zone, encrypted with a key of its own and in transit,
/// the user `default` switched off and a user of the application's that IAM lets in, snapshots for five days and a last
/// one, both logs kept for a year, alarms on every node, and a security group that lets in declared clients alone.
#[derive(Debug, Clone, TypedBuilder)]
pub struct Cache<'a> {
    /// Where it stands: in the data subnets.
    network: &'a NetworkOutputs,
    /// What it is for. Default: production. Development has one shard without replica of the smallest node type, keeps
    /// snapshots for a day, and takes no last one.
    #[builder(default)]
    environment: Environment,
    /// The engine. Default: Redis OSS 7.1.
    #[builder(default)]
    engine: Engine,
    /// What it holds, by which it is decided what happens when it is full. Default: what can be had again.
    #[builder(default)]
    purpose: Purpose,
    /// How many shards, 1 to 90. Default: 3; 1 in development.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    shards: Option<u16>,
    /// How many replicas each shard has, 0 to 5. Default: 1; none in development.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    replicas: Option<u8>,
    /// Whether a shard's nodes are kept in different zones. Default: where there are replicas.
    #[builder(default, setter(strip_option))]
    multi_az: Option<MultiAz>,
    /// The size of every node. Default: `cache.t4g.small`; `cache.t4g.micro` in development.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    node_type: Option<NodeType>,
    /// How many gibibytes of keys and values it must hold; node type and shards are checked against it. Default: not
    /// known.
    #[builder(default, setter(strip_option))]
    holds_gib: Option<u32>,
    /// Parameters of the engine, over those that follow from purpose and size. Default: none.
    #[builder(default)]
    parameters: BTreeMap<String, String>,
    /// The key that encrypts disks, snapshots and logs. Default: one of its own.
    #[builder(default)]
    encryption_key: EncryptionKey,
    /// Whether connections are encrypted. Default: all of them. An existing cache gets there by way of
    /// [`Transit::Preferred`], which is gone through by itself.
    #[builder(default)]
    transit: Transit,
    /// For how many days automatic snapshots are kept, 0 to 35. Default: 5; 1 in development.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    snapshot_retention_days: Option<u8>,
    /// When the daily snapshot is taken, in UTC. Default: 03:00 to 04:00.
    #[builder(default = "03:00-04:00".to_owned(), setter(into))]
    snapshot_window: String,
    /// When AWS maintains the nodes, in UTC. Default: on Sundays from 05:00 to 06:00.
    #[builder(default = "sun:05:00-sun:06:00".to_owned(), setter(into))]
    maintenance_window: String,
    /// Whether a last snapshot is taken when the cache is destroyed. Default: yes; no in development.
    #[builder(default, setter(strip_option))]
    final_snapshot: Option<bool>,
    /// The snapshot that its first data comes from, by name. Default: none.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt"), into))]
    restore_from: Option<String>,
    /// For how many days logs are kept. Default: 365, as PCI DSS 10.5.1 asks.
    #[builder(default = 365)]
    log_retention_days: u16,
    /// Where alarms go. Default: nowhere, which every plan says.
    #[builder(default, setter(strip_option, into))]
    alerts: Option<AlertRoute>,
    /// Changes the replication group just before it is declared. Default: as is.
    #[builder(default = |group| group)]
    adjust: fn(ReplicationGroup) -> ReplicationGroup,
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// What can be had again: when it is full, the keys that expire and were used least lately go.
    #[default]
    Cache,
    /// What only it has, such as sessions and carts: when it is full, nothing goes and writes are refused.
    Sessions,
}

/// Whether a shard's nodes are kept in different zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MultiAz {
    /// They are.
    On,
    /// They need not be, and why: a zone that is lost may take shards with it.
    Off(Waived),
}

/// Whether connections are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Transit {
    /// All are.
    #[default]
    Required,
    /// As the client likes, and why: while clients of an existing cache are moved.
    Preferred(Waived),
    /// None is, and why. Without encryption there are no users either.
    Off(Waived),
}

/// What was made of [`Cache`].
#[derive(Debug, Clone)]
pub struct CacheOutputs {
    /// Where clients learn of all nodes.
    pub configuration_endpoint: Input<CacheConfigurationEndpoint>,
    /// The port of every node.
    pub port: Input<u16>,
    /// Its ARN.
    pub arn: Input<ReplicationGroupArn>,
    /// The group of the users that it lets in; none where connections are not encrypted.
    pub user_group_id: Option<Input<CacheUserGroupId>>,
    /// The replication group.
    pub replication_group: ReplicationGroupRefs,
    /// The user that applications are.
    pub application_user: Option<CacheUserRefs>,
    /// Its security group, and how clients are let in.
    pub access: StoreAccess,
    /// The key that encrypts it.
    pub key: StoreKey,
    /// The log group of slow commands.
    pub slow_log: LogGroupRefs,
    /// The log group of the engine's messages.
    pub engine_log: LogGroupRefs,
    /// The alarms that watch it.
    pub alarms: Vec<Input<AlarmName>>,
}

impl Component<Aws> for Cache<'_> {
    type Outputs = CacheOutputs;

    fn declare(self, stack: &mut Stack) -> Result<CacheOutputs, Invalid> {
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        self.check()?;
        let transit = self.transit(stack)?;
        let multi_az = self.multi_az(stack)?;
        let key = self.key(stack)?;
        let access = StoreAccess::closed(stack, &self.network.vpc, PORT)?;
        let slow_log = self.log_group(stack, "slow-log", &key)?;
        let engine_log = self.log_group(stack, "engine-log", &key)?;
        let users = self.users(stack, transit)?;
        let parameters = stack.add("parameters", self.parameter_group())?;
        let subnets = stack.add("subnets", self.subnet_group())?;
        let group = ReplicationGroup::builder()
            .description(format!("{} of {}", stack.scope(), stack.name()))
            .engine(self.engine.name())
            .engine_version(self.engine.version())
            .node_type(self.node_type().to_string())
            .shards(self.shards())
            .replicas(self.replicas())
            .multi_az(multi_az)
            .parameter_group(&parameters.name)
            .subnet_group(&subnets.name)
            .security_groups(vec![(&access.security_group.id).into()])
            .kms_key(key.arn.clone())
            .transit_encryption(transit)
            .user_group(users.as_ref().map(|users| (&users.group.id).into()))
            .snapshot_retention_days(self.snapshot_retention_days())
            .snapshot_window(Some(self.snapshot_window.clone()))
            .maintenance_window(Some(self.maintenance_window.clone()))
            .slow_log(Some((&slow_log.name).into()))
            .engine_log(Some((&engine_log.name).into()))
            .snapshot(self.restore_from.clone())
            .final_snapshot(self.final_snapshot())
            .build();
        let group = stack.add("group", (self.adjust)(group))?;
        let watched = alarms::Watched {
            group: &group,
            shards: self.shards(),
            replicas: self.replicas(),
            purpose: self.purpose,
            alerts: self.alerts.as_ref(),
        };
        let alarms = watched.declare(stack)?;
        Ok(CacheOutputs {
            configuration_endpoint: group.configuration_endpoint.clone(),
            port: group.port.clone(),
            arn: (&group.arn).into(),
            user_group_id: users.as_ref().map(|users| (&users.group.id).into()),
            application_user: users.map(|users| users.application),
            replication_group: group,
            access,
            key,
            slow_log,
            engine_log,
            alarms,
        })
    }
}

/// The users of a cache.
struct Users {
    group: CacheUserGroupRefs,
    application: CacheUserRefs,
}

impl Cache<'_> {
    fn transit(&self, stack: &mut Stack) -> Result<TransitEncryption, Invalid> {
        let control = "encrypting all connections to the cache";
        match &self.transit {
            Transit::Required => Ok(TransitEncryption::Required),
            Transit::Preferred(waived) => {
                waived.apply(stack, "transit", control)?;
                Ok(TransitEncryption::Preferred)
            }
            Transit::Off(waived) => {
                waived.apply(stack, "transit", control)?;
                Ok(TransitEncryption::None)
            }
        }
    }

    fn multi_az(&self, stack: &mut Stack) -> Result<bool, Invalid> {
        match &self.multi_az {
            Some(MultiAz::On) => Ok(true),
            Some(MultiAz::Off(waived)) => {
                waived.apply(stack, "multi_az", "keeping a shard's nodes in different zones")?;
                Ok(false)
            }
            None => Ok(self.replicas() > 0),
        }
    }

    fn key(&self, stack: &mut Stack) -> Result<StoreKey, Invalid> {
        let place = stack.place().clone();
        let log_groups = LogGroup::pattern(&place, stack.name());
        let uses = KeyUse::builder()
            .description(format!("{} of {}", stack.scope(), stack.name()))
            .through(vec!["elasticache"])
            .statements(vec![Statement::logs_may_use(&place, log_groups)])
            .outlives_stack(self.final_snapshot())
            .build();
        self.encryption_key.declare(stack, uses)
    }

    fn log_group(
        &self,
        stack: &mut Stack,
        name: &str,
        key: &StoreKey,
    ) -> Result<LogGroupRefs, Invalid> {
        let group = LogGroup::builder().retention_days(self.log_retention_days);
        let group = match &key.arn {
            Some(key) => group.kms_key(key.clone()).build(),
            None => group.build(),
        };
        stack.add(name, group)
    }

    /// With Redis OSS a group must have a user `default`; with Valkey nobody comes in without a name.
    fn users(
        &self,
        stack: &mut Stack,
        transit: TransitEncryption,
    ) -> Result<Option<Users>, Invalid> {
        if transit == TransitEncryption::None {
            return Ok(None);
        }
        let engine = self.engine.name();
        let mut users = Vec::new();
        if engine == EngineName::Redis {
            let nobody = CacheUser::builder()
                .name("default")
                .engine(engine)
                .access(NOBODY_ACCESS)
                .authentication(Authentication::NoPassword)
                .build();
            users.push((&stack.add("default-user", nobody)?.id).into());
        }
        let application = CacheUser::builder().engine(engine).access(APPLICATION_ACCESS).build();
        let application = stack.add("application-user", application)?;
        users.push((&application.id).into());
        let group = CacheUserGroup::builder().engine(engine).users(users).build();
        let group = stack.add("users", group)?;
        Ok(Some(Users { group, application }))
    }

    fn parameter_group(&self) -> CacheParameterGroup {
        let own = [
            ("cluster-enabled", "yes".to_owned()),
            ("maxmemory-policy", self.purpose.maxmemory_policy().to_owned()),
            ("reserved-memory-percent", self.node_type().reserved_memory_percent().to_string()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        CacheParameterGroup::builder()
            .family(self.engine.family())
            .description("Cluster mode, and what follows from purpose and size")
            .parameters(own.chain(self.parameters.clone()).collect())
            .build()
    }

    fn subnet_group(&self) -> CacheSubnetGroup {
        CacheSubnetGroup::builder()
            .description("The data subnets")
            .subnets(self.network.subnet_ids(Tier::Data))
            .build()
    }
}

impl Usable for CacheOutputs {
    /// `CACHE_HOST`, `CACHE_PORT` and, where connections are encrypted, `CACHE_USER` with the permission to connect as
    /// that user by IAM authentication.
    fn grant(&self, stack: &mut Stack, client: &Client) -> Result<Grant, Invalid> {
        let rules = self.access.allow_from(stack, client)?;
        let mut grant = Grant::default()
            .with("CACHE_HOST", self.configuration_endpoint.text())
            .with("CACHE_PORT", PORT.to_string())
            .after(&rules.ingress)
            .after(&rules.egress);
        if let Some(user) = &self.application_user {
            grant = grant.with("CACHE_USER", user.id.text());
            let connect = Statement::allow(["elasticache:Connect"]);
            let connect = connect.on(self.arn.text()).on(user.arn.text());
            grant.may.push(connect);
        }
        Ok(grant)
    }
}

impl CacheOutputs {
    /// Lets a client in: its security group may connect, and its role, if it has one, may do so as the application's
    /// user.
    ///
    /// # Errors
    /// When the client is let in twice, or its name is no name.
    pub fn allow_from(&self, stack: &mut Stack, client: &Client) -> Result<ClientRules, Invalid> {
        let rules = self.access.allow_from(stack, client)?;
        if let (Some(role), Some(user)) = (&client.role, &self.application_user) {
            let connect = Statement::allow(["elasticache:Connect"])
                .on(self.replication_group.arn.text())
                .on(user.arn.text());
            let policy = ManagedPolicy::builder()
                .description(format!("Connects to the cache as {}", client.name))
                .document(PolicyDocument::new([connect]))
                .build();
            let policy = stack.add(format!("{}-connects-to-cache", client.name), policy)?;
            let attachment =
                RolePolicyAttachment::builder().role(role.clone()).policy(&policy.arn).build();
            stack.add(format!("{}-may-connect-to-cache", client.name), attachment)?;
        }
        Ok(rules)
    }
}

impl Purpose {
    /// What happens when the memory is full.
    pub fn maxmemory_policy(self) -> &'static str {
        match self {
            Self::Cache => "volatile-lru",
            Self::Sessions => "noeviction",
        }
    }

    fn meaning_of_evictions(self) -> &'static str {
        match self {
            Self::Cache => {
                "it drops more than a thousand keys a minute to make room, so that little is found in it. Add \
                 shards, or take a larger node type."
            }
            Self::Sessions => {
                "it drops keys that only it has, which its settings forbid. See who changed maxmemory-policy; add \
                 shards, or take a larger node type."
            }
        }
    }
}

/// Every resource type of this crate, for a stack that no longer has a cache to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<CacheParameterGroup>(),
        Kind::of::<CacheSubnetGroup>(),
        Kind::of::<CacheUser>(),
        Kind::of::<CacheUserGroup>(),
        Kind::of::<ReplicationGroup>(),
    ]
}
