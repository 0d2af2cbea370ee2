//! What a file system declares in its main variants, and what is refused.

use std::collections::BTreeMap;

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::plan::{Plan, Scope, plan};
use globecart_aws::engine::{Clock, Component, Invalid, Place, State, Zone};
use globecart_aws::iam::{Role, RoleRefs};
use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
use globecart_aws::policy::PolicyDocument;
use globecart_aws::{
    Aws, Client, EncryptionKey, Environment, KeyArn, Options, Stack, SubnetId, VpcId, Waived,
    http_client,
};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use serde_json::Value;

use crate::{
    Archive, Backups, Directory, MountAccess, Storage, StorageOutputs, Throughput, UnusedFor,
};

mod arguments;

fn zone(number: u8) -> Zone {
    let letter = ["a", "b", "c"][usize::from(number) - 1];
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

/// A VPC with a subnet of a tier in each of three zones.
fn network(tier: Tier) -> NetworkOutputs {
    let subnet = |number: u8| {
        let cidr = format!("10.0.{number}.0/24").parse().unwrap();
        NetworkSubnet::new(tier, zone(number), cidr, SubnetId::new(format!("subnet-{number}")))
    };
    NetworkOutputs::existing()
        .vpc(VpcId::new("vpc-1"))
        .cidr("10.0.0.0/16".parse().unwrap())
        .subnets((1..=3).map(subnet).collect())
        .egress(Egress::None)
        .build()
}

fn media() -> [Directory; 1] {
    [Directory::builder().name("media").build()]
}

fn role(stack: &mut Stack, name: &str) -> RoleRefs {
    let place = stack.place().clone();
    let source = format!("arn:aws:ecs:{}:{}:*", place.region, place.account);
    let trust = PolicyDocument::trust("ecs-tasks.amazonaws.com", &place, source);
    stack.add(name, Role::builder().trust(trust).description("Serves the shop").build()).unwrap()
}

fn client(stack: &mut Stack, name: &str) -> Client {
    let group = SecurityGroup::builder().vpc(VpcId::new("vpc-1")).description("A client").build();
    let group = stack.add(format!("{name}-group"), group).unwrap();
    Client::new(name, &group.id)
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

fn declared(storage: Storage<'_>) -> (Stack, StorageOutputs) {
    let mut stack = stack();
    let outputs = stack.component("storage", storage).unwrap();
    stack.check().unwrap();
    (stack, outputs)
}

/// The plan by type, with what there is in every zone on one line.
fn listed(plan: &Plan) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in &plan.steps {
        let name = (1..=3).fold(step.address.to_string(), |name, zone| {
            name.replace(&format!("euc1-az{zone}"), "ZONE")
        });
        *counts.entry(format!("{:<28}{name}", step.kind)).or_default() += 1;
    }
    let line =
        |(line, count): (String, usize)| if count > 1 { format!("{line} x{count}") } else { line };
    counts.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// An argument of a resource as it is declared.
fn argument(plan: &Plan, address: &str, name: &str) -> Value {
    let step = plan.steps.iter().find(|step| step.address.as_str() == address).unwrap();
    step.fields.iter().find(|field| field.name == name).map_or(Value::Null, |it| it.new.clone())
}

#[tokio::test(start_paused = true)]
async fn the_default() {
    let network = network(Tier::Data);
    let (stack, outputs) =
        declared(Storage::builder().network(&network).directories(media()).build());
    let plan = planned(&stack).await;
    insta::assert_snapshot!(listed(&plan), @"
    cloudwatch:MetricAlarm      storage/io-limit
    ec2:SecurityGroup           storage/security-group
    efs:AccessPoint             storage/access-point-media
    efs:FileSystem              storage/file-system
    efs:FileSystemPolicy        storage/policy
    efs:LifecycleConfiguration  storage/lifecycle
    efs:MountTarget             storage/mount-target-ZONE x3
    kms:Alias                   storage/key-alias
    kms:Key                     storage/key
    ");
    assert_eq!(argument(&plan, "storage/file-system", "throughput"), "elastic");
    assert_eq!(argument(&plan, "storage/file-system", "backup"), true);
    assert_eq!(argument(&plan, "storage/lifecycle", "infrequent_access"), "days30");
    assert_eq!(argument(&plan, "storage/lifecycle", "archive"), "days90");
    assert_eq!(argument(&plan, "storage/access-point-media", "path"), "/media");
    assert_eq!(argument(&plan, "storage/access-point-media", "uid"), 1000);
    assert_eq!(
        outputs.mount_targets.keys().collect::<Vec<_>>(),
        ["euc1-az1", "euc1-az2", "euc1-az3"]
    );
    assert!(
        outputs.mount_target("euc1-az2").is_some() && outputs.mount_target("euc1-az4").is_none()
    );
    assert_eq!(outputs.alarms.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_bursting_has_credits_to_watch_and_no_archive() {
    let network = network(Tier::Data);
    let bursting = Storage::builder()
        .network(&network)
        .directories(media())
        .throughput(Throughput::Bursting)
        .build();
    let (stack, outputs) = declared(bursting);
    let plan = planned(&stack).await;
    assert_eq!(outputs.alarms.len(), 2);
    assert_eq!(argument(&plan, "storage/lifecycle", "archive"), Value::Null);
    let never = Storage::builder().network(&network).directories(media()).infrequent_access(None);
    let (_, outputs) = declared(never.archive(Archive::Never).build());
    assert!(outputs.lifecycle.is_none());
}

#[tokio::test(start_paused = true)]
async fn development_differs_in_backups_alone() {
    let network = network(Tier::Data);
    let storage = |environment| {
        Storage::builder().network(&network).directories(media()).environment(environment).build()
    };
    let (production, _) = declared(storage(Environment::Production));
    let (development, _) = declared(storage(Environment::Development));
    let (production, development) = (planned(&production).await, planned(&development).await);
    assert_eq!(listed(&production), listed(&development));
    assert_eq!(argument(&production, "storage/file-system", "backup"), true);
    assert_eq!(argument(&development, "storage/file-system", "backup"), false);
}

/// With a policy, a file system lets in nobody whom it does not name: one that only denied what comes without TLS
/// would lock the clients out (terraform-aws-modules/terraform-aws-efs#20).
#[tokio::test(start_paused = true)]
async fn the_policy_names_every_client_after_all_are_declared() {
    let network = network(Tier::Data);
    let directories = ["media", "invoices"].map(|name| Directory::builder().name(name).build());
    let (mut stack, storage) =
        declared(Storage::builder().network(&network).directories(directories).build());
    let role = role(&mut stack, "storefront-role");
    let storefront = client(&mut stack, "storefront").with_role(&role);
    storage.allow_from(&mut stack, &storefront).unwrap();
    let reports = client(&mut stack, "reports").with_role(&role);
    let read = [("invoices", MountAccess::ReadOnly)];
    storage.allow_mounts(&mut stack, &reports, read).unwrap();
    stack.check().unwrap();
    let plan = planned(&stack).await;
    let policy = argument(&plan, "storage/policy", "policy");
    insta::assert_snapshot!(statements(&policy), @"
    Deny * to *
      when Bool aws:SecureTransport false
    Deny ClientMount, ClientWrite, ClientRootAccess to *
      when StringNotEquals AccessPointArn storage/access-point-invoices, storage/access-point-media
    Deny ClientMount, ClientWrite, ClientRootAccess to *
      when Bool AccessedViaMountTarget false
    Deny ClientRootAccess to *
    Allow ClientMount, ClientWrite to storefront-role
      when Bool AccessedViaMountTarget true
      when StringEquals AccessPointArn storage/access-point-invoices
    Allow ClientMount, ClientWrite to storefront-role
      when Bool AccessedViaMountTarget true
      when StringEquals AccessPointArn storage/access-point-media
    Allow ClientMount to storefront-role
      when Bool AccessedViaMountTarget true
      when StringEquals AccessPointArn storage/access-point-invoices
    ");
    let mut rules: Vec<&str> = (plan.steps.iter())
        .filter(|step| step.kind == "ec2:SecurityGroupRule")
        .map(|step| step.address.as_str())
        .collect();
    rules.sort_unstable();
    let expected = [
        "reports-to-storage",
        "storage-from-reports",
        "storage-from-storefront",
        "storefront-to-storage",
    ];
    assert_eq!(rules, expected);
}

/// Effect, actions, principals and conditions of each statement, with references by their addresses.
fn statements(policy: &Value) -> String {
    let short = |value: &Value| match value.get("$ref") {
        Some(address) => address.as_str().unwrap().to_owned(),
        None => value.as_str().unwrap_or_default().replace("elasticfilesystem:", ""),
    };
    let many = |value: &Value| -> String {
        value.as_array().unwrap().iter().map(short).collect::<Vec<_>>().join(", ")
    };
    let line = |statement: &Value| {
        let conditions = statement["Condition"].as_object().into_iter().flatten();
        let conditions: Vec<String> = conditions
            .flat_map(|(operator, keys)| {
                keys.as_object().unwrap().iter().map(move |(key, values)| {
                    let key = key.replace("elasticfilesystem:", "");
                    format!("{operator} {key} {}", many(values))
                })
            })
            .collect();
        format!(
            "{} {} to {}{}",
            statement["Effect"].as_str().unwrap(),
            many(&statement["Action"]),
            many(&statement["Principal"]["AWS"]),
            conditions.iter().fold(String::new(), |all, one| all + "\n  when " + one),
        )
    };
    policy["Statement"].as_array().unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn what_is_waived_is_said_in_the_plan() {
    let network = network(Tier::Data);
    let storage = Storage::builder()
        .network(&network)
        .directories(media())
        .encryption_key(EncryptionKey::AwsManaged(Waived::because("a trial")))
        .backups(Backups::Off(Waived::because("made anew every night")))
        .without_tls(Waived::because("an old client"))
        .build();
    let (stack, outputs) = declared(storage);
    assert!(outputs.key.arn.is_none());
    let plan = planned(&stack).await;
    assert_eq!(argument(&plan, "storage/file-system", "backup"), false);
    let policy = argument(&plan, "storage/policy", "policy").to_string();
    assert!(!policy.contains("SecureTransport"), "{policy}");
    let waived: Vec<_> = plan.notices.iter().filter(|notice| notice.contains("waived")).collect();
    assert_eq!(waived.len(), 3, "{:?}", plan.notices);
}

#[track_caller]
fn check_refused(storage: Storage<'_>, expected: &str) {
    assert_eq!(storage.declare(&mut stack()).unwrap_err().to_string(), expected);
}

#[test]
fn fields_that_do_not_go_together_are_named_both() {
    let data = network(Tier::Data);
    let storage = || Storage::builder().network(&data).directories(media());
    check_refused(
        storage()
            .throughput(Throughput::Bursting)
            .archive(Archive::After(UnusedFor::Days90))
            .build(),
        "archive: moving files to the archive after 90 days needs elastic throughput, and `throughput` is bursting",
    );
    check_refused(
        storage()
            .infrequent_access(Some(UnusedFor::Days90))
            .archive(Archive::After(UnusedFor::Days30))
            .build(),
        "archive: files go to the archive after 30 days, and to infrequent access after 90 (`infrequent_access`): the archive must come later",
    );
    let public = network(Tier::Public);
    check_refused(
        Storage::builder().network(&public).directories(media()).build(),
        "network: has no data subnets, and mount targets stand in those",
    );
    check_refused(
        Storage::builder().network(&data).directories([]).build(),
        "directories: is empty: clients mount directories, never the root; name one",
    );
    let two = |name: &str| {
        let first = Directory::builder().name("media").build();
        [first, Directory::builder().name(name).path("/media").build()]
    };
    check_refused(
        Storage::builder().network(&data).directories(two("media")).build(),
        "directories: has two of the name `media`",
    );
    check_refused(
        Storage::builder().network(&data).directories(two("other")).build(),
        "directories: `media` and `other` are both /media; it can be one's alone",
    );
    check_refused(
        storage().without_tls(Waived::because(" ")).build(),
        "without_tls: waiving encrypting files on their way to clients needs a reason",
    );
}

#[test]
fn later_archiving_than_usual_moves_with_infrequent_access() {
    let data = network(Tier::Data);
    let late = Storage::builder().network(&data).directories(media());
    let (_, outputs) = declared(late.infrequent_access(Some(UnusedFor::Days180)).build());
    assert!(outputs.lifecycle.is_some());
}

#[test]
fn nobody_is_let_in_anonymously_or_to_a_directory_that_is_not_there() {
    let data = network(Tier::Data);
    let (mut stack, storage) =
        declared(Storage::builder().network(&data).directories(media()).build());
    let anonymous = client(&mut stack, "anonymous");
    let error: Invalid = storage.allow_from(&mut stack, &anonymous).unwrap_err();
    assert_eq!(
        error.to_string(),
        "client `anonymous`: has no role, and a file system is mounted by roles alone: give it `with_role`"
    );
    let role = role(&mut stack, "role");
    let known = client(&mut stack, "known").with_role(&role);
    let error = storage.allow_mounts(&mut stack, &known, [("music", MountAccess::ReadOnly)]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "storage/file-system: has no access point `music`, but media"
    );
    let given =
        EncryptionKey::Given(KeyArn::new("arn:aws:kms:eu-central-1:123456789012:key/k").into());
    let given = Storage::builder().network(&data).directories(media()).encryption_key(given);
    assert!(declared(given.build()).1.key.own.is_none());
}
