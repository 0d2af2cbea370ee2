//! Credentials on paused time: everything before the first rotation, values that nobody else sees, names that come back,
//! and failures that are told.

use std::time::Duration;

use base64::Engine;
use globecart_aws::engine::Invalid;
use globecart_aws::{Alerts, Stack};
use globecart_database::Database;
use globecart_network::{Nat, Network};
use globecart_secrets::{Credentials, EVENTS, Secret, events_rules};
use serde_json::{Value, json};

use crate::world::World;

/// A network, a database and, as `login`, its application's credentials.
fn attached(stack: &mut Stack) -> Result<(), Invalid> {
    let alerts = stack.component("alerts", Alerts::builder().build())?;
    let rules = events_rules(stack);
    alerts.admit(stack, EVENTS, rules)?;
    let network = stack.component("network", Network::builder().nat(Nat::Single).build())?;
    let database = stack.component("db", Database::builder().network(&network).build())?;
    // There is no such package, whatever was built on this machine.
    let login = Credentials::builder().network(&network).alerts(&alerts).package("missing.zip");
    let login = login.build();
    let login = stack.component("login", login.attach_to_rds(&database.target()))?;
    stack.export("login", &login.arn)
}

/// A secret with a fixed name.
fn named(stack: &mut Stack) -> Result<(), Invalid> {
    let fields = [("host".to_owned(), json!("db.example").into())].into();
    let secret = Secret::builder().name("shop/login").fields(fields).recovery_window_days(7);
    let secret = stack.add("secret", secret.build())?;
    stack.export("arn", &secret.arn)
}

