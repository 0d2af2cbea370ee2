use crate::testing::{Probe, START};
use serde_json::{Value, json};

const DAY: f64 = 86_400.0;

fn key(cloud: &Probe) -> String {
    cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_is_described_as_it_was_made() {
    let cloud = Probe::new();
    let tags = json!([{"TagKey": "globecart:resource", "TagValue": "network/key"}]);
    let made = cloud.ok("kms", "CreateKey", json!({"Description": "logs", "Tags": tags}));
    let id = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    assert_eq!(made["KeyMetadata"]["Arn"], format!("arn:aws:kms:us-east-1:123456789012:key/{id}"));
    assert_eq!(cloud.ok("kms", "DescribeKey", json!({"KeyId": id})), made);
    assert_eq!(cloud.ok("kms", "ListResourceTags", json!({"KeyId": id}))["Tags"], tags);
    let policy = cloud.ok("kms", "GetKeyPolicy", json!({"KeyId": id}));
    assert!(policy["Policy"].as_str().unwrap().contains("Enable IAM User Permissions"));
}

#[test]
fn deletion_waits_its_days_and_takes_the_aliases_along() {
    let cloud = Probe::new();
    let id = key(&cloud);
    cloud.ok("kms", "CreateAlias", json!({"AliasName": "alias/logs", "TargetKeyId": id}));
    assert_eq!(
        cloud.err("kms", "ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 6})),
        "ValidationException"
    );
    let scheduled =
        cloud.ok("kms", "ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7}));
    assert_eq!(scheduled["DeletionDate"], json!(START + 7.0 * DAY));
    for (operation, input) in [
        ("ScheduleKeyDeletion", json!({"KeyId": id})),
        ("Encrypt", json!({"KeyId": id, "Plaintext": "aGk="})),
        ("EnableKey", json!({"KeyId": id})),
        ("TagResource", json!({"KeyId": id, "Tags": []})),
    ] {
        assert_eq!(cloud.err("kms", operation, input), "KMSInvalidStateException", "{operation}");
    }
    cloud.pass(7.0 * DAY - 1.0);
    assert_eq!(
        cloud.ok("kms", "DescribeKey", json!({"KeyId": "alias/logs"}))["KeyMetadata"]["KeyState"],
        "PendingDeletion"
    );
    cloud.pass(1.0);
    assert_eq!(cloud.err("kms", "DescribeKey", json!({"KeyId": id})), "NotFoundException");
    assert_eq!(cloud.ok("kms", "ListAliases", json!({}))["Aliases"], json!([]));
}

#[test]
fn a_cancelled_deletion_leaves_a_disabled_key() {
    let cloud = Probe::new();
    let id = key(&cloud);
    assert_eq!(
        cloud.err("kms", "CancelKeyDeletion", json!({"KeyId": id})),
        "KMSInvalidStateException"
    );
    cloud.ok("kms", "ScheduleKeyDeletion", json!({"KeyId": id}));
    cloud.ok("kms", "CancelKeyDeletion", json!({"KeyId": id}));
    cloud.pass(40.0 * DAY);
    let metadata = &cloud.ok("kms", "DescribeKey", json!({"KeyId": id}))["KeyMetadata"];
    assert_eq!((&metadata["KeyState"], metadata.get("DeletionDate")), (&json!("Disabled"), None));
    assert_eq!(
        cloud.err("kms", "Encrypt", json!({"KeyId": id, "Plaintext": "aGk="})),
        "DisabledException"
    );
    cloud.ok("kms", "EnableKey", json!({"KeyId": id}));
    cloud.ok("kms", "Encrypt", json!({"KeyId": id, "Plaintext": "aGk="}));
}

#[test]
fn ciphertext_is_bound_to_key_and_context_and_survives_rotation() {
    let cloud = Probe::new();
    let (id, other) = (key(&cloud), key(&cloud));
    cloud.ok("kms", "CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": id}));
    let context = json!({"b": "2", "a": "1"});
    let sealed = cloud.ok(
        "kms",
        "Encrypt",
        json!({"KeyId": "alias/a", "Plaintext": "c2VjcmV0", "EncryptionContext": context}),
    );
    let blob = &sealed["CiphertextBlob"];
    cloud.ok("kms", "RotateKeyOnDemand", json!({"KeyId": id}));
    let open = |context: Value| json!({"CiphertextBlob": blob, "EncryptionContext": context});
    assert_eq!(cloud.ok("kms", "Decrypt", open(context.clone()))["Plaintext"], "c2VjcmV0");
    assert_eq!(cloud.err("kms", "Decrypt", open(json!({"a": "1"}))), "InvalidCiphertextException");
    assert_eq!(
        cloud.err("kms", "Decrypt", json!({"CiphertextBlob": "bm8gYmxvYg=="})),
        "InvalidCiphertextException"
    );
    assert_eq!(
        cloud.err(
            "kms",
            "Decrypt",
            json!({"CiphertextBlob": blob, "EncryptionContext": context, "KeyId": other})
        ),
        "IncorrectKeyException"
    );

    let moved = cloud.ok("kms", "ReEncrypt", json!({"CiphertextBlob": blob, "SourceEncryptionContext": context, "DestinationKeyId": other}));
    cloud.ok("kms", "ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7}));
    cloud.pass(8.0 * DAY);
    assert_eq!(cloud.err("kms", "Decrypt", open(context)), "AccessDeniedException");
    assert_eq!(
        cloud.ok("kms", "Decrypt", json!({"CiphertextBlob": moved["CiphertextBlob"]}))["Plaintext"],
        "c2VjcmV0"
    );
}

#[test]
fn a_data_key_is_what_its_ciphertext_holds() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let data = cloud.ok("kms", "GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_256"}));
    let opened = cloud.ok("kms", "Decrypt", json!({"CiphertextBlob": data["CiphertextBlob"]}));
    assert_eq!(opened["Plaintext"], data["Plaintext"]);
    assert_eq!(data["Plaintext"].as_str().unwrap().len(), 44);
    assert_eq!(cloud.err("kms", "GenerateDataKey", json!({"KeyId": id})), "ValidationException");
    let usage = cloud.ok("kms", "GetKeyLastUsage", json!({"KeyId": id}));
    assert_eq!(usage["KeyLastUsage"]["Operation"], "Decrypt");
}

