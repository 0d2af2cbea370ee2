use crate::testing::Probe;
use serde_json::json;

#[test]
fn any_credentials_are_the_accounts_own() {
    let cloud = Probe::new();
    let caller = cloud.ok("sts", "GetCallerIdentity", json!({}));
    assert_eq!(
        caller,
        json!({"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:root", "UserId": "123456789012"})
    );
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts_once_it_is_visible() {
    let cloud = Probe::new();
    let trust = |principal: serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}).to_string()
    };
    cloud.ok("iam", "CreateRole", json!({"RoleName": "mine", "AssumeRolePolicyDocument": trust(json!({"AWS": "123456789012"}))}));
    cloud.ok("iam", "CreateRole", json!({"RoleName": "of-ec2", "AssumeRolePolicyDocument": trust(json!({"Service": "ec2.amazonaws.com"}))}));
    let assume = |name: &str| json!({"RoleArn": format!("arn:aws:iam::123456789012:role/{name}"), "RoleSessionName": "test"});

    assert_eq!(cloud.err("sts", "AssumeRole", assume("mine")), "AccessDenied");
    cloud.pass(15.0);
    let session = cloud.ok("sts", "AssumeRole", assume("mine"));
    assert_eq!(
        session["AssumedRoleUser"]["Arn"],
        "arn:aws:sts::123456789012:assumed-role/mine/test"
    );
    assert!(session["Credentials"]["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(cloud.err("sts", "AssumeRole", assume("of-ec2")), "AccessDenied");
    assert_eq!(cloud.err("sts", "AssumeRole", assume("nobody")), "AccessDenied");

    let mut long = assume("mine");
    long["DurationSeconds"] = json!(7200);
    assert_eq!(cloud.err("sts", "AssumeRole", long), "ValidationError");
}

#[test]
fn tokens_are_given_for_a_time_and_keys_are_the_accounts() {
    let cloud = Probe::new();
    let session =
        cloud.ok("sts", "GetSessionToken", json!({"DurationSeconds": 900}))["Credentials"].clone();
    assert_eq!(session["Expiration"], json!(crate::testing::START + 900.0));
    let owner = cloud.ok("sts", "GetAccessKeyInfo", json!({"AccessKeyId": session["AccessKeyId"]}));
    assert_eq!(owner["Account"], "123456789012");
    let encoded = json!({"EncodedMessage": "abc"});
    assert_eq!(
        cloud.err("sts", "DecodeAuthorizationMessage", encoded),
        "InvalidAuthorizationMessageException"
    );
}

#[test]
fn conditions_of_a_trust_policy_count() {
    let cloud = Probe::new();
    let statement = json!({
        "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "secret"}},
    });
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    cloud.ok("iam", "CreateRole", json!({"RoleName": "r", "AssumeRolePolicyDocument": trust}));
    cloud.pass(15.0);
    let mut asked =
        json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "test"});
    assert_eq!(cloud.err("sts", "AssumeRole", asked.clone()), "AccessDenied");
    asked["ExternalId"] = json!("guess");
    assert_eq!(cloud.err("sts", "AssumeRole", asked.clone()), "AccessDenied");
    asked["ExternalId"] = json!("secret");
    cloud.ok("sts", "AssumeRole", asked);
}
