//! Tasks of their own.

use super::Ground;
use crate::fields::Fields;
use serde_json::{Value, json};

fn run(ground: &Ground) -> Value {
    let input = json!({
        "cluster": "shop", "taskDefinition": "web", "count": 2, "networkConfiguration": ground.network(), "clientToken": "once",
    });
    ground.ask("RunTask", input)
}

#[test]
fn a_task_goes_through_its_states() {
    let ground = Ground::new();
    ground.registered(json!({}));
    let made = run(&ground);
    assert_eq!(made.items("tasks").len(), 2);
    assert_eq!(run(&ground)["tasks"], made["tasks"], "a token is answered as before");
    assert_eq!(ground.interfaces(), 2);
    let statuses = |ground: &Ground| -> Vec<String> {
        ground.tasks().iter().map(|task| task.text("lastStatus").to_owned()).collect()
    };
    assert_eq!(statuses(&ground), ["PROVISIONING", "PROVISIONING"]);
    ground.cloud.pass(16.0);
    assert_eq!(statuses(&ground), ["PENDING", "PENDING"]);
    ground.cloud.pass(20.0);
    assert_eq!(statuses(&ground), ["RUNNING", "RUNNING"]);
    let streams =
        ground.cloud.ok("logs", "DescribeLogStreams", json!({"logGroupName": "/shop/web"}));
    assert_eq!(streams.items("logStreams").len(), 2);
    let first = made["tasks"][0].text("taskArn").to_owned();
    ground.ask("StopTask", json!({"cluster": "shop", "task": first, "reason": "enough"}));
    ground.cloud.pass(30.0);
    let stopped = ground.stopped();
    assert_eq!(stopped[0].text("stopCode"), "UserInitiated");
    assert_eq!(stopped[0].text("stoppedReason"), "enough");
    assert_eq!(stopped[0].text("lastStatus"), "STOPPED");
    assert_eq!(ground.interfaces(), 1);
    ground.cloud.pass(3600.0);
    assert!(ground.stopped().is_empty(), "a stopped task is remembered for an hour");
}

#[test]
fn a_task_needs_a_network_and_a_role_that_trusts_ecs() {
    let ground = Ground::new();
    ground.registered(json!({}));
    let (_, message) =
        ground.refused("RunTask", json!({"cluster": "shop", "taskDefinition": "web"}));
    assert!(message.contains("Network Configuration must be provided"), "{message}");
    let trust = super::TRUST.replace("ecs-tasks", "lambda");
    let input = json!({"RoleName": "execution", "PolicyDocument": trust});
    ground.cloud.ok("iam", "UpdateAssumeRolePolicy", input);
    let run = json!({"cluster": "shop", "taskDefinition": "web", "networkConfiguration": ground.network()});
    let (code, message) = ground.refused("RunTask", run);
    assert_eq!(code, "ClientException");
    assert!(message.contains("unable to assume the role"), "{message}");
}
