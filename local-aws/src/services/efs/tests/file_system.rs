use super::{described, file_system, mount_target, network};
use crate::fields::Fields;
use crate::options::Options;
use crate::testing::{Probe, START};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DAY: f64 = 86_400.0;

#[test]
fn a_file_system_is_described_as_it_was_made_and_comes_over_time() {
    let cloud = Probe::new();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"].text("Arn").to_owned();
    let tags = json!([{"Key": "Name", "Value": "shared"}, {"Key": "owner", "Value": "shop"}]);
    let made = cloud.ok(
        "efs",
        "CreateFileSystem",
        json!({"CreationToken": "one", "Encrypted": true, "KmsKeyId": key, "ThroughputMode": "elastic", "Tags": tags}),
    );
    let id = made.text("FileSystemId");
    assert!(id.starts_with("fs-") && id.len() == 20, "{id}");
    let mut rest = made.clone();
    for member in ["FileSystemId", "FileSystemArn", "KmsKeyId"] {
        rest.as_object_mut().unwrap().remove(member);
    }
    let expected = json!({
        "CreationTime": START, "CreationToken": "one", "Encrypted": true, "LifeCycleState": "creating", "Name": "shared",
        "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"}, "NumberOfMountTargets": 0,
        "OwnerId": "123456789012", "PerformanceMode": "generalPurpose", "ThroughputMode": "elastic", "Tags": tags,
        "SizeInBytes": {"Value": 0, "ValueInArchive": 0, "ValueInIA": 0, "ValueInStandard": 0},
    });
    assert_eq!(rest, expected);
    assert_eq!(made["KmsKeyId"], key.as_str());
    assert_eq!(
        made["FileSystemArn"],
        format!("arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/{id}")
    );
    cloud.pass(5.9);
    assert_eq!(described(&cloud, id)["LifeCycleState"], "creating");
    cloud.pass(0.2);
    let ready = described(&cloud, made.text("FileSystemArn"));
    assert_eq!(ready["LifeCycleState"], "available");
    assert_eq!(ready["SizeInBytes"]["Value"], 6144);
}

