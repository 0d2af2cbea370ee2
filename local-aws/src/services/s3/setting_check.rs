//! What AWS refuses in settings of buckets although their form is right.

use super::bucket::invalid;
use super::event;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::S3_BUCKET;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Checks a setting, and adds what AWS adds.
pub(super) fn check(
    call: &mut Call,
    name: &str,
    bucket: &Value,
    input: &Value,
    value: &mut Value,
) -> Result<(), Fault> {
    match name {
        "BucketCors" => cors(value),
        "BucketEncryption" => encryption(value),
        "BucketLifecycle" => lifecycle(call, input, value),
        "BucketLogging" => logging(call, bucket, value),
        "BucketNotification" => notification(call, input, value),
        "BucketReplication" => replication(call, bucket, value),
        "BucketVersioning" => versioning(bucket, value),
        "ObjectLock" => object_lock(bucket, value),
        "PublicAccessBlock" => {
            for member in [
                "BlockPublicAcls",
                "IgnorePublicAcls",
                "BlockPublicPolicy",
                "RestrictPublicBuckets",
            ] {
                value[member] = json!(value.flag(member));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn malformed() -> Fault {
    Fault::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

fn versioning(bucket: &Value, value: &Value) -> Result<(), Fault> {
    if !value.has("Status") {
        return Err(Fault::new(
            "IllegalVersioningConfigurationException",
            "The Versioning element must be specified",
        ));
    }
    if value.text("MFADelete") == "Enabled" {
        return Err(Fault::not_implemented("versioning with MFA delete"));
    }
    if value.text("Status") == "Suspended" && bucket.has("_object_lock") {
        let message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
        return Err(Fault::new("InvalidBucketState", message).with_status(409));
    }
    Ok(())
}

fn object_lock(bucket: &Value, value: &Value) -> Result<(), Fault> {
    if bucket["_versioning"].text("Status") != "Enabled" {
        let message =
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
        return Err(Fault::new("InvalidBucketState", message).with_status(409));
    }
    if value.text("ObjectLockEnabled") != "Enabled" {
        return Err(malformed());
    }
    let retention = &value["Rule"]["DefaultRetention"];
    let both = retention.has("Days") == retention.has("Years");
    if retention.is_object() && (both || !retention.has("Mode")) {
        Err(malformed())
    } else {
        Ok(())
    }
}

fn encryption(value: &mut Value) -> Result<(), Fault> {
    let rules =
        value["Rules"].as_array_mut().filter(|rules| rules.len() == 1).ok_or_else(malformed)?;
    for rule in rules {
        let default = &rule["ApplyServerSideEncryptionByDefault"];
        let kms = default.text("SSEAlgorithm").starts_with("aws:kms");
        if default.has("KMSMasterKeyID") && !kms {
            return Err(invalid(
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            ));
        }
        rule["BucketKeyEnabled"] = json!(rule.flag("BucketKeyEnabled"));
    }
    Ok(())
}

fn cors(value: &Value) -> Result<(), Fault> {
    let rules = value.items("CORSRules");
    if rules.is_empty() || rules.len() > 100 {
        return Err(malformed());
    }
    let known = ["GET", "PUT", "POST", "DELETE", "HEAD"];
    let mut methods = rules.iter().flat_map(|rule| rule.texts("AllowedMethods"));
    match methods.find(|method| !known.contains(method)) {
        Some(method) => Err(Fault::new(
            "InvalidRequest",
            format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}"),
        )),
        None => Ok(()),
    }
}

fn lifecycle(call: &mut Call, input: &Value, value: &mut Value) -> Result<(), Fault> {
    const ACTIONS: [&str; 5] = [
        "AbortIncompleteMultipartUpload",
        "Expiration",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionTransitions",
        "Transitions",
    ];
    let rules = value["Rules"]
        .as_array_mut()
        .filter(|rules| (1..=1000).contains(&rules.len()))
        .ok_or_else(malformed)?;
    let mut ids = BTreeSet::new();
    for rule in rules {
        if rule.has("Filter") == rule.has("Prefix") {
            return Err(malformed());
        }
        if !ACTIONS.iter().any(|action| rule.has(action)) {
            return Err(Fault::new(
                "InvalidRequest",
                "At least one action needs to be specified in a rule.",
            ));
        }
        let days = [
            rule["Expiration"].int("Days"),
            rule["NoncurrentVersionExpiration"].int("NoncurrentDays"),
        ];
        if days.into_iter().flatten().any(|days| days <= 0) {
            return Err(invalid("'Days' for Expiration action must be a positive integer"));
        }
        if !rule.has("ID") {
            rule["ID"] = json!(call.new_uuid("s3.rule"));
        }
        if !ids.insert(rule.text("ID").to_owned()) {
            return Err(invalid("Rule ID must be unique. Found same ID for more than one rule"));
        }
    }
    let size =
        input.opt("TransitionDefaultMinimumObjectSize").unwrap_or("all_storage_classes_128K");
    value["TransitionDefaultMinimumObjectSize"] = json!(size);
    Ok(())
}

fn logging(call: &Call, bucket: &Value, value: &Value) -> Result<(), Fault> {
    if !value.has("LoggingEnabled") {
        return Ok(());
    }
    let target = call.get(S3_BUCKET, value["LoggingEnabled"].text("TargetBucket"));
    let fault = |message: &str| Err(Fault::new("InvalidTargetBucketForLogging", message));
    match target {
        None => fault("The target bucket for logging does not exist"),
        Some(target) if target["_region"] != bucket["_region"] => {
            fault("The source and destination buckets must be in the same region")
        }
        Some(_) => Ok(()),
    }
}

/// Destinations must exist and let S3 in; queues and functions do not exist in this cloud.
fn notification(call: &mut Call, input: &Value, value: &mut Value) -> Result<(), Fault> {
    const KINDS: [(&str, &str); 3] = [
        ("TopicConfigurations", "TopicArn"),
        ("QueueConfigurations", "QueueArn"),
        ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ];
    for (list, member) in KINDS {
        for destination in value[list].as_array_mut().into_iter().flatten() {
            if !input.flag("SkipDestinationValidation")
                && !event::announce(call, destination.text(member), input.text("Bucket"))
            {
                return Err(invalid("Unable to validate the following destination configurations"));
            }
            if !destination.has("Id") {
                destination["Id"] = json!(call.new_uuid("s3.notification"));
            }
        }
    }
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, list| !list.is_null());
    }
    Ok(())
}

fn replication(call: &Call, bucket: &Value, value: &Value) -> Result<(), Fault> {
    if bucket["_versioning"].text("Status") != "Enabled" {
        let message =
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
        return Err(Fault::new("InvalidRequest", message));
    }
    for rule in value.items("Rules") {
        let name = rule["Destination"].text("Bucket").trim_start_matches("arn:aws:s3:::");
        let versioned = call
            .get(S3_BUCKET, name)
            .map(|target| target["_versioning"].text("Status") == "Enabled");
        if versioned != Some(true) {
            let message = if versioned.is_none() {
                "Destination bucket must exist."
            } else {
                "Destination bucket must have versioning enabled."
            };
            return Err(Fault::new("InvalidRequest", message));
        }
    }
    Ok(())
}
