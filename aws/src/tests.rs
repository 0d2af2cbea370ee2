use globecart_engine::{Argument, Effect, Input, Invalid, Order, Place, Resource};
use serde_json::{Value, json};

use crate::cloudwatch::{Comparison, Metric, MetricAlarm, Statistic, Watch};
use crate::ec2::{Direction, Peer, Ports, SecurityGroup, SecurityGroupRule, Traffic};
use crate::iam::{ManagedPolicy, Role, RolePolicyAttachment};
use crate::kms::{Alias, Key};
use crate::lists::in_recorded_order;
use crate::logs::LogGroup;
use crate::policy::{PolicyDocument, Statement};
use crate::s3::{Bucket, LifecycleRule};
use crate::sns::{Protocol, Subscription, Topic};
use crate::{
    AlertRoute, Alerts, Aws, Environment, KeyId, PolicyArn, RoleName, SecurityGroupId, Stack,
    TopicArn, VpcId, Waived,
};

mod invoked;
mod stores;

fn place() -> Place {
    let (partition, account) = ("aws".to_owned(), "123456789012".to_owned());
    Place { partition, account, region: "eu-central-1".to_owned(), zones: Vec::new() }
}

fn stack() -> Stack {
    Stack::new("shop", place()).unwrap()
}

fn rule() -> SecurityGroupRule {
    SecurityGroupRule::builder()
        .group(SecurityGroupId::new("sg-1"))
        .direction(Direction::Ingress)
        .traffic(Traffic::tcp(443))
        .peer(Peer::Cidr("10.0.0.0/16".parse().unwrap()))
        .description("HTTPS from the VPC")
        .build()
}

fn alarm(watch: impl Into<Watch>) -> MetricAlarm {
    MetricAlarm::builder()
        .description("look at it")
        .watch(watch)
        .comparison(Comparison::GreaterThan)
        .threshold(0.0)
        .evaluation_periods(5)
        .alarm_actions(Vec::new())
        .build()
}

fn cpu() -> Metric {
    Metric::new("AWS/RDS", "CPUUtilization", Statistic::Average)
        .dimension("DBInstanceIdentifier", "db-1")
}

fn key() -> Key {
    Key::builder().description("logs").policy(PolicyDocument::for_key(&place(), [])).build()
}

fn role() -> Role {
    let trust = PolicyDocument::trust(
        "vpc-flow-logs.amazonaws.com",
        &place(),
        "arn:aws:ec2:*:*:vpc-flow-log/*",
    );
    Role::builder().trust(trust).description("flow logs").build()
}

