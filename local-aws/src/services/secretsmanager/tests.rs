//! What users of Secrets Manager rely on.

mod rotation;

use crate::fields::Fields;
use crate::testing::{Probe, START};
use serde_json::{Value, json};

const TOKENS: [&str; 3] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
];

fn ask(cloud: &Probe, operation: &str, input: Value) -> Value {
    cloud.ok("secretsmanager", operation, input)
}

fn create(cloud: &Probe, name: &str, value: &str) -> String {
    let input = json!({"Name": name, "SecretString": value, "ClientRequestToken": TOKENS[0]});
    ask(cloud, "CreateSecret", input).text("ARN").to_owned()
}

fn value(cloud: &Probe, id: &str) -> String {
    ask(cloud, "GetSecretValue", json!({"SecretId": id})).text("SecretString").to_owned()
}

#[test]
fn a_repeated_create_makes_nothing_twice_and_another_one_is_refused() {
    let cloud = Probe::new();
    let arn = create(&cloud, "db/app", "one");
    assert!(
        arn.starts_with("arn:aws:secretsmanager:us-east-1:123456789012:secret:db/app-"),
        "{arn}"
    );
    assert_eq!(create(&cloud, "db/app", "one"), arn);
    let other = json!({"Name": "db/app", "SecretString": "two", "ClientRequestToken": TOKENS[1]});
    assert_eq!(cloud.err("secretsmanager", "CreateSecret", other), "ResourceExistsException");
    for id in ["db/app", arn.as_str(), &arn[..arn.len() - 7]] {
        assert_eq!(value(&cloud, id), "one");
    }
    let unknown = json!({"SecretId": "db/other"});
    assert_eq!(cloud.err("secretsmanager", "GetSecretValue", unknown), "ResourceNotFoundException");
}

#[test]
fn a_new_value_is_the_current_one_and_the_old_one_the_previous() {
    let cloud = Probe::new();
    create(&cloud, "a", "one");
    let put = |value: &str, token: &str, stages: Value| json!({"SecretId": "a", "SecretString": value, "ClientRequestToken": token, "VersionStages": stages});
    ask(&cloud, "PutSecretValue", put("two", TOKENS[1], Value::Null));
    ask(&cloud, "PutSecretValue", put("three", TOKENS[2], json!(["AWSPENDING"])));
    let stages =
        ask(&cloud, "DescribeSecret", json!({"SecretId": "a"}))["VersionIdsToStages"].clone();
    let expected =
        json!({TOKENS[0]: ["AWSPREVIOUS"], TOKENS[1]: ["AWSCURRENT"], TOKENS[2]: ["AWSPENDING"]});
    assert_eq!(stages, expected);
    let pending = json!({"SecretId": "a", "VersionStage": "AWSPENDING"});
    assert_eq!(ask(&cloud, "GetSecretValue", pending)["SecretString"], "three");

    let move_to = |from: Value| json!({"SecretId": "a", "VersionStage": "AWSCURRENT", "MoveToVersionId": TOKENS[2], "RemoveFromVersionId": from});
    assert_eq!(
        cloud.err("secretsmanager", "UpdateSecretVersionStage", move_to(Value::Null)),
        "InvalidParameterException"
    );
    ask(&cloud, "UpdateSecretVersionStage", move_to(json!(TOKENS[1])));
    assert_eq!(value(&cloud, "a"), "three");
    let changed = put("four", TOKENS[2], Value::Null);
    assert_eq!(cloud.err("secretsmanager", "PutSecretValue", changed), "ResourceExistsException");
}

#[test]
fn a_deleted_secret_keeps_its_name_until_its_window_is_over_and_can_be_restored() {
    let cloud = Probe::new();
    create(&cloud, "a", "one");
    let date = ask(&cloud, "DeleteSecret", json!({"SecretId": "a", "RecoveryWindowInDays": 7}));
    assert_eq!(date["DeletionDate"], START + 7.0 * 86_400.0);
    let again = json!({"Name": "a", "SecretString": "x", "ClientRequestToken": TOKENS[1]});
    assert_eq!(
        cloud.err("secretsmanager", "CreateSecret", again.clone()),
        "InvalidRequestException"
    );
    assert_eq!(
        cloud.err("secretsmanager", "GetSecretValue", json!({"SecretId": "a"})),
        "InvalidRequestException"
    );
    assert_eq!(ask(&cloud, "ListSecrets", json!({}))["SecretList"], json!([]));
    ask(&cloud, "RestoreSecret", json!({"SecretId": "a"}));
    assert_eq!(value(&cloud, "a"), "one");

    ask(&cloud, "DeleteSecret", json!({"SecretId": "a"}));
    cloud.pass(30.0 * 86_400.0 + 1.0);
    ask(&cloud, "CreateSecret", again);
    ask(&cloud, "DeleteSecret", json!({"SecretId": "a", "ForceDeleteWithoutRecovery": true}));
    cloud.pass(2.0);
    assert_eq!(
        cloud.err("secretsmanager", "DescribeSecret", json!({"SecretId": "a"})),
        "ResourceNotFoundException"
    );
    let both =
        json!({"SecretId": "a", "ForceDeleteWithoutRecovery": true, "RecoveryWindowInDays": 7});
    assert_eq!(cloud.err("secretsmanager", "DeleteSecret", both), "InvalidParameterException");
}

