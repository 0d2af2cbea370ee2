//! What needs no database: nothing listens where these rotations would look for one.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Authority, Memory};

const ARN: &str = "arn:secret";

fn target(strategy: Strategy) -> Target {
    Target {
        host: "db.example.test".to_owned(),
        port: 5432,
        database: "shop".to_owned(),
        superuser: "arn:master".to_owned(),
        strategy,
        region: "us-east-1".to_owned(),
    }
}

fn value(user: &str) -> Value {
    json!({"engine": "postgres", "host": "db.example.test", "port": 5432, "username": user,
        "password": "canary", "dbname": "shop", "masterarn": "arn:master"})
}

/// A secret with its first version `one`, of which `two` is to become the next.
fn rotating(strategy: Strategy) -> (Memory, Rotation<Memory>) {
    let secrets = Memory::default();
    secrets.create(ARN, "one", &value("app").to_string());
    secrets.create("arn:master", "first", r#"{"username": "postgres", "password": "canary"}"#);
    secrets.rotate(ARN, "two").unwrap();
    let authority = Authority::new().unwrap().pem();
    // The port of a listener that is gone.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let network = Network::for_test(authority.as_bytes(), closed).unwrap();
    (secrets.clone(), Rotation::new(target(strategy), secrets, network))
}

fn event(step: Step, token: &str) -> Event {
    let (secret, token) = (ARN.to_owned(), token.to_owned());
    Event { step, secret, token, rotation_token: None }
}

async fn run(rotation: &Rotation<Memory>, step: Step) -> Result<Outcome, Error> {
    Box::pin(rotation.invoke(&event(step, "two"))).await
}

#[track_caller]
fn check_error(answer: &Result<Outcome, Error>, kind: Kind, expected: &str) {
    let error = answer.as_ref().unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains(expected), "{text}");
    assert_eq!(error.kind(), kind, "{text}");
    assert!(!text.contains("canary"), "no secret: {text}");
}

fn field(secrets: &Memory, stage: &str, name: &str) -> String {
    let value: Value = serde_json::from_str(&secrets.value(ARN, stage).unwrap()).unwrap();
    value[name].as_str().unwrap().to_owned()
}

const BOTH: [Strategy; 2] = [Strategy::SingleUser, Strategy::AlternatingUsers];

#[tokio::test]
async fn create_writes_a_new_password_for_the_next_user() {
    for (strategy, user) in BOTH.into_iter().zip(["app", "app_clone"]) {
        let (secrets, rotation) = rotating(strategy);
        assert_eq!(run(&rotation, Step::Create).await, Ok(Outcome::Done));
        assert_eq!(field(&secrets, PENDING, "username"), user);
        let password = field(&secrets, PENDING, "password");
        assert!(password != "canary" && password.len() == 40);
        assert_eq!(field(&secrets, CURRENT, "password"), "canary");

        let again = run(&rotation, Step::Create).await;
        assert_eq!(again, Ok(Outcome::Nothing("the version has a value already")));
        assert_eq!(field(&secrets, PENDING, "password"), password);
    }
}

#[tokio::test]
async fn of_two_at_once_the_loser_fails_and_its_retry_is_clean() {
    let (secrets, rotation) = rotating(Strategy::AlternatingUsers);
    let message = "A version with this ID exists.";
    secrets.refuse_next("PutSecretValue", Refusal::new("ResourceExistsException", message));
    let loser = run(&rotation, Step::Create).await;
    check_error(&loser, Kind::State, "another invocation has written the pending value");
    // The winner's value.
    run(&rotation, Step::Create).await.unwrap();
    assert!(matches!(run(&rotation, Step::Create).await, Ok(Outcome::Nothing(_))));
}

#[tokio::test]
async fn the_rotation_token_goes_with_the_value() {
    let (secrets, rotation) = rotating(Strategy::SingleUser);
    let mut event = event(Step::Create, "two");
    event.rotation_token = Some(SecretString::from("of-the-rotation"));
    Box::pin(rotation.invoke(&event)).await.unwrap();
    assert_eq!(secrets.rotation_tokens(ARN), [Some("of-the-rotation".to_owned())]);
}

