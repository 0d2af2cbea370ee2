//! What stores share: their key, their door, their log groups and their alarms, on the embedded AWS where it matters.

use std::time::Duration;

use globecart_engine::apply::{Done, Report, Run, apply};
use globecart_engine::plan::{Scope, plan, plan_destroy};
use globecart_engine::store::Store;
use globecart_engine::testing::Disk;
use globecart_engine::{Clock, Component, Events, Invalid, NameRule, recover};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use insta::assert_snapshot;
use serde_json::Value;

use super::place;
use crate::cloudwatch::{Alarm, Alarms, Metric, Statistic};
use crate::ec2::Peer;
use crate::logs::LogGroup;
use crate::policy::Statement;
use crate::{
    AlertRoute, Aws, Client, EncryptionKey, KeyArn, KeyUse, Options, SecurityGroupId, Stack,
    StoreAccess, StoreKey, TopicArn, VpcId, Waived, http_client,
};

/// A store of two resources: what it shares with every other.
struct Vault {
    key: EncryptionKey,
    outlives_stack: bool,
}

impl Component<Aws> for Vault {
    type Outputs = (StoreKey, StoreAccess);

    fn declare(self, stack: &mut Stack) -> Result<Self::Outputs, Invalid> {
        let uses = KeyUse::builder()
            .description("The vault")
            .through(vec!["rds"])
            .outlives_stack(self.outlives_stack)
            .build();
        let key = self.key.declare(stack, uses)?;
        let access = StoreAccess::closed(stack, VpcId::new("vpc-1"), 5432)?;
        let mut alarms =
            Alarms::of(stack, "the vault", Some(&AlertRoute::topic(TopicArn::new("t"))))?;
        for instance in ["one", "two"] {
            let cpu = Metric::new("AWS/RDS", "CPUUtilization", Statistic::Average)
                .dimension("DBInstanceIdentifier", instance);
            alarms.add(stack, format!("{instance}-cpu"), Alarm::above(90.0, cpu), "It is busy.")?;
        }
        assert_eq!(alarms.into_names().len(), 2);
        Ok((key, access))
    }
}

fn vault(key: EncryptionKey) -> Vault {
    Vault { key, outlives_stack: true }
}

fn stack() -> Stack {
    Stack::new("shop", place()).unwrap()
}

