use super::{described, file_system};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn statement(effect: &str, action: &str) -> Value {
    json!({"Effect": effect, "Principal": {"AWS": "*"}, "Action": action, "Resource": "*"})
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[test]
fn a_policy_is_kept_as_it_was_put_until_it_is_deleted() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let of = json!({"FileSystemId": id});
    assert_eq!(cloud.err("efs", "DescribeFileSystemPolicy", of.clone()), "PolicyNotFound");
    let mut mount = statement("Allow", "elasticfilesystem:ClientMount");
    mount["Resource"] = described(&cloud, &id)["FileSystemArn"].clone();
    let policy = document(&[mount]);
    cloud.ok("efs", "PutFileSystemPolicy", json!({"FileSystemId": id, "Policy": policy}));
    let shown = cloud.ok("efs", "DescribeFileSystemPolicy", of.clone());
    assert_eq!(shown, json!({"FileSystemId": id, "Policy": policy}));
    cloud.ok("efs", "DeleteFileSystemPolicy", of.clone());
    cloud.ok("efs", "DeleteFileSystemPolicy", of.clone());
    assert_eq!(cloud.err("efs", "DescribeFileSystemPolicy", of), "PolicyNotFound");
}

#[test]
fn a_policy_that_is_not_one_or_locks_its_author_out_is_refused() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let with = |member: &str, value: Value| {
        let mut statement = statement("Allow", "elasticfilesystem:ClientMount");
        statement[member] = value;
        document(&[statement])
    };
    let put = |policy: &str, bypass: bool| {
        let input =
            json!({"FileSystemId": id, "Policy": policy, "BypassPolicyLockoutSafetyCheck": bypass});
        cloud.call("efs", "PutFileSystemPolicy", &input).map_err(|(code, _)| code)
    };
    let elsewhere =
        "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0";
    for policy in [
        "{".to_owned(),
        document(&[]),
        with("Principal", json!({"AWS": "arn:aws:iam::123456789012:role/none"})),
        with("Action", json!("s3:GetObject")),
        with("Resource", json!(elsewhere)),
    ] {
        assert_eq!(put(&policy, true), Err("InvalidPolicyException".to_owned()), "{policy}");
    }
    let mut tls = statement("Deny", "*");
    tls["Condition"] = json!({"Bool": {"aws:SecureTransport": "false"}});
    put(&document(&[tls]), false).unwrap();
    let locked = document(&[statement("Deny", "elasticfilesystem:*")]);
    assert_eq!(put(&locked, false), Err("InvalidPolicyException".to_owned()));
    put(&locked, true).unwrap();
}

#[test]
fn ids_are_long() {
    let cloud = Probe::new();
    let long = cloud.ok("efs", "DescribeAccountPreferences", json!({}));
    assert_eq!(long["ResourceIdPreference"].text("ResourceIdType"), "LONG_ID");
    let put =
        |kind: &str| cloud.call("efs", "PutAccountPreferences", &json!({"ResourceIdType": kind}));
    assert_eq!(put("LONG_ID").unwrap(), long);
    assert_eq!(put("SHORT_ID").unwrap_err().0, "BadRequest");
}
