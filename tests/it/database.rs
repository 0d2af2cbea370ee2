//! The database on paused time: up, changes that roll, failures, a zone that is lost, and what a destroy leaves.

use std::collections::BTreeMap;
use std::time::Duration;

use globecart_aws::engine::Invalid;
use globecart_aws::engine::plan::Action;
use globecart_aws::network::NetworkOutputs;
use globecart_aws::{Alerts, EncryptionKey, Environment, Stack, Waived};
use globecart_database::{
    Acu, Capacity, Database, EVENTS, LogExport, Parameter, Source, event_subscriptions,
};
use globecart_local_aws::CallRecord;
use globecart_network::{Nat, Network};
use serde_json::{Value, json};

use crate::world::World;

type Make = for<'n> fn(&'n NetworkOutputs) -> Database<'n>;

/// A network and, as `db`, a database in it.
fn with(make: Make) -> impl Fn(&mut Stack) -> Result<(), Invalid> + Send + Sync {
    move |stack| {
        let network = stack.component("network", Network::builder().nat(Nat::None).build())?;
        let database = stack.component("db", make(&network))?;
        stack.export("writer", &database.writer_endpoint)?;
        stack.export("reader", &database.reader_endpoint)?;
        stack.export("secret", &database.master_secret)
    }
}

fn production(network: &NetworkOutputs) -> Database<'_> {
    Database::builder().network(network).build()
}

fn larger(network: &NetworkOutputs) -> Database<'_> {
    Database::builder().network(network).instance_class("db.r8g.large").build()
}

fn wider(network: &NetworkOutputs) -> Database<'_> {
    Database::builder().network(network).readers(2).build()
}

fn development(network: &NetworkOutputs) -> Database<'_> {
    Database::builder().network(network).environment(Environment::Development).build()
}

impl World {
    /// The rows of a table of the cloud.
    fn table(&self, table: &str) -> Vec<Value> {
        self.cloud
            .rows()
            .into_iter()
            .filter(|row| row.table == table)
            .map(|row| row.value)
            .collect()
    }

    /// Lets simulated seconds pass.
    async fn pass(&self, seconds: u64) {
        self.aws.clock().sleep(Duration::from_secs(seconds)).await;
    }

    async fn writer(&self) -> String {
        let clusters = self.aws.rds().describe_db_clusters().send().await.unwrap();
        let members = clusters.db_clusters()[0].db_cluster_members().to_vec();
        let mut writers = members.into_iter().filter(|one| one.is_cluster_writer() == Some(true));
        writers.next().and_then(|one| one.db_instance_identifier).unwrap()
    }
}

