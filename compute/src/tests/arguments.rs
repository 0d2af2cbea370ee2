//! What a change of each argument means, and what AWS would refuse.

use globecart_aws::engine::{Argument, Effect, Order, Resource};
use globecart_aws::{
    Aws, CertificateArn, DnsName, ListenerArn, LoadBalancerArn, LogGroupArn, SecurityGroupId,
    SubnetId, TargetGroupArn, VpcId, WebAclArn,
};
use serde_json::{Value, json};

use crate::{
    Action, Balancing, Certificate, CertificateValidation, Condition, HealthCheck, HostedZone,
    Listener, ListenerRule, LoadBalancer, LogDestination, LogResourcePolicy, ManagedRules,
    RecordSet, RecordTarget, TargetGroup, Tls, WebAcl, WebAclAssociation, WebAclLogging,
    WebAclRule, Zone,
};

const IN_PLACE: Argument = Argument::InPlace(Effect::AtOnce);
const CREATE_FIRST: Argument = Argument::Replace(Order::CreateFirst);

#[track_caller]
fn change<R: Resource<Aws>>(expected: &[(&str, Argument)]) {
    for (name, argument) in expected {
        assert_eq!(R::argument(name, &Value::Null, &Value::Null), *argument, "{} {name}", R::TYPE);
    }
}

#[test]
fn what_replaces_is_made_before_the_old_one_goes() {
    change::<LoadBalancer>(&[
        ("internal", CREATE_FIRST),
        ("subnets", IN_PLACE),
        ("deletion_protection", IN_PLACE),
    ]);
    change::<TargetGroup>(&[
        ("vpc", CREATE_FIRST),
        ("port", CREATE_FIRST),
        ("protocol", CREATE_FIRST),
        ("health_check", IN_PLACE),
        ("sticky_secs", IN_PLACE),
    ]);
    change::<Listener>(&[
        ("load_balancer", CREATE_FIRST),
        ("port", IN_PLACE),
        ("tls", IN_PLACE),
        ("action", IN_PLACE),
    ]);
    change::<ListenerRule>(&[
        ("listener", CREATE_FIRST),
        ("priority", IN_PLACE),
        ("conditions", IN_PLACE),
    ]);
    change::<Certificate>(&[("domain", CREATE_FIRST), ("wildcard", CREATE_FIRST)]);
    change::<CertificateValidation>(&[("certificate", CREATE_FIRST)]);
    change::<HostedZone>(&[("name", CREATE_FIRST), ("comment", IN_PLACE)]);
    change::<WebAcl>(&[("rules", IN_PLACE), ("description", IN_PLACE)]);
    change::<WebAclAssociation>(&[("web_acl", IN_PLACE), ("load_balancer", CREATE_FIRST)]);
    change::<WebAclLogging>(&[("web_acl", CREATE_FIRST), ("log_group", IN_PLACE)]);
    change::<LogResourcePolicy>(&[("policy", IN_PLACE)]);
}

#[test]
fn a_record_set_of_a_name_that_is_not_known_yet_goes_first() {
    let delete_first = Argument::Replace(Order::DeleteFirst);
    let of = |name: &str, new: Value| RecordSet::argument(name, &json!("a.example"), &new);
    assert_eq!(of("target", json!({})), IN_PLACE);
    assert_eq!(of("name", json!("b.example")), CREATE_FIRST);
    assert_eq!(of("name", json!({"$ref": "certificate"})), delete_first);
    assert_eq!(of("zone", json!({"id": "Z1"})), CREATE_FIRST);
    assert_eq!(of("zone", json!({"id": {"$ref": "zone"}})), delete_first);
}

#[track_caller]
fn refused(resource: &impl Resource<Aws>, expected: &str) {
    assert_eq!(resource.check().unwrap_err().to_string(), expected);
}

fn load_balancer() -> LoadBalancer {
    let subnets = ["subnet-1", "subnet-2"].map(|id| SubnetId::new(id).into());
    LoadBalancer::builder()
        .subnets(subnets.into())
        .security_groups(vec![SecurityGroupId::new("sg-1").into()])
        .build()
}

#[test]
fn a_load_balancer_stands_in_two_zones() {
    assert!(load_balancer().check().is_ok());
    let one = LoadBalancer { subnets: Vec::new(), ..load_balancer() };
    refused(&one, "subnets: a load balancer stands in two zones or more, with a subnet in each");
    let open = LoadBalancer { security_groups: Vec::new(), ..load_balancer() };
    refused(&open, "security_groups: 1 to 5 can be given, not 0");
    let impatient = LoadBalancer { idle_timeout_secs: 0, ..load_balancer() };
    refused(&impatient, "idle_timeout_secs: 0 must be 1 to 4,000");
    let logs = LogDestination::new(globecart_aws::BucketName::new("logs"), "/shop");
    refused(
        &LoadBalancer { access_logs: Some(logs), ..load_balancer() },
        "access_logs: the prefix `/shop` must have no slash at its ends and no `AWSLogs`",
    );
}

fn target_group() -> TargetGroup {
    let health_check = HealthCheck::builder().path("/healthz").build();
    TargetGroup::builder().vpc(VpcId::new("vpc-1")).port(8443).health_check(health_check).build()
}

