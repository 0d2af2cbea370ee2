//! Simulated time, seeds, and reads that lag.

use super::{create_vpc, vpcs};
use crate::cloud::Cloud;
use crate::options::Options;
use crate::testing::{Probe, START};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tokio::time::Instant;

fn describe_vpcs() -> Request<Bytes> {
    let authorization = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/ec2/aws4_request";
    let request = Request::post("/").header("authorization", authorization);
    request.body("Action=DescribeVpcs".into()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_its_time_at_the_rate() {
    let options = Options { rate: 10.0, start: Some(START), ..Options::default() };
    let cloud = Cloud::in_memory(options);
    let before = Instant::now();
    cloud.handle(describe_vpcs()).await.unwrap();
    assert_eq!(before.elapsed().as_millis(), 10, "0.1 s at ten simulated seconds a second");
    let record = &cloud.records()[0];
    assert!((record.finished - record.started - 0.1).abs() < 1e-6);
    assert!(!record.is_mutating());
}

#[test]
fn a_seed_decides_ids_and_jitter() {
    let made = |seed: u64| {
        let cloud = Probe::with(Options { seed, jitter: true, ..Options::default() });
        let id = cloud.ok("ec2", "CreateVpc", create_vpc())["Vpc"]["VpcId"].clone();
        let record = cloud.cloud.records().pop().unwrap();
        (id, record.transitions[0].seconds)
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1).0, made(2).0);
    assert!((made(1).1 - made(2).1).abs() > 0.0);
    assert!((1.0..=12.0).contains(&made(1).1));
}

#[test]
fn the_record_names_what_a_call_touched_and_set_off() {
    let options =
        Options { latencies: [("ec2.vpc.create".to_owned(), 30.0)].into(), ..Options::default() };
    let cloud = Probe::with(options);
    let tags = json!([{"ResourceType": "vpc", "Tags": [{"Key": "globecart:resource", "Value": "network/vpc"}]}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": tags});
    let id = cloud.ok("ec2", "CreateVpc", input)["Vpc"]["VpcId"].clone();
    cloud.ok("ec2", "DescribeVpcAttribute", json!({"VpcId": id, "Attribute": "enableDnsSupport"}));
    let records = cloud.cloud.records();
    assert!(records[0].is_mutating() && records[0].ids.iter().any(|touched| id == json!(touched)));
    assert_eq!(records[0].transitions[0].seconds.to_bits(), 30.0_f64.to_bits());
    for record in &records {
        assert_eq!(record.address.as_deref(), Some("network/vpc"), "{}", record.operation);
    }
}

#[test]
fn reads_can_lag_behind_writes() {
    let cloud = Probe::with(Options { stale_reads: 2, ..Options::default() });
    let id = cloud.ok("ec2", "CreateVpc", create_vpc())["Vpc"]["VpcId"].clone();
    let seen: Vec<usize> = (0..3).map(|_| vpcs(&cloud)).collect();
    assert_eq!(seen, [0, 0, 1]);
    let state =
        || -> Value { cloud.ok("ec2", "DescribeVpcs", json!({}))["Vpcs"][0]["Tags"].clone() };
    cloud.ok("ec2", "CreateTags", json!({"Resources": [id], "Tags": [{"Key": "a", "Value": "b"}]}));
    let seen: Vec<usize> = (0..3).map(|_| state().as_array().unwrap().len()).collect();
    assert_eq!(seen, [0, 0, 1]);
}
