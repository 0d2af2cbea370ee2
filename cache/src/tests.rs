//! What a cache declares, in its main variants.

use std::collections::BTreeMap;

use globecart_aws::engine::plan::{Plan, Scope, plan};
use globecart_aws::engine::{Clock, Invalid, Place, State, Zone};
use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
use globecart_aws::{
    AlertRoute, Aws, Client, EncryptionKey, Environment, KeyArn, Options, SecurityGroupId, Stack,
    SubnetId, TopicArn, VpcId, Waived, http_client,
};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use serde_json::Value;

use crate::{Cache, CacheOutputs, Engine, MultiAz, NodeType, Purpose, Transit, ValkeyVersion};

mod arguments;

fn zone(number: u8) -> Zone {
    let name = format!("eu-central-1{}", ["a", "b", "c"][usize::from(number) - 1]);
    Zone { name, id: format!("euc1-az{number}") }
}

/// A VPC that is there already, with data subnets in so many zones.
fn network(zones: u8) -> NetworkOutputs {
    let subnet = |number: u8| {
        let cidr = format!("10.0.{number}.0/24").parse().unwrap();
        let id = SubnetId::new(format!("subnet-{number}"));
        NetworkSubnet::new(Tier::Data, zone(number), cidr, id)
    };
    NetworkOutputs::existing()
        .vpc(VpcId::new("vpc-1"))
        .cidr("10.0.0.0/16".parse().unwrap())
        .subnets((1..=zones).map(subnet).collect())
        .egress(Egress::Internet)
        .build()
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

fn declared(cache: Cache<'_>) -> Result<(Stack, CacheOutputs), Invalid> {
    let mut stack = stack();
    let outputs = stack.component("cache", cache)?;
    stack.check()?;
    Ok((stack, outputs))
}

async fn planned(stack: &Stack) -> Plan {
    let options = Options {
        region: Some("eu-central-1".to_owned()),
        clock: Clock::wall(),
        http_client: Some(http_client(SdkClient::new(Cloud::in_memory(CloudOptions::default())))),
        endpoint: None,
        credentials: false,
    };
    let aws = Aws::connect(options).await.unwrap();
    let state = State::new("shop", stack.place(), 0);
    plan(&aws, stack, &state, &Clock::wall(), &Scope::default()).await.unwrap()
}

async fn plan_of(cache: Cache<'_>) -> Plan {
    planned(&declared(cache).unwrap().0).await
}

/// The plan by type; what every node has is on one line with its number.
fn listed(plan: &Plan) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in &plan.steps {
        let name = step.address.as_str().trim_start_matches("cache/");
        let node =
            |name: &str| name.starts_with("node-").then(|| format!("node-NODE-{}", &name[14..]));
        let name = node(name).unwrap_or_else(|| name.to_owned());
        *counts.entry(format!("{:<30}{name}", step.kind)).or_default() += 1;
    }
    let line =
        |(line, count): (String, usize)| if count > 1 { format!("{line} x{count}") } else { line };
    counts.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// An argument of a resource as it is declared.
fn argument(plan: &Plan, name: &str, field: &str) -> Value {
    let address = format!("cache/{name}");
    let step = plan.steps.iter().find(|step| step.address.as_str() == address).unwrap();
    step.fields.iter().find(|known| known.name == field).unwrap().new.clone()
}

#[tokio::test(start_paused = true)]
async fn the_default() {
    let network = network(3);
    let plan = plan_of(Cache::builder().network(&network).build()).await;
    insta::assert_snapshot!(listed(&plan), @"
    cloudwatch:MetricAlarm        node-NODE-connections x6
    cloudwatch:MetricAlarm        node-NODE-cpu x6
    cloudwatch:MetricAlarm        node-NODE-engine-cpu x6
    cloudwatch:MetricAlarm        node-NODE-evictions x6
    cloudwatch:MetricAlarm        node-NODE-lag x6
    cloudwatch:MetricAlarm        node-NODE-memory x6
    ec2:SecurityGroup             security-group
    elasticache:ParameterGroup    parameters
    elasticache:ReplicationGroup  group
    elasticache:SubnetGroup       subnets
    elasticache:User              application-user
    elasticache:User              default-user
    elasticache:UserGroup         users
    kms:Alias                     key-alias
    kms:Key                       key
    logs:LogGroup                 engine-log
    logs:LogGroup                 slow-log
    ");
    insta::assert_snapshot!(plan.notices.join("\n"), @"the cache's alarms tell nobody: give it `alerts`");
    let group = plan.steps.iter().find(|step| step.address.as_str() == "cache/group").unwrap();
    let fields = group.fields.iter().map(|field| format!("{}: {}", field.name, field.new));
    insta::assert_snapshot!(fields.collect::<Vec<_>>().join("\n"), @r#"
    auto_minor_version_upgrade: true
    description: "cache of shop"
    engine: "redis"
    engine_log: {"$ref":"cache/engine-log","output":"name","when":"ready"}
    engine_version: "7.1"
    final_snapshot: true
    kms_key: {"$ref":"cache/key","output":"arn","when":"ready"}
    maintenance_window: "sun:05:00-sun:06:00"
    multi_az: true
    node_type: "cache.t4g.small"
    parameter_group: {"$ref":"cache/parameters","output":"name","when":"ready"}
    port: 6379
    replicas: 1
    security_groups: [{"$ref":"cache/security-group","output":"id","when":"ready"}]
    shards: 3
    slow_log: {"$ref":"cache/slow-log","output":"name","when":"ready"}
    snapshot_retention_days: 5
    snapshot_window: "03:00-04:00"
    subnet_group: {"$ref":"cache/subnets","output":"name","when":"ready"}
    transit_encryption: "required"
    user_group: {"$ref":"cache/users","output":"id","when":"ready"}
    "#);
}

#[tokio::test(start_paused = true)]
async fn development_differs_in_what_is_documented() {
    let network = network(3);
    let cache = Cache::builder().network(&network).environment(Environment::Development).build();
    let plan = plan_of(cache).await;
    insta::assert_snapshot!(listed(&plan), @"
    cloudwatch:MetricAlarm        node-NODE-connections
    cloudwatch:MetricAlarm        node-NODE-cpu
    cloudwatch:MetricAlarm        node-NODE-engine-cpu
    cloudwatch:MetricAlarm        node-NODE-evictions
    cloudwatch:MetricAlarm        node-NODE-memory
    ec2:SecurityGroup             security-group
    elasticache:ParameterGroup    parameters
    elasticache:ReplicationGroup  group
    elasticache:SubnetGroup       subnets
    elasticache:User              application-user
    elasticache:User              default-user
    elasticache:UserGroup         users
    kms:Alias                     key-alias
    kms:Key                       key
    logs:LogGroup                 engine-log
    logs:LogGroup                 slow-log
    ");
    for (field, value) in [
        ("shards", "1"),
        ("replicas", "0"),
        ("multi_az", "false"),
        ("node_type", "\"cache.t4g.micro\""),
        ("snapshot_retention_days", "1"),
        ("final_snapshot", "false"),
        ("transit_encryption", "\"required\""),
    ] {
        assert_eq!(argument(&plan, "group", field).to_string(), value, "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn valkey_is_one_word_away() {
    let network = network(3);
    let valkey = Engine::Valkey(ValkeyVersion::V8_1);
    let plan = plan_of(Cache::builder().network(&network).engine(valkey).build()).await;
    assert_eq!(argument(&plan, "group", "engine"), "valkey");
    assert_eq!(argument(&plan, "group", "engine_version"), "8.1");
    assert_eq!(argument(&plan, "parameters", "family"), "valkey8");
    assert_eq!(argument(&plan, "users", "engine"), "valkey");
    assert!(!listed(&plan).contains("default-user"), "nobody comes in without a name");
}

#[tokio::test(start_paused = true)]
async fn what_is_only_there_is_not_dropped() {
    let network = network(2);
    let cache = Cache::builder()
        .network(&network)
        .purpose(Purpose::Sessions)
        .node_type("cache.r7g.large".parse().unwrap())
        .parameters(BTreeMap::from([("timeout".to_owned(), "300".to_owned())]))
        .build();
    let plan = plan_of(cache).await;
    insta::assert_snapshot!(argument(&plan, "parameters", "parameters"), @r#"{"cluster-enabled":"yes","maxmemory-policy":"noeviction","reserved-memory-percent":"25","timeout":"300"}"#);
    assert_eq!(argument(&plan, "node-0001-001-evictions", "threshold"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_waived_is_said() {
    let network = network(1);
    let cache = Cache::builder()
        .network(&network)
        .shards(1)
        .replicas(0)
        .multi_az(MultiAz::Off(Waived::because("a sandbox")))
        .transit(Transit::Off(Waived::because("an old client")))
        .encryption_key(EncryptionKey::AwsManaged(Waived::because("no secrets")))
        .alerts(AlertRoute::Nowhere(Waived::because("nobody is on call")))
        .build();
    let plan = plan_of(cache).await;
    insta::assert_snapshot!(plan.notices.join("\n"), @"
    waived: encrypting all connections to the cache (an old client)
    waived: keeping a shard's nodes in different zones (a sandbox)
    waived: encrypting with a key of one's own (no secrets)
    waived: sending alarms to somebody (nobody is on call)
    ");
    insta::assert_snapshot!(listed(&plan), @"
    cloudwatch:MetricAlarm        node-NODE-connections
    cloudwatch:MetricAlarm        node-NODE-cpu
    cloudwatch:MetricAlarm        node-NODE-engine-cpu
    cloudwatch:MetricAlarm        node-NODE-evictions
    cloudwatch:MetricAlarm        node-NODE-memory
    ec2:SecurityGroup             security-group
    elasticache:ParameterGroup    parameters
    elasticache:ReplicationGroup  group
    elasticache:SubnetGroup       subnets
    logs:LogGroup                 engine-log
    logs:LogGroup                 slow-log
    ");
}

#[tokio::test(start_paused = true)]
async fn a_given_key_and_a_given_snapshot_are_used() {
    let network = network(2);
    let key = KeyArn::new("arn:aws:kms:eu-central-1:123456789012:key/1");
    let topic = TopicArn::new("arn:aws:sns:eu-central-1:123456789012:on-call");
    let cache = Cache::builder()
        .network(&network)
        .encryption_key(EncryptionKey::Given(key.clone().into()))
        .restore_from("shop-cache-final")
        .alerts(AlertRoute::topic(topic.clone()))
        .adjust(|group| crate::ReplicationGroup { port: 6380, ..group })
        .build();
    let plan = plan_of(cache).await;
    assert_eq!(argument(&plan, "group", "kms_key"), key.as_str());
    assert_eq!(argument(&plan, "group", "snapshot"), "shop-cache-final");
    assert_eq!(argument(&plan, "group", "port"), 6380);
    assert_eq!(argument(&plan, "slow-log", "kms_key"), key.as_str());
    assert_eq!(argument(&plan, "node-0003-002-lag", "alarm_actions")[0], topic.as_str());
    assert!(plan.notices.is_empty(), "{:?}", plan.notices);
}

#[tokio::test(start_paused = true)]
async fn a_client_is_let_in_group_to_group_and_as_the_applications_user() {
    let network = network(3);
    let (mut stack, cache) = declared(Cache::builder().network(&network).build()).unwrap();
    let client = Client::new("storefront", SecurityGroupId::new("sg-1"));
    cache.allow_from(&mut stack, &client).unwrap();
    let plan = planned(&stack).await;
    let rules = plan.steps.iter().filter(|step| step.kind == "ec2:SecurityGroupRule");
    let rules = rules.map(|step| step.address.to_string()).collect::<Vec<_>>();
    assert_eq!(rules, ["cache-from-storefront", "storefront-to-cache"]);
    assert!(cache.allow_from(&mut stack, &client).is_err(), "it is let in already");
}

#[track_caller]
fn refused(cache: Cache<'_>, expected: &str) {
    assert_eq!(declared(cache).err().unwrap().to_string(), expected);
}

#[test]
fn what_does_not_go_together_is_refused_by_both_names() {
    let (three, one, none) = (network(3), network(1), network(0));
    let reason = || Waived::because("a test");
    let size = |text: &str| text.parse::<NodeType>().unwrap();
    refused(
        Cache::builder().network(&three).replicas(0).build(),
        "cache/replicas: 0 in production needs `multi_az(MultiAz::Off(…))`: a zone that is lost takes shards with it",
    );
    refused(
        Cache::builder().network(&three).replicas(0).multi_az(MultiAz::On).build(),
        "cache/multi_az: `MultiAz::On` needs `replicas` of at least 1: a shard of one node is in one zone",
    );
    refused(
        Cache::builder().network(&one).build(),
        "cache/network: the network has data subnets in 1 zone, and `replicas` of 1 with Multi-AZ need two",
    );
    refused(
        Cache::builder().network(&none).build(),
        "cache/network: it has no data subnets for the cache to stand in",
    );
    refused(
        Cache::builder().network(&three).holds_gib(4).build(),
        "cache/node_type: 3 shards of `cache.t4g.small` hold 2 GiB beside what is reserved, and `holds_gib` is 4",
    );
    refused(
        Cache::builder().network(&three).node_type(size("cache.r6gd.xlarge")).build(),
        "cache/node_type: `cache.r6gd.xlarge` is not a current node type without data tiering",
    );
    refused(
        Cache::builder().network(&three).snapshot_retention_days(0).build(),
        "cache/snapshot_retention_days: 0 days in production would leave nothing to restore; AWS keeps 1 to 35 days",
    );
    refused(
        Cache::builder()
            .network(&three)
            .engine(Engine::Valkey(ValkeyVersion::V9_0))
            .transit(Transit::Off(reason()))
            .build(),
        "cache/transit: `engine` is Valkey, whose users need encrypted connections; use `Transit::Preferred`",
    );
    refused(
        Cache::builder()
            .network(&three)
            .parameters(BTreeMap::from([("cluster-enabled".to_owned(), "no".to_owned())]))
            .build(),
        "cache/parameters: `cluster-enabled` must be `yes`: the cache has `shards`",
    );
    refused(
        Cache::builder().network(&three).transit(Transit::Off(Waived::because(" "))).build(),
        "cache/transit: waiving encrypting all connections to the cache needs a reason",
    );
    assert!("t4g.small".parse::<NodeType>().is_err());
}
