//! What credentials declare in their main variants, and what is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use globecart_aws::database::DatabaseTarget;
use globecart_aws::engine::plan::{Plan, Scope, plan};
use globecart_aws::engine::{Clock, Invalid, Place, State, Zone};
use globecart_aws::lambda::Code;
use globecart_aws::network::{Egress, InterfaceEndpoint, NetworkOutputs, NetworkSubnet, Tier};
use globecart_aws::{
    AlertRoute, Aws, DbClusterArn, DbClusterId, EncryptionKey, Environment, KeyArn, Options,
    SecretArn, SecurityGroupId, Server, Stack, StoreAccess, StoreKey, SubnetId, TopicArn, VpcId,
    Waived, WriterEndpoint, http_client,
};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use globecart_rotation::{Package, SOURCE_HASH};
use serde_json::{Value, json};

use crate::package::{Choice, NONE, Wanted};
use crate::{Architecture, Credentials, Schedule, Strategy};

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

/// A VPC with subnets of a tier in two zones, and this way out.
fn network(tier: Tier, egress: Egress, endpoints: &[InterfaceEndpoint]) -> NetworkOutputs {
    let subnet = |number: u8| {
        let cidr = format!("10.0.{number}.0/24").parse().unwrap();
        NetworkSubnet::new(tier, zone(number), cidr, SubnetId::new(format!("subnet-{number}")))
    };
    NetworkOutputs::existing()
        .vpc(VpcId::new("vpc-1"))
        .cidr("10.0.0.0/16".parse().unwrap())
        .subnets((1..=2).map(subnet).collect())
        .egress(egress)
        .interface_endpoints(endpoints.iter().copied().collect::<BTreeSet<_>>())
        .endpoint_security_group(SecurityGroupId::new("sg-endpoints"))
        .build()
}

fn with_nat() -> NetworkOutputs {
    network(Tier::Private, Egress::Internet, &[])
}

/// A cluster that is there already, but for its security group.
fn target(stack: &mut Stack) -> DatabaseTarget {
    struct Group;
    impl globecart_aws::engine::Component<Aws> for Group {
        type Outputs = StoreAccess;

        fn declare(self, stack: &mut Stack) -> Result<StoreAccess, Invalid> {
            StoreAccess::closed(stack, VpcId::new("vpc-1"), 5432)
        }
    }
    let key = KeyArn::new("arn:aws:kms:eu-central-1:123456789012:key/db");
    let name = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-1-abcdef";
    DatabaseTarget {
        arn: DbClusterArn::new("arn:aws:rds:eu-central-1:123456789012:cluster:shop").into(),
        id: DbClusterId::new("shop").into(),
        endpoint: WriterEndpoint::new("shop.cluster-1.eu-central-1.rds.amazonaws.com").into(),
        port: 5432,
        name: "shop".to_owned(),
        master_secret: SecretArn::new(name).into(),
        access: stack.component("db", Group).unwrap(),
        key: StoreKey { arn: Some(key.into()), own: None },
        ready_with: Vec::new(),
    }
}

fn declared(credentials: impl FnOnce(&mut Stack) -> Result<(), Invalid>) -> Result<Stack, Invalid> {
    let mut stack = stack();
    credentials(&mut stack)?;
    stack.check()?;
    Ok(stack)
}

/// Credentials that are attached, as the change makes them of the default.
fn attached<'a>(
    change: impl FnOnce(Credentials<'a>) -> Credentials<'a>,
    network: &'a NetworkOutputs,
) -> Result<Stack, Invalid> {
    declared(|stack| {
        let target = target(stack);
        let credentials = change(Credentials::builder().network(network).build());
        stack.component("login", credentials.attach_to_rds(&target)).map(|_| ())
    })
}

async fn planned(mut stack: Stack) -> Plan {
    let aws = connect().await;
    stack.settle(&aws).unwrap();
    let state = State::new("shop", stack.place(), 0);
    plan(&aws, &stack, &state, &Clock::wall(), &Scope::default()).await.unwrap()
}