impl World {
    /// The rows of a table, by a member of theirs.
    fn all(&self, table: &str, member: &str) -> Vec<String> {
        let rows = self.cloud.rows().into_iter().filter(|row| row.table == table);
        rows.map(|row| row.value[member].as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn value(&self, secret: &str) -> Value {
        let call = self.aws.secretsmanager().get_secret_value().secret_id(secret);
        let answer = call.send().await.expect("the secret has a value");
        serde_json::from_str(answer.secret_string().expect("it is text")).expect("it is JSON")
    }

    async fn output(&self, define: &crate::world::Define, name: &str) -> String {
        let outputs = self.state(define).await.outputs();
        outputs[name].as_str().expect("it is exported").to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_come_up_stay_and_go() {
    let world = World::new().await;
    world.up_well(&attached).await;
    assert!(world.plan(&attached).await.unwrap().is_empty());
    let arn = world.output(&attached, "login").await;
    let value = world.value(&arn).await;
    let endpoint = world.all("rds.db_cluster", "Endpoint");
    assert_eq!(value["host"], endpoint[0].as_str());
    let known = ["username", "engine", "port", "dbname"].map(|field| value[field].clone());
    assert_eq!(known, [json!("app"), json!("postgres"), json!(5432), json!("app")]);
    assert!(value["masterarn"].as_str().unwrap().contains("rds!cluster"), "the master's secret");
    let secret = world.aws.secretsmanager().describe_secret().secret_id(&arn);
    let secret = secret.send().await.unwrap();
    assert_eq!(secret.rotation_enabled(), Some(true));
    world.destroy(&attached).await;
    let secret = world.aws.secretsmanager().describe_secret().secret_id(&arn);
    assert!(secret.send().await.unwrap().deleted_date().is_some(), "it can be restored");
}

/// Whoever rotates the value owns it: neither a new one nor a new user in it is drift.
#[tokio::test(start_paused = true)]
async fn a_value_belongs_to_its_rotation() {
    let world = World::new().await;
    world.up_well(&attached).await;
    let arn = world.output(&attached, "login").await;
    let mut value = world.value(&arn).await;
    value["username"] = json!("app_clone");
    value["password"] = json!("another");
    let put = world.aws.secretsmanager().put_secret_value().secret_id(&arn);
    put.secret_string(value.to_string()).send().await.unwrap();
    assert!(world.plan(&attached).await.unwrap().is_empty());
    world.up_well(&attached).await;
    assert_eq!(world.value(&arn).await, value);
}

/// Nothing that is recorded, planned or told has the password in any form.
#[tokio::test(start_paused = true)]
async fn a_password_is_in_nothing_that_is_written() {
    let world = World::new().await;
    world.up_well(&attached).await;
    let value = world.value(&world.output(&attached, "login").await).await;
    let password = value["password"].as_str().unwrap();
    let written = format!(
        "{:?}{}{:?}{:?}",
        world.take_events(),
        serde_json::to_string(&world.plan(&attached).await.unwrap()).unwrap(),
        world.state(&attached).await,
        world.calls(),
    );
    let kept = world.disk.kept();
    let disk = [kept.snapshot, kept.journal].concat();
    let written = written + &String::from_utf8_lossy(&disk);
    assert!(written.contains("login/secret"), "it is the right text");
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(password);
    for form in [password, &base64] {
        assert!(!written.contains(form), "a password was written");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_a_deleted_secret_holds_is_given_back() {
    let world = World::new().await;
    world.up_well(&named).await;
    let (arn, first) = (world.output(&named, "arn").await, world.value("shop/login").await);
    world.destroy(&named).await;
    let report = world.up_well(&named).await;
    assert_eq!(report.created, 1);
    assert_eq!(world.output(&named, "arn").await, arn, "it is the same secret");
    let second = world.value("shop/login").await;
    assert_eq!((&second["host"], second == first), (&json!("db.example"), false));
    assert!(world.plan(&named).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_secret_of_somebody_else_stays_deleted() {
    let world = World::new().await;
    let secrets = world.aws.secretsmanager();
    let theirs = secrets.create_secret().name("shop/login").secret_string("theirs");
    theirs.client_request_token("0".repeat(32)).send().await.unwrap();
    secrets.delete_secret().secret_id("shop/login").send().await.unwrap();
    let report = world.up(&named).await;
    assert!(report.failed[0].error.message.contains("is not this stack's"), "{report:?}");
    let theirs = secrets.describe_secret().secret_id("shop/login").send().await.unwrap();
    assert!(theirs.deleted_date().is_some());
}

/// Without a package the function refuses: Secrets Manager says so by way of EventBridge, and the alarms' topic hears it.
#[tokio::test(start_paused = true)]
async fn a_rotation_that_fails_is_told() {
    let world = World::new().await;
    world.up_well(&attached).await;
    let arn = world.output(&attached, "login").await;
    let told = |world: &World| {
        let messages = world.all("sns.message", "Message");
        messages.into_iter().filter(|message| message.contains("RotationFailed")).count()
    };
    assert_eq!(told(&world), 0);
    let rotate = world.aws.secretsmanager().rotate_secret().secret_id(&arn);
    rotate.client_request_token("0".repeat(32)).send().await.unwrap();
    world.let_pass(Duration::from_secs(30)).await;
    world.aws.secretsmanager().describe_secret().secret_id(&arn).send().await.unwrap();
    assert_eq!(told(&world), 1);
    // The current value is what it was, and nothing is to be done about it.
    assert_eq!(world.value(&arn).await["username"], "app");
    assert!(world.plan(&attached).await.unwrap().is_empty());
}

/// A permission that somebody has loosened is made what it was.
#[tokio::test(start_paused = true)]
async fn a_permission_is_put_back() {
    let world = World::new().await;
    world.up_well(&attached).await;
    let function = world.all("lambda.function", "FunctionName").remove(0);
    let policy = world.aws.lambda().get_policy().function_name(&function).send().await.unwrap();
    let policy: Value = serde_json::from_str(policy.policy().unwrap()).unwrap();
    let id = policy["Statement"][0]["Sid"].as_str().unwrap().to_owned();
    let lambda = world.aws.lambda();
    let gone = lambda.remove_permission().function_name(&function).statement_id(&id);
    gone.send().await.unwrap();
    let loose = lambda.add_permission().function_name(&function).statement_id(&id);
    let loose = loose.action("lambda:InvokeFunction").principal("secretsmanager.amazonaws.com");
    loose.send().await.unwrap();
    let plan = world.plan(&attached).await.unwrap();
    let drifted = plan.steps.iter().flat_map(|step| &step.fields).filter(|field| field.drifted);
    let names: Vec<&str> = drifted.map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["source_account", "source_arn"]);
    world.up_well(&attached).await;
    assert!(world.plan(&attached).await.unwrap().is_empty());
}
