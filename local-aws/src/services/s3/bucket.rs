//! Buckets: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>

use super::{acl, bucket_name, bucket_tags, multipart, object};
use crate::call::{ACCOUNT, Call, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::S3_BUCKET;
use serde_json::{Value, json};

/// Buckets of an account.
const QUOTA: usize = 10_000;

/// The region in which a bucket without a location constraint is.
const FIRST_REGION: &str = "us-east-1";

/// The canonical user that owns everything of the account.
pub(super) fn owner() -> Value {
    json!({"ID": digest(ACCOUNT)})
}

/// The bucket that a request names, if it is in the region that the request was signed for.
pub(super) fn find<'c>(call: &'c Call, input: &Value) -> Result<&'c Value, Fault> {
    let bucket = find_anywhere(call, input)?;
    let (at, here) = (bucket.text("_region"), call.region());
    if at == here {
        return Ok(bucket);
    }
    if here == FIRST_REGION {
        let message = format!(
            "The authorization header is malformed; the region '{here}' is wrong; expecting '{at}'"
        );
        return Err(Fault::new("AuthorizationHeaderMalformed", message).with("Region", at));
    }
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    let endpoint = format!("s3.{at}.amazonaws.com");
    Err(Fault::new("PermanentRedirect", message)
        .with_status(301)
        .with("Endpoint", endpoint)
        .with("Bucket", input.text("Bucket")))
}

fn find_anywhere<'c>(call: &'c Call, input: &Value) -> Result<&'c Value, Fault> {
    let name = input.text("Bucket");
    let bucket = call.get(S3_BUCKET, name).ok_or_else(|| {
        Fault::new("NoSuchBucket", "The specified bucket does not exist").with("BucketName", name)
    })?;
    if input.opt("ExpectedBucketOwner").is_some_and(|owner| owner != ACCOUNT) {
        return Err(access_denied());
    }
    Ok(bucket)
}

/// The refusal of what the caller may not do.
pub(super) fn access_denied() -> Fault {
    Fault::new("AccessDenied", "Access Denied").with_status(403)
}

/// The error for an argument.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidArgument", message)
}

/// `CreateBucket`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("Bucket");
    bucket_name::check(name)?;
    let region =
        region(call.region(), input["CreateBucketConfiguration"].opt("LocationConstraint"))?;
    let location = if region == FIRST_REGION {
        format!("/{name}")
    } else {
        format!("http://{name}.s3.amazonaws.com/")
    };
    let arn = format!("{}{name}", bucket_arn(call));
    let answer = json!({"Location": location, "BucketArn": arn});
    if let Some(bucket) = call.get(S3_BUCKET, name) {
        // In its first region AWS kept the answer of old times.
        if bucket.text("_region") == FIRST_REGION
            && call.region() == FIRST_REGION
            && region == FIRST_REGION
        {
            return Ok(answer);
        }
        let message =
            "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Fault::new("BucketAlreadyOwnedByYou", message).with("BucketName", name));
    }
    if call.rows(S3_BUCKET).count() >= call.quota("s3.buckets", QUOTA) {
        return Err(Fault::new(
            "TooManyBuckets",
            "You have attempted to create more buckets than allowed",
        ));
    }
    let tags = bucket_tags::checked(input["CreateBucketConfiguration"].items("Tags"))?;
    let now = call.now();
    let ownership = input.opt("ObjectOwnership").unwrap_or("BucketOwnerEnforced");
    if ownership == "BucketOwnerEnforced" && input.opt("ACL").is_some_and(|acl| acl != "private") {
        let message =
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(Fault::new("InvalidBucketAclWithObjectOwnership", message));
    }
    let mut row = json!({
        "Name": name, "BucketRegion": region, "CreationDate": now, "Tags": tags, "_arn": arn, "_key": name,
        "_region": region, "_ownership": {"Rules": [{"ObjectOwnership": ownership}]},
        "_public_access": {
            "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
        },
    });
    if input.opt("ACL").is_some_and(|acl| acl != "private") {
        row["_acl"] = acl::canned(&row, &input)?;
    }
    if input.flag("ObjectLockEnabledForBucket") {
        row["_versioning"] = json!({"Status": "Enabled"});
        row["_object_lock"] = json!({"ObjectLockEnabled": "Enabled"});
    }
    call.put(S3_BUCKET, name, row);
    Ok(answer)
}

fn bucket_arn(call: &Call) -> String {
    format!("arn:{}:s3:::", crate::region::partition(call.region()))
}

/// The region of a new bucket, from the endpoint that is asked and the constraint that is sent to it.
fn region(endpoint: &str, constraint: Option<&str>) -> Result<String, Fault> {
    let wanted = constraint.map(|name| if name == "EU" { "eu-west-1" } else { name });
    let illegal = |which: &str| {
        let message = format!(
            "The {which} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        Err(Fault::new("IllegalLocationConstraintException", message))
    };
    match wanted {
        None if endpoint == FIRST_REGION => Ok(endpoint.to_owned()),
        None => illegal("unspecified"),
        Some(wanted) if endpoint == FIRST_REGION || wanted == endpoint => Ok(wanted.to_owned()),
        Some(wanted) => illegal(wanted),
    }
}

/// `DeleteBucket`: only an empty one. Uploads that were not completed go with it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    find(call, &input)?;
    let name = input.text("Bucket");
    if object::keys(call, name).next().is_some() {
        let message = "The bucket you tried to delete is not empty";
        return Err(Fault::new("BucketNotEmpty", message)
            .with_status(409)
            .with("BucketName", name));
    }
    multipart::remove_all(call, name);
    call.remove(S3_BUCKET, name);
    Ok(json!({}))
}

/// `HeadBucket`. Its refusals have no body, so that clients see the status as the code.
pub(super) fn head(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = find(call, &input).map_err(bodiless)?;
    Ok(
        json!({"BucketRegion": bucket["_region"], "BucketArn": bucket["_arn"], "AccessPointAlias": false}),
    )
}

/// A refusal as clients see it where there is no body to read.
pub(super) fn bodiless(fault: Fault) -> Fault {
    match fault.code.as_str() {
        "NoSuchBucket" | "NoSuchKey" | "NoSuchVersion" => {
            Fault::new("NotFound", "Not Found").with_status(404)
        }
        _ => fault,
    }
}

/// `GetBucketLocation`, which every region answers.
pub(super) fn location(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let region = find_anywhere(call, &input)?.text("_region");
    Ok(if region == FIRST_REGION { json!({}) } else { json!({"LocationConstraint": region}) })
}

/// `ListBuckets`: those of all regions.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(QUOTA);
    let input = call.input();
    let wanted = |(name, bucket): &(&str, &Value)| {
        name.starts_with(input.text("Prefix"))
            && input.opt("BucketRegion").is_none_or(|region| region == bucket.text("_region"))
    };
    let buckets: Vec<&Value> =
        call.rows(S3_BUCKET).filter(wanted).map(|(_, bucket)| bucket).collect();
    Ok(json!({"Buckets": buckets, "Owner": owner(), "Prefix": input.get("Prefix")}))
}
