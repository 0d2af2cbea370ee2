//! Access control lists: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use super::{bucket, object};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::S3_BUCKET;
use serde_json::{Value, json};

const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const GRANTS: [&str; 5] =
    ["GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"];

/// `GetBucketAcl`.
pub(super) fn of_bucket(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?;
    Ok(described(&bucket["_acl"]))
}

/// `GetObjectAcl`.
pub(super) fn of_object(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    bucket::find(call, &input)?;
    let version = object::asked(call, &input)?;
    Ok(described(&version["_acl"]))
}

fn described(acl: &Value) -> Value {
    if acl.is_object() { acl.clone() } else { policy(vec![]) }
}

fn policy(others: Vec<Value>) -> Value {
    let owner = bucket::owner();
    let mut grants = vec![json!({
        "Grantee": {"ID": owner["ID"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL",
    })];
    grants.extend(others);
    json!({"Owner": owner, "Grants": grants})
}

/// `PutBucketAcl`: a canned one or a whole policy, if the bucket takes any.
pub(super) fn put_of_bucket(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let bucket = bucket::find(call, &input)?;
    let asked = match input.get("AccessControlPolicy").filter(|policy| policy.has("Grants")) {
        Some(policy) => {
            allowed(bucket, is_private(policy), is_public(policy))?;
            policy.clone()
        }
        None => canned(bucket, &input)?,
    };
    call.merge(S3_BUCKET, input.text("Bucket"), json!({"_acl": asked}));
    Ok(json!({}))
}

/// The list that a request asks for by the name of a canned one, checked against the bucket's settings.
pub(super) fn canned(bucket: &Value, input: &Value) -> Result<Value, Fault> {
    let group = |uri: &str, permission: &str| json!({"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission});
    if GRANTS.iter().any(|grant| input.has(grant)) {
        return Err(Fault::not_implemented("grants of access control lists by header"));
    }
    let asked = match input.opt("ACL") {
        Some("public-read") => policy(vec![group(EVERYBODY, "READ")]),
        Some("public-read-write") => {
            policy(vec![group(EVERYBODY, "READ"), group(EVERYBODY, "WRITE")])
        }
        Some("authenticated-read") => policy(vec![group(AUTHENTICATED, "READ")]),
        _ => policy(vec![]),
    };
    if let Some(name) = input.opt("ACL") {
        allowed(bucket, name == "bucket-owner-full-control", is_public(&asked))?;
    }
    Ok(asked)
}

/// Whether the bucket's settings allow a list: those that the owner enforces take none but the owner's own.
fn allowed(bucket: &Value, owners_own: bool, public: bool) -> Result<(), Fault> {
    let enforced =
        bucket["_ownership"]["Rules"][0].text("ObjectOwnership") == "BucketOwnerEnforced";
    if enforced && !owners_own {
        return Err(Fault::new("AccessControlListNotSupported", "The bucket does not allow ACLs"));
    }
    if public && bucket["_public_access"].flag("BlockPublicAcls") {
        return Err(bucket::access_denied());
    }
    Ok(())
}

fn is_private(policy: &Value) -> bool {
    let owner = bucket::owner();
    policy.items("Grants").iter().all(|grant| grant["Grantee"]["ID"] == owner["ID"])
}

fn is_public(policy: &Value) -> bool {
    let group = |grant: &Value| [EVERYBODY, AUTHENTICATED].contains(&grant["Grantee"].text("URI"));
    policy.items("Grants").iter().any(group)
}