#[test]
fn rotation_comes_by_itself_when_its_period_is_over() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let status = || cloud.ok("kms", "GetKeyRotationStatus", json!({"KeyId": id}));
    assert_eq!(status()["KeyRotationEnabled"], false);
    assert_eq!(
        cloud.err("kms", "EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 89})),
        "ValidationException"
    );
    cloud.ok("kms", "EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 90}));
    assert_eq!(status()["NextRotationDate"], json!(START + 90.0 * DAY));
    cloud.pass(181.0 * DAY);
    assert_eq!(status()["NextRotationDate"], json!(START + 270.0 * DAY));
    let rotations = cloud.ok("kms", "ListKeyRotations", json!({"KeyId": id}));
    let kinds: Vec<_> = rotations["Rotations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rotation| &rotation["RotationType"])
        .collect();
    assert_eq!(kinds, ["AUTOMATIC", "AUTOMATIC"]);
    cloud.ok("kms", "DisableKeyRotation", json!({"KeyId": id}));
    assert_eq!(status().get("NextRotationDate"), None);
}

#[test]
fn alias_names_have_rules() {
    // no prefix
    check_alias_names_have_rules("logs", "ValidationException");
    // reserved
    check_alias_names_have_rules("alias/aws/logs", "NotAuthorizedException");
    // colon
    check_alias_names_have_rules("alias/a:b", "InvalidAliasNameException");
    // taken
    check_alias_names_have_rules("alias/taken", "AlreadyExistsException");
}

#[track_caller]
fn check_alias_names_have_rules(name: &str, code: &str) {
    let cloud = Probe::new();
    let id = key(&cloud);
    cloud.ok("kms", "CreateAlias", json!({"AliasName": "alias/taken", "TargetKeyId": id}));
    assert_eq!(
        cloud.err("kms", "CreateAlias", json!({"AliasName": name, "TargetKeyId": id})),
        code
    );
}

#[test]
fn an_alias_moves_from_key_to_key() {
    let cloud = Probe::new();
    let (old, new) = (key(&cloud), key(&cloud));
    cloud.ok("kms", "CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": old}));
    cloud.ok("kms", "UpdateAlias", json!({"AliasName": "alias/a", "TargetKeyId": new}));
    assert_eq!(cloud.ok("kms", "ListAliases", json!({"KeyId": old}))["Aliases"], json!([]));
    assert_eq!(
        cloud.ok("kms", "DescribeKey", json!({"KeyId": "alias/a"}))["KeyMetadata"]["KeyId"],
        json!(new)
    );
    assert_eq!(cloud.err("kms", "GetKeyPolicy", json!({"KeyId": "alias/a"})), "NotFoundException");
    cloud.ok("kms", "DeleteAlias", json!({"AliasName": "alias/a"}));
    assert_eq!(
        cloud.err("kms", "DeleteAlias", json!({"AliasName": "alias/a"})),
        "NotFoundException"
    );
}

fn allowing(principal: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}]}).to_string()
}

