//! The cache on the embedded AWS: up, change, failover, destroy, and what outlives it.

use std::collections::BTreeMap;
use std::time::Duration;

use globecart_aws::engine::Invalid;
use globecart_aws::engine::plan::{Action, Plan};
use globecart_aws::{Environment, Stack, Waived, kept};
use globecart_cache::{Cache, Engine, MultiAz, NodeType, Transit, ValkeyVersion};
use globecart_network::{FlowLogs, Nat, Network};
use serde_json::Value;

use crate::world::World;

/// What differs from the default cache.
#[derive(Clone)]
struct Asked {
    environment: Environment,
    engine: Engine,
    shards: u16,
    replicas: u8,
    node_type: &'static str,
    transit: Transit,
    days: u8,
    restore_from: Option<String>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            environment: Environment::Production,
            engine: Engine::Redis,
            shards: 3,
            replicas: 1,
            node_type: "cache.t4g.small",
            transit: Transit::Required,
            days: 5,
            restore_from: None,
        }
    }
}

impl Asked {
    /// A closed network and a cache in it.
    fn define(self) -> impl Fn(&mut Stack) -> Result<(), Invalid> + Send + Sync {
        move |stack| {
            let network = Network::builder()
                .nat(Nat::None)
                .flow_logs(FlowLogs::Off(Waived::because("a test")))
                .build();
            let network = stack.component("network", network)?;
            let node_type: NodeType = self.node_type.parse()?;
            let cache = Cache::builder()
                .network(&network)
                .environment(self.environment)
                .engine(self.engine)
                .shards(self.shards)
                .replicas(self.replicas)
                .multi_az(if self.replicas == 0 {
                    MultiAz::Off(Waived::because("a test"))
                } else {
                    MultiAz::On
                })
                .node_type(node_type)
                .transit(self.transit.clone())
                .snapshot_retention_days(self.days)
                .restore_from_opt(self.restore_from.clone())
                .build();
            let cache = stack.component("cache", cache)?;
            stack.export("redis_configuration_endpoint", &cache.configuration_endpoint)
        }
    }
}

/// Brings it up, and expects that nothing is left to do.
async fn up(world: &World, asked: Asked) {
    let define = asked.define();
    world.up_well(&define).await;
    let left = changes(&world.plan(&define).await.unwrap());
    assert!(left.is_empty(), "{left:#?}");
}

fn changes(plan: &Plan) -> Vec<String> {
    let changes = plan.steps.iter().filter(|step| step.action != Action::Keep);
    changes.map(|step| format!("{:?} {}", step.action, step.address)).collect()
}

/// The row of the one replication group.
fn group(world: &World) -> Value {
    let rows = world.cloud.rows().into_iter();
    let mut groups = rows.filter(|row| row.table == "elasticache.replication_group");
    let group = groups.next().expect("there is one");
    assert!(groups.next().is_none(), "there are two");
    group.value
}

fn count(world: &World, table: &str) -> usize {
    world.inventory().get(table).copied().unwrap_or(0)
}

/// A word of the API.
fn word<T: AsRef<str>>(value: Option<&T>) -> Option<&str> {
    value.map(AsRef::as_ref)
}

async fn endpoint(world: &World) -> Value {
    let define = Asked::default().define();
    world.state(&define).await.outputs()["redis_configuration_endpoint"].clone()
}