fn operations(calls: &[CallRecord], service: &str) -> Vec<String> {
    let ours = calls.iter().filter(|call| call.service == service && call.is_mutating());
    ours.map(|call| call.operation.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn it_comes_up_stays_and_goes_leaving_what_it_says() {
    let world = World::new().await;
    let before = world.inventory();
    let define = with(production);
    world.up_well(&define).await;
    assert!(world.plan(&define).await.unwrap().is_empty());
    let database = &world.table("rds.db_cluster")[0];
    assert_eq!(database["DeletionProtection"], true);
    assert_eq!(world.table("rds.db_instance").len(), 2);
    world.destroy(&define).await;
    let left = world.left_since(&before);
    let tables = ["kms.key", "rds.db_cluster_automated_backup", "rds.db_cluster_snapshot"];
    assert_eq!(left, BTreeMap::from(tables.map(|table| (table.to_owned(), 1))));
    assert_eq!(world.table("rds.db_cluster_snapshot")[0]["Status"], "available");
    // A new life beside what the old one left.
    world.up_well(&define).await;
    world.destroy(&define).await;
    assert_eq!(world.table("rds.db_cluster_snapshot").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn in_development_nothing_is_left() {
    let world = World::new().await;
    let before = world.inventory();
    let define = with(development);
    world.up_well(&define).await;
    assert!(world.plan(&define).await.unwrap().is_empty());
    world.destroy(&define).await;
    assert_eq!(world.left_since(&before), BTreeMap::new());
}

/// The readers first; then a reader takes over, and the former writer is changed last.
#[tokio::test(start_paused = true)]
async fn a_change_of_class_rolls_by_live_role() {
    let world = World::new().await;
    world.up_well(&with(production)).await;
    let writer = world.writer().await;
    world.calls();
    world.up_well(&with(larger)).await;
    let calls = world.calls();
    let rds: Vec<&CallRecord> =
        calls.iter().filter(|call| call.service == "rds" && call.is_mutating()).collect();
    let names: Vec<&str> = rds.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(names, ["ModifyDBInstance", "FailoverDBCluster", "ModifyDBInstance"]);
    assert!(rds[2].ids.contains(&writer), "the former writer is last: {:?}", rds[2].ids);
    assert_ne!(world.writer().await, writer);
    let ready = rds[0].transitions[0].seconds + rds[0].effect.unwrap();
    assert!(rds[1].started >= ready, "the failover waits for the reader");
    assert!(world.plan(&with(larger)).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn readers_come_and_go_beside_the_writer() {
    let world = World::new().await;
    world.up_well(&with(production)).await;
    let report = world.up_well(&with(wider)).await;
    assert_eq!(report.replaced, 0);
    assert_eq!(world.table("rds.db_instance").len(), 3);
    let alone: Make = |network| {
        let database = Database::builder().network(network).readers(0);
        database.without_reader(Waived::because("a test")).build()
    };
    world.up_well(&with(alone)).await;
    assert_eq!(world.table("rds.db_instance").len(), 1);
    world.destroy(&with(alone)).await;
    assert_eq!(world.table("rds.db_cluster").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn with_a_zone_lost_the_rest_serves_and_nothing_is_to_be_done() {
    let world = World::new().await;
    let define = with(wider);
    world.up_well(&define).await;
    let endpoint = world.table("rds.db_cluster")[0]["Endpoint"].clone();
    let writer = world.writer().await;
    let instances = world.table("rds.db_instance");
    let zone = instances.iter().find(|row| row["DBInstanceIdentifier"] == writer.as_str()).unwrap();
    let letter = zone["AvailabilityZone"].as_str().unwrap().chars().last().unwrap();
    let number = u32::from(letter) - u32::from('a') + 1;
    world.cloud.fail_zone(&format!("use1-az{number}")).unwrap();
    world.pass(60).await;
    assert_ne!(world.writer().await, writer);
    assert_eq!(world.table("rds.db_cluster")[0]["Endpoint"], endpoint);
    assert!(world.plan(&define).await.unwrap().is_empty());
}

/// Leaving a minimum of 0: the time after which the cluster pauses is not sent with it, or RDS would refuse.
#[tokio::test(start_paused = true)]
async fn a_cluster_that_paused_no_longer_does() {
    let world = World::new().await;
    let paused: Make = |network| {
        let capacity = Capacity::pausing(Acu::whole(4)).pause_after_secs(600);
        Database::builder().network(network).capacity(capacity).build()
    };
    let awake: Make = |network| {
        let capacity = Capacity::between(Acu::whole(1), Acu::whole(4));
        Database::builder().network(network).capacity(capacity).build()
    };
    world.up_well(&with(paused)).await;
    world.up_well(&with(awake)).await;
    let capacity = &world.table("rds.db_cluster")[0]["ServerlessV2ScalingConfiguration"];
    assert_eq!(*capacity, json!({"MinCapacity": 1.0, "MaxCapacity": 4.0}));
    assert!(world.plan(&with(awake)).await.unwrap().is_empty());
}

/// RDS was quicker: somebody switched the export on by hand, and RDS made the group without retention and key.
#[tokio::test(start_paused = true)]
async fn a_log_group_that_rds_made_first_is_taken_over() {
    let world = World::new().await;
    let one: Make =
        |network| Database::builder().network(network).log_exports([LogExport::Postgresql]).build();
    world.up_well(&with(one)).await;
    let id = world.table("rds.db_cluster")[0]["DBClusterIdentifier"].as_str().unwrap().to_owned();
    let exports = aws_sdk_rds::types::CloudwatchLogsExportConfiguration::builder();
    let exports = exports.enable_log_types("instance").build();
    let call = world.aws.rds().modify_db_cluster().db_cluster_identifier(&id);
    call.cloudwatch_logs_export_configuration(exports).send().await.unwrap();
    world.pass(60).await;
    let name = format!("/aws/rds/cluster/{id}/instance");
    let group = || {
        let groups = world.table("logs.log_group");
        groups.into_iter().find(|row| row["logGroupName"] == name.as_str()).unwrap()
    };
    assert_eq!(group()["retentionInDays"], Value::Null);
    world.up_well(&with(production)).await;
    assert_eq!(group()["retentionInDays"], 365);
    assert!(group()["kmsKeyId"].is_string());
    assert!(world.plan(&with(production)).await.unwrap().is_empty());
}

/// What is restored is usable like any other: with a managed password, and as declared.
#[tokio::test(start_paused = true)]
async fn a_final_snapshot_is_restored_after_its_cluster() {
    let world = World::new().await;
    world.up_well(&with(production)).await;
    world.destroy(&with(production)).await;
    let snapshot = world.table("rds.db_cluster_snapshot")[0]["DBClusterSnapshotIdentifier"].clone();
    let snapshot = snapshot.as_str().unwrap().to_owned();
    let restored = move |stack: &mut Stack| {
        let network = stack.component("network", Network::builder().nat(Nat::None).build())?;
        let source = Source::Snapshot(snapshot.clone());
        let database = Database::builder().network(&network).source(source).build();
        let database = stack.component("again", database)?;
        stack.export("secret", &database.master_secret)
    };
    world.up_well(&restored).await;
    let cluster = &world.table("rds.db_cluster")[0];
    assert_eq!(
        (&cluster["DatabaseName"], &cluster["MasterUsername"]),
        (&json!("app"), &json!("dbowner"))
    );
    assert!(cluster["MasterUserSecret"]["SecretArn"].is_string());
    assert!(world.plan(&restored).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_major_upgrade_brings_its_parameters_in_place() {
    let world = World::new().await;
    let old: Make = |network| Database::builder().network(network).engine_version("16").build();
    world.up_well(&with(old)).await;
    let cluster = || world.table("rds.db_cluster").remove(0);
    let resource = cluster()["DbClusterResourceId"].clone();
    world.up_well(&with(production)).await;
    let upgraded = cluster();
    assert_eq!(upgraded["DbClusterResourceId"], resource, "the cluster is the same");
    assert_eq!(upgraded["EngineVersion"], "17.7");
    assert!(world.plan(&with(production)).await.unwrap().is_empty());
    let families = ["rds.db_parameter_group", "rds.db_cluster_parameter_group"].map(|table| {
        let own = |row: &Value| !row.to_string().contains("\"default.");
        let rows = world.table(table).into_iter().filter(own);
        rows.map(|row| row["DBParameterGroupFamily"].clone()).collect::<Vec<_>>()
    });
    assert_eq!(families, [[json!("aurora-postgresql17")], [json!("aurora-postgresql17")]]);
}

/// A minor version that AWS installed is AWS's.
#[tokio::test(start_paused = true)]
async fn a_minor_version_that_aws_installed_is_no_change() {
    let world = World::new().await;
    let exact: Make = |network| Database::builder().network(network).engine_version("17.4").build();
    world.up_well(&with(exact)).await;
    let id = world.table("rds.db_cluster")[0]["DBClusterIdentifier"].as_str().unwrap().to_owned();
    let call = world.aws.rds().modify_db_cluster().db_cluster_identifier(id);
    call.engine_version("17.7").apply_immediately(true).send().await.unwrap();
    world.pass(700).await;
    assert!(world.plan(&with(exact)).await.unwrap().is_empty());
}

/// What would lose data says so in the plan, and what would be lost.
#[tokio::test(start_paused = true)]
async fn whatever_loses_data_says_so() {
    let world = World::new().await;
    world.up_well(&with(production)).await;
    let losing: [(&str, Make); 4] = [
        ("another key", |network| {
            let waived = Waived::because("a test");
            let key = EncryptionKey::AwsManaged(waived);
            Database::builder().network(network).encryption_key(key).build()
        }),
        ("another port", |network| Database::builder().network(network).port(6432).build()),
        ("another master user", |network| {
            Database::builder().network(network).master_username("somebody").build()
        }),
        ("another database", |network| Database::builder().network(network).name("other").build()),
    ];
    for (what, make) in losing {
        let plan = world.plan(&with(make)).await.unwrap();
        let cluster = plan.steps.iter().find(|step| step.address.as_str() == "db/cluster").unwrap();
        assert!(matches!(cluster.action, Action::Replace(_)), "{what}: {:?}", cluster.action);
        let loss = cluster.loss.as_deref().unwrap_or_default();
        assert!(loss.contains("the database"), "{what}: {loss}");
        let instance = plan.steps.iter().find(|step| step.address.as_str() == "db/instance-1");
        assert!(matches!(instance.unwrap().action, Action::Replace(_)), "{what}");
    }
    let harmless: [Make; 3] = [wider, larger, |network| {
        let parameters = [("log_connections".to_owned(), Parameter::at_once("0"))].into();
        Database::builder().network(network).parameters(parameters).build()
    }];
    for make in harmless {
        let plan = world.plan(&with(make)).await.unwrap();
        assert!(plan.steps.iter().all(|step| step.loss.is_none()), "{:#?}", plan.steps);
    }
}

/// The controls of PCI DSS and AWS Security Hub that are about databases, on what is described back.
#[tokio::test(start_paused = true)]
async fn what_is_described_back_passes_the_controls() {
    let world = World::new().await;
    let define = |stack: &mut Stack| {
        let alerts = stack.component("alerts", Alerts::builder().build())?;
        let events = event_subscriptions(stack.place());
        alerts.admit(stack, EVENTS, events)?;
        let network = stack.component("network", Network::builder().nat(Nat::None).build())?;
        let database = Database::builder()
            .network(&network)
            .alerts(alerts.route())
            .events(&alerts.topic.arn)
            .build();
        stack.component("db", database)?;
        Ok(())
    };
    world.up_well(&define).await;
    let rds = world.aws.rds();
    let clusters = rds.describe_db_clusters().send().await.unwrap();
    let cluster = &clusters.db_clusters()[0];
    assert_eq!(cluster.multi_az(), Some(true), "RDS.5, RDS.15");
    assert_eq!(cluster.deletion_protection(), Some(true), "RDS.7");
    assert_eq!(cluster.iam_database_authentication_enabled(), Some(true), "RDS.12");
    assert_eq!(cluster.copy_tags_to_snapshot(), Some(true), "RDS.16");
    assert_eq!(cluster.storage_encrypted(), Some(true), "RDS.27");
    assert_eq!(cluster.auto_minor_version_upgrade(), Some(true), "RDS.35");
    assert!(cluster.backup_retention_period() >= Some(7), "RDS.11, RDS.50");
    assert!(!["admin", "postgres"].contains(&cluster.master_username().unwrap()), "RDS.24");
    let exports = cluster.enabled_cloudwatch_logs_exports();
    assert!(exports.contains(&"postgresql".to_owned()), "RDS.37");
    let instances = rds.describe_db_instances().send().await.unwrap();
    for instance in instances.db_instances() {
        assert_eq!(instance.publicly_accessible(), Some(false), "RDS.2");
        assert_eq!(instance.storage_encrypted(), Some(true), "RDS.3");
        assert!(instance.monitoring_interval() > Some(0), "RDS.6");
        assert!(instance.enhanced_monitoring_resource_arn().is_some(), "RDS.6");
        assert_eq!(instance.iam_database_authentication_enabled(), Some(true), "RDS.10");
        assert_eq!(instance.auto_minor_version_upgrade(), Some(true), "RDS.13");
        assert!(!["admin", "postgres"].contains(&instance.master_username().unwrap()), "RDS.25");
    }
    let subscriptions = rds.describe_event_subscriptions().send().await.unwrap();
    for (source, categories) in [
        ("db-cluster", &["maintenance", "failure"][..]),
        ("db-instance", &["maintenance", "configuration change", "failure"]),
        ("db-parameter-group", &["configuration change"]),
        ("db-security-group", &["configuration change", "failure"]),
    ] {
        let found = subscriptions
            .event_subscriptions_list()
            .iter()
            .find(|one| one.source_type() == Some(source))
            .unwrap_or_else(|| panic!("RDS.19 to RDS.22: {source}"));
        assert_eq!((found.enabled(), found.status()), (Some(true), Some("active")));
        let told = found.event_categories_list();
        assert!(categories.iter().all(|name| told.iter().any(|told| told == name)), "{told:?}");
    }
    let group = cluster.db_cluster_parameter_group().unwrap();
    let call = rds.describe_db_cluster_parameters().db_cluster_parameter_group_name(group);
    let parameters = call.source("user").send().await.unwrap();
    let ssl =
        parameters.parameters().iter().find(|one| one.parameter_name() == Some("rds.force_ssl"));
    assert_eq!(ssl.and_then(|one| one.parameter_value()), Some("1"), "RDS.38");
    for group in world.table("logs.log_group") {
        let ours = group["logGroupName"].as_str().unwrap().starts_with("/aws/rds/cluster/");
        assert!(!ours || group["kmsKeyId"].is_string() && group["retentionInDays"] == 365);
    }
}

/// From the first mutating call to the last ready, a run takes what its longest chain takes and hardly more.
#[tokio::test(start_paused = true)]
async fn a_run_takes_its_critical_path_up_and_down() {
    let world = World::new().await;
    let define = with(production);
    world.calls();
    let started = world.cloud.now();
    world.up_well(&define).await;
    let took = world.cloud.now() - started;
    // The key and the groups, the cluster (45 s), its instances (381 s).
    println!("up: {took:.1} s");
    assert!(took <= (45.0 + 381.0 + 5.0) * 1.02 + 2.0, "took {took:.1} s");
    let names = operations(&world.calls(), "rds");
    assert_eq!(names.iter().filter(|name| *name == "CreateDBInstance").count(), 2);
    let started = world.cloud.now();
    world.destroy(&define).await;
    let took = world.cloud.now() - started;
    // Instances (480 s), log groups twice, the cluster (63 s), its network.
    println!("down: {took:.1} s");
    assert!(took <= (480.0 + 12.0 + 63.0 + 10.0) * 1.02 + 2.0, "took {took:.1} s");
}