#[test]
fn key_policies_are_checked() {
    // no json
    check_key_policies_are_checked("{".to_owned(), "MalformedPolicyDocumentException");
    // locks out
    check_key_policies_are_checked(
        allowing(json!({"Service": "logs.amazonaws.com"})),
        "MalformedPolicyDocumentException",
    );
    // unknown role
    check_key_policies_are_checked(
        allowing(json!({"AWS": ["123456789012", "arn:aws:iam::123456789012:role/none"]})),
        "MalformedPolicyDocumentException",
    );
    // too long
    check_key_policies_are_checked(
        format!("{}{}", allowing(json!("*")), " ".repeat(32_768)),
        "LimitExceededException",
    );
}

#[track_caller]
fn check_key_policies_are_checked(policy: String, code: &str) {
    let cloud = Probe::new();
    let id = key(&cloud);
    assert_eq!(cloud.err("kms", "PutKeyPolicy", json!({"KeyId": id, "Policy": policy})), code);
    assert_eq!(cloud.err("kms", "CreateKey", json!({"Policy": policy})), code);
}

#[test]
fn the_lockout_check_can_be_bypassed() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let policy = allowing(json!({"Service": "logs.us-east-1.amazonaws.com"}));
    cloud.ok(
        "kms",
        "PutKeyPolicy",
        json!({"KeyId": id, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true}),
    );
    assert_eq!(cloud.ok("kms", "GetKeyPolicy", json!({"KeyId": id}))["Policy"], json!(policy));
}

#[test]
fn grants_are_listed_until_they_end() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let asked = json!({"KeyId": id, "Name": "g", "GranteePrincipal": "arn:aws:iam::123456789012:root", "Operations": ["Decrypt"]});
    let made = cloud.ok("kms", "CreateGrant", asked.clone());
    assert_eq!(cloud.ok("kms", "CreateGrant", asked), made);
    let grants = cloud.ok("kms", "ListGrants", json!({"KeyId": id}))["Grants"].clone();
    assert_eq!(
        (grants.as_array().unwrap().len(), &grants[0]["Operations"]),
        (1, &json!(["Decrypt"]))
    );
    cloud.ok("kms", "RetireGrant", json!({"GrantToken": made["GrantToken"]}));
    assert_eq!(
        cloud.err("kms", "RevokeGrant", json!({"KeyId": id, "GrantId": made["GrantId"]})),
        "NotFoundException"
    );
    let nobody = json!({"KeyId": id, "GranteePrincipal": "arn:aws:iam::123456789012:role/none", "Operations": ["Decrypt"]});
    assert_eq!(cloud.err("kms", "CreateGrant", nobody), "InvalidArnException");
}

#[test]
fn other_kinds_of_keys_are_refused_by_name() {
    let cloud = Probe::new();
    assert_eq!(
        cloud.err("kms", "CreateKey", json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})),
        "UnsupportedOperationException"
    );
    assert_eq!(
        cloud.err("kms", "CreateKey", json!({"KeyUsage": "SIGN_VERIFY"})),
        "ValidationException"
    );
}

#[test]
fn keys_belong_to_a_region() {
    let cloud = Probe::new();
    let arn = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"]
        .as_str()
        .unwrap()
        .replace("us-east-1", "eu-west-1");
    assert_eq!(cloud.err("kms", "DescribeKey", json!({"KeyId": arn})), "NotFoundException");
    let managed = cloud.ok("kms", "DescribeKey", json!({"KeyId": "alias/aws/sns"}));
    assert_eq!(managed["KeyMetadata"]["KeyManager"], "AWS");
    assert_eq!(
        cloud.err("kms", "DisableKey", json!({"KeyId": managed["KeyMetadata"]["KeyId"]})),
        "AccessDeniedException"
    );
}

