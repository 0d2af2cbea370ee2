//! What a database declares, in its main variants, and what it refuses.

use std::collections::BTreeMap;

use globecart_aws::engine::plan::{Plan, Scope, plan};
use globecart_aws::engine::{Clock, Invalid, Place, State, Zone};
use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
use globecart_aws::{
    AlertRoute, Aws, Client, EncryptionKey, Environment, KeyArn, Options, SecurityGroupId, Stack,
    SubnetId, TopicArn, VpcId, Waived, http_client,
};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use serde_json::{Value, json};

use crate::{Acu, Capacity, Database, DatabaseOutputs, Insights, Parameter, Tls};

mod arguments;

async fn connect() -> Aws {
    let options = Options {
        region: Some("eu-central-1".to_owned()),
        clock: Clock::wall(),
        http_client: Some(http_client(SdkClient::new(Cloud::in_memory(CloudOptions::default())))),
        endpoint: None,
        credentials: false,
    };
    Aws::connect(options).await.unwrap()
}

fn zone(number: usize) -> Zone {
    let letter = ["a", "b", "c"][number - 1];
    Zone { name: format!("eu-central-1{letter}"), id: format!("euc1-az{number}") }
}

fn stack() -> Stack {
    let place = Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        zones: (1..=3).map(zone).collect(),
    };
    Stack::new("shop", place).unwrap()
}

/// A VPC that is there already, with data subnets in so many zones.
fn network(zones: usize) -> NetworkOutputs {
    let subnet = |number: usize| {
        let cidr = format!("10.0.{number}.0/24").parse().unwrap();
        let id = SubnetId::new(format!("subnet-{number}"));
        NetworkSubnet::new(Tier::Data, zone(number), cidr, id)
    };
    NetworkOutputs::existing()
        .vpc(VpcId::new("vpc-1"))
        .cidr("10.0.0.0/16".parse().unwrap())
        .subnets((1..=zones).map(subnet).collect())
        .egress(Egress::None)
        .build()
}

fn declared(database: Database<'_>) -> Result<(Stack, DatabaseOutputs), Invalid> {
    let mut stack = stack();
    let outputs = stack.component("db", database)?;
    stack.check()?;
    Ok((stack, outputs))
}

async fn planned(database: Database<'_>) -> Plan {
    let (stack, _) = declared(database).unwrap();
    let state = State::new("shop", stack.place(), 0);
    plan(&connect().await, &stack, &state, &Clock::wall(), &Scope::default()).await.unwrap()
}

/// The plan by type; the alarms of all instances on one line with their number.
fn listed(plan: &Plan) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in &plan.steps {
        let name = step.address.as_str().trim_start_matches("db/");
        let alarm = step.kind == "cloudwatch:MetricAlarm";
        let name = (1..=9).fold(name.to_owned(), |name, number| {
            if alarm { name.replace(&format!("instance-{number}-"), "instance-N-") } else { name }
        });
        *counts.entry(format!("{:<28}{name}", step.kind)).or_default() += 1;
    }
    let line =
        |(line, count): (String, usize)| if count > 1 { format!("{line} x{count}") } else { line };
    counts.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The lines in which two lists differ.
fn difference(before: &str, after: &str) -> String {
    let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line));
    let come = after.lines().filter(|line| !before.lines().any(|other| other == *line));
    let lines = gone.map(|line| format!("- {line}")).chain(come.map(|line| format!("+ {line}")));
    lines.collect::<Vec<_>>().join("\n")
}

/// An argument of a resource as it is declared.
fn argument(plan: &Plan, address: &str, name: &str) -> Value {
    let address = format!("db/{address}");
    let step = plan.steps.iter().find(|step| step.address.as_str() == address).unwrap();
    step.fields.iter().find(|field| field.name == name).unwrap().new.clone()
}

fn topic() -> TopicArn {
    TopicArn::new("arn:aws:sns:eu-central-1:123456789012:alerts")
}

