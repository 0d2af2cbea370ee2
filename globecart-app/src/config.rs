//! What `globecart.toml` may say. Everything has a default, and the defaults are for production.

use std::collections::BTreeMap;
use std::path::PathBuf;

use globecart_aws::network::{GatewayEndpoint, InterfaceEndpoint, NetworkOutputs};
use globecart_aws::{Alerts, AlertsOutputs, Environment};
use globecart_cache::{Cache, Engine, NodeType, Purpose, ValkeyVersion};
use globecart_database::{Acu, Capacity, Database};
use globecart_network::{FlowLogs, Nat, Network};
use globecart_secrets::{Credentials, Schedule, Strategy};
use globecart_storage::{Directory, Storage, Throughput};
use ipnet::Ipv4Net;
use serde::Deserialize;

#[cfg(test)]
mod tests;

/// The access point of the shop's media.
pub(crate) const MEDIA: &str = "media";

/// The settings. `region` is read by the command line itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Config {
    /// What the platform is for. Default: production.
    pub(crate) environment: Environment,
    /// Tags on everything that takes tags. Default: none but GlobeCart's own.
    pub(crate) tags: BTreeMap<String, String>,
    /// Who hears of alarms.
    pub(crate) alerts: AlertSettings,
    /// The network.
    pub(crate) network: NetworkSettings,
    /// The shared files.
    pub(crate) storage: StorageSettings,
    /// The cache.
    pub(crate) cache: CacheSettings,
    /// The database.
    pub(crate) database: DatabaseSettings,
    /// The credentials of the database's application user.
    pub(crate) secrets: SecretSettings,
}

/// Who hears of alarms.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct AlertSettings {
    /// E-mail addresses; each must confirm once. Default: nobody.
    pub(crate) emails: Vec<String>,
}

/// The network.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct NetworkSettings {
    /// The VPC's IPv4 range. Default: 10.0.0.0/16.
    cidr: Ipv4Net,
    /// How many availability zones. Default: 3.
    zones: u8,
    /// Which zones, by id, in place of a number. Default: the first ones of the region.
    zone_ids: Vec<String>,
    /// The prefix length of public subnets. Default: 24.
    public_prefix: u8,
    /// The prefix length of private subnets. Default: 20.
    private_prefix: u8,
    /// The prefix length of data subnets. Default: 23.
    data_prefix: u8,
    /// The NAT gateways. Default: one a zone in production, a single one in development.
    nat: Option<Nat>,
    /// Services with gateway endpoints, which are free. Default: S3.
    gateway_endpoints: Vec<GatewayEndpoint>,
    /// Services with interface endpoints, which cost by the hour and zone. Default: none.
    interface_endpoints: Vec<InterfaceEndpoint>,
    /// For how many days the record of all traffic is kept. Default: 365, as PCI DSS 10.5.1 asks.
    flow_log_days: u16,
}

/// The cache.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct CacheSettings {
    /// The version of Valkey that it runs in place of Redis OSS 7.1. Default: none.
    valkey: Option<ValkeyVersion>,
    /// What it holds: what can be had again, or sessions that only it has. Default: `cache`.
    purpose: Purpose,
    /// How many shards. Default: 3; 1 in development.
    shards: Option<u16>,
    /// How many replicas each shard has. Default: 1; none in development.
    replicas: Option<u8>,
    /// The size of every node. Default: `cache.t4g.small`; `cache.t4g.micro` in development.
    node_type: Option<NodeType>,
    /// For how many days automatic snapshots are kept. Default: 5; 1 in development.
    snapshot_retention_days: Option<u8>,
    /// The snapshot that its first data comes from. Default: none.
    restore_from: Option<String>,
}

/// The database. What is not said follows the environment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct DatabaseSettings {
    /// The version of PostgreSQL, as in `17` or `17.7`. Default: 17.
    engine_version: String,
    /// The first database. Default: globecart.
    name: String,
    /// The least capacity of an instance, in units; 0 lets it pause. Default: 0.5, in development 0.
    min_capacity: Option<Acu>,
    /// The most capacity of an instance, in units. Default: 16, in development 4.
    max_capacity: Option<Acu>,
    /// After how many idle seconds an instance with a least capacity of 0 pauses. Default: 300.
    pause_after_secs: u32,
    /// How many instances besides the writer. Default: 1, in development 0.
    readers: Option<u8>,
    /// For how many days backups are kept. Default: 35, in development 7.
    backup_retention_days: Option<u8>,
    /// For how many days logs are kept. Default: 365, as PCI DSS 10.5.1 asks.
    log_retention_days: u16,
    /// Whether AWS refuses to delete it. Default: in production.
    deletion_protection: Option<bool>,
    /// Whether the topic of the alarms hears of RDS's own events, too. Default: yes.
    events: bool,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            engine_version: "17".to_owned(),
            name: "globecart".to_owned(),
            min_capacity: None,
            max_capacity: None,
            pause_after_secs: 300,
            readers: None,
            backup_retention_days: None,
            log_retention_days: 365,
            deletion_protection: None,
            events: true,
        }
    }
}

impl DatabaseSettings {
    /// The capacity, if the settings say something of it.
    fn capacity(&self, environment: Environment) -> Option<Capacity> {
        if self.min_capacity.is_none() && self.max_capacity.is_none() {
            return None;
        }
        let (least, most) = match environment {
            Environment::Production => (Acu::HALF, Acu::whole(16)),
            Environment::Development => (Acu::ZERO, Acu::whole(4)),
        };
        let min = self.min_capacity.unwrap_or(least);
        let capacity = Capacity::between(min, self.max_capacity.unwrap_or(most));
        Some(match min {
            Acu::ZERO => capacity.pause_after_secs(self.pause_after_secs),
            _ => capacity,
        })
    }
}

