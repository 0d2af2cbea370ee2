//! The resource types of secrets, functions and events, each with one change.

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::eventbridge::{EventPattern, Rule, RuleTarget};
use globecart_aws::iam::{ManagedPolicy, Role, RolePolicyAttachment, RoleRefs};
use globecart_aws::kms::Key;
use globecart_aws::lambda::{
    Architecture, Code, Function, FunctionNetwork, FunctionRefs, LogFormat, Permission,
    PermissionRefs,
};
use globecart_aws::logs::LogGroup;
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::sns::Topic;
use globecart_aws::{Stack, TopicArn};
use globecart_secrets::{RotationSchedule, Schedule, Secret, SecretPolicy, SecretRefs};
use serde_json::json;

use super::Case;
use super::Change::{InPlace, Replacement};
use super::cases::{case, subnet, vpc};

/// Every case.
pub(crate) const ALL: &[Case] = &[
    case("a secret's fields and key", InPlace, |stack, changed| {
        let place = stack.place().clone();
        let policy =
            PolicyDocument::for_key(&place, Statement::used_through("secretsmanager", &place));
        let key = Key::builder().description("one").policy(policy).build();
        let key = stack.add("key", key)?;
        let host = if changed { "b.example" } else { "a.example" };
        let fields = [("host", json!(host)), ("port", json!(5432))];
        let secret = Secret::builder()
            .description(if changed { "The shop's login" } else { "A login" })
            .fields(fields.map(|(name, value)| (name.to_owned(), value.into())).into())
            .recovery_window_days(7)
            .build();
        let kms_key = changed.then(|| (&key.arn).into());
        stack.add("secret", Secret { kms_key, ..secret })?;
        Ok(())
    }),
    case("a secret's name", Replacement, |stack, changed| {
        let name = if changed { "shop/login.b" } else { "shop/login.a" };
        stack.add("secret", Secret::builder().name(name).recovery_window_days(0).build())?;
        Ok(())
    }),
    case("a secret's policy", InPlace, |stack, changed| {
        let secret = secret(stack)?;
        let tls = Statement::refuse_plain_http(["secretsmanager:*"]).on_any();
        let batch = Statement::deny(["secretsmanager:DeleteSecret"]).anybody().on_any();
        let statements = if changed { vec![tls, batch] } else { vec![tls] };
        let policy = SecretPolicy::builder().secret(&secret.arn);
        stack.add("policy", policy.policy(PolicyDocument::new(statements)).build())?;
        Ok(())
    }),
    case("a function's code and configuration", InPlace, |stack, changed| {
        let role = role(stack)?;
        let group = stack.add("log", LogGroup::builder().build())?;
        let function = Function {
            source: if changed { "2" } else { "1" }.to_owned(),
            architecture: if changed { Architecture::Arm64 } else { Architecture::X86_64 },
            environment: [("LEVEL".to_owned(), if changed { "debug" } else { "info" }.into())]
                .into(),
            timeout_secs: if changed { 60 } else { 30 },
            memory_mb: if changed { 256 } else { 128 },
            reserved_concurrency: Some(if changed { 2 } else { 1 }),
            log_group: changed.then(|| (&group.name).into()),
            log_format: if changed { LogFormat::Json } else { LogFormat::Text },
            ..function(&role)
        };
        stack.add("function", function)?;
        Ok(())
    }),
    case("a function's network", InPlace, |stack, changed| {
        let (role, vpc) = (role(stack)?, vpc(stack)?);
        let one = stack.add("one", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let two = stack.add("two", subnet(&vpc, "10.0.1.0/24", "b"))?;
        let group = SecurityGroup::builder().vpc(&vpc.id).description("function").build();
        let group = stack.add("group", group)?;
        let mut subnets: Vec<Input<_>> = vec![(&two.id).into(), (&one.id).into()];
        subnets.truncate(if changed { 1 } else { 2 });
        let network = FunctionNetwork { subnets, security_groups: vec![(&group.id).into()] };
        let function =
            stack.add("function", Function { network: Some(network), ..function(&role) })?;
        let may = Statement::allow([
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ]);
        let may = may.on("arn:aws:ec2:us-east-1:123456789012:*/*");
        let see = Statement::allow(["ec2:DescribeNetworkInterfaces"]).on_any();
        let policy = ManagedPolicy::builder().description("network");
        let policy = policy.document(PolicyDocument::new([may, see])).build();
        let policy = stack.add("network-policy", policy)?;
        let attached = RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn);
        let attached = stack.add("network-policy-attached", attached.build())?;
        stack.after(&function, &attached);
        Ok(())
    }),
    case("a permission", InPlace, |stack, changed| {
        let role = role(stack)?;
        let function = stack.add("function", function(&role))?;
        let name = if changed { "secret:b" } else { "secret:a" };
        let permission = permission(&function);
        let arn = format!("arn:aws:secretsmanager:us-east-1:123456789012:{name}");
        stack.add("permission", Permission { source_arn: Some(arn.into()), ..permission })?;
        Ok(())
    }),
    case("a rotation schedule", InPlace, |stack, changed| {
        let (schedule, _, permission) = rotated(stack)?;
        let schedule = RotationSchedule {
            schedule: if changed {
                Schedule::Expression("cron(0 16 28 * ? *)".to_owned())
            } else {
                Schedule::Days(30)
            },
            window_hours: Some(if changed { 2 } else { 3 }),
            ..schedule
        };
        let schedule = stack.add("schedule", schedule)?;
        stack.after(&schedule, &permission);
        Ok(())
    }),
    // The schedule goes while its secret stays.
    case("what a secret does without", InPlace, |stack, changed| {
        let (schedule, secret, permission) = rotated(stack)?;
        if changed {
            stack.knows(globecart_secrets::kinds());
        } else {
            let schedule = stack.add("schedule", schedule)?;
            stack.after(&schedule, &permission);
            let policy = Statement::refuse_plain_http(["secretsmanager:*"]).on_any();
            let policy = PolicyDocument::new([policy]);
            stack.add(
                "policy",
                SecretPolicy::builder().secret(&secret.arn).policy(policy).build(),
            )?;
        }
        let other = Secret::builder().description(if changed { "b" } else { "a" });
        stack.add("other", other.recovery_window_days(0).build())?;
        Ok(())
    }),
    case("a rule and its target", InPlace, |stack, changed| {
        let secret = secret(stack)?;
        let may = Statement::allow(["sns:Publish"]).service("events.amazonaws.com");
        let may = may.from_account(stack.place());
        let topics = ["one", "two"].map(|name| {
            let topic = Topic::builder().policy(PolicyDocument::new([may.clone()])).build();
            stack.add(name, topic).map(|topic| Input::<TopicArn>::from(&topic.arn))
        });
        let [one, two] = topics;
        let (one, two) = (one?, two?);
        let name = if changed { "RotationSucceeded" } else { "RotationFailed" };
        let pattern = EventPattern::of("aws.secretsmanager", "AWS Service Event via CloudTrail")
            .saying("eventName", name)
            .saying("additionalEventData.SecretId", secret.arn.text());
        let rule = Rule::builder().pattern(pattern).description("rotations").enabled(!changed);
        let rule = stack.add("rule", rule.build())?;
        let target = RuleTarget::builder().rule(&rule.name).topic(if changed { two } else { one });
        stack.add("target", target.build())?;
        Ok(())
    }),
];

