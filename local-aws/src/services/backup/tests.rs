//! Vaults and recovery points as a client of AWS Backup sees them.

use crate::fields::Fields;
use crate::testing::{Probe, START};
use serde_json::{Value, json};

const DAY: f64 = 86_400.0;
const AUTOMATIC: &str = "aws/efs/automatic-backup-vault";

/// A cloud with a file system that has been backed up that many times.
fn backed_up(days: u32) -> Probe {
    let cloud = Probe::new();
    cloud.ok("efs", "CreateFileSystem", json!({"CreationToken": "one", "Backup": true}));
    cloud.pass(f64::from(days) * DAY);
    cloud
}

fn points(cloud: &Probe) -> Vec<Value> {
    let found = cloud.ok(
        "backup",
        "ListRecoveryPointsByBackupVault",
        json!({"BackupVaultName": AUTOMATIC}),
    );
    found.items("RecoveryPoints").to_vec()
}

#[test]
fn the_automatic_vault_keeps_everything_until_its_policy_is_replaced() {
    let cloud = backed_up(2);
    let vault = json!({"BackupVaultName": AUTOMATIC});
    let shown = cloud.ok("backup", "DescribeBackupVault", vault.clone());
    assert_eq!(shown["NumberOfRecoveryPoints"], 2);
    assert_eq!(
        shown["BackupVaultArn"],
        format!("arn:aws:backup:us-east-1:123456789012:backup-vault:{AUTOMATIC}")
    );
    assert_eq!(cloud.ok("backup", "ListBackupVaults", json!({}))["BackupVaultList"][0], shown);
    let one = json!({"BackupVaultName": AUTOMATIC, "RecoveryPointArn": points(&cloud)[0]["RecoveryPointArn"]});
    let (code, message) = cloud.call("backup", "DeleteRecoveryPoint", &one).unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("with an explicit deny in a resource-based policy"), "{message}");
    for operation in ["DeleteBackupVault", "DeleteBackupVaultAccessPolicy"] {
        assert_eq!(cloud.err("backup", operation, vault.clone()), "AccessDeniedException");
    }
    let update = json!({"BackupVaultName": AUTOMATIC, "RecoveryPointArn": one["RecoveryPointArn"], "Lifecycle": {"DeleteAfterDays": 1}});
    assert_eq!(
        cloud.err("backup", "UpdateRecoveryPointLifecycle", update.clone()),
        "AccessDeniedException"
    );

    let policy = cloud.ok("backup", "GetBackupVaultAccessPolicy", vault.clone());
    let mut policy: Value = serde_json::from_str(policy.text("Policy")).unwrap();
    policy["Statement"][0]["Action"] = json!(["backup:StartCopyJob"]);
    let replaced = json!({"BackupVaultName": AUTOMATIC, "Policy": policy.to_string()});
    cloud.ok("backup", "PutBackupVaultAccessPolicy", replaced);
    cloud.ok("backup", "DeleteRecoveryPoint", one.clone());
    assert_eq!(cloud.ok("backup", "DescribeRecoveryPoint", one.clone())["Status"], "DELETING");
    cloud.pass(60.0);
    assert_eq!(cloud.err("backup", "DescribeRecoveryPoint", one), "ResourceNotFoundException");
    assert_eq!(points(&cloud).len(), 1);
    cloud.ok("backup", "DeleteBackupVaultAccessPolicy", vault.clone());
    assert_eq!(
        cloud.err("backup", "GetBackupVaultAccessPolicy", vault.clone()),
        "ResourceNotFoundException"
    );
    assert_eq!(cloud.err("backup", "DeleteBackupVault", vault), "InvalidRequestException");
}

#[test]
fn other_accounts_and_wildcards_are_kept_out_of_vault_policies() {
    let cloud = backed_up(1);
    let put = |principal: Value, action: &str| {
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        cloud
            .call(
                "backup",
                "PutBackupVaultAccessPolicy",
                &json!({"BackupVaultName": AUTOMATIC, "Policy": policy}),
            )
            .map_err(|(code, _)| code)
    };
    let root = json!({"AWS": "arn:aws:iam::123456789012:root"});
    let refused = Err("InvalidParameterValueException".to_owned());
    assert_eq!(put(json!({"AWS": "*"}), "backup:DeleteRecoveryPoint"), refused);
    assert_eq!(put(json!({"AWS": "210987654321"}), "backup:DeleteRecoveryPoint"), refused);
    assert_eq!(put(root.clone(), "backup:*"), refused);
    put(root, "backup:DeleteRecoveryPoint").unwrap();
    put(json!("*"), "backup:CopyIntoBackupVault").unwrap();
    let none = json!({"BackupVaultName": AUTOMATIC});
    assert_eq!(
        cloud.err("backup", "PutBackupVaultAccessPolicy", none),
        "MissingParameterValueException"
    );
}