/// The credentials of the database's application user.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct SecretSettings {
    /// The user. Default: app.
    username: String,
    /// Every how many days they are rotated, besides once at the beginning. Default: 30.
    rotation_days: u16,
    /// Whose password is changed. Default: that of two users in turn.
    strategy: StrategySetting,
    /// For how many days the secret can be restored after a destroy. Default: 30, in development not at all.
    recovery_window_days: Option<u8>,
    /// The package of the rotation function. Default: the one that `cargo xtask lambda` makes.
    package: Option<PathBuf>,
}

/// Whose password a rotation changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StrategySetting {
    AlternatingUsers,
    SingleUser,
}

impl Default for SecretSettings {
    fn default() -> Self {
        Self {
            username: "app".to_owned(),
            rotation_days: 30,
            strategy: StrategySetting::AlternatingUsers,
            recovery_window_days: None,
            package: None,
        }
    }
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            cidr: Ipv4Net::new_assert([10, 0, 0, 0].into(), 16),
            zones: 3,
            zone_ids: Vec::new(),
            public_prefix: 24,
            private_prefix: 20,
            data_prefix: 23,
            nat: None,
            gateway_endpoints: vec![GatewayEndpoint::S3],
            interface_endpoints: Vec::new(),
            flow_log_days: 365,
        }
    }
}

/// The shared files.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct StorageSettings {
    /// The directory with the media of the shop. Default: /media.
    path: String,
    /// The POSIX user id that owns it. Default: 1000.
    uid: u32,
    /// The POSIX group id that owns it. Default: 1000.
    gid: u32,
    /// How the throughput is decided. Default: elastic.
    throughput: Throughput,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self { path: "/media".to_owned(), uid: 1000, gid: 1000, throughput: Throughput::Elastic }
    }
}

impl Config {
    pub(crate) fn alerts(&self) -> Alerts<'_> {
        Alerts::builder().emails(&self.alerts.emails).build()
    }

    pub(crate) fn network(&self, alerts: &AlertsOutputs) -> Network {
        let network = &self.network;
        let nat = network.nat.unwrap_or(match self.environment {
            Environment::Production => Nat::PerZone,
            Environment::Development => Nat::Single,
        });
        Network::builder()
            .environment(self.environment)
            .cidr(network.cidr)
            .zones(network.zones)
            .zone_ids(&network.zone_ids)
            .public_prefix(network.public_prefix)
            .private_prefix(network.private_prefix)
            .data_prefix(network.data_prefix)
            .nat(nat)
            .gateway_endpoints(network.gateway_endpoints.clone())
            .interface_endpoints(network.interface_endpoints.clone())
            .flow_logs(FlowLogs::Kept { days: network.flow_log_days })
            .alerts(alerts)
            .build()
    }

    pub(crate) fn storage<'a>(
        &self,
        network: &'a NetworkOutputs,
        alerts: &AlertsOutputs,
    ) -> Storage<'a> {
        let storage = &self.storage;
        let media = Directory::builder()
            .name(MEDIA)
            .path(&storage.path)
            .uid(storage.uid)
            .gid(storage.gid)
            .build();
        Storage::builder()
            .network(network)
            .environment(self.environment)
            .directories([media])
            .throughput(storage.throughput)
            .alerts(alerts)
            .build()
    }

    pub(crate) fn cache<'a>(
        &self,
        network: &'a NetworkOutputs,
        alerts: &AlertsOutputs,
    ) -> Cache<'a> {
        let cache = &self.cache;
        Cache::builder()
            .network(network)
            .environment(self.environment)
            .engine(cache.valkey.map_or(Engine::Redis, Engine::Valkey))
            .purpose(cache.purpose)
            .shards_opt(cache.shards)
            .replicas_opt(cache.replicas)
            .node_type_opt(cache.node_type.clone())
            .snapshot_retention_days_opt(cache.snapshot_retention_days)
            .restore_from_opt(cache.restore_from.clone())
            .alerts(alerts)
            .build()
    }

    pub(crate) fn database<'a>(
        &'a self,
        network: &'a NetworkOutputs,
        alerts: &AlertsOutputs,
    ) -> Database<'a> {
        let database = &self.database;
        Database::builder()
            .network(network)
            .environment(self.environment)
            .engine_version(&database.engine_version)
            .name(&database.name)
            .capacity_opt(database.capacity(self.environment))
            .readers_opt(database.readers)
            .backup_retention_days_opt(database.backup_retention_days)
            .deletion_protection_opt(database.deletion_protection)
            .log_retention_days(database.log_retention_days)
            .alerts(alerts.route())
            .events_opt(database.events.then(|| (&alerts.topic.arn).into()))
            .build()
    }

    pub(crate) fn secrets<'a>(
        &self,
        network: &'a NetworkOutputs,
        alerts: &AlertsOutputs,
    ) -> Credentials<'a> {
        let secrets = &self.secrets;
        let strategy = match secrets.strategy {
            StrategySetting::AlternatingUsers => Strategy::AlternatingUsers,
            StrategySetting::SingleUser => Strategy::SingleUser,
        };
        Credentials::builder()
            .network(network)
            .environment(self.environment)
            .username(&secrets.username)
            .schedule(Schedule::Days(secrets.rotation_days))
            .strategy(strategy)
            .recovery_window_days_opt(secrets.recovery_window_days)
            .package_opt(secrets.package.clone())
            .alerts(alerts.route())
            .build()
    }
}