#[test]
fn a_key_changes_in_place_and_is_listed() {
    let cloud = Probe::new();
    let mut ids = [key(&cloud), key(&cloud), key(&cloud)];
    ids.sort();
    let id = &ids[0];
    cloud.ok("kms", "UpdateKeyDescription", json!({"KeyId": id, "Description": "new"}));
    let tags = json!([{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]);
    cloud.ok("kms", "TagResource", json!({"KeyId": id, "Tags": tags}));
    cloud.ok("kms", "UntagResource", json!({"KeyId": id, "TagKeys": ["a"]}));
    let left = cloud.ok("kms", "ListResourceTags", json!({"KeyId": id}))["Tags"].clone();
    assert_eq!(left, json!([{"TagKey": "b", "TagValue": "2"}]));
    let reserved = json!([{"TagKey": "aws:a", "TagValue": ""}]);
    assert_eq!(
        cloud.err("kms", "TagResource", json!({"KeyId": id, "Tags": reserved})),
        "TagException"
    );
    let found = cloud.ok("kms", "DescribeKey", json!({"KeyId": id}))["KeyMetadata"].clone();
    assert_eq!(found["Description"], "new");

    let first = cloud.ok("kms", "ListKeys", json!({"Limit": 2}));
    assert_eq!(first["Truncated"], true);
    let rest = cloud.ok("kms", "ListKeys", json!({"Limit": 2, "Marker": first["NextMarker"]}));
    assert_eq!((&rest["Keys"][0]["KeyId"], &rest["Truncated"]), (&json!(ids[2]), &json!(false)));
    assert_eq!(
        cloud.err("kms", "ListKeys", json!({"Marker": "nonsense"})),
        "InvalidMarkerException"
    );
    let policies = cloud.ok("kms", "ListKeyPolicies", json!({"KeyId": id}));
    assert_eq!(policies["PolicyNames"], json!(["default"]));
    let other = json!({"KeyId": id, "PolicyName": "other"});
    assert_eq!(cloud.err("kms", "GetKeyPolicy", other), "NotFoundException");
    let primary = cloud.ok("kms", "CreateKey", json!({"MultiRegion": true}))["KeyMetadata"].clone();
    assert!(primary["KeyId"].as_str().unwrap().starts_with("mrk-"));
}

#[test]
fn a_dry_run_changes_nothing_and_says_so() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let blob =
        cloud.ok("kms", "Encrypt", json!({"KeyId": id, "Plaintext": "aGk="}))["CiphertextBlob"]
            .clone();
    let root = "arn:aws:iam::123456789012:root";
    for (operation, input) in [
        ("Encrypt", json!({"KeyId": id, "Plaintext": "aGk="})),
        ("Decrypt", json!({"CiphertextBlob": blob})),
        ("ReEncrypt", json!({"CiphertextBlob": blob, "DestinationKeyId": id})),
        ("GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_128"})),
        ("CreateGrant", json!({"KeyId": id, "GranteePrincipal": root, "Operations": ["Decrypt"]})),
    ] {
        let mut dry = input;
        dry["DryRun"] = json!(true);
        assert_eq!(cloud.err("kms", operation, dry), "DryRunOperationException", "{operation}");
    }
    assert_eq!(cloud.ok("kms", "ListGrants", json!({"KeyId": id}))["Grants"], json!([]));
}

#[test]
fn random_bytes_have_the_length_asked_for() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let length = |answer: &Value| {
        crate::services::kms::seal::decoded(answer["Plaintext"].as_str().unwrap()).len()
    };
    assert_eq!(length(&cloud.ok("kms", "GenerateRandom", json!({"NumberOfBytes": 100}))), 100);
    let sealed = cloud.ok(
        "kms",
        "GenerateDataKeyWithoutPlaintext",
        json!({"KeyId": id, "NumberOfBytes": 48}),
    );
    assert_eq!(sealed.get("Plaintext"), None);
    assert_eq!(
        length(&cloud.ok("kms", "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}))),
        48
    );
    let both = json!({"KeyId": id, "NumberOfBytes": 16, "KeySpec": "AES_128"});
    assert_eq!(cloud.err("kms", "GenerateDataKey", both), "ValidationException");
    let asymmetric =
        json!({"KeyId": id, "Plaintext": "aGk=", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"});
    assert_eq!(cloud.err("kms", "Encrypt", asymmetric), "InvalidKeyUsageException");
}

#[test]
fn grants_are_found_by_who_may_retire_them() {
    let cloud = Probe::new();
    let id = key(&cloud);
    let root = "arn:aws:iam::123456789012:root";
    let grant = json!({"KeyId": id, "GranteePrincipal": root, "RetiringPrincipal": root, "Operations": ["Encrypt"]});
    let made = cloud.ok("kms", "CreateGrant", grant)["GrantId"].clone();
    let found = cloud.ok("kms", "ListRetirableGrants", json!({"RetiringPrincipal": root}));
    assert_eq!(found["Grants"][0]["GrantId"], made);
    assert_eq!(cloud.err("kms", "ListRetirableGrants", json!({})), "ValidationException");
    assert_eq!(
        cloud.err("kms", "RetireGrant", json!({"GrantToken": "x"})),
        "InvalidGrantTokenException"
    );
    assert_eq!(cloud.err("kms", "RetireGrant", json!({"KeyId": id})), "ValidationException");
    cloud.ok("kms", "RetireGrant", json!({"KeyId": id, "GrantId": made}));
    let signing = json!({"KeyId": id, "GranteePrincipal": root, "Operations": ["Sign"]});
    assert_eq!(cloud.err("kms", "CreateGrant", signing), "ValidationException");
}