#[test]
fn a_target_group_is_checked() {
    assert!(target_group().check().is_ok());
    let with = |change: fn(&mut HealthCheck)| {
        let mut group = target_group();
        change(&mut group.health_check);
        group
    };
    refused(
        &with(|check| check.path = "healthz".to_owned()),
        "health_check: the path `healthz` must begin with `/`",
    );
    refused(
        &with(|check| check.timeout_secs = 15),
        "health_check: an answer after 15 s must be 2 to 120 and less than the 15 s between checks",
    );
    refused(
        &with(|check| check.codes = "200-599".to_owned()),
        "health_check: `200-599` must be codes from 200 to 499",
    );
    refused(
        &with(|check| check.unhealthy_after = 1),
        "health_check: 1 checks in a row must be 2 to 10",
    );
    let slow = TargetGroup { slow_start_secs: 60, ..target_group() };
    refused(&slow, "slow_start_secs: a slow start goes with `Balancing::RoundRobin` alone");
    let slow = TargetGroup { balancing: Balancing::RoundRobin, ..slow };
    assert!(slow.check().is_ok());
    let sticky = TargetGroup { sticky_secs: Some(0), ..target_group() };
    refused(&sticky, "sticky_secs: 0 must be 1 to 604,800");
}

#[test]
fn a_listener_is_checked() {
    let listener = Listener::builder()
        .load_balancer(LoadBalancerArn::new("arn:lb"))
        .port(443)
        .tls(Tls::builder().certificate(CertificateArn::new("arn:certificate")).build())
        .action(Action::forward(TargetGroupArn::new("arn:group")))
        .strict_transport_security("max-age=31536000")
        .build();
    assert!(listener.check().is_ok());
    refused(
        &Listener { tls: None, ..listener.clone() },
        "strict_transport_security: browsers heed it by HTTPS alone: give the listener `tls`",
    );
    refused(
        &Listener { action: Action::respond(301, ""), ..listener.clone() },
        "action: the status 301 must be 200 to 299 or 400 to 599",
    );
    let zero = Listener { port: 0, ..listener };
    refused(&zero, "port: 0 is no port");
}

#[test]
fn a_rule_is_checked() {
    let rule = ListenerRule::builder()
        .listener(ListenerArn::new("arn:listener"))
        .priority(1)
        .conditions(vec![Condition::Path(vec!["/api/*".to_owned()])])
        .action(Action::respond(503, "later"))
        .build();
    assert!(rule.check().is_ok());
    refused(&ListenerRule { priority: 0, ..rule.clone() }, "priority: 0 must be 1 to 50,000");
    let with = |conditions| ListenerRule { conditions, ..rule.clone() };
    refused(&with(Vec::new()), "conditions: a rule needs at least one");
    let hosts = |count: usize| Condition::Host(vec!["shop.example".to_owned(); count]);
    refused(&with(vec![hosts(0)]), "conditions: each needs at least one value");
    refused(&with(vec![hosts(6)]), "conditions: 6 values, where AWS takes 5 in a rule");
    refused(
        &with(vec![hosts(1), hosts(1)]),
        "conditions: a rule has one condition of a sort; give that one more values",
    );
}

#[test]
fn names_are_checked() {
    let rule = "must be labels of small letters, digits and hyphens with dots between, as in `shop.example`";
    for name in ["shop", "Shop.example", "-a.example", "a..example", "*.example"] {
        let certificate = Certificate::builder().domain(name).build();
        refused(&certificate, &format!("domain: `{name}` {rule}"));
        refused(&HostedZone::builder().name(name).build(), &format!("name: `{name}` {rule}"));
    }
    let comment = "x".repeat(257);
    let zone = HostedZone::builder().name("shop.example").comment(comment).build();
    refused(&zone, "comment: must have at most 256 characters");
    let text = |values: &[&str]| {
        let values = values.iter().map(|&text| text.into()).collect();
        RecordSet::builder()
            .zone(Zone::named("shop.example"))
            .name(DnsName::new("shop.example"))
            .target(RecordTarget::Text { values, ttl_secs: 60 })
            .build()
    };
    assert!(text(&["v=spf1 -all"]).check().is_ok());
    refused(&text(&[]), "target: needs a text");
    refused(
        &text(&["\"quoted\""]),
        "target: `\"quoted\"` must be 255 characters of ASCII at most, without `\"` and `\\`",
    );
}

#[test]
fn a_firewall_is_checked() {
    let acl = |rules| WebAcl::builder().description("the shop").rules(rules).build();
    assert!(acl(vec![WebAclRule::managed(ManagedRules::Common)]).check().is_ok());
    refused(&acl(Vec::new()), "rules: a web ACL without rules stops nothing: give it one");
    let few = WebAclRule::rate_limit(9);
    refused(&acl(vec![few]), "rules: 9 requests must be 10 to 2,000,000,000");
    let rate = |within_secs, path: &str| WebAclRule::RateLimit {
        name: "login".to_owned(),
        requests: 100,
        within_secs,
        path: Some(path.to_owned()),
    };
    refused(&acl(vec![rate(90, "/login")]), "rules: 90 s must be 60, 120, 300 or 600");
    refused(&acl(vec![rate(60, "login")]), "rules: the path `login` must begin with `/`");
    let mut odd = acl(vec![rate(60, "/login")]);
    odd.description = "no!".to_owned();
    let rule = "3 to 256 letters, digits, spaces and _+=:#@/-,.";
    refused(&odd, &format!("description: `no!` must be {rule}"));
    let logging = WebAclLogging::builder()
        .web_acl(WebAclArn::new("arn:acl"))
        .log_group(LogGroupArn::new("arn:group"))
        .redacted_headers(["Cookie".to_owned()].into())
        .build();
    refused(&logging, "redacted_headers: must be up to 100 names in small letters of at most 64");
}