/// What a stack declares, with its arguments, in the order of the plan.
async fn declared(stack: &Stack) -> Vec<(String, Value)> {
    let world = World::new().await;
    let state = globecart_engine::State::new("shop", stack.place(), 0);
    let plan = plan(&world.aws, stack, &state, world.aws.clock(), &Scope::default()).await.unwrap();
    let fields = |step: &globecart_engine::plan::Step| {
        step.fields.iter().map(|field| (field.name.clone(), field.new.clone())).collect()
    };
    plan.steps.iter().map(|step| (step.address.to_string(), fields(step))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_store_has_a_key_that_only_its_services_use() {
    let mut stack = stack();
    let (key, _) = stack.component("vault", vault(EncryptionKey::Own)).unwrap();
    let logs = Statement::logs_may_use(&place(), LogGroup::arn(&place(), "/aws/rds/*"));
    key.allow(&mut stack, logs).unwrap();
    let declared = declared(&stack).await;
    let names: Vec<&str> = declared.iter().map(|(address, _)| address.as_str()).collect();
    assert_snapshot!(names.join(" "), @"vault/key vault/security-group vault/one-cpu vault/two-cpu vault/key-alias");
    let policy = &declared[0].1["policy"]["Statement"];
    let lines: Vec<String> = policy.as_array().unwrap().iter().map(Value::to_string).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    {"Action":["kms:*"],"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Resource":["*"],"Sid":"Account"}
    {"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Condition":{"StringEquals":{"kms:CallerAccount":["123456789012"],"kms:ViaService":["rds.eu-central-1.amazonaws.com"]}},"Effect":"Allow","Principal":{"AWS":["*"]},"Resource":["*"]}
    {"Action":["kms:CreateGrant","kms:ListGrants","kms:RevokeGrant"],"Condition":{"Bool":{"kms:GrantIsForAWSResource":["true"]},"StringEquals":{"kms:CallerAccount":["123456789012"],"kms:ViaService":["rds.eu-central-1.amazonaws.com"]}},"Effect":"Allow","Principal":{"AWS":["*"]},"Resource":["*"]}
    {"Action":["kms:Encrypt*","kms:Decrypt*","kms:ReEncrypt*","kms:GenerateDataKey*","kms:Describe*"],"Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":["arn:aws:logs:eu-central-1:123456789012:log-group:/aws/rds/*"]}},"Effect":"Allow","Principal":{"Service":["logs.eu-central-1.amazonaws.com"]},"Resource":["*"]}
    "#);
    assert!(key.arn.is_some() && key.own.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_there_is_used_as_it_is_and_doing_without_one_is_recorded() {
    let mut stack = stack();
    let given = EncryptionKey::Given(KeyArn::new("arn:aws:kms:eu-central-1:1:key/k").into());
    let (key, _) = stack.component("vault", vault(given)).unwrap();
    key.allow(&mut stack, Statement::account_administers(&place())).unwrap();
    let none = EncryptionKey::AwsManaged(Waived::because("a sandbox"));
    let (none, _) = stack.component("other", vault(none)).unwrap();
    assert!(key.arn.is_some() && key.own.is_none() && none.arn.is_none());
    let declared = declared(&stack).await;
    assert!(declared.iter().all(|(address, _)| !address.contains("key")));
    let without = vault(EncryptionKey::AwsManaged(Waived::because(" ")));
    let error = stack.component("third", without).unwrap_err();
    assert_snapshot!(error, @"third/encryption_key: waiving encrypting with a key of one's own needs a reason");
}

#[tokio::test(start_paused = true)]
async fn clients_are_let_in_from_group_to_group() {
    let mut stack = stack();
    let (_, access) = stack.component("vault", vault(EncryptionKey::Own)).unwrap();
    let orders = Client::new("orders", SecurityGroupId::new("sg-orders"));
    access.allow_from(&mut stack, &orders).unwrap();
    let office = Peer::Cidr("192.0.2.0/24".parse().unwrap());
    access
        .allow_peer(&mut stack, "office", office.clone(), &Waived::because("analysts connect"))
        .unwrap();
    let refused = access.allow_peer(&mut stack, "home", office, &Waived::because(""));
    assert_snapshot!(refused.unwrap_err(), @"allow_peer: waiving letting only declared clients into vault (home) needs a reason");
    assert!(access.allow_from(&mut stack, &orders).unwrap_err().to_string().contains("twice"));
    let declared = declared(&stack).await;
    let rules = declared.iter().filter(|(_, fields)| !fields["peer"].is_null());
    let rules: Vec<String> = rules
        .map(|(address, of)| {
            let [group, peer, traffic] = ["group", "peer", "traffic"].map(|name| &of[name]);
            format!("{address}: {} of {group}, {peer} {traffic}", of["direction"])
        })
        .collect();
    assert_snapshot!(rules.join("\n"), @r#"
    vault-from-orders: "ingress" of {"$ref":"vault/security-group","output":"id","when":"ready"}, {"group":"sg-orders"} {"tcp":{"from":5432,"to":5432}}
    orders-to-vault: "egress" of "sg-orders", {"group":{"$ref":"vault/security-group","output":"id","when":"ready"}} {"tcp":{"from":5432,"to":5432}}
    vault-from-office: "ingress" of {"$ref":"vault/security-group","output":"id","when":"ready"}, {"cidr":"192.0.2.0/24"} {"tcp":{"from":5432,"to":5432}}
    "#);
}

/// An embedded cloud, and what is recorded of one stack.
struct World {
    aws: Aws,
    cloud: Cloud,
    disk: Disk,
}

impl World {
    async fn new() -> Self {
        let cloud = Cloud::in_memory(CloudOptions::default());
        let options = Options {
            region: Some("eu-central-1".to_owned()),
            clock: Clock::new("2026-01-01T00:00:00Z".parse().unwrap(), 1.0),
            http_client: Some(http_client(SdkClient::new(cloud.clone()))),
            endpoint: None,
            credentials: false,
        };
        Self { aws: Aws::connect(options).await.unwrap(), cloud, disk: Disk::new() }
    }

    /// Brings up what `define` declares, or takes everything down.
    async fn run(&self, define: &dyn Fn(&mut Stack), destroy: bool) -> Report {
        let mut stack = Stack::new("shop", self.aws.place().clone()).unwrap();
        stack.knows(crate::kinds());
        define(&mut stack);
        let mut store = Store::open(self.disk.clone(), &stack).await.unwrap();
        let (clock, scope) = (*self.aws.clock(), Scope::default());
        let found = recover(&self.aws, &stack, store.state(), &clock, &Events::none()).await;
        store.record(&found.unwrap()).await.unwrap();
        let planned = if destroy {
            plan_destroy(&self.aws, &stack, store.state(), &clock, &scope).await.unwrap()
        } else {
            plan(&self.aws, &stack, store.state(), &clock, &scope).await.unwrap()
        };
        let run = Run {
            cloud: &self.aws,
            clock,
            store: &mut store,
            events: Events::none(),
            done: Done::Ready,
            confirm_data_loss: vec!["shop".to_owned()],
        };
        let report = apply(run, &stack, &planned, std::future::pending()).await.unwrap();
        assert!(report.failed.is_empty(), "{:#?}", report.failed);
        report
    }

    async fn up(&self, define: &dyn Fn(&mut Stack)) -> Report {
        self.run(define, false).await
    }

    async fn destroy(&self, define: &dyn Fn(&mut Stack)) -> Report {
        self.run(define, true).await
    }

    fn rows(&self, table: &str) -> Vec<Value> {
        self.cloud
            .rows()
            .into_iter()
            .filter(|row| row.table == table)
            .map(|row| row.value)
            .collect()
    }

    /// Makes a log group as a service does that writes to it.
    async fn service_writes(&self) {
        self.aws.logs().create_log_group().log_group_name(LOGS).send().await.unwrap();
    }
}

const LOGS: &str = "/aws/rds/cluster/orders/postgresql";

fn log_group(stack: &mut Stack) {
    let group = LogGroup::builder().name(LOGS).made_by_service(true).retention_days(30).build();
    stack.add("logs", group).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_log_group_that_its_service_made_first_is_taken_over() {
    let world = World::new().await;
    world.service_writes().await;
    world.up(&log_group).await;
    let groups = world.rows("logs.log_group");
    assert_eq!((groups.len(), &groups[0]["retentionInDays"]), (1, &30.into()));
    assert_eq!(world.up(&log_group).await.unchanged, 1);
    // Somebody deletes it, and the service makes it again.
    world.aws.logs().delete_log_group().log_group_name(LOGS).send().await.unwrap();
    world.service_writes().await;
    assert_eq!(world.up(&log_group).await.created, 1);
    assert_eq!(world.up(&log_group).await.unchanged, 1);
}

#[tokio::test(start_paused = true)]
async fn a_log_group_of_another_stack_is_left_alone() {
    let world = World::new().await;
    let call = world.aws.logs().create_log_group().log_group_name(LOGS);
    call.tags("globecart:stack", "other").send().await.unwrap();
    let mut stack = Stack::new("shop", world.aws.place().clone()).unwrap();
    log_group(&mut stack);
    let mut store = Store::open(world.disk.clone(), &stack).await.unwrap();
    let clock = *world.aws.clock();
    let planned = plan(&world.aws, &stack, store.state(), &clock, &Scope::default()).await.unwrap();
    let run = Run {
        cloud: &world.aws,
        clock,
        store: &mut store,
        events: Events::none(),
        done: Done::Ready,
        confirm_data_loss: Vec::new(),
    };
    let report = apply(run, &stack, &planned, std::future::pending()).await.unwrap();
    assert!(report.failed[0].error.message.contains("is not this stack's"), "{:?}", report.failed);
}

#[tokio::test(start_paused = true)]
async fn a_log_group_that_its_service_makes_again_is_deleted_again() {
    let world = World::new().await;
    world.up(&log_group).await;
    let late_events = async {
        while !world.rows("logs.log_group").is_empty() {
            world.aws.clock().sleep(Duration::from_millis(500)).await;
        }
        world.service_writes().await;
    };
    let (report, ()) = tokio::join!(world.destroy(&log_group), late_events);
    assert_eq!((report.deleted, world.rows("logs.log_group")), (1, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_outlives_its_stack_is_left_enabled_and_marked() {
    let world = World::new().await;
    let keys = |stack: &mut Stack| {
        for (name, outlives) in [("kept", true), ("gone", false)] {
            let vault = Vault { key: EncryptionKey::Own, outlives_stack: outlives };
            let uses = KeyUse::builder().description(name).through(vec!["rds"]);
            let uses = uses.outlives_stack(vault.outlives_stack).build();
            let component = OnlyKey(vault.key, uses);
            stack.component(name, component).unwrap();
        }
    };
    world.up(&keys).await;
    let report = world.destroy(&keys).await;
    let mut states: Vec<String> =
        world.rows("kms.key").iter().map(|key| key["KeyState"].to_string()).collect();
    states.sort();
    assert_eq!(states, ["\"Enabled\"", "\"PendingDeletion\""]);
    let kept = crate::kept::find(&world.aws, "shop").await.unwrap();
    assert_eq!(report.kept.iter().map(|(_, kept)| &kept.id).collect::<Vec<_>>(), [&kept[0].id]);
    assert_eq!((kept.len(), report.remains.len()), (1, 1));
    // What was kept is neither found nor changed by a stack of the same name.
    assert_eq!(world.up(&keys).await.created, 4);
    assert_eq!(world.rows("kms.key").len(), 4);
    let stranger = crate::kept::find(&world.aws, "another").await.unwrap();
    assert_eq!(
        (crate::kept::find(&world.aws, "shop").await.unwrap(), stranger),
        (kept.clone(), vec![])
    );
    for _ in 0..2 {
        let removed = crate::kept::remove(&world.aws, "shop", &kept, |_| {}).await;
        assert_eq!((removed.removed.as_slice(), removed.failed.len()), (kept.as_slice(), 0));
    }
    assert_eq!(crate::kept::find(&world.aws, "shop").await.unwrap(), []);
}

struct OnlyKey(EncryptionKey, KeyUse);

impl Component<Aws> for OnlyKey {
    type Outputs = StoreKey;

    fn declare(self, stack: &mut Stack) -> Result<StoreKey, Invalid> {
        self.0.declare(stack, self.1)
    }
}

#[test]
fn a_fixed_name_is_the_same_for_every_life() {
    let rule = NameRule::new(63).lower();
    let name = stack().fixed_name("cluster", &rule).unwrap();
    assert_eq!(name, stack().fixed_name("cluster", &rule).unwrap());
    assert!(name.starts_with("shop-cluster-"), "{name}");
}
