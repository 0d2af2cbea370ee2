//! The settings of a bucket that are put, got and deleted as a whole.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html#bucket-config-options-intro>

use super::{bucket, setting_check};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::S3_BUCKET;
use serde_json::{Value, json};

/// One kind of setting.
pub(super) struct Setting {
    /// What its operations are called after their verb, shortest form.
    name: &'static str,
    /// The request's member with the whole setting.
    payload: &'static str,
    /// The member of the bucket's row.
    row: &'static str,
    /// What a bucket without it answers.
    absent: Absent,
    /// Whether an answer has the setting as one member, named as in the request, or is the setting itself.
    wrapped: bool,
}

/// What a bucket without a setting answers.
enum Absent {
    /// This error with status 404.
    Error(&'static str, &'static str),
    /// A default.
    Default(fn() -> Value),
}

const SETTINGS: [Setting; 13] = [
    Setting {
        name: "BucketAccelerate",
        payload: "AccelerateConfiguration",
        row: "_accelerate",
        absent: Absent::Default(|| json!({})),
        wrapped: false,
    },
    Setting {
        name: "BucketCors",
        payload: "CORSConfiguration",
        row: "_cors",
        absent: Absent::Error("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        wrapped: false,
    },
    Setting {
        name: "BucketEncryption",
        payload: "ServerSideEncryptionConfiguration",
        row: "_encryption",
        absent: Absent::Default(default_encryption),
        wrapped: true,
    },
    Setting {
        name: "BucketLifecycle",
        payload: "LifecycleConfiguration",
        row: "_lifecycle",
        absent: Absent::Error(
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        ),
        wrapped: false,
    },
    Setting {
        name: "BucketLogging",
        payload: "BucketLoggingStatus",
        row: "_logging",
        absent: Absent::Default(|| json!({})),
        wrapped: false,
    },
    Setting {
        name: "BucketNotification",
        payload: "NotificationConfiguration",
        row: "_notification",
        absent: Absent::Default(|| json!({})),
        wrapped: false,
    },
    Setting {
        name: "BucketOwnershipControls",
        payload: "OwnershipControls",
        row: "_ownership",
        absent: Absent::Error(
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        ),
        wrapped: true,
    },
    Setting {
        name: "BucketReplication",
        payload: "ReplicationConfiguration",
        row: "_replication",
        absent: Absent::Error(
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        ),
        wrapped: true,
    },
    Setting {
        name: "BucketRequestPayment",
        payload: "RequestPaymentConfiguration",
        row: "_request_payment",
        absent: Absent::Default(|| json!({"Payer": "BucketOwner"})),
        wrapped: false,
    },
    Setting {
        name: "BucketVersioning",
        payload: "VersioningConfiguration",
        row: "_versioning",
        absent: Absent::Default(|| json!({})),
        wrapped: false,
    },
    Setting {
        name: "BucketWebsite",
        payload: "WebsiteConfiguration",
        row: "_website",
        absent: Absent::Error(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        wrapped: false,
    },
    Setting {
        name: "ObjectLock",
        payload: "ObjectLockConfiguration",
        row: "_object_lock",
        absent: Absent::Error(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        wrapped: true,
    },
    Setting {
        name: "PublicAccessBlock",
        payload: "PublicAccessBlockConfiguration",
        row: "_public_access",
        absent: Absent::Error(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ),
        wrapped: true,
    },
];

/// What every bucket has if nothing else was asked for.
fn default_encryption() -> Value {
    json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}]})
}

/// The encryption that objects of a bucket get if they ask for none: `ApplyServerSideEncryptionByDefault` and its neighbours.
pub(super) fn encryption(bucket: &Value) -> Value {
    let all = if bucket.has("_encryption") {
        bucket["_encryption"].clone()
    } else {
        default_encryption()
    };
    all["Rules"][0].clone()
}

fn of(operation: &str) -> Result<&'static Setting, Fault> {
    let name = operation.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let name = name.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let found = SETTINGS.iter().find(|setting| name.starts_with(setting.name));
    found.ok_or_else(|| Fault::not_implemented(&format!("s3 {operation}")))
}

/// `PutBucketEncryption` and its like.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let setting = of(call.operation())?;
    let input = call.input();
    let bucket = bucket::find(call, &input)?.clone();
    let mut value = input.get(setting.payload).cloned().unwrap_or_else(|| json!({}));
    setting_check::check(call, setting.name, &bucket, &input, &mut value)?;
    let mut change = json!({});
    change[setting.row] = value;
    call.merge(S3_BUCKET, input.text("Bucket"), change);
    let size =
        input.opt("TransitionDefaultMinimumObjectSize").unwrap_or("all_storage_classes_128K");
    Ok(if setting.name == "BucketLifecycle" {
        json!({"TransitionDefaultMinimumObjectSize": size})
    } else {
        json!({})
    })
}

/// `GetBucketEncryption` and its like.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let setting = of(call.operation())?;
    let input = call.input();
    let bucket = bucket::find(call, &input)?;
    let value = match (&setting.absent, bucket.has(setting.row)) {
        (_, true) => bucket[setting.row].clone(),
        (Absent::Default(default), false) => default(),
        (Absent::Error(code, message), false) => {
            return Err(Fault::new(*code, *message)
                .with_status(404)
                .with("BucketName", input.text("Bucket")));
        }
    };
    Ok(if setting.wrapped { json!({setting.payload: value}) } else { value })
}

/// `DeleteBucketEncryption` and its like: none is no error.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let setting = of(call.operation())?;
    let input = call.input();
    bucket::find(call, &input)?;
    let mut change = json!({});
    change[setting.row] = Value::Null;
    call.merge(S3_BUCKET, input.text("Bucket"), change);
    Ok(json!({}))
}