#[test]
fn a_token_names_the_file_system_that_it_made() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let again = json!({"CreationToken": "one"});
    assert_eq!(cloud.err("efs", "CreateFileSystem", again.clone()), "FileSystemAlreadyExists");
    let raw = cloud.send(cloud.request("efs", "CreateFileSystem", &again)).unwrap();
    let body: Value = serde_json::from_slice(raw.body()).unwrap();
    assert_eq!(raw.status(), 409);
    assert_eq!(body["FileSystemId"], id.as_str());
    assert_eq!(body["ErrorCode"], "FileSystemAlreadyExists");
    assert!(body.text("Message").contains(&id), "{body}");
    let found = cloud.ok("efs", "DescribeFileSystems", again.clone());
    assert_eq!(found["FileSystems"][0]["FileSystemId"], id.as_str());
    cloud.ok("efs", "DeleteFileSystem", json!({"FileSystemId": id}));
    assert_eq!(cloud.err("efs", "CreateFileSystem", again.clone()), "FileSystemAlreadyExists");
    cloud.pass(6.0);
    assert_eq!(cloud.err("efs", "DescribeFileSystems", again.clone()), "FileSystemNotFound");
    cloud.ok("efs", "CreateFileSystem", again);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let cloud = Probe::new();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"].text("KeyId").to_owned();
    cloud.ok("kms", "DisableKey", json!({"KeyId": key}));
    let none = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000";
    for (more, code) in [
        (json!({"KmsKeyId": key}), "BadRequest"),
        (json!({"KmsKeyId": key, "Encrypted": true}), "BadRequest"),
        (json!({"KmsKeyId": none, "Encrypted": true}), "BadRequest"),
        (json!({"ThroughputMode": "provisioned"}), "BadRequest"),
        (json!({"ProvisionedThroughputInMibps": 8}), "BadRequest"),
        (
            json!({"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 1025}),
            "ThroughputLimitExceeded",
        ),
        (json!({"ThroughputMode": "elastic", "PerformanceMode": "maxIO"}), "BadRequest"),
        (json!({"ThroughputMode": "fast"}), "BadRequest"),
        (json!({"AvailabilityZoneName": "us-east-1z"}), "UnsupportedAvailabilityZone"),
        (json!({"AvailabilityZoneName": "us-east-1a", "PerformanceMode": "maxIO"}), "BadRequest"),
        (json!({"Tags": [{"Key": "aws:x", "Value": "y"}]}), "BadRequest"),
    ] {
        let mut input = json!({"CreationToken": "t"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(cloud.err("efs", "CreateFileSystem", input), code, "{more}");
    }
    let quotas = BTreeMap::from([("efs.file_systems".to_owned(), 1)]);
    let cloud = Probe::with(Options { quotas, ..Options::default() });
    file_system(&cloud, "one", json!({}));
    let input = json!({"CreationToken": "two"});
    assert_eq!(cloud.err("efs", "CreateFileSystem", input), "FileSystemLimitExceeded");
}

#[test]
fn throughput_changes_mode_once_a_day() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({"ThroughputMode": "elastic"}));
    let update = |more: Value| {
        let mut input = json!({"FileSystemId": id});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cloud.call("efs", "UpdateFileSystem", &input).map_err(|(code, _)| code)
    };
    let provisioned = |mibps: u32| json!({"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": mibps});
    assert_eq!(update(json!({})), Err("BadRequest".to_owned()));
    let changed = update(provisioned(100)).unwrap();
    assert_eq!(changed["LifeCycleState"], "updating");
    assert_eq!(update(provisioned(200)), Err("IncorrectFileSystemLifeCycleState".to_owned()));
    cloud.pass(10.0);
    assert_eq!(described(&cloud, &id)["ProvisionedThroughputInMibps"], 100.0);
    assert_eq!(update(json!({"ThroughputMode": "elastic"})), Err("TooManyRequests".to_owned()));
    assert_eq!(update(provisioned(50)), Err("TooManyRequests".to_owned()));
    update(json!({"ProvisionedThroughputInMibps": 200})).unwrap();
    cloud.pass(DAY);
    update(json!({"ThroughputMode": "elastic"})).unwrap();
    cloud.pass(10.0);
    assert!(!described(&cloud, &id).has("ProvisionedThroughputInMibps"));
}

#[test]
fn files_go_to_the_archive_only_with_elastic_throughput_and_after_the_infrequent_access() {
    let cloud = Probe::new();
    let elastic = file_system(&cloud, "one", json!({"ThroughputMode": "elastic"}));
    let bursting = file_system(&cloud, "two", json!({}));
    let put = |id: &str, policies: Value| {
        let input = json!({"FileSystemId": id, "LifecyclePolicies": policies});
        cloud.call("efs", "PutLifecycleConfiguration", &input).map_err(|(code, _)| code)
    };
    let ia = |rule: &str| json!({"TransitionToIA": rule});
    let archive = |rule: &str| json!({"TransitionToArchive": rule});
    let back = json!({"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"});
    let all = json!([ia("AFTER_30_DAYS"), archive("AFTER_90_DAYS"), back]);
    assert_eq!(put(&elastic, all.clone()).unwrap()["LifecyclePolicies"], all);
    let read = json!({"FileSystemId": elastic});
    let shown = cloud.ok("efs", "DescribeLifecycleConfiguration", read.clone());
    assert_eq!(shown["LifecyclePolicies"], all);
    let bad = Err("BadRequest".to_owned());
    assert_eq!(put(&bursting, json!([archive("AFTER_90_DAYS")])), bad);
    assert_eq!(put(&elastic, json!([ia("AFTER_90_DAYS"), archive("AFTER_90_DAYS")])), bad);
    assert_eq!(put(&elastic, json!([ia("AFTER_1_DAY"), ia("AFTER_7_DAYS")])), bad);
    assert_eq!(
        put(
            &elastic,
            json!([{"TransitionToIA": "AFTER_1_DAY", "TransitionToArchive": "AFTER_7_DAYS"}])
        ),
        bad
    );
    let slower = json!({"FileSystemId": elastic, "ThroughputMode": "bursting"});
    assert_eq!(cloud.err("efs", "UpdateFileSystem", slower.clone()), "BadRequest");
    put(&elastic, json!([])).unwrap();
    assert_eq!(
        cloud.ok("efs", "DescribeLifecycleConfiguration", read)["LifecyclePolicies"],
        json!([])
    );
    cloud.ok("efs", "UpdateFileSystem", slower);
}

#[test]
fn backups_run_daily_stay_after_the_file_system_and_are_kept_from_deletion() {
    let cloud = Probe::new();
    let tags = json!([{"Key": "globecart:stack", "Value": "shop"}]);
    let id = file_system(&cloud, "one", json!({"Backup": true, "Tags": tags}));
    let policy = cloud.ok("efs", "DescribeBackupPolicy", json!({"FileSystemId": id}));
    assert_eq!(policy["BackupPolicy"]["Status"], "ENABLED");
    assert_eq!(described(&cloud, &id)["Tags"][1]["Key"], "aws:elasticfilesystem:default-backup");
    let arn = format!("arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/{id}");
    let points = || {
        let found = cloud.ok("backup", "ListRecoveryPointsByResource", json!({"ResourceArn": arn}));
        found.items("RecoveryPoints").to_vec()
    };
    assert_eq!(points(), Vec::<Value>::new());
    cloud.pass(5.0 * 3600.0);
    assert_eq!(points().len(), 1);
    assert_eq!(points()[0]["CreationDate"], START + 5.0 * 3600.0);
    assert_eq!(points()[0]["Status"], "CREATING");
    cloud.pass(DAY);
    assert_eq!(points().len(), 2);
    cloud.ok(
        "efs",
        "PutBackupPolicy",
        json!({"FileSystemId": id, "BackupPolicy": {"Status": "DISABLED"}}),
    );
    let policy = cloud.ok("efs", "DescribeBackupPolicy", json!({"FileSystemId": id}));
    assert_eq!(policy["BackupPolicy"]["Status"], "DISABLING");
    cloud.pass(DAY);
    cloud.ok("efs", "DeleteFileSystem", json!({"FileSystemId": id}));
    cloud.pass(60.0);
    assert_eq!(points().len(), 2);
    let vault = "aws/efs/automatic-backup-vault";
    let point =
        json!({"BackupVaultName": vault, "RecoveryPointArn": points()[0]["RecoveryPointArn"]});
    let shown = cloud.ok("backup", "DescribeRecoveryPoint", point.clone());
    assert_eq!(shown["Status"], "COMPLETED");
    let of_point = json!({"ResourceArn": point["RecoveryPointArn"]});
    assert_eq!(
        cloud.ok("backup", "ListTags", of_point)["Tags"],
        json!({"globecart:stack": "shop"})
    );
    assert_eq!(cloud.err("backup", "DeleteRecoveryPoint", point), "AccessDeniedException");
    cloud.pass(36.0 * DAY);
    assert_eq!(points(), Vec::<Value>::new());
}

#[test]
fn a_file_system_goes_after_its_mount_targets_and_takes_its_access_points() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let (_, subnets) = network(&cloud, 0, &["us-east-1a"]);
    let target = mount_target(&cloud, &id, &subnets[0]);
    let point = json!({"FileSystemId": id, "ClientToken": "p"});
    let point = cloud.ok("efs", "CreateAccessPoint", point);
    let whole = json!({"FileSystemId": id});
    assert_eq!(described(&cloud, &id)["NumberOfMountTargets"], 1);
    assert_eq!(cloud.err("efs", "DeleteFileSystem", whole.clone()), "FileSystemInUse");
    cloud.ok("efs", "DeleteMountTarget", json!({"MountTargetId": target["MountTargetId"]}));
    assert_eq!(cloud.err("efs", "DeleteFileSystem", whole.clone()), "FileSystemInUse");
    cloud.pass(15.0);
    cloud.ok("efs", "DeleteFileSystem", whole.clone());
    assert_eq!(described(&cloud, &id)["LifeCycleState"], "deleting");
    let update = json!({"FileSystemId": id, "ThroughputMode": "elastic"});
    assert_eq!(cloud.err("efs", "UpdateFileSystem", update), "IncorrectFileSystemLifeCycleState");
    cloud.pass(6.0);
    assert_eq!(cloud.err("efs", "DescribeFileSystems", whole.clone()), "FileSystemNotFound");
    assert_eq!(cloud.err("efs", "DeleteFileSystem", whole), "FileSystemNotFound");
    let gone = json!({"AccessPointId": point["AccessPointId"]});
    assert_eq!(cloud.err("efs", "DescribeAccessPoints", gone), "AccessPointNotFound");
}

