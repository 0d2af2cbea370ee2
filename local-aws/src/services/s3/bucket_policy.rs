//! Policies of buckets: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>

use super::bucket::{self, access_denied};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Kind};
use crate::services::tables::S3_BUCKET;
use serde_json::{Value, json};

/// The largest policy, in bytes.
const MOST: usize = 20 * 1024;

/// `PutBucketPolicy`. The text is kept as it came.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?;
    let text = input.text("Policy");
    if text.len() > MOST {
        return Err(malformed("Policy exceeds the maximum allowed document size."));
    }
    let document = policy::parse(text, Kind::Resource).map_err(|message| malformed(&message))?;
    check(&document, bucket.text("_arn"))?;
    if policy::unknown_principal(call, &document).is_some() {
        return Err(malformed("Invalid principal in policy"));
    }
    if bucket["_public_access"].flag("BlockPublicPolicy") && is_public(&document) {
        return Err(access_denied());
    }
    call.merge(S3_BUCKET, input.text("Bucket"), json!({"_policy": text}));
    Ok(json!({}))
}

fn malformed(message: &str) -> Fault {
    Fault::new("MalformedPolicy", message)
}

fn check(document: &Value, arn: &str) -> Result<(), Fault> {
    let ours = |resource: &str| {
        resource == arn || resource.strip_prefix(arn).is_some_and(|rest| rest.starts_with('/'))
    };
    let s3 = |action: &str| action == "*" || action.to_ascii_lowercase().starts_with("s3:");
    for statement in policy::statements(document) {
        if !texts(&statement["Resource"]).chain(texts(&statement["NotResource"])).all(ours) {
            return Err(malformed("Policy has invalid resource"));
        }
        if !texts(&statement["Action"]).chain(texts(&statement["NotAction"])).all(s3) {
            return Err(malformed("Policy has invalid action"));
        }
    }
    Ok(())
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    many.iter().filter_map(Value::as_str)
}

/// Whether a policy lets in everybody: a statement that allows `*` and is not limited to a network, an account or a source.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
fn is_public(document: &Value) -> bool {
    const LIMITING: [&str; 11] = [
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
    ];
    let everybody =
        |principal: &Value| principal == "*" || texts(&principal["AWS"]).any(|name| name == "*");
    let limits = |(key, values): (&String, &Value)| {
        LIMITING.contains(&key.to_ascii_lowercase().as_str())
            && texts(values).all(|value| !value.contains('*'))
    };
    let limited = |condition: &Value| {
        let tests = condition
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(operator, _)| !operator.contains("Not"));
        tests.into_iter().filter_map(|(_, keys)| keys.as_object()).flatten().any(limits)
    };
    policy::statements(document).iter().any(|statement| {
        statement.text("Effect") == "Allow"
            && everybody(&statement["Principal"])
            && !limited(&statement["Condition"])
    })
}

/// `GetBucketPolicy`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    Ok(json!({"Policy": of(call, &input)?}))
}

/// `GetBucketPolicyStatus`.
pub(super) fn status(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let document = serde_json::from_str(of(call, &input)?).unwrap_or_default();
    Ok(json!({"PolicyStatus": {"IsPublic": is_public(&document)}}))
}

fn of<'c>(call: &'c Call, input: &Value) -> Result<&'c str, Fault> {
    let bucket = bucket::find(call, input)?;
    bucket.opt("_policy").ok_or_else(|| {
        let message = "The bucket policy does not exist";
        Fault::new("NoSuchBucketPolicy", message)
            .with_status(404)
            .with("BucketName", input.text("Bucket"))
    })
}

/// `DeleteBucketPolicy`: none is no error.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    call.merge(S3_BUCKET, input.text("Bucket"), json!({"_policy": null}));
    Ok(json!({}))
}
