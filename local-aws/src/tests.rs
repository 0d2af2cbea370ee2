//! The behaviour of the cloud as a whole.

mod durable;
mod fault;
mod model;
mod served;
mod time;
mod wire;

use crate::testing::Probe;
use serde_json::{Value, json};

fn create_vpc() -> Value {
    json!({"CidrBlock": "10.0.0.0/16"})
}

fn vpcs(cloud: &Probe) -> usize {
    cloud.ok("ec2", "DescribeVpcs", json!({}))["Vpcs"].as_array().unwrap().len()
}