fn managed_policy() -> ManagedPolicy {
    let document = PolicyDocument::new([Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::b/*")]);
    ManagedPolicy::builder().document(document).description("reads b").build()
}

/// A resource with one field of its JSON replaced.
fn with<R: Resource<Aws>>(resource: &R, field: &str, value: Value) -> R {
    let mut json = serde_json::to_value(resource).unwrap();
    json[field] = value;
    serde_json::from_value(json).unwrap()
}

#[test]
fn every_type_is_known_and_says_what_it_needs() {
    let kinds = crate::kinds();
    let mut names: Vec<&str> = kinds.iter().map(globecart_engine::Kind::name).collect();
    names.sort_unstable();
    let all = [
        "cloudwatch:MetricAlarm",
        "ec2:SecurityGroup",
        "ec2:SecurityGroupRule",
        "events:Rule",
        "events:RuleTarget",
        "iam:ManagedPolicy",
        "iam:Role",
        "iam:RolePolicyAttachment",
        "kms:Alias",
        "kms:Key",
        "lambda:Function",
        "lambda:Permission",
        "logs:LogGroup",
        "s3:Bucket",
        "sns:Subscription",
        "sns:Topic",
    ];
    assert_eq!(names, all);
    for kind in kinds {
        let actions = kind.facts().actions;
        for of in [actions.create, actions.read, actions.delete] {
            assert!(
                !of.is_empty() && of.iter().all(|action| action.contains(':')),
                "{}",
                kind.name()
            );
        }
    }
}

#[test]
fn what_aws_would_refuse_is_refused_before_any_call() {
    #[track_caller]
    fn check<R: Resource<Aws>>(resource: &R, problem: &str) {
        let found = resource.check().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(found.contains(problem) && found.is_empty() == problem.is_empty(), "{found}");
    }
    check(&rule(), "");
    check(&with(&rule(), "description", json!("")), "description: `` must be 1 to 255");
    check(&with(&rule(), "description", json!("für alle")), "description: `für alle`");
    check(
        &with(&rule(), "traffic", json!({ "tcp": Ports { from: 9, to: 1 } })),
        "traffic: the ports 9 to 1",
    );
    check(
        &with(&rule(), "peer", json!({ "cidr": "10.0.0.1/16" })),
        "peer: 10.0.0.1/16 has host bits set",
    );
    let open = with(&rule(), "peer", json!({ "cidr": "0.0.0.0/0" }));
    check(&open, "");
    check(
        &with(&open, "traffic", json!({ "tcp": Ports { from: 22, to: 22 } })),
        "peer: from everywhere only",
    );
    check(&with(&open, "traffic", json!("all")), "peer: from everywhere only");
    check(&with(&with(&open, "direction", json!("egress")), "traffic", json!("all")), "");

    check(&SecurityGroup::builder().vpc(VpcId::new("vpc-1")).description("x").build(), "");
    let group = LogGroup::builder().build();
    check(&group, "");
    check(&with(&group, "name", json!("a b")), "name: `a b` must be");
    check(
        &with(&group, "retention_days", json!(366)),
        "retention_days: AWS keeps events for 1, 3, 5",
    );
    check(&key(), "");
    check(&with(&key(), "rotation_days", json!(30)), "rotation_days: must be 90 to 2,560");
    check(
        &with(&key(), "deletion_window_days", json!(31)),
        "deletion_window_days: must be 7 to 30",
    );
    let everybody = PolicyDocument::new([Statement::allow(["kms:*"]).anybody().on_any()]);
    check(&with(&key(), "policy", json!(everybody)), "policy: allows everybody something");
    let alias = Alias::builder().key(KeyId::new("k")).build();
    check(&alias, "");
    check(&with(&alias, "name", json!("aws/s3")), "name: `aws/s3` must be");

    check(&role(), "");
    check(&with(&role(), "path", json!("x")), "path: `x` must begin and end");
    check(
        &with(&role(), "max_session_secs", json!(60)),
        "max_session_secs: must be 3,600 to 43,200",
    );
    let anyone =
        PolicyDocument::new([Statement::allow(["sts:AssumeRole"]).service("ec2.amazonaws.com")]);
    check(
        &with(&role(), "trust", json!(anyone)),
        "trust: a service may assume the role for any account",
    );
    check(&managed_policy(), "");
    let all = PolicyDocument::new([Statement::allow(["s3:GetObject"]).on_any()]);
    check(&with(&managed_policy(), "document", json!(all)), "document: allows s3:GetObject on `*`");

    check(&alarm(cpu()), "");
    check(&alarm(cpu().every(45)), "a period of 45 s must be");
    check(&alarm(Metric::new("n", "m", Statistic::Percentile(101.0))), "the percentile 101");
    check(&alarm(Watch::math("a / b", [("a", cpu()), ("b", cpu())])), "");
    check(&alarm(Watch::math("1", [])), "1 to 9 metrics");
    check(&alarm(Watch::math("A", [("A", cpu())])), "the id `A` must be");
    check(&with(&alarm(cpu()), "evaluation_periods", json!(1441)), "must be 1 to a day");
    check(&with(&alarm(cpu()), "datapoints", json!(6)), "datapoints: must be 1 to 5");

    let bucket = Bucket::builder().build();
    check(&bucket, "");
    check(
        &Bucket::builder().lifecycle(vec![LifecycleRule::tidy(), LifecycleRule::tidy()]).build(),
        "two rules",
    );
    check(
        &Bucket::builder().lifecycle(vec![LifecycleRule::builder().id("").build()]).build(),
        "the id must have",
    );
    let topic = Topic::builder()
        .policy(PolicyDocument::new([Statement::alarms_may_publish(&place())]))
        .build();
    check(&topic, "");
    check(&with(&topic, "display_name", json!("x".repeat(101))), "display_name");
    let subscription =
        Subscription::builder().topic(TopicArn::new("arn:t")).protocol(Protocol::Email);
    let subscription = subscription.endpoint("a@b.example").build();
    check(&subscription, "");
    check(&with(&subscription, "endpoint", json!("nobody")), "endpoint: `nobody`");
}

#[test]
fn a_change_is_in_place_where_aws_can() {
    #[track_caller]
    fn check<R: Resource<Aws>>(fields: &[&str], expected: Argument) {
        for field in fields {
            assert_eq!(R::argument(field, &json!("a"), &json!("b")), expected, "{field}");
        }
    }
    let (in_place, replaced) =
        (Argument::InPlace(Effect::AtOnce), Argument::Replace(Order::CreateFirst));
    check::<SecurityGroup>(&["vpc", "description"], replaced);
    check::<SecurityGroup>(&["allow_all_egress"], in_place);
    check::<SecurityGroupRule>(&["group", "direction"], replaced);
    check::<SecurityGroupRule>(&["traffic", "description"], in_place);
    check::<LogGroup>(&["name"], replaced);
    check::<LogGroup>(&["retention_days", "kms_key", "deletion_protection"], in_place);
    check::<Alias>(&["name"], replaced);
    check::<Alias>(&["key"], in_place);
    check::<Key>(
        &["policy", "description", "rotation", "enabled", "deletion_window_days"],
        in_place,
    );
    check::<Role>(&["path"], replaced);
    check::<Role>(&["trust", "description", "max_session_secs", "permissions_boundary"], in_place);
    check::<ManagedPolicy>(&["path", "description"], replaced);
    check::<ManagedPolicy>(&["document"], in_place);
    check::<RolePolicyAttachment>(&["role", "policy"], replaced);
    check::<MetricAlarm>(&["watch", "threshold", "alarm_actions"], in_place);
    check::<Bucket>(&["kms_key", "versioning", "lifecycle", "access", "force_empty"], in_place);
    check::<Subscription>(&["topic", "protocol", "endpoint"], replaced);

    let peer =
        |old: Value, new: Value| <SecurityGroupRule as Resource<Aws>>::argument("peer", &old, &new);
    assert_eq!(peer(json!({ "cidr": "10.0.0.0/8" }), json!({ "cidr": "10.1.0.0/16" })), in_place);
    assert_eq!(peer(json!({ "cidr": "10.0.0.0/8" }), json!({ "group": "sg-2" })), replaced);
}

#[test]
fn order_is_no_change() {
    let recorded: Vec<Input<TopicArn>> = ["b", "a"].map(|arn| TopicArn::new(arn).into()).into();
    let live =
        |arns: &[&str]| in_recorded_order(arns.iter().map(|arn| TopicArn::new(*arn)), &recorded);
    assert_eq!(live(&["a", "b"]), recorded);
    assert_ne!(live(&["a", "c"]), recorded);
    assert_ne!(live(&["a"]), recorded);
}

#[test]
fn alerts_are_encrypted_limited_and_watched() {
    let mut stack = stack();
    let emails = ["oncall@globecart.example", "shop+alerts@globecart.example"];
    let alerts = stack.component("alerts", Alerts::builder().emails(emails).build()).unwrap();
    assert_eq!(alerts.subscriptions.len(), 2);
    assert_eq!(alerts.route().actions(), [Input::from(&alerts.topic.arn)]);
    alerts.admit(&mut stack, "events.rds.amazonaws.com", "arn:aws:rds:*:*:es:*").unwrap();
    let (mut policy, mut topic) = (None, None);
    stack
        .amend::<Key>(&alerts.key, |key| policy = Some(serde_json::to_value(key).unwrap()))
        .unwrap();
    stack
        .amend::<Topic>(&alerts.topic, |of| topic = Some(serde_json::to_value(of).unwrap()))
        .unwrap();
    let services = |of: &Value| -> Vec<String> {
        let statements = of["policy"]["Statement"].as_array().unwrap().iter();
        let limited =
            statements.filter(|it| it["Condition"]["ArnLike"]["aws:SourceArn"].is_array());
        limited.map(|it| it["Principal"]["Service"][0].as_str().unwrap().to_owned()).collect()
    };
    let both = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"];
    assert_eq!(services(&policy.unwrap()), both);
    assert_eq!(services(&topic.unwrap()), both);
    stack.check().unwrap();
}

#[test]
fn alerts_share_a_key_of_the_stack() {
    let mut stack = stack();
    let shared = stack.add("key", key()).unwrap();
    let alerts = stack.component("alerts", Alerts::builder().key(&shared).build()).unwrap();
    let mut statements = 0;
    stack.amend::<Key>(&alerts.key, |key| statements = key_statements(key)).unwrap();
    assert_eq!(statements, 2);
    let error = stack.component("twice", Alerts::builder().emails(["nobody"]).build()).unwrap_err();
    assert!(error.to_string().contains("emails"), "{error}");
}

fn key_statements(key: &Key) -> usize {
    serde_json::to_value(key).unwrap()["policy"]["Statement"].as_array().unwrap().len()
}

#[test]
fn a_control_is_waived_only_with_a_reason() {
    let mut stack = stack();
    let waive = |stack: &mut Stack, reason: &str| {
        Waived::because(reason).apply(stack, "flow_logs", "flow logs")
    };
    waive(&mut stack, "a test network").unwrap();
    let error: Invalid = waive(&mut stack, "  ").unwrap_err();
    assert_eq!(error.to_string(), "flow_logs: waiving flow logs needs a reason");
    assert!(AlertRoute::Nowhere(Waived::because("a test")).actions().is_empty());
    assert!(AlertRoute::Nowhere(Waived::because("")).apply(&mut stack).is_err());
}

#[test]
fn an_environment_reads_back_from_its_name() {
    for environment in [Environment::Production, Environment::Development] {
        assert_eq!(environment.to_string().parse::<Environment>().unwrap(), environment);
    }
    let error = "staging".parse::<Environment>().unwrap_err();
    assert_eq!(error.to_string(), "environment: `staging` must be `production` or `development`");
}

#[test]
fn references_are_typed() {
    let mut stack = stack();
    let role = stack.add("role", role()).unwrap();
    let policy = stack.add("policy", managed_policy()).unwrap();
    let attached = RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn).build();
    let attached = stack.add("attached", attached).unwrap();
    let _: &Input<RoleName> = &attached.role;
    let fixed = RolePolicyAttachment::builder()
        .role(&attached.role)
        .policy(PolicyArn::new("arn:aws:iam::aws:policy/x"));
    stack.add("more", fixed.build()).unwrap();
    stack.check().unwrap();
}