#[test]
fn a_value_needs_its_key() {
    let cloud = Probe::new();
    let key = cloud.ok("kms", "CreateKey", json!({}))["KeyMetadata"].text("Arn").to_owned();
    let input = json!({"Name": "a", "KmsKeyId": key, "SecretString": "one", "ClientRequestToken": TOKENS[0]});
    ask(&cloud, "CreateSecret", input);
    assert_eq!(ask(&cloud, "DescribeSecret", json!({"SecretId": "a"}))["KmsKeyId"], json!(key));
    cloud.ok("kms", "DisableKey", json!({"KeyId": key}));
    assert_eq!(
        cloud.err("secretsmanager", "GetSecretValue", json!({"SecretId": "a"})),
        "DecryptionFailure"
    );
    let rows = cloud.cloud.rows();
    assert!(rows.iter().all(|row| !row.value.to_string().contains("\"one\"")));
    let managed = json!({"SecretId": "b", "KmsKeyId": ""});
    create(&cloud, "b", "two");
    ask(&cloud, "UpdateSecret", managed);
    let told = ask(&cloud, "DescribeSecret", json!({"SecretId": "b"}));
    assert!(!told.has("KmsKeyId"), "AWS's own key is not told: {told}");
    assert_eq!(value(&cloud, "b"), "two");
}

#[test]
fn secrets_are_found_by_name_tag_and_description() {
    let cloud = Probe::new();
    create(&cloud, "shop/db", "x");
    let tagged = json!({
        "Name": "shop/cache", "Description": "The cache of the Shop", "SecretString": "x", "ClientRequestToken": TOKENS[0],
        "Tags": [{"Key": "tier", "Value": "data"}],
    });
    ask(&cloud, "CreateSecret", tagged);
    let found = |key: &str, value: &str| -> Vec<String> {
        let answer =
            ask(&cloud, "ListSecrets", json!({"Filters": [{"Key": key, "Values": [value]}]}));
        answer.items("SecretList").iter().map(|row| row.text("Name").to_owned()).collect()
    };
    assert_eq!(found("name", "shop/d"), ["shop/db"]);
    assert_eq!(found("name", "!shop/d"), ["shop/cache"]);
    assert_eq!(found("tag-key", "tie"), ["shop/cache"]);
    assert_eq!(found("description", "shop"), ["shop/cache"]);
    assert_eq!(found("tag-value", "other"), Vec::<String>::new());
}

#[test]
fn a_policy_that_lets_everybody_in_is_refused_if_asked_for() {
    let cloud = Probe::new();
    create(&cloud, "a", "one");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}).to_string();
    let put = json!({"SecretId": "a", "ResourcePolicy": policy, "BlockPublicPolicy": true});
    assert_eq!(cloud.err("secretsmanager", "PutResourcePolicy", put), "PublicPolicyException");
    ask(&cloud, "PutResourcePolicy", json!({"SecretId": "a", "ResourcePolicy": policy}));
    let read = ask(&cloud, "GetResourcePolicy", json!({"SecretId": "a"}));
    assert_eq!(read["ResourcePolicy"], json!(policy));
}

#[test]
fn passwords_have_each_kind_of_letter_and_none_that_is_excluded() {
    let cloud = Probe::new();
    let input =
        json!({"PasswordLength": 40, "ExcludePunctuation": true, "ExcludeCharacters": "abc"});
    let made = ask(&cloud, "GetRandomPassword", input);
    let password = made.text("RandomPassword");
    assert_eq!(password.len(), 40);
    assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric() && !b"abc".contains(&byte)));
    assert!(password.bytes().any(|byte| byte.is_ascii_digit()));
    let short = json!({"PasswordLength": 2});
    assert_eq!(
        cloud.err("secretsmanager", "GetRandomPassword", short),
        "InvalidParameterException"
    );
}
