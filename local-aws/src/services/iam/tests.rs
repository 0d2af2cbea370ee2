//! What users of IAM rely on.

use crate::testing::Probe;
use serde_json::{Value, json};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn role(cloud: &Probe, name: &str) -> Value {
    cloud.ok("iam", "CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST}))["Role"].clone()
}

fn policy(cloud: &Probe, name: &str) -> String {
    let made =
        cloud.ok("iam", "CreatePolicy", json!({"PolicyName": name, "PolicyDocument": POLICY}));
    made["Policy"]["Arn"].as_str().unwrap().to_owned()
}

fn decoded(document: &Value) -> String {
    percent_encoding::percent_decode_str(document.as_str().unwrap())
        .decode_utf8()
        .unwrap()
        .into_owned()
}

#[test]
fn a_role_is_described_as_it_was_made() {
    let cloud = Probe::new();
    let given = json!({
        "RoleName": "r", "Path": "/app/", "AssumeRolePolicyDocument": TRUST, "Description": "d", "MaxSessionDuration": 7200,
        "Tags": [{"Key": "k", "Value": "v"}], "PermissionsBoundary": ADMIN,
    });
    cloud.ok("iam", "CreateRole", given.clone());
    let found = cloud.ok("iam", "GetRole", json!({"RoleName": "r"}))["Role"].clone();
    for member in ["RoleName", "Path", "Description", "MaxSessionDuration", "Tags"] {
        assert_eq!(found[member], given[member], "{member}");
    }
    assert_eq!(found["Arn"], "arn:aws:iam::123456789012:role/app/r");
    assert_eq!(found["PermissionsBoundary"]["PermissionsBoundaryArn"], ADMIN);
    assert!(found["RoleId"].as_str().unwrap().starts_with("AROA"));
    assert!(
        found["AssumeRolePolicyDocument"]
            .as_str()
            .unwrap()
            .starts_with("%7B%22Version%22%3A%222012-10-17%22")
    );
    assert_eq!(decoded(&found["AssumeRolePolicyDocument"]), TRUST);
    let listed = cloud.ok("iam", "ListRoles", json!({"PathPrefix": "/app/"}))["Roles"][0].clone();
    assert_eq!(
        (&listed["RoleName"], listed.get("Tags"), listed.get("PermissionsBoundary")),
        (&json!("r"), None, None)
    );
    assert_eq!(
        cloud.err("iam", "CreateRole", json!({"RoleName": "R", "AssumeRolePolicyDocument": TRUST})),
        "EntityAlreadyExists"
    );
    assert_eq!(cloud.err("iam", "GetRole", json!({"RoleName": "none"})), "NoSuchEntity");
}

#[test]
fn roles_that_make_no_sense_are_refused() {
    let cloud = Probe::new();
    let trusting = |principal: Value, action: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]}).to_string()
    };
    let unknown = json!({"AWS": "arn:aws:iam::123456789012:role/none"});
    for (input, code) in [
        (json!({"AssumeRolePolicyDocument": "{"}), "MalformedPolicyDocument"),
        (json!({"AssumeRolePolicyDocument": POLICY}), "MalformedPolicyDocument"),
        (
            json!({"AssumeRolePolicyDocument": trusting(unknown, "sts:AssumeRole")}),
            "MalformedPolicyDocument",
        ),
        (
            json!({"AssumeRolePolicyDocument": trusting(json!("*"), "s3:GetObject")}),
            "MalformedPolicyDocument",
        ),
        (
            json!({"AssumeRolePolicyDocument": trusting(json!("*"), &format!("sts:{}", "x".repeat(2048)))}),
            "LimitExceeded",
        ),
        (json!({"PermissionsBoundary": "arn:aws:iam::123456789012:policy/none"}), "NoSuchEntity"),
        (json!({"Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]}), "InvalidInput"),
        (json!({"Tags": [{"Key": "aws:a", "Value": ""}]}), "InvalidInput"),
        (json!({"MaxSessionDuration": 60}), "ValidationError"),
        (json!({"Path": "app"}), "ValidationError"),
    ] {
        let mut whole = json!({"RoleName": "r", "AssumeRolePolicyDocument": TRUST});
        whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        assert_eq!(cloud.err("iam", "CreateRole", whole), code, "{input}");
    }
}

#[test]
fn a_role_is_deleted_only_when_nothing_hangs_on_it() {
    let cloud = Probe::new();
    role(&cloud, "r");
    let on_role = |more: Value| {
        let mut input = json!({"RoleName": "r"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    cloud.ok("iam", "AttachRolePolicy", on_role(json!({"PolicyArn": ADMIN})));
    cloud.ok("iam", "PutRolePolicy", on_role(json!({"PolicyName": "p", "PolicyDocument": POLICY})));
    cloud.ok("iam", "CreateInstanceProfile", json!({"InstanceProfileName": "i"}));
    cloud.ok("iam", "AddRoleToInstanceProfile", on_role(json!({"InstanceProfileName": "i"})));
    for (operation, input) in [
        ("DetachRolePolicy", json!({"PolicyArn": ADMIN})),
        ("DeleteRolePolicy", json!({"PolicyName": "p"})),
        ("RemoveRoleFromInstanceProfile", json!({"InstanceProfileName": "i"})),
    ] {
        assert_eq!(
            cloud.err("iam", "DeleteRole", on_role(json!({}))),
            "DeleteConflict",
            "before {operation}"
        );
        cloud.ok("iam", operation, on_role(input));
    }
    cloud.ok("iam", "DeleteRole", on_role(json!({})));
    assert_eq!(cloud.err("iam", "DeleteRole", on_role(json!({}))), "NoSuchEntity");
}

#[test]
fn a_role_changes_in_place() {
    let cloud = Probe::new();
    let before = role(&cloud, "r");
    cloud.ok(
        "iam",
        "UpdateRole",
        json!({"RoleName": "r", "Description": "new", "MaxSessionDuration": 7200}),
    );
    let trust = TRUST.replace("ec2", "lambda");
    cloud.ok("iam", "UpdateAssumeRolePolicy", json!({"RoleName": "r", "PolicyDocument": trust}));
    cloud.ok(
        "iam",
        "PutRolePermissionsBoundary",
        json!({"RoleName": "r", "PermissionsBoundary": ADMIN}),
    );
    cloud.ok(
        "iam",
        "TagRole",
        json!({"RoleName": "r", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}),
    );
    cloud.ok("iam", "UntagRole", json!({"RoleName": "r", "TagKeys": ["a"]}));
    let after = cloud.ok("iam", "GetRole", json!({"RoleName": "r"}))["Role"].clone();
    assert_eq!(
        (&after["RoleId"], &after["Description"], &after["MaxSessionDuration"]),
        (&before["RoleId"], &json!("new"), &json!(7200))
    );
    assert_eq!(decoded(&after["AssumeRolePolicyDocument"]), trust);
    assert_eq!(
        cloud.ok("iam", "ListRoleTags", json!({"RoleName": "r"}))["Tags"],
        json!([{"Key": "b", "Value": "2"}])
    );
    cloud.ok("iam", "DeleteRolePermissionsBoundary", json!({"RoleName": "r"}));
    assert_eq!(
        cloud.err("iam", "DeleteRolePermissionsBoundary", json!({"RoleName": "r"})),
        "NoSuchEntity"
    );
}

#[test]
fn inline_policies_share_ten_thousand_characters() {
    let cloud = Probe::new();
    role(&cloud, "r");
    let long = |length: usize| POLICY.replace("s3:Get*", &format!("s3:{}", "x".repeat(length)));
    let put = |name: &str, document: String| json!({"RoleName": "r", "PolicyName": name, "PolicyDocument": document});
    cloud.ok("iam", "PutRolePolicy", put("a", long(6000)));
    assert_eq!(cloud.err("iam", "PutRolePolicy", put("b", long(6000))), "LimitExceeded");
    cloud.ok("iam", "PutRolePolicy", put("a", format!("{POLICY}{}", " ".repeat(20_000))));
    cloud.ok("iam", "PutRolePolicy", put("b", long(6000)));
    assert_eq!(
        cloud.err("iam", "PutRolePolicy", put("c", TRUST.to_owned())),
        "MalformedPolicyDocument"
    );
    assert_eq!(
        cloud.ok("iam", "ListRolePolicies", json!({"RoleName": "r"}))["PolicyNames"],
        json!(["a", "b"])
    );
    let found = cloud.ok("iam", "GetRolePolicy", json!({"RoleName": "r", "PolicyName": "a"}));
    assert_eq!(decoded(&found["PolicyDocument"]).trim_end(), POLICY);
    assert_eq!(
        cloud.err("iam", "GetRolePolicy", json!({"RoleName": "r", "PolicyName": "z"})),
        "NoSuchEntity"
    );
}

#[test]
fn a_policy_has_up_to_five_versions() {
    let cloud = Probe::new();
    let arn = policy(&cloud, "p");
    let version = |operation: &str, id: &str| {
        (operation.to_owned(), json!({"PolicyArn": arn, "VersionId": id}))
    };
    for _ in 2..=5 {
        cloud.ok(
            "iam",
            "CreatePolicyVersion",
            json!({"PolicyArn": arn, "PolicyDocument": POLICY, "SetAsDefault": true}),
        );
    }
    assert_eq!(
        cloud.err(
            "iam",
            "CreatePolicyVersion",
            json!({"PolicyArn": arn, "PolicyDocument": POLICY})
        ),
        "LimitExceeded"
    );
    let (operation, input) = version("DeletePolicyVersion", "v5");
    assert_eq!(cloud.err("iam", &operation, input), "DeleteConflict");
    let (operation, input) = version("DeletePolicyVersion", "v1");
    cloud.ok("iam", &operation, input.clone());
    assert_eq!(cloud.err("iam", &operation, input), "NoSuchEntity");
    let made =
        cloud.ok("iam", "CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": POLICY}));
    assert_eq!(made["PolicyVersion"]["VersionId"], "v6");
    let (_, input) = version("", "v6");
    cloud.ok("iam", "SetDefaultPolicyVersion", input.clone());
    let versions =
        cloud.ok("iam", "ListPolicyVersions", json!({"PolicyArn": arn}))["Versions"].clone();
    let ids: Vec<&str> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["VersionId"].as_str().unwrap())
        .collect();
    assert_eq!(
        (ids, &versions[0]["IsDefaultVersion"]),
        (vec!["v6", "v5", "v4", "v3", "v2"], &json!(true))
    );
    assert_eq!(
        decoded(&cloud.ok("iam", "GetPolicyVersion", input)["PolicyVersion"]["Document"]),
        POLICY
    );
    assert_eq!(cloud.err("iam", "DeletePolicy", json!({"PolicyArn": arn})), "DeleteConflict");
}

#[test]
fn a_policy_in_use_is_not_deleted() {
    let cloud = Probe::new();
    role(&cloud, "r");
    let arn = policy(&cloud, "p");
    assert_eq!(
        cloud.err("iam", "CreatePolicy", json!({"PolicyName": "P", "PolicyDocument": POLICY})),
        "EntityAlreadyExists"
    );
    let attachment = json!({"RoleName": "r", "PolicyArn": arn});
    cloud.ok("iam", "AttachRolePolicy", attachment.clone());
    cloud.ok("iam", "AttachRolePolicy", attachment.clone());
    assert_eq!(
        cloud.ok("iam", "GetPolicy", json!({"PolicyArn": arn}))["Policy"]["AttachmentCount"],
        1
    );
    let users =
        cloud.ok("iam", "ListEntitiesForPolicy", json!({"PolicyArn": arn}))["PolicyRoles"].clone();
    assert_eq!((users.as_array().unwrap().len(), &users[0]["RoleName"]), (1, &json!("r")));
    assert_eq!(cloud.err("iam", "DeletePolicy", json!({"PolicyArn": arn})), "DeleteConflict");
    cloud.ok("iam", "DetachRolePolicy", attachment.clone());
    assert_eq!(cloud.err("iam", "DetachRolePolicy", attachment), "NoSuchEntity");
    cloud.ok("iam", "DeletePolicy", json!({"PolicyArn": arn}));
    assert_eq!(cloud.err("iam", "GetPolicy", json!({"PolicyArn": arn})), "NoSuchEntity");
}

#[test]
fn attachments_are_checked_and_counted() {
    let cloud = Probe::new();
    role(&cloud, "r");
    let attach = |arn: &str| json!({"RoleName": "r", "PolicyArn": arn});
    assert_eq!(
        cloud.err("iam", "AttachRolePolicy", attach("arn:aws:iam::123456789012:policy/none")),
        "NoSuchEntity"
    );
    assert_eq!(
        cloud.err("iam", "AttachRolePolicy", attach("arn:aws:s3:::bucket-of-mine")),
        "InvalidInput"
    );
    for index in 0..10 {
        cloud.ok("iam", "AttachRolePolicy", attach(&policy(&cloud, &format!("p{index}"))));
    }
    assert_eq!(cloud.err("iam", "AttachRolePolicy", attach(ADMIN)), "LimitExceeded");
    let page = cloud.ok("iam", "ListAttachedRolePolicies", json!({"RoleName": "r", "MaxItems": 7}));
    assert_eq!(page["IsTruncated"], true);
    let rest = cloud.ok(
        "iam",
        "ListAttachedRolePolicies",
        json!({"RoleName": "r", "MaxItems": 7, "Marker": page["Marker"]}),
    );
    assert_eq!(
        (rest["AttachedPolicies"].as_array().unwrap().len(), &rest["IsTruncated"]),
        (3, &json!(false))
    );
}

#[test]
fn aws_managed_policies_are_there_to_use() {
    let cloud = Probe::new();
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    let found = cloud.ok("iam", "GetPolicy", json!({"PolicyArn": arn}))["Policy"].clone();
    let version = json!({"PolicyArn": arn, "VersionId": found["DefaultVersionId"]});
    let document: Value = serde_json::from_str(&decoded(
        &cloud.ok("iam", "GetPolicyVersion", version)["PolicyVersion"]["Document"],
    ))
    .unwrap();
    assert!(
        document["Statement"][0]["Action"]
            .as_array()
            .unwrap()
            .contains(&json!("logs:PutLogEvents"))
    );
    assert_eq!(cloud.err("iam", "DeletePolicy", json!({"PolicyArn": arn})), "InvalidInput");
    assert_eq!(cloud.ok("iam", "ListPolicies", json!({"Scope": "Local"}))["Policies"], json!([]));
    assert_eq!(
        cloud.ok("iam", "ListPolicies", json!({"OnlyAttached": true}))["Policies"],
        json!([])
    );
    for policy in super::aws_managed::all() {
        let document = policy["_versions"][0]["Document"].as_str().unwrap();
        assert!(
            crate::services::policy::parse(document, crate::services::policy::Kind::Identity)
                .is_ok(),
            "{policy}"
        );
    }
}

#[test]
fn the_whole_account_is_told_in_pages() {
    let cloud = Probe::new();
    for index in 0..3 {
        role(&cloud, &format!("r{index}"));
    }
    let arn = policy(&cloud, "p");
    cloud.ok("iam", "AttachRolePolicy", json!({"RoleName": "r1", "PolicyArn": arn}));
    cloud.ok("iam", "AttachRolePolicy", json!({"RoleName": "r1", "PolicyArn": ADMIN}));
    cloud.ok(
        "iam",
        "PutRolePolicy",
        json!({"RoleName": "r1", "PolicyName": "inline", "PolicyDocument": POLICY}),
    );
    let (mut roles, mut policies, mut asked) = (Vec::new(), Vec::new(), json!({"MaxItems": 2}));
    loop {
        let page = cloud.ok("iam", "GetAccountAuthorizationDetails", asked.clone());
        roles.extend(page["RoleDetailList"].as_array().unwrap().clone());
        policies.extend(page["Policies"].as_array().unwrap().clone());
        asked["Marker"] = page["Marker"].clone();
        if page["IsTruncated"] != true {
            break;
        }
    }
    let names: Vec<&Value> = roles.iter().map(|role| &role["RoleName"]).collect();
    assert_eq!(names, ["r0", "r1", "r2"]);
    assert_eq!(decoded(&roles[1]["RolePolicyList"][0]["PolicyDocument"]), POLICY);
    assert_eq!(roles[1]["AttachedManagedPolicies"].as_array().unwrap().len(), 2);
    let names: Vec<&Value> = policies.iter().map(|policy| &policy["PolicyName"]).collect();
    assert_eq!(names, ["p", "AdministratorAccess"]);
    assert_eq!(decoded(&policies[0]["PolicyVersionList"][0]["Document"]), POLICY);
    let local = cloud.ok(
        "iam",
        "GetAccountAuthorizationDetails",
        json!({"Filter": ["LocalManagedPolicy"]}),
    );
    assert_eq!(
        (
            local["RoleDetailList"].as_array().unwrap().len(),
            local["Policies"].as_array().unwrap().len()
        ),
        (0, 1)
    );
    assert_eq!(cloud.ok("iam", "GetAccountSummary", json!({}))["SummaryMap"]["Roles"], 3);
}

#[test]
fn a_service_linked_role_belongs_to_its_service() {
    let cloud = Probe::new();
    let made =
        cloud.ok("iam", "CreateServiceLinkedRole", json!({"AWSServiceName": "rds.amazonaws.com"}))
            ["Role"]
            .clone();
    assert_eq!(
        made["Arn"],
        "arn:aws:iam::123456789012:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    );
    assert_eq!(
        cloud.err("iam", "CreateServiceLinkedRole", json!({"AWSServiceName": "rds.amazonaws.com"})),
        "InvalidInput"
    );
    let name = json!({"RoleName": "AWSServiceRoleForRDS"});
    assert_eq!(cloud.err("iam", "DeleteRole", name.clone()), "UnmodifiableEntity");
    let task = cloud.ok("iam", "DeleteServiceLinkedRole", name.clone());
    cloud.pass(1.0);
    assert_eq!(cloud.ok("iam", "GetServiceLinkedRoleDeletionStatus", task)["Status"], "SUCCEEDED");
    assert_eq!(cloud.err("iam", "GetRole", name), "NoSuchEntity");
}

#[test]
fn an_instance_profile_holds_one_role() {
    let cloud = Probe::new();
    role(&cloud, "r");
    role(&cloud, "s");
    cloud.ok(
        "iam",
        "CreateInstanceProfile",
        json!({"InstanceProfileName": "i", "Tags": [{"Key": "k", "Value": "v"}]}),
    );
    cloud.ok(
        "iam",
        "AddRoleToInstanceProfile",
        json!({"InstanceProfileName": "i", "RoleName": "r"}),
    );
    assert_eq!(
        cloud.err(
            "iam",
            "AddRoleToInstanceProfile",
            json!({"InstanceProfileName": "i", "RoleName": "s"})
        ),
        "LimitExceeded"
    );
    let found = cloud.ok("iam", "GetInstanceProfile", json!({"InstanceProfileName": "i"}))["InstanceProfile"].clone();
    assert_eq!(
        (&found["Roles"][0]["RoleName"], &found["Tags"][0]["Value"]),
        (&json!("r"), &json!("v"))
    );
    assert_eq!(
        cloud.ok("iam", "ListInstanceProfilesForRole", json!({"RoleName": "s"}))["InstanceProfiles"],
        json!([])
    );
    assert_eq!(
        cloud.err("iam", "DeleteInstanceProfile", json!({"InstanceProfileName": "i"})),
        "DeleteConflict"
    );
}

#[test]
fn policies_and_profiles_are_tagged_too() {
    let cloud = Probe::new();
    let arn = policy(&cloud, "p");
    cloud.ok("iam", "CreateInstanceProfile", json!({"InstanceProfileName": "i"}));
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
    for (kind, name) in [
        ("Policy", json!({"PolicyArn": arn})),
        ("InstanceProfile", json!({"InstanceProfileName": "i"})),
    ] {
        let on = |more: Value| {
            let mut input = name.clone();
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        cloud.ok("iam", &format!("Tag{kind}"), on(json!({"Tags": tags})));
        cloud.ok("iam", &format!("Tag{kind}"), on(json!({"Tags": [{"Key": "B", "Value": "3"}]})));
        cloud.ok("iam", &format!("Untag{kind}"), on(json!({"TagKeys": ["a"]})));
        let left = cloud.ok("iam", &format!("List{kind}Tags"), name.clone())["Tags"].clone();
        assert_eq!(left, json!([{"Key": "B", "Value": "3"}]), "{kind}");
    }
    assert_eq!(
        cloud.err("iam", "TagPolicy", json!({"PolicyArn": ADMIN, "Tags": tags})),
        "InvalidInput"
    );
}

#[test]
fn the_account_has_its_limits_and_no_alias() {
    let quotas = [("iam.roles", 1), ("iam.policies", 1), ("iam.instance_profiles", 1)];
    let quotas = quotas.map(|(name, limit)| (name.to_owned(), limit)).into_iter().collect();
    let cloud = Probe::with(crate::Options { quotas, ..crate::Options::default() });
    role(&cloud, "r");
    policy(&cloud, "p");
    cloud.ok("iam", "CreateInstanceProfile", json!({"InstanceProfileName": "i"}));
    for (operation, input) in [
        ("CreateRole", json!({"RoleName": "s", "AssumeRolePolicyDocument": TRUST})),
        ("CreatePolicy", json!({"PolicyName": "q", "PolicyDocument": POLICY})),
        ("CreateInstanceProfile", json!({"InstanceProfileName": "j"})),
    ] {
        assert_eq!(cloud.err("iam", operation, input), "LimitExceeded", "{operation}");
    }
    assert_eq!(cloud.ok("iam", "ListAccountAliases", json!({}))["AccountAliases"], json!([]));
    let changed =
        cloud.ok("iam", "UpdateRoleDescription", json!({"RoleName": "r", "Description": "d"}));
    assert_eq!(changed["Role"]["Description"], "d");
    let profiles = cloud.ok("iam", "ListInstanceProfiles", json!({}))["InstanceProfiles"].clone();
    assert_eq!(profiles[0]["InstanceProfileName"], "i");
}