#[tokio::test]
async fn no_step_runs_for_a_version_that_is_not_being_made() {
    for step in Step::ALL {
        let (secrets, rotation) = rotating(Strategy::AlternatingUsers);
        let unknown = Box::pin(rotation.invoke(&event(step, "three"))).await;
        check_error(&unknown, Kind::State, "no version with the event's ClientRequestToken");

        let current = Box::pin(rotation.invoke(&event(step, "one"))).await;
        assert_eq!(current, Ok(Outcome::Nothing("the version is the current one already")));

        secrets.clear_pending(ARN).unwrap();
        check_error(&run(&rotation, step).await, Kind::State, "no version with the event's");

        secrets.rotate(ARN, "two").unwrap();
        secrets.disable_rotation(ARN).unwrap();
        check_error(&run(&rotation, step).await, Kind::State, "rotation is not enabled");
    }
}

#[tokio::test]
async fn a_version_that_lost_its_stage_is_not_finished() {
    let (secrets, rotation) = rotating(Strategy::SingleUser);
    run(&rotation, Step::Create).await.unwrap();
    // Another version became the pending one: this one keeps no stage of the rotation.
    let mut versions = Description { rotation_enabled: true, ..Description::default() };
    versions.stages.insert("two".to_owned(), ["AWSPREVIOUS".to_owned()].into());
    check_error(
        &admits(&versions, "two").map(|_| Outcome::Done),
        Kind::State,
        "AWSPENDING is not on the version",
    );
    assert_eq!(field(&secrets, CURRENT, "password"), "canary");
}

#[tokio::test]
async fn a_version_without_a_value_goes_no_further() {
    for step in [Step::Set, Step::Test, Step::Finish] {
        let (secrets, rotation) = rotating(Strategy::AlternatingUsers);
        check_error(&run(&rotation, step).await, Kind::State, "the pending version has no value");
        assert!(secrets.stages(ARN)["one"].contains(CURRENT));
    }
}

/// A login would fail as unreachable.
#[tokio::test]
async fn what_names_another_target_is_refused_before_any_login() {
    let user = ("username", json!("postgres"));
    let others = [
        user,
        ("host", json!("elsewhere.example.test")),
        ("port", json!(5433)),
        ("dbname", json!("other")),
        ("engine", json!("mysql")),
        ("masterarn", json!("arn:other")),
    ];
    for strategy in BOTH {
        for (name, other) in &others {
            let (secrets, rotation) = rotating(strategy);
            let mut pending =
                value(if strategy == Strategy::SingleUser { "app" } else { "app_clone" });
            pending[name] = other.clone();
            secrets.falsify(ARN, "two", &pending.to_string()).unwrap();
            for step in [Step::Set, Step::Test, Step::Finish] {
                let answer = run(&rotation, step).await;
                check_error(&answer, Kind::Mismatch, "the pending version is");
            }
        }
    }
}