#[test]
fn a_vault_is_made_once_and_goes_when_it_is_empty() {
    let cloud = Probe::new();
    let input =
        json!({"BackupVaultName": "mine", "CreatorRequestId": "r", "BackupVaultTags": {"a": "b"}});
    let made = cloud.ok("backup", "CreateBackupVault", input.clone());
    assert_eq!(cloud.ok("backup", "CreateBackupVault", input), made);
    assert_eq!(
        cloud.err("backup", "CreateBackupVault", json!({"BackupVaultName": "mine"})),
        "AlreadyExistsException"
    );
    for name in [AUTOMATIC, "x", "with space"] {
        let input = json!({"BackupVaultName": name});
        assert_eq!(
            cloud.err("backup", "CreateBackupVault", input),
            "InvalidParameterValueException"
        );
    }
    let arn = json!({"ResourceArn": made["BackupVaultArn"]});
    cloud.ok(
        "backup",
        "TagResource",
        json!({"ResourceArn": made["BackupVaultArn"], "Tags": {"c": "d"}}),
    );
    cloud.ok(
        "backup",
        "UntagResource",
        json!({"ResourceArn": made["BackupVaultArn"], "TagKeyList": ["a"]}),
    );
    assert_eq!(cloud.ok("backup", "ListTags", arn)["Tags"], json!({"c": "d"}));
    cloud.ok("backup", "DeleteBackupVault", json!({"BackupVaultName": "mine"}));
    assert_eq!(
        cloud.err("backup", "DescribeBackupVault", json!({"BackupVaultName": "mine"})),
        "ResourceNotFoundException"
    );
}

#[test]
fn recovery_points_are_listed_and_what_they_are_of() {
    let cloud = backed_up(3);
    let all = points(&cloud);
    let oldest_first: Vec<f64> =
        all.iter().filter_map(|point| point.number("CreationDate")).collect();
    assert_eq!(oldest_first.len(), 3);
    let resource = all[0]["ResourceArn"].clone();
    let listed = |more: Value| {
        let mut input = json!({"BackupVaultName": AUTOMATIC});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cloud.ok("backup", "ListRecoveryPointsByBackupVault", input).items("RecoveryPoints").len()
    };
    assert_eq!(listed(json!({"ByResourceArn": resource, "ByResourceType": "EFS"})), 3);
    assert_eq!(listed(json!({"ByResourceType": "Aurora"})), 0);
    assert_eq!(listed(json!({"ByCreatedBefore": START + DAY})), 1);
    assert_eq!(listed(json!({"ByCreatedAfter": START + DAY})), 2);
    assert_eq!(listed(json!({"MaxResults": 2})), 2);
    let protected = cloud.ok("backup", "ListProtectedResources", json!({}));
    assert_eq!(protected["Results"][0]["ResourceArn"], resource);
    let in_vault = json!({"BackupVaultName": AUTOMATIC});
    assert_eq!(cloud.ok("backup", "ListProtectedResourcesByBackupVault", in_vault), protected);
    let one = cloud.ok("backup", "DescribeProtectedResource", json!({"ResourceArn": resource}));
    assert_eq!(one["LastBackupTime"], START + 2.0 * DAY + 5.0 * 3600.0);
    let point =
        json!({"BackupVaultName": AUTOMATIC, "RecoveryPointArn": all[0]["RecoveryPointArn"]});
    let metadata = cloud.ok("backup", "GetRecoveryPointRestoreMetadata", point);
    assert_eq!(metadata["RestoreMetadata"]["Encrypted"], "false");
}

#[test]
fn a_lifecycle_decides_when_a_recovery_point_goes() {
    let cloud = backed_up(1);
    let statement = json!({"Effect": "Deny", "Principal": "*", "Action": "backup:StartCopyJob", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    cloud.ok(
        "backup",
        "PutBackupVaultAccessPolicy",
        json!({"BackupVaultName": AUTOMATIC, "Policy": policy}),
    );
    let point = points(&cloud)[0].clone();
    assert_eq!(
        point["CalculatedLifecycle"]["DeleteAt"],
        point.number("CreationDate").unwrap() + 35.0 * DAY
    );
    let update = |lifecycle: Value| {
        let input = json!({"BackupVaultName": AUTOMATIC, "RecoveryPointArn": point["RecoveryPointArn"], "Lifecycle": lifecycle});
        cloud.call("backup", "UpdateRecoveryPointLifecycle", &input).map_err(|(code, _)| code)
    };
    let refused = Err("InvalidParameterValueException".to_owned());
    assert_eq!(update(json!({"DeleteAfterDays": 0})), refused);
    assert_eq!(update(json!({"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 90})), refused);
    update(json!({"DeleteAfterDays": 2})).unwrap();
    cloud.pass(1.5 * DAY);
    let left: Vec<Value> = points(&cloud);
    assert!(left.iter().all(|other| other["RecoveryPointArn"] != point["RecoveryPointArn"]));
}
