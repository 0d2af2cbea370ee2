use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::target::Target;

fn secret(user: &str) -> Secret {
    let target = Target {
        host: "db".to_owned(),
        port: 5432,
        database: "shop".to_owned(),
        superuser: "arn".to_owned(),
        strategy: Strategy::AlternatingUsers,
        region: "us-east-1".to_owned(),
    };
    let value = json!({"engine": "postgres", "host": "db", "port": 5432, "username": user,
        "password": "canary", "dbname": "shop", "masterarn": "arn"});
    Secret::read("current", SecretString::from(value.to_string()), &target).unwrap()
}

const THERE: Role = Role { exists: true, privileged: false, has_objects: false };
const ABSENT: Role = Role { exists: false, privileged: false, has_objects: false };

fn roles(owner: Role, current: Role, pending: Role) -> Roles {
    Roles { owner, current, pending }
}

/// The statements, with `…` for verifiers.
#[track_caller]
fn statements(roles: Roles, strategy: Strategy, user: &str, proven: bool) -> Vec<String> {
    let current = secret(user);
    let pending = secret(&current.next_user(strategy));
    let statements = roles.changes(strategy, &current, &pending, proven).unwrap();
    statements.into_iter().map(|(_, statement)| without_verifier(&statement)).collect()
}

fn without_verifier(statement: &str) -> String {
    assert!(!statement.contains("canary"), "{statement}");
    match statement.split_once("'SCRAM-SHA-256$") {
        Some((before, _)) => format!("{before}…"),
        None => statement.to_owned(),
    }
}

#[test]
fn the_first_rotation_makes_everything() {
    let none = roles(ABSENT, ABSENT, ABSENT);
    let expected = [
        r#"CREATE ROLE "app_owner" NOLOGIN"#,
        r#"CREATE ROLE "app" LOGIN PASSWORD …"#,
        r#"GRANT "app_owner" TO "app""#,
        r#"ALTER ROLE "app" SET role = 'app_owner'"#,
        r#"CREATE ROLE "app_clone" LOGIN PASSWORD …"#,
        r#"GRANT "app_owner" TO "app_clone""#,
        r#"ALTER ROLE "app_clone" SET role = 'app_owner'"#,
    ];
    assert_eq!(statements(none, Strategy::AlternatingUsers, "app", false), expected);
    let expected = [
        r#"CREATE ROLE "app_owner" NOLOGIN"#,
        r#"CREATE ROLE "app" LOGIN PASSWORD …"#,
        r#"GRANT "app_owner" TO "app""#,
        r#"ALTER ROLE "app" SET role = 'app_owner'"#,
    ];
    assert_eq!(statements(none, Strategy::SingleUser, "app", false), expected);
    assert!(none.lack_owner(Strategy::SingleUser) && none.lack_owner(Strategy::AlternatingUsers));
}

#[test]
fn later_rotations_change_one_password() {
    let all = roles(THERE, THERE, THERE);
    let expected = [r#"ALTER ROLE "app" PASSWORD …"#];
    assert_eq!(statements(all, Strategy::SingleUser, "app", true), expected);
    let expected = [
        r#"ALTER ROLE "app" PASSWORD …"#,
        r#"GRANT "app_owner" TO "app""#,
        r#"ALTER ROLE "app" SET role = 'app_owner'"#,
    ];
    assert_eq!(statements(all, Strategy::AlternatingUsers, "app_clone", true), expected);
    assert!(!all.lack_owner(Strategy::AlternatingUsers));
}

#[test]
fn a_user_that_was_there_before_keeps_its_ways_alone_and_shares_them_with_its_clone() {
    let own = roles(ABSENT, THERE, THERE);
    let expected = [r#"ALTER ROLE "app" PASSWORD …"#];
    assert_eq!(statements(own, Strategy::SingleUser, "app", true), expected);
    let own = roles(ABSENT, THERE, ABSENT);
    let made = statements(own, Strategy::AlternatingUsers, "app", true);
    assert_eq!(made.len(), 6, "{made:?}");
    assert_eq!(made[1], r#"GRANT "app_owner" TO "app""#);
}

#[track_caller]
fn check_refused(roles: Roles, strategy: Strategy, proven: bool, kind: Kind, expected: &str) {
    let current = secret("app");
    let pending = secret(&current.next_user(strategy));
    let error = roles.changes(strategy, &current, &pending, proven).unwrap_err();
    assert_eq!(error.kind(), kind);
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.help().contains("nothing was changed"), "{error}");
}

#[test]
fn whoever_does_not_know_the_password_changes_nothing() {
    let (single, alternating) = (Strategy::SingleUser, Strategy::AlternatingUsers);
    let check = |roles, strategy, expected| {
        check_refused(roles, strategy, false, Kind::Login, expected);
    };
    check(roles(THERE, THERE, THERE), single, "refuses the current password of `app`");
    check(roles(THERE, THERE, ABSENT), alternating, "refuses the current password of `app`");
    check(roles(ABSENT, THERE, THERE), single, "refuses the current password of `app`");
    check(roles(THERE, ABSENT, ABSENT), single, "has no user `app` any more");
    check(roles(THERE, ABSENT, THERE), alternating, "has no user `app` any more");
    check(roles(ABSENT, ABSENT, THERE), alternating, "has no user `app` any more");
}

#[test]
fn what_no_application_is_gets_no_password() {
    let privileged = Role { privileged: true, ..THERE };
    for roles in [roles(THERE, privileged, THERE), roles(THERE, THERE, privileged)] {
        let strategy = Strategy::AlternatingUsers;
        check_refused(roles, strategy, true, Kind::Mismatch, "more in the database");
    }
}

#[test]
fn objects_that_the_clone_would_not_see_are_not_hidden() {
    let has_objects = Role { has_objects: true, ..THERE };
    let strategy = Strategy::AlternatingUsers;
    let expected = "which its clone would not see";
    check_refused(roles(ABSENT, has_objects, ABSENT), strategy, true, Kind::Mismatch, expected);
    let alone = roles(ABSENT, has_objects, has_objects);
    assert_eq!(statements(alone, Strategy::SingleUser, "app", true).len(), 1);
    let shared = roles(THERE, has_objects, ABSENT);
    assert_eq!(statements(shared, strategy, "app", true).len(), 3);
}

#[test]
fn names_are_quoted() {
    let made = statements(roles(ABSENT, ABSENT, ABSENT), Strategy::SingleUser, "a\"b'c\\d", false);
    assert_eq!(made[2], r#"GRANT "a""b'c\d_owner" TO "a""b'c\d""#);
    assert_eq!(made[3], r#"ALTER ROLE "a""b'c\d" SET role = E'a"b''c\\d_owner'"#);
}
