//! What a front declares in its main variants, and what is refused.

use std::collections::BTreeMap;

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::plan::{Plan, Scope, plan};
use globecart_aws::engine::{Clock, Place, State, Zone as AvailabilityZone};
use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
use globecart_aws::{
    Aws, CertificateArn, Environment, Options, SecurityGroupId, Stack, SubnetId, VpcId, Waived,
    http_client,
};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use serde_json::{Value, json};

use crate::{
    Backend, Condition, DomainZone, Entrance, Firewall, Front, FrontLogs, FrontOutputs,
    HealthCheck, TLS_POLICY, TargetProtocol, WebAclRule,
};

mod arguments;
mod tasks;
mod workload;

fn zone(number: u8) -> AvailabilityZone {
    let letter = ["a", "b", "c"][usize::from(number) - 1];
    AvailabilityZone { name: format!("eu-central-1{letter}"), id: format!("euc1-az{number}") }
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

/// A VPC with a subnet of a tier in each of so many zones.
fn network(tier: Tier, zones: u8) -> NetworkOutputs {
    let subnet = |number: u8| {
        let cidr = format!("10.0.{number}.0/24").parse().unwrap();
        NetworkSubnet::new(tier, zone(number), cidr, SubnetId::new(format!("subnet-{number}")))
    };
    NetworkOutputs::existing()
        .vpc(VpcId::new("vpc-1"))
        .cidr("10.0.0.0/16".parse().unwrap())
        .subnets((1..=zones).map(subnet).collect())
        .egress(Egress::Internet)
        .build()
}

async fn planned(stack: &Stack) -> Plan {
    let options = Options {
        region: Some(stack.place().region.clone()),
        clock: Clock::wall(),
        http_client: Some(http_client(SdkClient::new(Cloud::in_memory(CloudOptions::default())))),
        endpoint: None,
        credentials: false,
    };
    let aws = Aws::connect(options).await.unwrap();
    let state = State::new("shop", stack.place(), 0);
    plan(&aws, stack, &state, &Clock::wall(), &Scope::default()).await.unwrap()
}

fn declared(front: Front<'_>) -> (Stack, FrontOutputs) {
    let mut stack = stack();
    let outputs = stack.component("front", front).unwrap();
    stack.check().unwrap();
    (stack, outputs)
}

/// The plan by type.
fn listed(plan: &Plan) -> String {
    let mut lines: Vec<String> =
        plan.steps.iter().map(|step| format!("{:<27}{}", step.kind, step.address)).collect();
    lines.sort();
    lines.join("\n")
}

/// How many resources of each type a plan has that another one has not.
fn counted(plan: &Plan) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for step in &plan.steps {
        *counts.entry(step.kind.clone()).or_default() += 1;
    }
    counts
}

/// An argument of a resource as it is declared.
fn argument(plan: &Plan, address: &str, name: &str) -> Value {
    let step = plan.steps.iter().find(|step| step.address.as_str() == address).unwrap();
    step.fields.iter().find(|field| field.name == name).map_or(Value::Null, |it| it.new.clone())
}

fn https() -> Entrance {
    Entrance::https("shop.globecart.example", "globecart.example")
}

