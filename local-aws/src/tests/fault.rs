//! Faults on demand.

use super::{create_vpc, vpcs};
use crate::cloud::Cloud;
use crate::options::Options;
use crate::rules::{Action, Hook, Point, Rule, Then};
use crate::services;
use crate::testing::{Probe, START, client};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

#[test]
fn a_rule_refuses_a_call_before_it_has_an_effect() {
    let none_left = Action::Error("InsufficientCapacity".into(), "none left".into(), 400);
    let cases = [
        (Action::Throttle, "RequestLimitExceeded"),
        (Action::ServerError(500), "InternalFailure"),
        (Action::ServerError(503), "ServiceUnavailable"),
        (none_left, "InsufficientCapacity"),
        (Action::ExpiredCredentials, "RequestExpired"),
    ];
    for (action, code) in cases {
        let cloud = Probe::new();
        cloud.cloud.add_rule(Rule::new(action).service("ec2").operation("Create*").nth(2));
        cloud.ok("ec2", "CreateVpc", create_vpc());
        assert_eq!(cloud.err("ec2", "CreateVpc", create_vpc()), code);
        assert_eq!(vpcs(&cloud), 1);
        cloud.ok("ec2", "CreateVpc", create_vpc());
    }
}

#[test]
fn a_connection_is_lost_before_or_after_the_effect() {
    for (action, left) in [(Action::LoseBefore, 0), (Action::LoseAfter, 1)] {
        let cloud = Probe::new();
        cloud.cloud.add_rule(Rule::new(action).operation("CreateVpc"));
        assert!(cloud.lost("ec2", "CreateVpc", &create_vpc()));
        assert_eq!(vpcs(&cloud), left);
        assert_eq!(cloud.cloud.records()[0].status, 0);
    }
}

#[test]
fn a_hook_learns_of_the_call_and_can_end_it() {
    let cloud = Probe::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    for (point, then) in [(Point::BeforeCall, Then::Continue), (Point::AfterEffect, Then::Lose)] {
        let seen = Arc::clone(&seen);
        let hook = Hook::new(move |call| {
            seen.lock().unwrap().push((point, call.operation.clone(), call.address.clone()));
            then
        });
        cloud.cloud.add_rule(Rule::new(Action::Hook(point, hook)).address("network/vpc"));
    }
    let tags = json!([{"ResourceType": "vpc", "Tags": [{"Key": "globecart:resource", "Value": "network/vpc"}]}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": tags});
    assert!(cloud.lost("ec2", "CreateVpc", &input));
    cloud.ok("ec2", "CreateVpc", create_vpc());
    let call = |point| (point, "CreateVpc".to_owned(), Some("network/vpc".to_owned()));
    assert_eq!(*seen.lock().unwrap(), [call(Point::BeforeCall), call(Point::AfterEffect)]);
}

#[test]
fn a_probable_fault_follows_the_seed() {
    let outcomes = |seed: u64| -> Vec<bool> {
        let cloud = Probe::with(Options { seed, ..Options::default() });
        cloud.cloud.add_rule(Rule::new(Action::Throttle).chance(0.5));
        (0..20).map(|_| cloud.call("ec2", "DescribeVpcs", &json!({})).is_ok()).collect()
    };
    assert_eq!(outcomes(7), outcomes(7));
    assert_ne!(outcomes(7), outcomes(8));
    let passed = outcomes(7).into_iter().filter(|passed| *passed).count();
    assert!((4..=16).contains(&passed), "{passed} of 20 passed");
}

#[test]
fn pages_can_be_small_and_empty() {
    let cloud = Probe::new();
    cloud.cloud.add_rule(Rule::new(Action::PageSize(1)));
    cloud.cloud.add_rule(Rule::new(Action::EmptyPages));
    for _ in 0..3 {
        cloud.ok("ec2", "CreateVpc", create_vpc());
    }
    let (mut sizes, mut token) = (Vec::new(), Value::Null);
    loop {
        let input = if token.is_null() { json!({}) } else { json!({"NextToken": token}) };
        let page = cloud.ok("ec2", "DescribeVpcs", input);
        sizes.push(page["Vpcs"].as_array().unwrap().len());
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(sizes, [1, 0, 1, 0, 1]);
}

#[test]
fn a_skewed_clock_refuses_until_the_client_follows_it() {
    let cloud = Probe::new();
    cloud.cloud.add_rule(Rule::new(Action::ClockSkew(900.0)));
    let ask = |signed: &str| {
        let mut request = cloud.request("ec2", "DescribeVpcs", &json!({}));
        request.headers_mut().insert("x-amz-date", signed.parse().unwrap());
        let response = cloud.send(request).unwrap();
        (response.status().as_u16(), response.headers()["date"].to_str().unwrap().to_owned())
    };
    let (status, date) = ask("20260101T120000Z");
    assert_eq!((status, date.as_str()), (403, "Thu, 01 Jan 2026 12:15:00 GMT"));
    assert_eq!(ask("20260101T121500Z").0, 200);
}

#[test]
fn a_delay_is_part_of_the_call() {
    let cloud = Probe::new();
    cloud.cloud.add_rule(Rule::new(Action::Delay(5.0)).operation("CreateVpc"));
    let before = cloud.now();
    cloud.ok("ec2", "CreateVpc", create_vpc());
    assert!(cloud.now() - before > 4.999);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_the_effect_and_its_record() {
    let cloud = Cloud::in_memory(Options { start: Some(START), ..Options::default() });
    let hang = Hook::new(|_| Then::Hang);
    cloud.add_rule(Rule::new(Action::Hook(Point::AfterEffect, hang)));
    let request =
        client::request(services::named("ec2").unwrap(), "CreateVpc", "us-east-1", &create_vpc());
    let answered = timeout(Duration::from_secs(5), cloud.handle(request)).await;
    assert!(answered.is_err());
    let record = &cloud.records()[0];
    assert!(record.effect.is_some() && record.status == 0 && !record.ids.is_empty());
    assert!(cloud.rows().iter().any(|row| row.table == "ec2.vpc"));
}
