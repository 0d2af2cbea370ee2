//! Making file systems: <https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html>

use super::throughput::Throughput;
use super::{FILE_SYSTEM, by_token, view};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::region;
use crate::services::efs::{automatic_backup, bad_request, tags};
use crate::services::kms::{Unusable, usable_via};
use crate::services::tables::KMS_KEY;
use serde_json::{Value, json};

/// AWS's default quota per region.
const QUOTA: usize = 1000;

/// What EFS meters of a file system without a file.
const EMPTY_BYTES: u64 = 6144;

/// What EFS does with a key in the name of its caller.
/// <https://docs.aws.amazon.com/efs/latest/ug/EFSKMS.html>
const ACTIONS: [&str; 3] =
    ["kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:CreateGrant"];

/// `CreateFileSystem`: a token that made one which is not gone names it in a refusal.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let token = input.text("CreationToken");
    if let Some(known) = by_token(call, token) {
        let id = known.text("FileSystemId");
        let message = format!("File system '{id}' already exists with creation token '{token}'");
        return Err(Fault::new("FileSystemAlreadyExists", message).with("FileSystemId", id));
    }
    if call.rows(FILE_SYSTEM).count() >= call.quota("efs.file_systems", QUOTA) {
        let message = "You have reached the maximum number of file systems in the account.";
        return Err(Fault::new("FileSystemLimitExceeded", message));
    }
    let tags = tags::given(input.items("Tags"))?;
    let performance = input.opt("PerformanceMode").unwrap_or("generalPurpose");
    let throughput = Throughput::of(&input, "bursting")?;
    throughput.check(call, performance)?;
    let zone = one_zone(call, &input, performance)?;
    let key = key(call, &input)?;
    let id = call.new_id("fs");
    let arn = call.arn("elasticfilesystem", &format!("file-system/{id}"));
    let mut row = json!({
        "FileSystemId": id, "FileSystemArn": arn, "OwnerId": ACCOUNT, "CreationToken": token, "CreationTime": call.now(),
        "LifeCycleState": "creating", "PerformanceMode": performance, "Encrypted": key.is_some(), "KmsKeyId": key,
        "SizeInBytes": size(0), "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
        "Tags": tags, "_lifecycle": [], "_backup": "DISABLED", "_arn": arn,
    });
    throughput.store(&mut row);
    let backup = input.opt_flag("Backup").unwrap_or(zone.is_some());
    if let Some((name, id)) = zone {
        row["AvailabilityZoneName"] = json!(name);
        row["AvailabilityZoneId"] = json!(id);
    }
    call.put(FILE_SYSTEM, &id, row);
    if backup {
        automatic_backup::start(call, &id);
    }
    let mut metered = size(EMPTY_BYTES);
    let seconds = call.latency("efs.file_system", "create");
    metered["Timestamp"] = json!(call.now() + seconds);
    let ready = json!({"LifeCycleState": "available", "SizeInBytes": metered});
    call.schedule(seconds, FILE_SYSTEM, &id, Step::Merge(ready));
    let made = call.get(FILE_SYSTEM, &id).cloned().unwrap_or_default();
    Ok(view(call, &made))
}

fn size(bytes: u64) -> Value {
    json!({"Value": bytes, "ValueInStandard": bytes, "ValueInIA": 0, "ValueInArchive": 0})
}

/// Name and id of the zone that a One Zone file system is in.
fn one_zone(
    call: &Call,
    input: &Value,
    performance: &str,
) -> Result<Option<(String, String)>, Fault> {
    let Some(wanted) = input.opt("AvailabilityZoneName") else { return Ok(None) };
    if performance != "generalPurpose" {
        return Err(bad_request("One Zone file systems need the performance mode generalPurpose."));
    }
    let found = region::zones(call.region()).into_iter().find(|(name, _)| name == wanted);
    let unknown = || {
        let message = format!("EFS is not available in the Availability Zone {wanted}.");
        Fault::new("UnsupportedAvailabilityZone", message)
    };
    found.ok_or_else(unknown).map(Some)
}

/// The ARN of the key of an encrypted file system.
fn key(call: &mut Call, input: &Value) -> Result<Option<String>, Fault> {
    let wanted = input.opt("KmsKeyId");
    if !input.flag("Encrypted") {
        return match wanted {
            Some(_) => Err(bad_request("KmsKeyId needs Encrypted to be true.")),
            None => Ok(None),
        };
    }
    let wanted = wanted.unwrap_or("alias/aws/elasticfilesystem");
    let arn = usable_via(call, wanted, "elasticfilesystem", &ACTIONS).map_err(|unusable| {
        bad_request(match unusable {
            Unusable::NotFound => format!("The KMS key {wanted} does not exist."),
            Unusable::State => format!("The KMS key {wanted} is not enabled."),
            Unusable::Denied(action) => {
                format!("The policy of the KMS key {wanted} does not allow {action}.")
            }
        })
    })?;
    let id = arn.rsplit('/').next().unwrap_or_default();
    let symmetric =
        call.get(KMS_KEY, id).is_some_and(|key| key.text("KeySpec") == "SYMMETRIC_DEFAULT");
    if symmetric {
        Ok(Some(arn))
    } else {
        Err(bad_request(format!("The KMS key {wanted} is not symmetric.")))
    }
}