#[tokio::test(start_paused = true)]
async fn it_comes_up_grows_and_shrinks_while_it_runs_and_goes() {
    let world = World::new().await;
    let before = world.inventory();
    up(&world, Asked::default()).await;
    let (at, alarms) = (endpoint(&world).await, count(&world, "cloudwatch.alarm"));
    assert_eq!((count(&world, "elasticache.cache_cluster"), alarms), (6, 36));

    let larger = Asked { shards: 4, replicas: 2, node_type: "cache.r7g.large", ..Asked::default() };
    let plan = world.plan(&larger.clone().define()).await.unwrap();
    let step = plan.steps.iter().find(|step| step.address.as_str() == "cache/group").unwrap();
    assert_eq!(step.action, Action::Update);
    assert_eq!(step.steps.len(), 3, "{:?}", step.steps);
    up(&world, larger).await;
    assert_eq!(count(&world, "elasticache.cache_cluster"), 12);
    assert_eq!(count(&world, "cloudwatch.alarm"), 72, "alarms follow the nodes");

    up(&world, Asked::default()).await;
    assert_eq!(count(&world, "elasticache.cache_cluster"), 6);
    assert_eq!(count(&world, "cloudwatch.alarm"), 36);
    assert_eq!(endpoint(&world).await, at, "clients find it where it was");

    world.destroy(&Asked::default().define()).await;
    let left = world.left_since(&before);
    let kept = BTreeMap::from([("elasticache.snapshot".to_owned(), 1), ("kms.key".to_owned(), 1)]);
    assert_eq!(left, kept, "the last snapshot and the key that it needs");

    let kept = kept::find(&world.aws, "test").await.unwrap();
    assert_eq!(kept.len(), 2, "{kept:#?}");
    let removed = kept::remove(&world.aws, "test", &kept, |_| {}).await;
    assert!(removed.failed.is_empty(), "{:#?}", removed.failed);
    assert_eq!(world.left_since(&before), BTreeMap::new());
}