#[tokio::test(start_paused = true)]
async fn the_default_and_what_differs_from_it() {
    let network = network(3);
    let default = planned(Database::builder().network(&network).build()).await;
    insta::assert_snapshot!(listed(&default), @"
    cloudwatch:MetricAlarm      cluster-cache
    cloudwatch:MetricAlarm      cluster-deadlocks
    cloudwatch:MetricAlarm      cluster-down
    cloudwatch:MetricAlarm      cluster-lag
    cloudwatch:MetricAlarm      cluster-volume
    cloudwatch:MetricAlarm      instance-N-capacity x2
    cloudwatch:MetricAlarm      instance-N-connections x2
    cloudwatch:MetricAlarm      instance-N-cpu x2
    cloudwatch:MetricAlarm      instance-N-load x2
    cloudwatch:MetricAlarm      instance-N-memory x2
    cloudwatch:MetricAlarm      instance-N-read-latency x2
    cloudwatch:MetricAlarm      instance-N-transaction-ids x2
    cloudwatch:MetricAlarm      instance-N-write-latency x2
    ec2:SecurityGroup           security-group
    iam:Role                    monitoring-role
    iam:RolePolicyAttachment    monitoring-role-policy
    kms:Alias                   key-alias
    kms:Key                     key
    logs:LogGroup               log-iam-db-auth-error
    logs:LogGroup               log-instance
    logs:LogGroup               log-postgresql
    rds:DbCluster               cluster
    rds:DbClusterParameterGroup cluster-parameters
    rds:DbInstance              instance-1
    rds:DbInstance              instance-2
    rds:DbParameterGroup        instance-parameters
    rds:DbSubnetGroup           subnet-group
    ");
    let development = Database::builder().network(&network).environment(Environment::Development);
    let development = planned(development.build()).await;
    insta::assert_snapshot!(difference(&listed(&default), &listed(&development)), @"
    - cloudwatch:MetricAlarm      cluster-lag
    - cloudwatch:MetricAlarm      instance-N-capacity x2
    - cloudwatch:MetricAlarm      instance-N-connections x2
    - cloudwatch:MetricAlarm      instance-N-cpu x2
    - cloudwatch:MetricAlarm      instance-N-load x2
    - cloudwatch:MetricAlarm      instance-N-memory x2
    - cloudwatch:MetricAlarm      instance-N-read-latency x2
    - cloudwatch:MetricAlarm      instance-N-transaction-ids x2
    - cloudwatch:MetricAlarm      instance-N-write-latency x2
    - iam:Role                    monitoring-role
    - iam:RolePolicyAttachment    monitoring-role-policy
    - rds:DbInstance              instance-2
    + cloudwatch:MetricAlarm      instance-N-capacity
    + cloudwatch:MetricAlarm      instance-N-connections
    + cloudwatch:MetricAlarm      instance-N-cpu
    + cloudwatch:MetricAlarm      instance-N-load
    + cloudwatch:MetricAlarm      instance-N-memory
    + cloudwatch:MetricAlarm      instance-N-read-latency
    + cloudwatch:MetricAlarm      instance-N-transaction-ids
    + cloudwatch:MetricAlarm      instance-N-write-latency
    ");
    let told =
        Database::builder().network(&network).alerts(AlertRoute::topic(topic())).events(topic());
    let told = planned(told.build()).await;
    insta::assert_snapshot!(difference(&listed(&default), &listed(&told)), @"
    + rds:EventSubscription       events-clusters
    + rds:EventSubscription       events-instances
    + rds:EventSubscription       events-parameters
    + rds:EventSubscription       events-security-groups
    ");
    let given =
        EncryptionKey::Given(KeyArn::new("arn:aws:kms:eu-central-1:123456789012:key/k").into());
    let given =
        planned(Database::builder().network(&network).encryption_key(given).readers(2).build())
            .await;
    insta::assert_snapshot!(difference(&listed(&default), &listed(&given)), @"
    - cloudwatch:MetricAlarm      instance-N-capacity x2
    - cloudwatch:MetricAlarm      instance-N-connections x2
    - cloudwatch:MetricAlarm      instance-N-cpu x2
    - cloudwatch:MetricAlarm      instance-N-load x2
    - cloudwatch:MetricAlarm      instance-N-memory x2
    - cloudwatch:MetricAlarm      instance-N-read-latency x2
    - cloudwatch:MetricAlarm      instance-N-transaction-ids x2
    - cloudwatch:MetricAlarm      instance-N-write-latency x2
    - kms:Alias                   key-alias
    - kms:Key                     key
    + cloudwatch:MetricAlarm      instance-N-capacity x3
    + cloudwatch:MetricAlarm      instance-N-connections x3
    + cloudwatch:MetricAlarm      instance-N-cpu x3
    + cloudwatch:MetricAlarm      instance-N-load x3
    + cloudwatch:MetricAlarm      instance-N-memory x3
    + cloudwatch:MetricAlarm      instance-N-read-latency x3
    + cloudwatch:MetricAlarm      instance-N-transaction-ids x3
    + cloudwatch:MetricAlarm      instance-N-write-latency x3
    + rds:DbInstance              instance-3
    ");
}

#[tokio::test(start_paused = true)]
async fn the_environments_differ_in_documented_values_alone() {
    let network = network(3);
    let names = [
        "backup_retention_days",
        "capacity",
        "deletion_protection",
        "final_snapshot",
        "keep_automated_backups",
    ];
    let mut seen = Vec::new();
    for environment in [Environment::Production, Environment::Development] {
        let database = Database::builder().network(&network).environment(environment).build();
        let plan = planned(database).await;
        seen.push(json!(names.map(|name| argument(&plan, "cluster", name))));
    }
    let production =
        json!([35, {"min": 0.5, "max": 16.0, "pause_after_secs": null}, true, true, true]);
    let development =
        json!([7, {"min": 0.0, "max": 4.0, "pause_after_secs": 300}, false, false, false]);
    assert_eq!(seen, [production, development]);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_is_secure() {
    let network = network(3);
    let plan = planned(Database::builder().network(&network).build()).await;
    let parameters = argument(&plan, "cluster-parameters", "parameters");
    assert_eq!(parameters["rds.force_ssl"], json!({"value": "1", "apply": "at_once"}));
    assert_eq!(
        parameters["shared_preload_libraries"],
        json!({"value": "pg_stat_statements,pgaudit", "apply": "at_reboot"})
    );
    let zones = ["instance-1", "instance-2"].map(|name| argument(&plan, name, "zone"));
    assert_eq!(zones, [json!("eu-central-1a"), json!("eu-central-1b")]);
    assert_eq!(argument(&plan, "cluster", "iam_authentication"), json!(true));
    assert_eq!(argument(&plan, "cluster", "extended_support"), json!(false));
    assert_eq!(argument(&plan, "key", "outlives_stack"), json!(true));
    assert_eq!(argument(&plan, "instance-1", "monitoring_secs"), json!(60));
}

#[tokio::test(start_paused = true)]
async fn a_control_is_waived_with_a_reason_alone() {
    let network = network(2);
    let tls = |reason: &str| {
        let tls = Tls::Optional(Waived::because(reason));
        Database::builder().network(&network).tls(tls).build()
    };
    let plan = planned(tls("an old client, until June")).await;
    assert_eq!(
        argument(&plan, "cluster-parameters", "parameters")["rds.force_ssl"]["value"],
        json!("0")
    );
    assert!(plan.notices.iter().any(|notice| notice.contains("an old client, until June")));
    let refused = declared(tls(" ")).err().unwrap();
    assert!(refused.to_string().contains("tls"), "{refused}");
}

#[track_caller]
fn refused(database: Database<'_>, expected: (&str, &[&str])) {
    let (field, parts) = expected;
    let invalid = declared(database).err().expect("it is refused");
    let text = invalid.to_string();
    assert!(text.contains(field) && parts.iter().all(|part| text.contains(part)), "{text}");
}

#[test]
fn what_cannot_be_together_is_refused_by_both_names() {
    let (network, narrow) = (network(3), network(1));
    let of = || Database::builder().network(&network);
    let production = ["environment", "without_reader"];
    refused(of().readers(0).build(), ("readers", &production));
    refused(of().readers(16).build(), ("readers", &["15"]));
    refused(Database::builder().network(&narrow).build(), ("network", &["two"]));
    let pausing = Capacity::between(Acu::HALF, Acu::whole(4)).pause_after_secs(600);
    refused(of().capacity(pausing).build(), ("capacity", &["pause_after_secs", "min"]));
    let zero = Capacity::between(Acu::ZERO, Acu::whole(4));
    refused(of().capacity(zero).build(), ("capacity", &["pause_after_secs", "min"]));
    let small = Capacity::between(Acu::HALF, Acu::HALF);
    refused(of().capacity(small).build(), ("capacity", &["1 to 256"]));
    let upside_down = Capacity::between(Acu::whole(8), Acu::whole(4));
    refused(of().capacity(upside_down).build(), ("capacity", &["8", "4"]));
    let short = Capacity::pausing(Acu::whole(4)).pause_after_secs(60);
    refused(of().capacity(short).build(), ("capacity", &["300"]));
    let logical = [("rds.logical_replication".to_owned(), Parameter::at_reboot("1"))].into();
    let paused = of().capacity(Capacity::pausing(Acu::whole(4)));
    refused(paused.parameters(logical).build(), ("capacity", &["rds.logical_replication", "min"]));
    let paused = of().capacity(Capacity::pausing(Acu::whole(4))).instance_class("db.r8g.large");
    refused(paused.build(), ("capacity", &["instance_class"]));
    let advanced = Insights::Advanced { days: 31 };
    refused(of().insights(advanced).build(), ("insights", &["465"]));
    refused(of().insights(Insights::Standard { days: 8 }).build(), ("insights", &["31"]));
    refused(of().master_username("postgres").build(), ("master_username", &["postgres"]));
    refused(of().engine_version("newest").build(), ("engine_version", &["17"]));
    refused(of().backup_retention_days(0).build(), ("backup_retention_days", &["35"]));
    refused(of().log_retention_days(8).build(), ("retention_days", &["365"]));
    let waived = of().readers(0).without_reader(Waived::because("a test of a week"));
    assert!(declared(waived.build()).is_ok());
}

#[test]
fn clients_are_let_in_group_by_group() {
    let network = network(2);
    let mut stack = stack();
    let database = stack.component("db", Database::builder().network(&network).build()).unwrap();
    let client = Client::new("storefront", SecurityGroupId::new("sg-1"));
    database.allow_from(&mut stack, &client).unwrap();
    assert!(database.allow_from(&mut stack, &client).is_err(), "once");
    stack.check().unwrap();
    let may = database.may_connect(stack.place(), "app");
    let may = serde_json::to_value(may).unwrap();
    assert_eq!(may["Action"], json!(["rds-db:connect"]));
    let arn = may["Resource"][0]["$join"].clone();
    assert_eq!(arn[0], "arn:aws:rds-db:eu-central-1:123456789012:dbuser:");
    assert_eq!(arn[2], "/app");
}

#[test]
fn capacity_is_in_half_steps() {
    for (units, halves) in [(0.0, 0), (0.5, 1), (16.0, 32), (256.0, 512)] {
        assert_eq!(Acu::try_from(units).unwrap(), Acu::halves(halves));
    }
    for units in [0.3, -0.5, 256.5, f64::NAN] {
        assert!(Acu::try_from(units).is_err(), "{units}");
    }
    assert_eq!(serde_json::to_value(Acu::halves(3)).unwrap(), json!(1.5));
}
