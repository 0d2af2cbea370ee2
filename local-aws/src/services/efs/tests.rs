//! File systems as a client of EFS sees them.

mod access_point;
mod file_system;
mod mount;
mod mount_target;
mod policy;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

/// A file system that is available, with further members of its request.
fn file_system(cloud: &Probe, token: &str, more: Value) -> String {
    let mut input = json!({"CreationToken": token});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let id = cloud.ok("efs", "CreateFileSystem", input).text("FileSystemId").to_owned();
    cloud.pass(6.0);
    id
}

fn described(cloud: &Probe, id: &str) -> Value {
    cloud.ok("efs", "DescribeFileSystems", json!({"FileSystemId": id}))["FileSystems"][0].clone()
}

/// A VPC with a subnet in each of the zones.
fn network(cloud: &Probe, second: u8, zones: &[&str]) -> (String, Vec<String>) {
    let block = |third: usize, size: u8| format!("10.{second}.{third}.0/{size}");
    let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": block(0, 16)}));
    let vpc = vpc["Vpc"].text("VpcId").to_owned();
    let subnet = |(at, zone): (usize, &&str)| {
        let input = json!({"VpcId": vpc, "CidrBlock": block(at, 24), "AvailabilityZone": zone});
        cloud.ok("ec2", "CreateSubnet", input)["Subnet"].text("SubnetId").to_owned()
    };
    let subnets = zones.iter().enumerate().map(subnet).collect();
    (vpc, subnets)
}

fn group(cloud: &Probe, vpc: &str, name: &str) -> String {
    let input = json!({"VpcId": vpc, "GroupName": name, "Description": name});
    cloud.ok("ec2", "CreateSecurityGroup", input).text("GroupId").to_owned()
}

fn mount_target(cloud: &Probe, file_system: &str, subnet: &str) -> Value {
    let input = json!({"FileSystemId": file_system, "SubnetId": subnet});
    cloud.ok("efs", "CreateMountTarget", input)
}
