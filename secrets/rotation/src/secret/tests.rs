use serde_json::json;

use super::*;

fn target() -> Target {
    Target {
        host: "db.example.test".to_owned(),
        port: 5432,
        database: "shop".to_owned(),
        superuser: "arn:master".to_owned(),
        strategy: Strategy::AlternatingUsers,
        region: "us-east-1".to_owned(),
    }
}

fn value() -> Value {
    json!({"engine": "postgres", "host": "db.example.test", "port": 5432, "username": "app",
        "password": "canary", "dbname": "shop", "masterarn": "arn:master"})
}

fn read(value: &Value) -> Result<Secret, Error> {
    Secret::read("current", SecretString::from(value.to_string()), &target())
}

fn changed(field: &str, to: Value) -> Value {
    let mut value = value();
    value[field] = to;
    value
}

#[test]
fn a_complete_value_is_read() {
    let secret = read(&value()).unwrap();
    assert_eq!(secret.login.user, "app");
    assert_eq!(secret.login.password.expose_secret(), "canary");
    for (field, other) in [
        ("engine", json!("aurora-postgresql")),
        ("port", json!("5432")),
        ("host", json!("DB.example.test")),
    ] {
        read(&changed(field, other)).unwrap();
    }
}

#[test]
fn a_value_for_another_target_is_refused_by_field() {
    for (field, other) in [
        ("engine", json!("mysql")),
        ("host", json!("elsewhere.example.test")),
        ("port", json!(5433)),
        ("dbname", json!("other")),
        ("masterarn", json!("arn:other")),
    ] {
        let error = read(&changed(field, other)).unwrap_err();
        assert_eq!(error.kind(), Kind::Mismatch, "{error}");
        assert!(
            error.to_string().contains(&format!("`{field}` of the current version")),
            "{error}"
        );
    }
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    for field in ["engine", "host", "port", "username", "password", "dbname", "masterarn"] {
        let mut lacking = value();
        lacking.as_object_mut().unwrap().remove(field);
        let broken = [lacking, changed(field, json!(null)), changed(field, json!(["canary"]))];
        for value in broken.iter().chain([&changed(field, json!(""))]) {
            let error = read(value).unwrap_err();
            assert_eq!(error.kind(), Kind::Value, "{error}");
            assert!(error.to_string().contains(&format!("`{field}` of the")), "{error}");
        }
    }
    for port in [json!(65536), json!(-1), json!(5432.5), json!("x")] {
        assert!(read(&changed("port", port)).is_err());
    }
}

#[test]
fn an_error_never_quotes_the_value() {
    let raw = ["canary", "\"canary\"", "{\"password\": canary}", "[\"canary\"]", "{\"canary\""];
    for text in raw {
        let error = Secret::read("pending", SecretString::from(text), &target()).unwrap_err();
        assert_eq!(error.kind(), Kind::Value);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    for field in ["engine", "host", "port", "dbname", "masterarn", "username"] {
        for wrong in [json!("canary\0"), json!({"canary": 1}), json!("canary".repeat(20))] {
            let error = read(&changed(field, wrong)).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
    assert!(!format!("{:?}", read(&value()).unwrap()).contains("canary"));
}

#[test]
fn names_must_leave_room_for_the_clone() {
    let longest = "u".repeat(LONGEST_USER);
    for user in [longest.clone(), format!("{longest}{CLONE_SUFFIX}")] {
        let secret = read(&changed("username", json!(user))).unwrap();
        assert!(secret.next_user(Strategy::AlternatingUsers).len() <= 63);
        assert_eq!(owner(&user).len(), 63);
    }
    let error = read(&changed("username", json!(format!("{longest}u")))).unwrap_err();
    assert!(error.to_string().contains("longer than 57 bytes"), "{error}");
    assert!(read(&changed("username", json!(CLONE_SUFFIX))).is_err());
}

#[test]
fn users_alternate() {
    let next =
        |user: &str, strategy| read(&changed("username", json!(user))).unwrap().next_user(strategy);
    assert_eq!(next("app", Strategy::AlternatingUsers), "app_clone");
    assert_eq!(next("app_clone", Strategy::AlternatingUsers), "app");
    assert_eq!(next("app", Strategy::SingleUser), "app");
    assert_eq!((owner("app"), owner("app_clone")), ("app_owner".into(), "app_owner".into()));
}

#[test]
fn a_pending_version_is_for_the_next_user() {
    let current = read(&value()).unwrap();
    let pending = |user: &str| read(&changed("username", json!(user))).unwrap();
    pending("app_clone").follows(&current, Strategy::AlternatingUsers).unwrap();
    pending("app").follows(&current, Strategy::SingleUser).unwrap();
    for (user, strategy) in [
        ("app", Strategy::AlternatingUsers),
        ("postgres", Strategy::AlternatingUsers),
        ("app_clone", Strategy::SingleUser),
    ] {
        let error = pending(user).follows(&current, strategy).unwrap_err();
        assert_eq!(error.kind(), Kind::Mismatch);
    }
}

#[test]
fn a_new_login_leaves_the_rest_as_it_is() {
    let whole = changed("note", json!({"kept": [1, "two"]}));
    let login = Login { user: "app_clone".to_owned(), password: SecretString::from("q\"uo'te\\") };
    let next = read(&whole).unwrap().with_login(&login).unwrap();
    let mut expected = whole;
    expected["username"] = json!("app_clone");
    expected["password"] = json!("q\"uo'te\\");
    assert_eq!(serde_json::from_str::<Value>(next.expose_secret()).unwrap(), expected);
}

#[test]
fn the_superusers_secret_has_a_login_alone() {
    let value = SecretString::from(r#"{"username": "postgres", "password": "canary"}"#);
    let login = Login::read("superuser's", &value).unwrap();
    assert_eq!((&*login.user, login.password.expose_secret()), ("postgres", "canary"));
    let error = Login::read("superuser's", &SecretString::from("{}")).unwrap_err();
    assert!(error.to_string().contains("`username` of the superuser's version is missing"));
}
