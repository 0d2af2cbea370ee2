//! Functions, who may invoke them, and rules of events: what is refused, and what a change means.

use globecart_engine::{Argument, Effect, Order, Resource};
use serde_json::{Value, json};

use super::with;
use crate::eventbridge::{EventPattern, Rule, RuleTarget};
use crate::lambda::{Code, Function, FunctionNetwork, Permission};
use crate::{Aws, FunctionName, RoleArn};

fn function() -> Function {
    Function::builder()
        .code(Code::Refusal("not built".to_owned()))
        .source("5e0f")
        .description("rotates")
        .role(RoleArn::new("arn:aws:iam::123456789012:role/r"))
        .build()
}

fn permission() -> Permission {
    Permission::builder()
        .function(FunctionName::new("f"))
        .service("secretsmanager.amazonaws.com")
        .source_account("123456789012")
        .build()
}

fn rule(pattern: EventPattern) -> Rule {
    Rule::builder().pattern(pattern).description("rotations").build()
}

#[test]
fn what_aws_would_refuse_is_refused_before_any_call() {
    #[track_caller]
    fn check<R: Resource<Aws>>(resource: &R, problem: &str) {
        let found = resource.check().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(found.contains(problem) && found.is_empty() == problem.is_empty(), "{found}");
    }
    check(&function(), "");
    check(&with(&function(), "timeout_secs", json!(0)), "timeout_secs: must be 1 to 900");
    check(&with(&function(), "memory_mb", json!(64)), "memory_mb: must be 128 to 10240");
    check(&with(&function(), "source", json!("")), "source: `` must be");
    check(&with(&function(), "source", json!("a,b")), "source: `a,b` must be");
    check(&with(&function(), "description", json!("x".repeat(257))), "description");
    for name in ["1A", "A", "A-B", "AWS_LAMBDA_X"] {
        let function = with(&function(), "environment", json!({ name: "value" }));
        check(&function, &format!("environment: `{name}` must be"));
    }
    let nowhere = FunctionNetwork { subnets: vec![], security_groups: vec![] };
    check(&Function { network: Some(nowhere), ..function() }, "network: needs a subnet");

    check(&permission(), "");
    check(&with(&permission(), "source_account", json!("1234")), "source_account: `1234`");
    check(&with(&permission(), "service", json!("secretsmanager")), "service: `secretsmanager`");

    let pattern = EventPattern::of("aws.secretsmanager", "AWS Service Event via CloudTrail");
    check(&rule(pattern.clone()), "");
    check(&with(&rule(pattern.clone()), "description", json!("x".repeat(513))), "description");
    check(&rule(pattern.clone().saying("a..b", "c")), "pattern: has a field without a name");
    let both = pattern.saying("a", "b").saying("a.b", "c");
    check(&rule(both), "pattern: the field `a` holds fields");
}

#[test]
fn a_change_is_in_place_where_it_can_be() {
    #[track_caller]
    fn check<R: Resource<Aws>>(fields: &[&str], expected: Argument) {
        for field in fields {
            assert_eq!(R::argument(field, &json!("a"), &json!("b")), expected, "{field}");
        }
    }
    let (in_place, replaced) =
        (Argument::InPlace(Effect::AtOnce), Argument::Replace(Order::CreateFirst));
    check::<Function>(&["source", "architecture", "network", "role", "timeout_secs"], in_place);
    // Where the package is on this machine is no property of the function.
    check::<Function>(&["code"], Argument::Initial);
    check::<Permission>(&["function"], replaced);
    check::<Permission>(&["service", "source_account", "source_arn"], in_place);
    check::<Rule>(&["pattern", "description", "enabled"], in_place);
    check::<RuleTarget>(&["rule"], replaced);
    check::<RuleTarget>(&["topic"], in_place);
}

/// Lambda refuses two changes at once.
#[test]
fn a_function_changes_step_by_step() {
    let steps = |change: fn(Function) -> Function| change(function()).steps(&function());
    assert!(steps(|it| it).is_empty());
    let all = steps(|it| Function {
        source: "1234".to_owned(),
        memory_mb: 256,
        reserved_concurrency: Some(1),
        ..it
    });
    assert_eq!(all.len(), 3);
    assert_eq!(
        steps(|it| Function { code: Code::Zip("a.zip".into()), ..it }),
        Vec::<String>::new()
    );
}

#[test]
fn a_pattern_keeps_its_references() {
    let pattern = EventPattern::of("aws.secretsmanager", "AWS Service Event via CloudTrail")
        .saying("additionalEventData.SecretId", "arn:one")
        .saying("additionalEventData.SecretId", "arn:two");
    let json: Value = serde_json::to_value(rule(pattern)).unwrap();
    let values = &json["pattern"]["detail"]["additionalEventData.SecretId"];
    assert_eq!(*values, json!(["arn:one", "arn:two"]));
}