#[tokio::test(start_paused = true)]
async fn the_default() {
    let network = network(Tier::Public, 3);
    let (stack, outputs) = declared(Front::builder().network(&network).listener(https()).build());
    let plan = planned(&stack).await;
    insta::assert_snapshot!(listed(&plan), @"
    acm:Certificate            front/certificate
    acm:CertificateValidation  front/certificate-issued
    cloudwatch:MetricAlarm     front/certificate-expiry
    cloudwatch:MetricAlarm     front/errors
    cloudwatch:MetricAlarm     front/rejected-connections
    ec2:SecurityGroup          front/security-group
    ec2:SecurityGroupRule      front/from-clients-by-http
    ec2:SecurityGroupRule      front/from-clients-by-https
    elbv2:Listener             front/listener
    elbv2:Listener             front/redirect
    elbv2:LoadBalancer         front/load-balancer
    kms:Alias                  front/key-alias
    kms:Key                    front/key
    logs:LogGroup              front/web-acl-logs
    logs:ResourcePolicy        front/web-acl-logs-policy
    route53:RecordSet          front/certificate-record
    route53:RecordSet          front/record
    s3:Bucket                  front/logs
    wafv2:LoggingConfiguration front/web-acl-logging
    wafv2:WebAcl               front/web-acl
    wafv2:WebAclAssociation    front/web-acl-association
    ");
    let of_balancer = |name: &str| argument(&plan, "front/load-balancer", name);
    assert_eq!(of_balancer("deletion_protection"), true);
    assert_eq!(of_balancer("drop_invalid_headers"), true);
    assert_eq!(of_balancer("desync_mitigation"), "defensive");
    assert_eq!(of_balancer("internal"), false);
    assert_eq!(of_balancer("access_logs")["prefix"], "requests");
    assert_eq!(of_balancer("connection_logs")["prefix"], "connections");
    assert_eq!(argument(&plan, "front/listener", "tls")["policy"], TLS_POLICY);
    assert_eq!(argument(&plan, "front/listener", "port"), 443);
    assert_eq!(
        argument(&plan, "front/redirect", "action"),
        json!({"redirect_to_https": {"port": 443}})
    );
    assert_eq!(argument(&plan, "front/web-acl-logs", "retention_days"), 365);
    let group = argument(&plan, "front/web-acl-logs", "name");
    assert!(group.as_str().unwrap().starts_with("aws-waf-logs-shop-front-"), "{group}");
    assert_eq!(outputs.alarms.len(), 3);
    assert_eq!(outputs.url.get().unwrap(), "https://shop.globecart.example");
}

#[tokio::test(start_paused = true)]
async fn development_has_no_firewall_and_can_be_deleted() {
    let network = network(Tier::Public, 2);
    let front = Front::builder().network(&network).listener(https());
    let (stack, outputs) = declared(front.environment(Environment::Development).build());
    let plan = planned(&stack).await;
    assert!(outputs.firewall.is_none());
    assert!(
        !counted(&plan).keys().any(|kind| kind.starts_with("wafv2") || kind.starts_with("kms"))
    );
    assert_eq!(argument(&plan, "front/load-balancer", "deletion_protection"), false);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_there_needs_no_records() {
    let network = network(Tier::Public, 2);
    let arn = CertificateArn::new("arn:aws:acm:eu-central-1:123456789012:certificate/1");
    let listener = Entrance::certificate("shop.example", arn.clone());
    let (stack, outputs) = declared(Front::builder().network(&network).listener(listener).build());
    let plan = planned(&stack).await;
    let kinds = counted(&plan);
    assert!(!kinds.contains_key("acm:Certificate") && !kinds.contains_key("route53:RecordSet"));
    assert_eq!(argument(&plan, "front/listener", "tls")["certificate"], arn.as_str());
    assert_eq!(outputs.alarms.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_says_why() {
    let network = network(Tier::Public, 2);
    let because = || Waived::because("a test");
    let front = Front::builder()
        .network(&network)
        .listener(Entrance::PlainHttp(because()))
        .firewall(Firewall::Off(because()))
        .logs(FrontLogs::Off(because()))
        .build();
    let (stack, outputs) = declared(front);
    let plan = planned(&stack).await;
    assert!(outputs.redirect.is_none() && outputs.log_bucket.is_none());
    assert_eq!(argument(&plan, "front/listener", "port"), 80);
    let waived: Vec<&str> =
        plan.notices.iter().filter_map(|notice| notice.strip_prefix("waived: ")).collect();
    assert_eq!(
        waived,
        [
            "recording requests and connections (a test)",
            "encrypting what clients send and get (a test)",
            "looking at requests before they pass (a test)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_is_made_comes_with_a_notice() {
    let network = network(Tier::Public, 2);
    let listener = Entrance::Https {
        domain: "globecart.example".to_owned(),
        zone: DomainZone::Made("globecart.example".to_owned()),
    };
    let (stack, outputs) = declared(Front::builder().network(&network).listener(listener).build());
    let plan = planned(&stack).await;
    assert!(outputs.domain.unwrap().zone.is_some());
    assert_eq!(counted(&plan)["route53:HostedZone"], 1);
    assert!(
        plan.notices.iter().any(|notice| notice.contains("name servers")),
        "{:?}",
        plan.notices
    );
}

#[tokio::test(start_paused = true)]
async fn an_internal_one_is_open_to_the_network_alone() {
    let network = network(Tier::Private, 2);
    let front = Front::builder().network(&network).listener(https()).internal(true).build();
    let (stack, _) = declared(front);
    let plan = planned(&stack).await;
    assert_eq!(argument(&plan, "front/load-balancer", "internal"), true);
    let peer = argument(&plan, "front/from-clients-by-https", "peer");
    assert_eq!(peer, json!({"cidr": "10.0.0.0/16"}));
}

fn backend(name: &str, group: SecurityGroupId) -> Backend {
    Backend::builder()
        .name(name)
        .security_group(group)
        .port(8443)
        .health_check(HealthCheck::builder().path("/healthz").build())
        .priority(100)
        .build()
}

#[tokio::test(start_paused = true)]
async fn services_share_the_listener_by_their_rules() {
    let network = network(Tier::Public, 2);
    let (mut stack, front) = declared(Front::builder().network(&network).listener(https()).build());
    let group = SecurityGroup::builder().vpc(VpcId::new("vpc-1")).description("The shop").build();
    let group = stack.add("shop", group).unwrap();
    let mut shop = backend("shop", SecurityGroupId::new("sg-shop"));
    shop.security_group = (&group.id).into();
    let shop = front.route(&mut stack, &shop).unwrap();
    let mut api = backend("api", SecurityGroupId::new("sg-api"));
    api.priority = 10;
    api.conditions = vec![Condition::Path(vec!["/api/*".to_owned()])];
    front.route(&mut stack, &api).unwrap();
    stack.check().unwrap();
    let plan = planned(&stack).await;
    let own: Vec<String> = plan
        .steps
        .iter()
        .map(|step| format!("{:<24}{}", step.kind, step.address))
        .filter(|line| !line.contains("front/"))
        .collect();
    let mut own = own;
    own.sort();
    insta::assert_snapshot!(own.join("\n"), @"
    cloudwatch:MetricAlarm  api-errors
    cloudwatch:MetricAlarm  api-slow
    cloudwatch:MetricAlarm  api-unhealthy
    cloudwatch:MetricAlarm  shop-errors
    cloudwatch:MetricAlarm  shop-slow
    cloudwatch:MetricAlarm  shop-unhealthy
    ec2:SecurityGroup       shop
    ec2:SecurityGroupRule   api-from-front
    ec2:SecurityGroupRule   front-to-api
    ec2:SecurityGroupRule   front-to-shop
    ec2:SecurityGroupRule   shop-from-front
    elbv2:ListenerRule      api-rule
    elbv2:ListenerRule      shop-rule
    elbv2:TargetGroup       api-target-group
    elbv2:TargetGroup       shop-target-group
    ");
    assert_eq!(argument(&plan, "shop-target-group", "protocol"), "https");
    assert_eq!(argument(&plan, "shop-target-group", "deregistration_delay_secs"), 30);
    assert_eq!(argument(&plan, "shop-rule", "conditions"), json!([{"path": ["*"]}]));
    assert_eq!(shop.alarms.len(), 3);
    assert_eq!(shop.errors, shop.alarms[0]);
}

#[test]
fn plain_text_to_a_service_says_why() {
    let network = network(Tier::Public, 2);
    let (mut stack, front) = declared(Front::builder().network(&network).listener(https()).build());
    let mut plain = backend("plain", SecurityGroupId::new("sg-1"));
    plain.protocol = TargetProtocol::Http;
    assert_eq!(
        front.route(&mut stack, &plain).unwrap_err().to_string(),
        "protocol: sends requests in plain text: say why by `plain_http`"
    );
    plain.plain_http = Some(Waived::because("the mesh encrypts"));
    front.route(&mut stack, &plain).unwrap();
    let mut aside = backend("aside", SecurityGroupId::new("sg-1"));
    aside.health_check.port = Some(9000);
    assert_eq!(
        front.route(&mut stack, &aside).unwrap_err().to_string(),
        "health_check: checks go to the port that requests go to: no other one is open"
    );
}

#[track_caller]
fn refused(front: Front<'_>, expected: &str) {
    let error = stack().component("front", front).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_cannot_be_is_refused_before_any_call() {
    let public = network(Tier::Public, 2);
    let front = |listener| Front::builder().network(&public).listener(listener).build();
    refused(
        front(Entrance::https("shop.example", "other.example")),
        "front/listener: `shop.example` is not in the zone `other.example`",
    );
    let rule = "must be labels of small letters, digits and hyphens with dots between, as in `shop.example`";
    refused(
        front(Entrance::https("Shop.example", "example.example")),
        &format!("front/listener: `Shop.example` {rule}"),
    );
    refused(
        front(Entrance::PlainHttp(Waived::because(" "))),
        "front/listener: waiving encrypting what clients send and get needs a reason",
    );
    let single = network(Tier::Public, 1);
    refused(
        Front::builder().network(&single).listener(https()).build(),
        "front/network: has public subnets in 1 zones, and a load balancer stands in two or more",
    );
    let private = network(Tier::Private, 2);
    refused(
        Front::builder().network(&private).listener(https()).build(),
        "front/network: has public subnets in 0 zones, and a load balancer stands in two or more",
    );
    let twice = vec![WebAclRule::rate_limit(100), WebAclRule::rate_limit(200)];
    let twice =
        Front::builder().network(&public).listener(https()).firewall(Firewall::Rules(twice));
    refused(twice.build(), "front/firewall: two are named `rate-limit`");
}
