//! Keys: <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>

use super::{key_policy, key_state, key_tags, reference, rotation};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::{KMS_ALIAS, KMS_KEY};
use serde_json::{Value, json};

/// Services with an AWS-managed key `alias/aws/NAME`, which comes into being when it is first used.
pub(super) const MANAGED: [&str; 11] = [
    "acm",
    "backup",
    "ebs",
    "elasticfilesystem",
    "lambda",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
];

const QUOTA: usize = 100_000;

/// `CreateKey`: symmetric encryption keys, in one region or as the primary of several.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    symmetric(&input)?;
    let tags = key_tags::from_wire(input.items("Tags"))?;
    let policy = match input.opt("Policy") {
        Some(text) => {
            key_policy::check(call, text, input.flag("BypassPolicyLockoutSafetyCheck"))?;
            text.to_owned()
        }
        None => key_policy::default(call),
    };
    if call.rows(KMS_KEY).filter(|(_, key)| key.text("KeyManager") == "CUSTOMER").count()
        >= call.quota("kms.keys", QUOTA)
    {
        return Err(Fault::new(
            "LimitExceededException",
            "The number of KMS keys has reached its quota.",
        ));
    }
    let id = make(call, "CUSTOMER", input.text("Description"), input.flag("MultiRegion"));
    call.merge(KMS_KEY, &id, json!({"_policy": policy, "Tags": tags}));
    Ok(json!({"KeyMetadata": call.get(KMS_KEY, &id).map(described)}))
}

/// Asymmetric, HMAC, imported and custom-store keys are not part of this cloud.
fn symmetric(input: &Value) -> Result<(), Fault> {
    let spec =
        input.opt("KeySpec").or(input.opt("CustomerMasterKeySpec")).unwrap_or("SYMMETRIC_DEFAULT");
    let usage = input.opt("KeyUsage").unwrap_or("ENCRYPT_DECRYPT");
    if input.has("KeySpec") && input.has("CustomerMasterKeySpec") {
        let message = "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.";
        return Err(Fault::new("ValidationException", message));
    }
    if spec == "SYMMETRIC_DEFAULT" && usage != "ENCRYPT_DECRYPT" {
        return Err(Fault::new(
            "ValidationException",
            format!("KeyUsage {usage} is not compatible with KeySpec {spec}"),
        ));
    }
    let origin = input.opt("Origin").unwrap_or("AWS_KMS");
    if spec == "SYMMETRIC_DEFAULT"
        && origin == "AWS_KMS"
        && !input.has("CustomKeyStoreId")
        && !input.has("XksKeyId")
    {
        return Ok(());
    }
    let message = format!(
        "the embedded AWS has no keys of spec {spec} and origin {origin}, only SYMMETRIC_DEFAULT of AWS_KMS"
    );
    Err(Fault::new("UnsupportedOperationException", message))
}

fn make(call: &mut Call, manager: &str, description: &str, multi_region: bool) -> String {
    let id = if multi_region {
        format!("mrk-{}", call.new_hex("kms.key", 32))
    } else {
        call.new_uuid("kms.key")
    };
    let arn = call.arn("kms", &format!("key/{id}"));
    let material = rotation::new_material(call, None);
    let mut row = json!({
        "AWSAccountId": ACCOUNT, "KeyId": id, "Arn": arn, "CreationDate": call.now(), "Enabled": true, "Description": description,
        "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": manager, "MultiRegion": multi_region,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT", "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "CurrentKeyMaterialId": material["id"], "_materials": [material], "_arn": arn, "_key": id, "Tags": [],
    });
    if multi_region {
        let primary = json!({"Arn": arn, "Region": call.region()});
        row["MultiRegionConfiguration"] =
            json!({"MultiRegionKeyType": "PRIMARY", "PrimaryKey": primary, "ReplicaKeys": []});
    }
    call.put(KMS_KEY, &id, row);
    id
}

/// Makes the AWS-managed key of a service, with its alias; it rotates every year.
pub(super) fn make_managed(call: &mut Call, service: &str) -> String {
    let description =
        format!("Default key that protects my {service} data when no other key is defined");
    let id = make(call, "AWS", &description, false);
    let policy = key_policy::of_managed(call, service);
    call.merge(KMS_KEY, &id, json!({"_policy": policy}));
    rotation::start(call, &id, 365);
    let alias = format!("alias/aws/{service}");
    let now = call.now();
    let row = json!({
        "AliasName": alias, "AliasArn": call.arn("kms", &alias), "TargetKeyId": id, "CreationDate": now, "LastUpdatedDate": now, "_key": alias,
    });
    call.put(KMS_ALIAS, &alias, row);
    id
}

/// `DescribeKey`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let id = reference::key_id_or_alias(call, call.input().text("KeyId"))?;
    Ok(json!({"KeyMetadata": call.get(KMS_KEY, &id).map(described)}))
}

/// `ListKeys`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let others_only = call.input().texts("ResourceOwners") == ["OTHER_ACCOUNTS_VIA_RAM"];
    let keys = call.rows(KMS_KEY).filter(|_| !others_only);
    let keys: Vec<Value> =
        keys.map(|(id, key)| json!({"KeyId": id, "KeyArn": key["Arn"], "_key": id})).collect();
    Ok(json!({"Keys": keys}))
}

/// `UpdateKeyDescription`.
pub(super) fn update_description(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, key) = reference::key(call, input.text("KeyId"))?;
    key_state::not_pending(&key)?;
    call.merge(KMS_KEY, &id, json!({"Description": input["Description"]}));
    Ok(json!({}))
}

/// `GetKeyLastUsage`.
pub(super) fn last_usage(call: &mut Call) -> Result<Value, Fault> {
    let (id, key) = reference::key(call, call.input().text("KeyId"))?;
    let created = &key["CreationDate"];
    Ok(
        json!({"KeyId": id, "KeyCreationDate": created, "TrackingStartDate": created, "KeyLastUsage": key["_last_usage"]}),
    )
}

/// A key as `KeyMetadata`.
fn described(key: &Value) -> Value {
    let mut key = key.clone();
    if let Some(members) = key.as_object_mut() {
        members.remove("Tags");
    }
    key
}
