//! The shipped models, and what is checked by them.

use crate::call;
use crate::protocol::signing_name;
use crate::services;
use crate::testing::Probe;
use serde_json::{Value, json};

/// Patterns that look around, which cannot be checked here: their number is known, so that a new one is noticed.
const UNCHECKED_PATTERNS: usize = 9;

#[test]
fn every_handler_is_of_an_operation_in_the_model() {
    for service in services::ALL {
        for (operation, _) in service.operations {
            let known = service.model.operations.contains_key(*operation);
            assert!(known, "{} {operation} is not in operations.toml", service.name);
        }
        let mut names: Vec<&str> = service.operations.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), service.operations.len(), "{} names a handler twice", service.name);
    }
}

#[test]
fn every_operation_in_the_model_has_a_handler() {
    let missing = services::ALL.into_iter().flat_map(|service| {
        let handled = |name: &str| service.operations.iter().any(|(known, _)| *known == name);
        let names = service.model.operations.keys().filter(move |name| !handled(name));
        names.map(|name| format!("{} {name}", service.name))
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn patterns_can_be_checked() {
    let shapes = services::ALL.into_iter().flat_map(|service| service.model.shapes());
    let unchecked = shapes.filter(|shape| shape.pattern.is_some() && shape.regex().is_none());
    let unchecked: Vec<_> = unchecked.filter_map(|shape| shape.pattern.as_deref()).collect();
    assert_eq!(unchecked.len(), UNCHECKED_PATTERNS, "{unchecked:#?}");
}

#[test]
fn services_sign_with_the_names_in_their_models() {
    let source = |name: &str| match name {
        "acm" => include_str!("../../models/acm.json"),
        "ec2" => include_str!("../../models/ec2.json"),
        "application-autoscaling" => include_str!("../../models/application-autoscaling.json"),
        "ecr" => include_str!("../../models/ecr.json"),
        "ecs" => include_str!("../../models/ecs.json"),
        "backup" => include_str!("../../models/backup.json"),
        "efs" => include_str!("../../models/efs.json"),
        "cloudwatch" => include_str!("../../models/cloudwatch.json"),
        "elasticache" => include_str!("../../models/elasticache.json"),
        "events" => include_str!("../../models/events.json"),
        "elbv2" => include_str!("../../models/elbv2.json"),
        "iam" => include_str!("../../models/iam.json"),
        "kms" => include_str!("../../models/kms.json"),
        "lambda" => include_str!("../../models/lambda.json"),
        "logs" => include_str!("../../models/logs.json"),
        "rds" => include_str!("../../models/rds.json"),
        "route53" => include_str!("../../models/route53.json"),
        "wafv2" => include_str!("../../models/wafv2.json"),
        "secretsmanager" => include_str!("../../models/secretsmanager.json"),
        "s3" => include_str!("../../models/s3.json"),
        "sns" => include_str!("../../models/sns.json"),
        "sts" => include_str!("../../models/sts.json"),
        _ => include_str!("../../models/resourcegroupstaggingapi.json"),
    };
    for service in services::ALL {
        let model: Value = serde_json::from_str(source(service.name)).unwrap();
        let metadata = &model["metadata"];
        let name = metadata.get("signingName").unwrap_or(&metadata["endpointPrefix"]);
        assert_eq!(name, signing_name(service));
    }
}

#[test]
fn what_the_model_forbids_is_refused_in_the_words_of_the_service() {
    let cases = [
        (
            "iam",
            "GetRole",
            json!({}),
            "ValidationError",
            "Value null at 'roleName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "iam",
            "GetRole",
            json!({"RoleName": "é"}),
            "ValidationError",
            "Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
        (
            "iam",
            "GetRole",
            json!({"RoleName": "x".repeat(65)}),
            "ValidationError",
            "Member must have length less than or equal to 64",
        ),
        (
            "kms",
            "DescribeKey",
            json!({"KeyId": 1}),
            "SerializationException",
            "keyId: Member must be of type string",
        ),
        (
            "logs",
            "DescribeLogGroups",
            json!({"limit": 51}),
            "InvalidParameterException",
            "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
        ),
        (
            "kms",
            "CreateKey",
            json!({"KeyUsage": "FUN"}),
            "ValidationException",
            "Member must satisfy enum value set",
        ),
        (
            "kms",
            "DescribeKey",
            json!({"KeyId": "a", "Colour": "red"}),
            "ValidationException",
            "Value null at 'colour'",
        ),
        (
            "ec2",
            "CreateVpc",
            json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "moon"}]}),
            "InvalidParameterValue",
            "TagSpecifications.1.ResourceType",
        ),
        ("ec2", "DescribeVpcs", json!({"DryRun": "perhaps"}), "InvalidParameterValue", "DryRun"),
    ];
    for (service, operation, input, code, words) in cases {
        let (found, message) = Probe::new().call(service, operation, &input).unwrap_err();
        assert_eq!(found, code, "{message}");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn uuids_have_their_form() {
    let made = call::uuid(&call::digest("x"));
    let lengths: Vec<usize> = made.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
}
