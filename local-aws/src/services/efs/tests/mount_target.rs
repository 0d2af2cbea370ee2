use super::{described, file_system, group, mount_target, network};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn state(cloud: &Probe, target: &Value) -> Value {
    let one = json!({"MountTargetId": target["MountTargetId"]});
    cloud.ok("efs", "DescribeMountTargets", one)["MountTargets"][0]["LifeCycleState"].clone()
}

#[test]
fn a_mount_target_holds_its_subnet_and_its_groups_until_it_is_gone() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let (vpc, subnets) = network(&cloud, 0, &["us-east-1b"]);
    let nfs = group(&cloud, &vpc, "nfs");
    let made = cloud.ok(
        "efs",
        "CreateMountTarget",
        json!({"FileSystemId": id, "SubnetId": subnets[0], "SecurityGroups": [nfs], "IpAddress": "10.0.0.77"}),
    );
    assert_eq!(made["LifeCycleState"], "creating");
    assert_eq!(made["AvailabilityZoneName"], "us-east-1b");
    assert_eq!(made["AvailabilityZoneId"], "use1-az2");
    assert_eq!(made["VpcId"], vpc.as_str());
    let interface = json!({"NetworkInterfaceIds": [made["NetworkInterfaceId"]]});
    let interface = cloud.ok("ec2", "DescribeNetworkInterfaces", interface);
    let interface = &interface["NetworkInterfaces"][0];
    assert_eq!(interface["PrivateIpAddress"], "10.0.0.77");
    assert_eq!(interface["RequesterId"], "EFS");
    assert_eq!(interface["RequesterManaged"], true);
    let target = made.text("MountTargetId");
    assert_eq!(interface["Description"], format!("Mount target {target} for file system {id}"));
    cloud.pass(89.0);
    assert_eq!(state(&cloud, &made), "creating");
    cloud.pass(1.0);
    assert_eq!(state(&cloud, &made), "available");

    let one = json!({"MountTargetId": target});
    let other = group(&cloud, &vpc, "other");
    cloud.ok(
        "efs",
        "ModifyMountTargetSecurityGroups",
        json!({"MountTargetId": target, "SecurityGroups": [other]}),
    );
    let groups = cloud.ok("efs", "DescribeMountTargetSecurityGroups", one.clone());
    assert_eq!(groups["SecurityGroups"], json!([other]));
    cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": nfs}));
    let blocked = |operation: &str, input: Value| cloud.err("ec2", operation, input);
    cloud.ok("efs", "DeleteMountTarget", one.clone());
    assert_eq!(
        cloud.err("efs", "DescribeMountTargetSecurityGroups", one.clone()),
        "IncorrectMountTargetState"
    );
    assert_eq!(blocked("DeleteSecurityGroup", json!({"GroupId": other})), "DependencyViolation");
    assert_eq!(blocked("DeleteSubnet", json!({"SubnetId": subnets[0]})), "DependencyViolation");
    cloud.pass(15.0);
    assert_eq!(cloud.err("efs", "DescribeMountTargets", one.clone()), "MountTargetNotFound");
    assert_eq!(cloud.err("efs", "DeleteMountTarget", one), "MountTargetNotFound");
    cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": other}));
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnets[0]}));
}