fn secret(stack: &mut Stack) -> Result<SecretRefs, Invalid> {
    stack.add("secret", Secret::builder().recovery_window_days(0).build())
}

fn role(stack: &mut Stack) -> Result<RoleRefs, Invalid> {
    let trust = Statement::allow(["sts:AssumeRole"]).service("lambda.amazonaws.com");
    let trust = PolicyDocument::new([trust.from_account(stack.place())]);
    stack.add("role", Role::builder().trust(trust).description("function").build())
}

fn function(role: &RoleRefs) -> Function {
    Function::builder()
        .code(Code::Refusal("nothing is built".to_owned()))
        .source("1")
        .description("function")
        .role(&role.arn)
        .build()
}

fn permission(function: &FunctionRefs) -> Permission {
    Permission::builder()
        .function(&function.name)
        .service("secretsmanager.amazonaws.com")
        .source_account("123456789012")
        .build()
}

/// A secret, a function that refuses to rotate it, and the permission by which it is invoked all the same.
fn rotated(stack: &mut Stack) -> Result<(RotationSchedule, SecretRefs, PermissionRefs), Invalid> {
    let (role, secret) = (role(stack)?, secret(stack)?);
    let function = stack.add("function", function(&role))?;
    let permission = stack.add("permission", permission(&function))?;
    let schedule = RotationSchedule::builder()
        .secret(&secret.arn)
        .function(&function.arn)
        .rotate_immediately(false)
        .build();
    Ok((schedule, secret, permission))
}
