use crate::testing::Probe;
use serde_json::{Value, json};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"vpc-flow-logs.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const WRITE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:us-east-1:123456789012:log-group:a:*"}]}"#;

fn role(cloud: &Probe, name: &str) -> Value {
    let tags = json!([{"Key": "team", "Value": "shop"}]);
    cloud.ok(
        "iam",
        "CreateRole",
        json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST, "Tags": tags}),
    )
}

fn policy(cloud: &Probe, name: &str) -> String {
    let made =
        cloud.ok("iam", "CreatePolicy", json!({"PolicyName": name, "PolicyDocument": WRITE}));
    made["Policy"]["Arn"].as_str().unwrap().to_owned()
}

#[test]
fn a_role_is_described_as_it_was_made() {
    let cloud = Probe::new();
    role(&cloud, "writer");
    let found = &cloud.ok("iam", "GetRole", json!({"RoleName": "writer"}))["Role"];
    assert_eq!(found["Arn"], "arn:aws:iam::123456789012:role/writer");
    assert_eq!(found["MaxSessionDuration"], 3600);
    assert_eq!(found["Tags"], json!([{"Key": "team", "Value": "shop"}]));
    let text = found["AssumeRolePolicyDocument"].as_str().unwrap();
    assert!(text.starts_with("%7B%22Version%22"), "{text}");
    assert_eq!(cloud.ok("iam", "ListRoles", json!({}))["Roles"][0].get("Tags"), None);
}

#[test]
fn names_are_unique_without_regard_to_case() {
    let cloud = Probe::new();
    role(&cloud, "writer");
    let again = json!({"RoleName": "Writer", "AssumeRolePolicyDocument": TRUST});
    assert_eq!(cloud.err("iam", "CreateRole", again), "EntityAlreadyExists");
    policy(&cloud, "write");
    let again = json!({"PolicyName": "write", "Path": "/other/", "PolicyDocument": WRITE});
    assert_eq!(cloud.err("iam", "CreatePolicy", again), "EntityAlreadyExists");
}

#[test]
fn what_is_attached_holds_role_and_policy() {
    let cloud = Probe::new();
    role(&cloud, "writer");
    let arn = policy(&cloud, "write");
    let pair = json!({"RoleName": "writer", "PolicyArn": arn});
    cloud.ok("iam", "AttachRolePolicy", pair.clone());
    cloud.ok("iam", "AttachRolePolicy", pair.clone());
    let attached = cloud.ok("iam", "ListAttachedRolePolicies", json!({"RoleName": "writer"}));
    assert_eq!(attached["AttachedPolicies"], json!([{"PolicyArn": arn, "PolicyName": "write"}]));
    assert_eq!(cloud.err("iam", "DeleteRole", json!({"RoleName": "writer"})), "DeleteConflict");
    assert_eq!(cloud.err("iam", "DeletePolicy", json!({"PolicyArn": arn})), "DeleteConflict");
    cloud.ok("iam", "DetachRolePolicy", pair.clone());
    assert_eq!(cloud.err("iam", "DetachRolePolicy", pair), "NoSuchEntity");
    cloud.ok("iam", "DeleteRole", json!({"RoleName": "writer"}));
    cloud.ok("iam", "DeletePolicy", json!({"PolicyArn": arn}));
    assert_eq!(cloud.err("iam", "GetRole", json!({"RoleName": "writer"})), "NoSuchEntity");
}

#[test]
fn a_policy_has_five_versions_of_which_one_is_in_force() {
    let cloud = Probe::new();
    let arn = policy(&cloud, "write");
    let version = json!({"PolicyArn": arn, "PolicyDocument": WRITE, "SetAsDefault": true});
    for expected in ["v2", "v3", "v4", "v5"] {
        let made = cloud.ok("iam", "CreatePolicyVersion", version.clone());
        assert_eq!(made["PolicyVersion"]["VersionId"], expected);
    }
    assert_eq!(cloud.err("iam", "CreatePolicyVersion", version), "LimitExceeded");
    let of = |id: &str| json!({"PolicyArn": arn, "VersionId": id});
    assert_eq!(cloud.err("iam", "DeletePolicyVersion", of("v5")), "DeleteConflict");
    assert_eq!(cloud.err("iam", "DeletePolicy", json!({"PolicyArn": arn})), "DeleteConflict");
    for id in ["v1", "v2", "v3", "v4"] {
        cloud.ok("iam", "DeletePolicyVersion", of(id));
    }
    cloud.ok("iam", "DeletePolicy", json!({"PolicyArn": arn}));
}

#[test]
fn the_whole_account_is_read_in_pages() {
    let cloud = Probe::new();
    for name in ["a", "b", "c"] {
        role(&cloud, name);
    }
    let arn = policy(&cloud, "write");
    cloud.ok("iam", "AttachRolePolicy", json!({"RoleName": "b", "PolicyArn": arn}));
    let mut marker = Value::Null;
    let (mut roles, mut policies) = (Vec::new(), 0);
    loop {
        let mut ask = json!({"MaxItems": 2});
        if !marker.is_null() {
            ask["Marker"] = marker;
        }
        let page = cloud.ok("iam", "GetAccountAuthorizationDetails", ask);
        roles.extend(page["RoleDetailList"].as_array().cloned().unwrap_or_default());
        policies += page["Policies"].as_array().map_or(0, Vec::len);
        marker = page["Marker"].clone();
        if page["IsTruncated"] != true {
            break;
        }
    }
    assert_eq!((roles.len(), policies), (3, 1));
    assert_eq!(roles[1]["AttachedManagedPolicies"][0]["PolicyArn"], json!(arn));
}

#[test]
fn inline_policies_and_tags_change() {
    let cloud = Probe::new();
    role(&cloud, "writer");
    let inline = json!({"RoleName": "writer", "PolicyName": "mine", "PolicyDocument": WRITE});
    cloud.ok("iam", "PutRolePolicy", inline);
    assert_eq!(
        cloud.ok("iam", "ListRolePolicies", json!({"RoleName": "writer"}))["PolicyNames"],
        json!(["mine"])
    );
    assert_eq!(cloud.err("iam", "DeleteRole", json!({"RoleName": "writer"})), "DeleteConflict");
    cloud.ok("iam", "DeleteRolePolicy", json!({"RoleName": "writer", "PolicyName": "mine"}));
    cloud.ok(
        "iam",
        "TagRole",
        json!({"RoleName": "writer", "Tags": [{"Key": "team", "Value": "data"}]}),
    );
    let tags = cloud.ok("iam", "ListRoleTags", json!({"RoleName": "writer"}));
    assert_eq!(tags["Tags"], json!([{"Key": "team", "Value": "data"}]));
    cloud.ok("iam", "UntagRole", json!({"RoleName": "writer", "TagKeys": ["team"]}));
    assert_eq!(cloud.ok("iam", "ListRoleTags", json!({"RoleName": "writer"}))["Tags"], json!([]));
}

#[test]
fn bad_documents_and_unknown_principals_are_refused() {
    let cloud = Probe::new();
    let make = |trust: &str| json!({"RoleName": "bad", "AssumeRolePolicyDocument": trust});
    assert_eq!(cloud.err("iam", "CreateRole", make("{")), "MalformedPolicyDocument");
    let nobody = TRUST.replace(
        r#"{"Service":"vpc-flow-logs.amazonaws.com"}"#,
        r#"{"AWS":"arn:aws:iam::123456789012:role/nobody"}"#,
    );
    assert_eq!(cloud.err("iam", "CreateRole", make(&nobody)), "MalformedPolicyDocument");
}