#[test]
fn there_is_one_a_zone_and_all_are_in_one_vpc() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let (vpc, subnets) = network(&cloud, 0, &["us-east-1a", "us-east-1a", "us-east-1b"]);
    let (_, others) = network(&cloud, 1, &["us-east-1c"]);
    let elsewhere = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.9.0.0/16"}));
    let foreign = group(&cloud, elsewhere["Vpc"].text("VpcId"), "far");
    let refused = |more: Value| {
        let mut input = json!({"FileSystemId": id, "SubnetId": subnets[2]});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cloud.err("efs", "CreateMountTarget", input)
    };
    let many: Vec<String> =
        (0..6).map(|number| group(&cloud, &vpc, &format!("g{number}"))).collect();
    let first = mount_target(&cloud, &id, &subnets[0]);
    assert_eq!(refused(json!({"SubnetId": subnets[0]})), "MountTargetConflict");
    assert_eq!(refused(json!({"SubnetId": subnets[1]})), "MountTargetConflict");
    assert_eq!(refused(json!({"SubnetId": others[0]})), "MountTargetConflict");
    assert_eq!(refused(json!({"SubnetId": "subnet-0123456789abcdef0"})), "SubnetNotFound");
    assert_eq!(refused(json!({"SecurityGroups": [foreign]})), "SecurityGroupNotFound");
    assert_eq!(refused(json!({"SecurityGroups": many})), "SecurityGroupLimitExceeded");
    assert_eq!(refused(json!({"IpAddress": "10.0.0.9"})), "BadRequest");
    assert_eq!(refused(json!({"Ipv6Address": "fd00::1"})), "NotImplemented");
    assert_eq!(refused(json!({"FileSystemId": "fs-0123456789abcdef0"})), "FileSystemNotFound");
    let taken = json!({"SubnetId": subnets[2], "PrivateIpAddress": "10.0.2.7"});
    cloud.ok("ec2", "CreateNetworkInterface", taken);
    assert_eq!(refused(json!({"IpAddress": "10.0.2.7"})), "IpAddressInUse");
    let second = mount_target(&cloud, &id, &subnets[2]);
    let listed = cloud.ok("efs", "DescribeMountTargets", json!({"FileSystemId": id}));
    assert_eq!(listed.items("MountTargets").len(), 2);
    assert_eq!(described(&cloud, &id)["NumberOfMountTargets"], 2);
    let point =
        cloud.ok("efs", "CreateAccessPoint", json!({"FileSystemId": id, "ClientToken": "p"}));
    let by_point = json!({"AccessPointId": point["AccessPointId"]});
    assert_eq!(cloud.ok("efs", "DescribeMountTargets", by_point).items("MountTargets").len(), 2);
    assert_eq!(cloud.err("efs", "DescribeMountTargets", json!({})), "BadRequest");
    assert_ne!(first["IpAddress"], second["IpAddress"]);
    let role = json!({"RoleName": "AWSServiceRoleForAmazonElasticFileSystem"});
    cloud.ok("iam", "GetRole", role);
}

#[test]
fn a_one_zone_file_system_is_mounted_in_its_zone_and_backed_up() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({"AvailabilityZoneName": "us-east-1b"}));
    let seen = described(&cloud, &id);
    assert_eq!(seen["AvailabilityZoneId"], "use1-az2");
    let policy = cloud.ok("efs", "DescribeBackupPolicy", json!({"FileSystemId": id}));
    assert_eq!(policy["BackupPolicy"]["Status"], "ENABLED");
    let (_, subnets) = network(&cloud, 0, &["us-east-1a", "us-east-1b"]);
    let elsewhere = json!({"FileSystemId": id, "SubnetId": subnets[0]});
    assert_eq!(cloud.err("efs", "CreateMountTarget", elsewhere), "AvailabilityZonesMismatch");
    mount_target(&cloud, &id, &subnets[1]);
}

#[test]
fn nothing_is_made_in_a_file_system_that_is_not_available() {
    let cloud = Probe::new();
    let made = cloud.ok("efs", "CreateFileSystem", json!({"CreationToken": "one"}));
    let id = made.text("FileSystemId");
    let (_, subnets) = network(&cloud, 0, &["us-east-1a"]);
    for (operation, input) in [
        ("CreateMountTarget", json!({"FileSystemId": id, "SubnetId": subnets[0]})),
        ("CreateAccessPoint", json!({"FileSystemId": id, "ClientToken": "p"})),
        ("PutLifecycleConfiguration", json!({"FileSystemId": id, "LifecyclePolicies": []})),
        ("PutBackupPolicy", json!({"FileSystemId": id, "BackupPolicy": {"Status": "ENABLED"}})),
        ("UpdateFileSystemProtection", json!({"FileSystemId": id})),
        ("DeleteFileSystemPolicy", json!({"FileSystemId": id})),
        ("DeleteFileSystem", json!({"FileSystemId": id})),
    ] {
        assert_eq!(
            cloud.err("efs", operation, input),
            "IncorrectFileSystemLifeCycleState",
            "{operation}"
        );
    }
}