fn listed(plan: &Plan) -> String {
    let lines = plan.steps.iter().map(|step| format!("{:<32}{}", step.kind, step.address));
    let mut lines: Vec<String> = lines.filter(|line| line.contains("login/")).collect();
    lines.sort();
    lines.join("\n")
}

/// An argument of a resource as it is declared.
fn argument(plan: &Plan, address: &str, name: &str) -> Value {
    let address = format!("login/{address}");
    let step = plan.steps.iter().find(|step| step.address.as_str() == address).unwrap();
    step.fields.iter().find(|field| field.name == name).map_or(Value::Null, |it| it.new.clone())
}

fn topic() -> TopicArn {
    TopicArn::new("arn:aws:sns:eu-central-1:123456789012:alerts")
}

#[tokio::test(start_paused = true)]
async fn attached_credentials_bring_all_that_rotates_them() {
    let network = with_nat();
    let plan = planned(attached(|it| it, &network).unwrap()).await;
    insta::assert_snapshot!(listed(&plan), @"
    cloudwatch:MetricAlarm          login/duration
    cloudwatch:MetricAlarm          login/errors
    cloudwatch:MetricAlarm          login/throttles
    ec2:SecurityGroup               login/security-group
    ec2:SecurityGroupRule           login/db-from-rotation
    ec2:SecurityGroupRule           login/rotation-to-db
    ec2:SecurityGroupRule           login/rotation-to-secrets-manager
    iam:ManagedPolicy               login/role-rotating
    iam:ManagedPolicy               login/role-running
    iam:Role                        login/role
    iam:RolePolicyAttachment        login/role-rotating-attached
    iam:RolePolicyAttachment        login/role-running-attached
    kms:Alias                       login/key-alias
    kms:Key                         login/key
    lambda:Function                 login/function
    lambda:Permission               login/invoked-by-secrets-manager
    logs:LogGroup                   login/log
    secretsmanager:RotationSchedule login/schedule
    secretsmanager:Secret           login/secret
    secretsmanager:SecretPolicy     login/policy
    ");
    assert_eq!(argument(&plan, "schedule", "schedule"), json!({"days": 30}));
    assert_eq!(argument(&plan, "secret", "recovery_window_days"), 30);
    let environment = argument(&plan, "function", "environment");
    assert_eq!(environment["DATABASE_HOST"], "shop.cluster-1.eu-central-1.rds.amazonaws.com");
    assert_eq!(environment["ROTATION_STRATEGY"], "alternating-users");
    let fields = argument(&plan, "secret", "fields");
    assert_eq!((&fields["username"], &fields["port"]), (&json!("app"), &json!(5432)));
    assert!(!plan.notices.iter().any(|notice| notice.contains("attach it")));
}

#[tokio::test(start_paused = true)]
async fn told_of_failures_where_there_is_somebody_to_tell() {
    let network = with_nat();
    let told =
        attached(|it| Credentials { alerts: Some(AlertRoute::topic(topic())), ..it }, &network);
    let plan = planned(told.unwrap()).await;
    let pattern = argument(&plan, "rotation-failed", "pattern");
    assert_eq!(pattern["detail"]["eventName"], json!(["RotationFailed"]));
    assert_eq!(argument(&plan, "rotation-failed-to-topic", "topic"), topic().as_str());
}

#[tokio::test(start_paused = true)]
async fn without_a_database_there_is_a_secret_and_a_notice() {
    let network = with_nat();
    let credentials = Credentials::builder().network(&network).build();
    let stack = declared(|stack| stack.component("login", credentials).map(|_| ())).unwrap();
    let plan = planned(stack).await;
    insta::assert_snapshot!(listed(&plan), @"
    kms:Alias                       login/key-alias
    kms:Key                         login/key
    secretsmanager:Secret           login/secret
    secretsmanager:SecretPolicy     login/policy
    ");
    assert!(plan.notices.iter().any(|notice| notice.contains("attach it")), "{:?}", plan.notices);
}

#[tokio::test(start_paused = true)]
async fn development_leaves_nothing_and_a_given_key_is_used() {
    let network = with_nat();
    let given = KeyArn::new("arn:aws:kms:eu-central-1:123456789012:key/k");
    let own = attached(
        |it| Credentials {
            environment: Environment::Development,
            encryption_key: EncryptionKey::Given(given.clone().into()),
            strategy: Strategy::SingleUser,
            schedule: Schedule::Expression("rate(10 days)".to_owned()),
            ..it
        },
        &network,
    );
    let plan = planned(own.unwrap()).await;
    assert_eq!(argument(&plan, "secret", "recovery_window_days"), 0);
    assert_eq!(argument(&plan, "secret", "kms_key"), given.as_str());
    assert_eq!(argument(&plan, "log", "kms_key"), given.as_str());
    assert_eq!(argument(&plan, "schedule", "schedule"), json!({"expression": "rate(10 days)"}));
    assert_eq!(argument(&plan, "function", "environment")["ROTATION_STRATEGY"], "single-user");
    let waived = EncryptionKey::AwsManaged(Waived::because("a trial"));
    let waived = attached(|it| Credentials { encryption_key: waived, ..it }, &network);
    let plan = planned(waived.unwrap()).await;
    assert_eq!(argument(&plan, "secret", "kms_key"), Value::Null);
}

/// What comes before the schedule, which rotates at once, however far.
#[test]
fn the_schedule_comes_last() {
    let network = with_nat();
    let stack = attached(|it| it, &network).unwrap();
    let needs: BTreeMap<String, Vec<String>> = stack
        .needs()
        .map(|(address, needs)| {
            (address.to_string(), needs.keys().map(ToString::to_string).collect())
        })
        .collect();
    let mut before = BTreeSet::new();
    let mut open = vec!["login/schedule".to_owned()];
    while let Some(address) = open.pop() {
        open.extend(needs[&address].iter().filter(|need| before.insert((*need).clone())).cloned());
    }
    let missing: Vec<&String> = needs.keys().filter(|address| !before.contains(*address)).collect();
    assert_eq!(
        missing,
        ["login/duration", "login/errors", "login/key-alias", "login/schedule", "login/throttles",]
    );
}

/// The function reaches Secrets Manager by the endpoint where there is one, and by the internet otherwise.
#[tokio::test(start_paused = true)]
async fn the_way_to_secrets_manager() {
    let endpoint = [InterfaceEndpoint::SecretsManager];
    let cases = [
        (network(Tier::Private, Egress::Internet, &[]), json!({"cidr": "0.0.0.0/0"})),
        (network(Tier::Private, Egress::None, &endpoint), json!({"group": "sg-endpoints"})),
        (network(Tier::Private, Egress::Internet, &endpoint), json!({"group": "sg-endpoints"})),
    ];
    for (network, expected) in cases {
        let plan = planned(attached(|it| it, &network).unwrap()).await;
        assert_eq!(argument(&plan, "rotation-to-secrets-manager", "peer"), expected);
    }
}

#[track_caller]
fn refused(
    network: &NetworkOutputs,
    change: impl FnOnce(Credentials<'_>) -> Credentials<'_>,
    parts: [&str; 2],
) {
    let invalid = attached(change, network).err().expect("it is refused").to_string();
    assert!(parts.iter().all(|part| invalid.contains(part)), "{invalid}");
}

#[test]
fn what_cannot_work_is_refused() {
    let with_nat = with_nat();
    let isolated = network(Tier::Private, Egress::None, &[InterfaceEndpoint::Kms]);
    refused(&isolated, |it| it, ["login/network", "secrets-manager"]);
    let data = network(Tier::Data, Egress::Internet, &[]);
    refused(&data, |it| it, ["login/network", "private"]);
    let (long, system) = ("u".repeat(58), "pg_app".to_owned());
    refused(&with_nat, |it| Credentials { username: long, ..it }, ["username", "57"]);
    refused(&with_nat, |it| Credentials { username: system, ..it }, ["username", "pg_"]);
    let never = Schedule::Days(0);
    refused(&with_nat, |it| Credentials { schedule: never, ..it }, ["login/schedule", "1000"]);
    refused(&with_nat, |it| Credentials { window_hours: Some(25), ..it }, ["schedule", "24"]);
    // Without a function it may stand anywhere.
    let credentials = Credentials::builder().network(&isolated).build();
    assert!(declared(|stack| stack.component("login", credentials).map(|_| ())).is_ok());
}

fn wanted() -> Wanted {
    Wanted { scope: "login".to_owned(), given: None, architecture: Architecture::X86_64 }
}

/// An empty archive that says this of itself.
fn package(folder: &Path, name: &str, source: &str, target: &str, place: &str) {
    let comment = format!("globecart-rotation source={source} target={target} for={place}");
    let length = u16::try_from(comment.len()).unwrap().to_le_bytes();
    let zip = [b"PK\x05\x06".as_slice(), &[0; 16], &length, comment.as_bytes()].concat();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), zip).unwrap();
}

const LINUX: &str = "x86_64-unknown-linux-gnu";

#[test]
fn on_aws_only_the_package_of_these_sources_will_do() {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("debug");
    let choose = || wanted().choose(Server::Aws, &folder, 1.0);
    let refused = |part: &str| {
        let text = choose().unwrap_err().to_string();
        assert!(text.contains("login/package") && text.contains("`cargo xtask lambda`"), "{text}");
        assert!(text.contains(part), "{text}");
    };
    refused(Package::X86_64);
    let lambda = target.path().join("lambda");
    package(&lambda, Package::X86_64, "5e0f", LINUX, "aws");
    refused("other sources");
    package(&lambda, Package::X86_64, SOURCE_HASH, "aarch64-unknown-linux-gnu", "aws");
    refused("aarch64");
    package(&lambda, Package::X86_64, SOURCE_HASH, LINUX, "embedded");
    refused("another place");
    std::fs::write(lambda.join(Package::X86_64), "no archive").unwrap();
    refused("no rotation package");
    package(&lambda, Package::X86_64, SOURCE_HASH, LINUX, "aws");
    let code = Code::Zip(lambda.join(Package::X86_64));
    let (rotates, wait_secs, notice) = (true, None, None);
    let expected = Choice { code, source: SOURCE_HASH, rotates, wait_secs, notice };
    assert_eq!(choose().unwrap(), expected);
    // The one beside the program comes first, and the one that is named before that.
    package(&folder, Package::X86_64, SOURCE_HASH, LINUX, "aws");
    assert_eq!(choose().unwrap().code, Code::Zip(folder.join(Package::X86_64)));
    let given = Wanted { given: Some(target.path().join("my.zip")), ..wanted() };
    let text = given.choose(Server::Aws, &folder, 1.0).unwrap_err().to_string();
    assert!(text.contains("my.zip"), "{text}");
    let arm = Wanted { architecture: Architecture::Arm64, ..wanted() };
    let text = arm.choose(Server::Aws, &folder, 1.0).unwrap_err().to_string();
    assert!(text.contains("`cargo xtask lambda --arch arm64`"), "{text}");
}

#[test]
fn elsewhere_a_function_without_its_package_says_so() {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("debug");
    package(&folder, Package::X86_64, SOURCE_HASH, LINUX, "aws");
    for server in [Server::Embedded, Server::Endpoint] {
        let choice = wanted().choose(server, &folder, 1.0).unwrap();
        let Code::Refusal(why) = &choice.code else { panic!("{choice:?}") };
        assert!(why.contains("login cannot be rotated"), "{why}");
        assert_eq!((choice.source, choice.rotates), (NONE, false));
        let notice = choice.notice.unwrap();
        let command = notice.contains("`cargo xtask lambda --host`");
        assert_eq!(command, server == Server::Embedded, "{notice}");
    }
    package(&folder, Package::HOST, SOURCE_HASH, LINUX, "embedded");
    let choice = wanted().choose(Server::Embedded, &folder, 200.0).unwrap();
    assert_eq!(choice.code, Code::Zip(folder.join(Package::HOST)));
    assert_eq!((choice.notice, choice.wait_secs), (None, Some(1600)));
    let choice = wanted().choose(Server::Embedded, &folder, 5000.0).unwrap();
    assert_eq!(choice.wait_secs, Some(1600), "a faster clock does not outlast the run's patience");
    let choice = wanted().choose(Server::Endpoint, &folder, 1.0).unwrap();
    assert!(matches!(choice.code, Code::Refusal(_)));
}