#[test]
fn file_systems_come_in_pages() {
    let cloud = Probe::new();
    for number in 0..5 {
        file_system(&cloud, &number.to_string(), json!({}));
    }
    let (mut seen, mut marker) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({"MaxItems": 2});
        if !marker.is_null() {
            input["Marker"] = marker.clone();
        }
        let page = cloud.ok("efs", "DescribeFileSystems", input);
        assert_eq!(page["Marker"], marker);
        seen.extend(
            page.items("FileSystems").iter().map(|row| row.text("CreationToken").to_owned()),
        );
        marker = page["NextMarker"].clone();
        if marker.is_null() {
            break;
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, ["0", "1", "2", "3", "4"]);
    assert_eq!(cloud.err("efs", "DescribeFileSystems", json!({"Marker": "x"})), "BadRequest");
}

#[test]
fn tags_change_by_both_apis() {
    let cloud = Probe::new();
    let id =
        file_system(&cloud, "one", json!({"Tags": [{"Key": "a", "Value": "1"}], "Backup": true}));
    let tag = |key: &str, value: &str| json!([{"Key": key, "Value": value}]);
    cloud.ok("efs", "TagResource", json!({"ResourceId": id, "Tags": tag("b", "2")}));
    cloud.ok("efs", "CreateTags", json!({"FileSystemId": id, "Tags": tag("a", "3")}));
    cloud.ok("efs", "UntagResource", json!({"ResourceId": id, "TagKeys": ["b", "none"]}));
    cloud.ok("efs", "CreateTags", json!({"FileSystemId": id, "Tags": tag("c", "4")}));
    cloud.ok("efs", "DeleteTags", json!({"FileSystemId": id, "TagKeys": ["c"]}));
    let aws = json!({"Key": "aws:elasticfilesystem:default-backup", "Value": "enabled"});
    let all = json!([{"Key": "a", "Value": "3"}, aws]);
    assert_eq!(cloud.ok("efs", "ListTagsForResource", json!({"ResourceId": id}))["Tags"], all);
    assert_eq!(cloud.ok("efs", "DescribeTags", json!({"FileSystemId": id}))["Tags"], all);
    for (operation, input) in [
        ("TagResource", json!({"ResourceId": id, "Tags": tag("aws:x", "")})),
        (
            "UntagResource",
            json!({"ResourceId": id, "TagKeys": ["aws:elasticfilesystem:default-backup"]}),
        ),
    ] {
        assert_eq!(cloud.err("efs", operation, input), "BadRequest");
    }
    let other = json!({"ResourceId": "fs-0123456789abcdef0"});
    assert_eq!(cloud.err("efs", "ListTagsForResource", other), "FileSystemNotFound");
    let found = cloud.ok(
        "resourcegroupstaggingapi",
        "GetResources",
        json!({"ResourceTypeFilters": ["elasticfilesystem:file-system"]}),
    );
    assert_eq!(found.items("ResourceTagMappingList").len(), 1);
}
