//! What the function may do, and nothing else: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html>

use globecart_aws::database::DatabaseTarget;
use globecart_aws::engine::{Input, Invalid, Place};
use globecart_aws::iam::{
    ManagedPolicy, Role, RolePolicyAttachment, RolePolicyAttachmentRefs, RoleRefs,
};
use globecart_aws::lambda::FunctionRefs;
use globecart_aws::logs::LogGroupRefs;
use globecart_aws::policy::{PolicyDocument, Statement, suffixed};
use globecart_aws::{KeyArn, Stack, StoreKey};

use crate::SecretRefs;

/// The role, which only Lambda can assume, for this account.
pub(crate) fn role(stack: &mut Stack) -> Result<RoleRefs, Invalid> {
    let trust = Statement::allow(["sts:AssumeRole"]).service("lambda.amazonaws.com");
    let trust = PolicyDocument::new([trust.from_account(stack.place())]);
    let description = format!("Rotates the credentials of {}", stack.scope());
    stack.add("role", Role::builder().trust(trust).description(description).build())
}

/// What Lambda itself needs of the role: interfaces in the network, and a log.
///
/// Lambda takes no single interface's ARN: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
pub(crate) fn running(
    stack: &mut Stack,
    role: &RoleRefs,
    log_group: &LogGroupRefs,
) -> Result<RolePolicyAttachmentRefs, Invalid> {
    let Place { partition, region, account, .. } = stack.place().clone();
    let place_interfaces = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ];
    let document = PolicyDocument::new([
        Statement::allow(place_interfaces)
            .on(format!("arn:{partition}:ec2:{region}:{account}:*/*")),
        Statement::allow(["ec2:DescribeNetworkInterfaces"]).on_any(),
        Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"])
            .on(suffixed(&log_group.arn, ":*")),
    ]);
    attached(stack, role, "running", "Runs in the network, and writes its log", document)
}

/// What rotating takes: this one secret while it is this function's to rotate, the superuser's, and their keys through
/// Secrets Manager.
pub(crate) fn rotating(
    stack: &mut Stack,
    role: &RoleRefs,
    function: &FunctionRefs,
    secret: &SecretRefs,
    key: &StoreKey,
    target: &DatabaseTarget,
) -> Result<RolePolicyAttachmentRefs, Invalid> {
    let place = stack.place().clone();
    let rotate = [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ];
    let condition = "secretsmanager:resource/AllowRotationLambdaArn";
    let superuser = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];
    let statements = [
        Statement::allow(rotate).on(secret.arn.text()).when(
            "StringEquals",
            condition,
            function.arn.accepted().text(),
        ),
        Statement::allow(superuser).on(target.master_secret.text()),
    ];
    let own = key
        .arn
        .as_ref()
        .map(|key| through_secrets_manager(&place, &["kms:Decrypt", "kms:GenerateDataKey"], key));
    let other = target.key.arn.as_ref().filter(|other| Some(*other) != key.arn.as_ref());
    let other = other.map(|key| through_secrets_manager(&place, &["kms:Decrypt"], key));
    let document = PolicyDocument::new(statements.into_iter().chain(own).chain(other));
    attached(stack, role, "rotating", "Rotates one secret", document)
}

fn through_secrets_manager(place: &Place, actions: &[&str], key: &Input<KeyArn>) -> Statement {
    let service = format!("secretsmanager.{}.amazonaws.com", place.region);
    let actions = actions.iter().copied();
    Statement::allow(actions).on(key.text()).when("StringEquals", "kms:ViaService", service)
}

fn attached(
    stack: &mut Stack,
    role: &RoleRefs,
    name: &str,
    description: &str,
    document: PolicyDocument,
) -> Result<RolePolicyAttachmentRefs, Invalid> {
    let policy = ManagedPolicy::builder().description(description).document(document);
    let policy = stack.add(format!("role-{name}"), policy.build())?;
    let attachment = RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn);
    stack.add(format!("role-{name}-attached"), attachment.build())
}