#[tokio::test]
async fn a_current_version_for_another_target_is_refused_by_every_step() {
    for (name, other) in [("host", json!("elsewhere")), ("dbname", json!("other"))] {
        let (secrets, rotation) = rotating(Strategy::AlternatingUsers);
        let mut current = value("app");
        current[name] = other;
        secrets.falsify(ARN, "one", &current.to_string()).unwrap();
        for step in Step::ALL {
            check_error(
                &run(&rotation, step).await,
                Kind::Mismatch,
                "of the current version is not",
            );
        }
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_told_without_it() {
    let mut lacking = value("app");
    lacking.as_object_mut().unwrap().remove("dbname");
    for (broken, expected) in [
        ("canary".to_owned(), "is no JSON (line 1, column 1)"),
        ("[\"canary\"]".to_owned(), "is no JSON object"),
        (lacking.to_string(), "`dbname` of the current version is missing"),
    ] {
        let (secrets, rotation) = rotating(Strategy::SingleUser);
        secrets.falsify(ARN, "one", &broken).unwrap();
        for step in Step::ALL {
            check_error(&run(&rotation, step).await, Kind::Value, expected);
        }
    }
}

#[tokio::test]
async fn refusals_of_secrets_manager_are_told_with_what_they_need() {
    for (operation, step, needed) in [
        ("DescribeSecret", Step::Set, "secretsmanager:DescribeSecret"),
        (
            "GetSecretValue",
            Step::Create,
            "secretsmanager:GetSecretValue on the secret and kms:Decrypt",
        ),
        ("PutSecretValue", Step::Create, "secretsmanager:PutSecretValue"),
        ("UpdateSecretVersionStage", Step::Finish, "secretsmanager:UpdateSecretVersionStage"),
    ] {
        let (secrets, rotation) = rotating(Strategy::SingleUser);
        secrets.falsify(ARN, "two", &value("app").to_string()).unwrap();
        if step == Step::Create {
            secrets.clear_pending(ARN).unwrap();
            secrets.rotate(ARN, "two").unwrap();
        }
        let denied = Refusal::new("AccessDeniedException", "Access to KMS is not allowed");
        secrets.refuse_next(operation, denied);
        check_error(&run(&rotation, step).await, Kind::Denied, needed);
        secrets.refuse_next(operation, Refusal::new("ThrottlingException", "Rate exceeded"));
        check_error(&run(&rotation, step).await, Kind::Throttled, "repeats the rotation");
        // And again, when it is allowed.
        assert_eq!(secrets.stages(ARN).len(), 2);
        let ended = run(&rotation, step).await;
        let unreachable = ended.as_ref().is_err_and(|error| error.kind() == Kind::Unreachable);
        assert!(ended.is_ok() || unreachable, "{ended:?}");
    }
}

#[tokio::test]
async fn finish_moves_the_stages_in_one_call() {
    let (secrets, rotation) = rotating(Strategy::AlternatingUsers);
    run(&rotation, Step::Create).await.unwrap();
    let password = field(&secrets, PENDING, "password");
    assert_eq!(run(&rotation, Step::Finish).await, Ok(Outcome::Done));
    assert_eq!(field(&secrets, CURRENT, "password"), password);
    let stages = secrets.stages(ARN);
    assert_eq!(stages["two"], [CURRENT.to_owned()].into());
    assert_eq!(stages["one"], ["AWSPREVIOUS".to_owned()].into());
    for step in Step::ALL {
        assert!(matches!(run(&rotation, step).await, Ok(Outcome::Nothing(_))));
    }
}

/// The first try moved the stage, and its answer was lost.
#[tokio::test]
async fn a_repeated_finish_is_a_success() {
    struct Repeats(Memory);
    impl SecretsManager for Repeats {
        async fn describe(&self, secret: &str) -> Result<Description, Refusal> {
            self.0.describe(secret).await
        }
        async fn get(&self, secret: &str, version: Version<'_>) -> Result<SecretString, Refusal> {
            self.0.get(secret, version).await
        }
        async fn put(&self, put: crate::Put<'_>) -> Result<(), Refusal> {
            self.0.put(put).await
        }
        async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), Refusal> {
            self.0.move_current(secret, from, to).await?;
            self.0.move_current(secret, from, to).await
        }
    }
    let (secrets, rotation) = rotating(Strategy::SingleUser);
    run(&rotation, Step::Create).await.unwrap();
    let repeats = Rotation::new(rotation.target, Repeats(secrets.clone()), rotation.network);
    let answer = Box::pin(repeats.invoke(&event(Step::Finish, "two"))).await;
    assert_eq!(answer, Ok(Outcome::Done));
    assert!(secrets.stages(ARN)["two"].contains(CURRENT));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_as_that() {
    for strategy in BOTH {
        let (_, rotation) = rotating(strategy);
        run(&rotation, Step::Create).await.unwrap();
        for step in [Step::Set, Step::Test] {
            let answer = run(&rotation, step).await;
            check_error(&answer, Kind::Unreachable, "db.example.test:5432 cannot be reached");
        }
    }
}

#[tokio::test]
async fn a_second_rotation_waits_for_the_first() {
    let (secrets, rotation) = rotating(Strategy::AlternatingUsers);
    run(&rotation, Step::Create).await.unwrap();
    let refusal = secrets.rotate(ARN, "three").unwrap_err();
    assert!(refusal.message.starts_with("A previous rotation isn't complete."));
    secrets.clear_pending(ARN).unwrap();
    secrets.rotate(ARN, "three").unwrap();
    let pending = secrets.get(ARN, Version::Pending("three")).await;
    assert!(pending.is_err(), "{:?}", pending.map(|value| value.expose_secret().len()));
}
