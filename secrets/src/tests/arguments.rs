//! What a change of each argument means, and what the resource types refuse before any call.

use globecart_aws::engine::{Argument, Effect, Invalid, Order, Resource};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{FunctionArn, SecretArn};
use serde_json::Value;

use crate::{Password, RotationSchedule, Schedule, Secret, SecretPolicy};

fn means<R: Resource<globecart_aws::Aws>>(name: &str) -> Argument {
    R::argument(name, &Value::Null, &Value::Null)
}

#[test]
fn a_value_belongs_to_its_rotation() {
    let now = Argument::InPlace(Effect::AtOnce);
    assert_eq!(means::<Secret>("fields"), Argument::Owned(Effect::AtOnce));
    assert_eq!(means::<Secret>("password"), Argument::Initial);
    assert_eq!(means::<Secret>("name"), Argument::Replace(Order::CreateFirst));
    for name in ["description", "kms_key", "recovery_window_days"] {
        assert_eq!(means::<Secret>(name), now, "{name}");
    }
    assert_eq!(means::<SecretPolicy>("policy"), now);
    assert_eq!(means::<SecretPolicy>("secret"), Argument::Replace(Order::CreateFirst));
    for name in ["function", "schedule", "window_hours", "rotate_immediately"] {
        assert_eq!(means::<RotationSchedule>(name), now, "{name}");
    }
    assert_eq!(means::<RotationSchedule>("secret"), Argument::Replace(Order::DeleteFirst));
    assert_eq!(means::<RotationSchedule>("wait_secs"), Argument::Initial);
}

#[track_caller]
fn refused(checked: Result<(), Invalid>, field: &str) {
    assert_eq!(checked.expect_err("it is refused").at, field);
}

#[test]
fn what_secrets_manager_refuses_is_refused_before_any_call() {
    let secret = || Secret::builder().build();
    refused(Secret { name: Some("shop login".to_owned()), ..secret() }.check(), "name");
    refused(Secret { description: "x".repeat(2049), ..secret() }.check(), "description");
    for days in [1, 6, 31] {
        let secret = Secret { recovery_window_days: days, ..secret() };
        refused(secret.check(), "recovery_window_days");
    }
    let short = Password { length: 8, ..Password::default() };
    refused(Secret { password: short, ..secret() }.check(), "password");
    let fields = [("password".to_owned(), Value::Null.into())].into();
    refused(Secret { fields, ..secret() }.check(), "fields");
    let named = Secret { name: Some("shop/login_+=.@-1".to_owned()), ..secret() };
    assert!(named.check().is_ok());
}

#[test]
fn a_policy_lets_nobody_in_unnamed() {
    let everybody = Statement::allow(["secretsmanager:GetSecretValue"]).anybody().on_any();
    let policy = SecretPolicy::builder().secret(SecretArn::new("arn"));
    refused(policy.policy(PolicyDocument::new([everybody])).build().check(), "policy");
}

#[test]
fn schedules_are_days_or_expressions() {
    let schedule = |schedule: Schedule| {
        RotationSchedule::builder()
            .secret(SecretArn::new("arn"))
            .function(FunctionArn::new("arn"))
            .schedule(schedule)
            .build()
    };
    for days in [0, 1001] {
        refused(schedule(Schedule::Days(days)).check(), "schedule");
    }
    for text in ["every day", "rate(10 days", "at(2026-01-01)"] {
        refused(schedule(Schedule::Expression(text.to_owned())).check(), "schedule");
    }
    let good = schedule(Schedule::Expression("cron(0 16 1,15 * ? *)".to_owned()));
    assert!(good.check().is_ok());
    refused(RotationSchedule { window_hours: Some(0), ..good }.check(), "window_hours");
}

/// Whoever destroys a secret without a recovery window loses it.
#[test]
fn only_what_cannot_be_restored_is_lost() {
    let secret = |days| Secret::builder().recovery_window_days(days).build();
    assert!(secret(0).loss().is_some() && secret(30).loss().is_none());
}