/// Security Hub's ElastiCache.1 to ElastiCache.7, on what is described.
#[tokio::test(start_paused = true)]
async fn what_is_described_passes_the_controls() {
    let world = World::new().await;
    up(&world, Asked::default()).await;
    let groups = world.aws.elasticache().describe_replication_groups().send().await.unwrap();
    let group = &groups.replication_groups()[0];
    assert!(group.snapshot_retention_limit() >= Some(1));
    assert_eq!(group.auto_minor_version_upgrade(), Some(true));
    assert_eq!(word(group.automatic_failover()), Some("enabled"));
    assert_eq!(word(group.multi_az()), Some("enabled"));
    assert_eq!(group.at_rest_encryption_enabled(), Some(true));
    assert!(group.kms_key_id().is_some());
    assert_eq!(group.transit_encryption_enabled(), Some(true));
    assert_eq!(word(group.transit_encryption_mode()), Some("required"));
    assert_eq!(group.auth_token_enabled(), Some(false));
    let logs = group.log_delivery_configurations();
    assert!(logs.len() == 2 && logs.iter().all(|log| word(log.status()) == Some("active")));
    let nodes = world.aws.elasticache().describe_cache_clusters().send().await.unwrap();
    for node in nodes.cache_clusters() {
        assert_eq!(node.auto_minor_version_upgrade(), Some(true));
        assert_ne!(node.cache_subnet_group_name(), Some("default"));
        assert_eq!(node.engine_version(), Some("7.1.0"));
    }
    let users = world.aws.elasticache().describe_users().send().await.unwrap();
    let of_group = |id: &str| users.users().iter().find(|user| user.user_id() == Some(id)).unwrap();
    let user_groups = world.aws.elasticache().describe_user_groups().send().await.unwrap();
    assert_eq!(group.user_group_ids(), [user_groups.user_groups()[0].user_group_id().unwrap()]);
    for id in user_groups.user_groups()[0].user_ids() {
        let user = of_group(id);
        let kind = word(user.authentication().and_then(|mode| mode.r#type()));
        let access = user.access_string().unwrap_or_default();
        let closed = user.user_name() == Some("default") && access.starts_with("off");
        assert!(closed || kind == Some("iam"), "{user:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_cache_is_closed_in_two_steps_and_then_has_users() {
    let world = World::new().await;
    let open =
        Asked { transit: Transit::Off(Waived::because("an old client")), ..Asked::default() };
    up(&world, open).await;
    let at = endpoint(&world).await;
    world.calls();
    up(&world, Asked::default()).await;
    assert_eq!(group(&world)["TransitEncryptionMode"], "required");
    assert_eq!(group(&world)["UserGroupIds"].as_array().map(Vec::len), Some(1));
    assert_eq!(endpoint(&world).await, at);
    let modified =
        world.calls().into_iter().filter(|call| call.operation == "ModifyReplicationGroup");
    assert_eq!(modified.count(), 3, "to preferred, to required, and the users");
}

#[tokio::test(start_paused = true)]
async fn redis_becomes_valkey_in_place() {
    let world = World::new().await;
    up(&world, Asked::default()).await;
    let id = group(&world)["ReplicationGroupId"].clone();
    let valkey = Engine::Valkey(ValkeyVersion::V8_1);
    up(&world, Asked { engine: valkey, ..Asked::default() }).await;
    let group = group(&world);
    assert_eq!(group["ReplicationGroupId"], id);
    assert_eq!((&group["Engine"], &group["_version"]), (&"valkey".into(), &"8.1.0".into()));
    assert_eq!(count(&world, "elasticache.user"), 1, "nobody is called default");
    assert_eq!(count(&world, "elasticache.user_group"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_last_snapshot_brings_back_what_a_cache_held() {
    let world = World::new().await;
    up(&world, Asked::default()).await;
    let held = group(&world)["_data"].clone();
    world.destroy(&Asked::default().define()).await;
    let kept = kept::find(&world.aws, "test").await.unwrap();
    let snapshot = kept.iter().find(|kept| kept.what == "ElastiCache snapshot").unwrap();
    let name = snapshot.id.rsplit(':').next().map(str::to_owned);
    up(&world, Asked { restore_from: name, ..Asked::default() }).await;
    assert_eq!(group(&world)["_data"], held);
    // Once it is there, where it came from is of no interest.
    up(&world, Asked::default()).await;
    assert_eq!(group(&world)["_data"], held);
}

#[tokio::test(start_paused = true)]
async fn with_a_zone_lost_every_shard_is_served_and_nothing_is_to_do() {
    let world = World::new().await;
    up(&world, Asked::default()).await;
    let at = endpoint(&world).await;
    world.cloud.fail_zone("use1-az1").unwrap();
    world.aws.clock().sleep(Duration::from_mins(2)).await;
    let define = Asked::default().define();
    let left = changes(&world.plan(&define).await.unwrap());
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(endpoint(&world).await, at);
    let nodes = world.cloud.rows();
    for shard in group(&world)["_shards"].as_array().unwrap() {
        let serves = |row: &&globecart_local_aws::Row| {
            row.table == "elasticache.cache_cluster" && shard["primary"] == row.id.as_str()
        };
        let primary = nodes.iter().find(serves).unwrap();
        assert_ne!(primary.value["PreferredAvailabilityZone"], "us-east-1a");
    }
}

/// What each of these plans would lose, which is refused without `--confirm-data-loss`.
#[tokio::test(start_paused = true)]
async fn what_can_lose_data_says_so() {
    let world = World::new().await;
    up(&world, Asked::default()).await;
    let losses = |plan: &Plan| -> Vec<String> {
        let steps = plan.steps.iter().filter(|step| step.kind == "elasticache:ReplicationGroup");
        steps.filter_map(|step| step.loss.clone()).collect()
    };
    let never = Asked { environment: Environment::Development, days: 0, ..Asked::default() };
    let plan = world.plan(&never.define()).await.unwrap();
    assert_eq!(losses(&plan), ["the automatic snapshots of the last 5 days"]);
    let gone = |_: &mut Stack| Ok(());
    let plan = world.plan(&gone).await;
    assert!(plan.is_err(), "without the type nobody can delete it");
    let gone = |stack: &mut Stack| {
        stack.knows(globecart_cache::kinds());
        stack.knows(globecart_network::kinds());
        stack.knows(globecart_aws::kinds());
        Ok(())
    };
    let plan = world.plan(&gone).await.unwrap();
    assert_eq!(losses(&plan), ["what the cache holds; a last snapshot of it is taken and kept"]);
}
