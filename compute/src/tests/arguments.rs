//! What a change of each argument means, and what AWS would refuse.

use globecart_aws::engine::{Argument, Effect, Order, Resource};
use globecart_aws::{
    Aws, CertificateArn, LoadBalancerArn, SecurityGroupId, SubnetId, TargetGroupArn, VpcId,
};
use serde_json::Value;

use crate::{
    Action, Balancing, HealthCheck, Listener, LoadBalancer, LogDestination, TargetGroup, Tls,
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
