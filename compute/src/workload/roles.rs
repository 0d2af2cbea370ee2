//! What the program may do, and what ECS may do for it: no more than what is used.

use globecart_aws::Stack;
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::iam::{
    ManagedPolicy, Role, RolePolicyAttachment, RolePolicyAttachmentRefs, RoleRefs,
};
use globecart_aws::logs::LogGroupRefs;
use globecart_aws::policy::{PolicyDocument, Statement};

use super::Service;
use super::grants::Granted;
use crate::Image;

/// The service that hands roles to tasks.
const TASKS: &str = "ecs-tasks.amazonaws.com";

pub(super) struct Roles {
    /// The program's.
    pub(super) task: RoleRefs,
    /// The one by which images, secrets and logs are had.
    pub(super) execution: RoleRefs,
}

/// The two roles, which may do nothing yet.
pub(super) fn declare(stack: &mut Stack) -> Result<Roles, Invalid> {
    let place = stack.place().clone();
    let source = format!("arn:{}:ecs:{}:{}:*", place.partition, place.region, place.account);
    let role = |description: &str| {
        let trust = PolicyDocument::trust(TASKS, &place, source.as_str());
        Role::builder().trust(trust).description(description).build()
    };
    let task = stack.add("task-role", role("What the program in the container may do"))?;
    let execution =
        stack.add("execution-role", role("Fetches image and secrets, and writes logs"))?;
    Ok(Roles { task, execution })
}

impl Service<'_> {
    /// Attaches what the roles may do; the attachments.
    pub(super) fn allow(
        &self,
        stack: &mut Stack,
        roles: &Roles,
        granted: &Granted,
        logs: &LogGroupRefs,
    ) -> Result<Vec<RolePolicyAttachmentRefs>, Invalid> {
        let mut execution = vec![writes(logs)];
        execution.extend(self.pulls(stack));
        execution.extend(reads(granted));
        let mut attached = vec![attach(stack, "execution", &roles.execution, execution)?];
        if !granted.may.is_empty() {
            attached.push(attach(stack, "task", &roles.task, granted.may.clone())?);
        }
        Ok(attached)
    }

    /// What pulling the image takes, where it is in a private registry.
    fn pulls(&self, stack: &Stack) -> Vec<Statement> {
        if !self.image.is_private() {
            return Vec::new();
        }
        let place = stack.place();
        let start =
            format!("arn:{}:ecr:{}:{}:repository/", place.partition, place.region, place.account);
        let repository = match &self.image {
            Image::EcrTag { repository, .. } => {
                Input::join([vec![start.as_str().into()], repository.part()].concat())
            }
            Image::Digest(name) | Image::Floating(name) => {
                let path = name.split_once('/').map_or("", |(_, path)| path);
                let name = path.split(['@', ':']).next().unwrap_or_default();
                Input::from(format!("{start}{name}"))
            }
        };
        let pull = Statement::allow([
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ]);
        vec![pull.on(repository), Statement::allow(["ecr:GetAuthorizationToken"]).on_any()]
    }
}

/// Writing streams of one log group.
fn writes(logs: &LogGroupRefs) -> Statement {
    let streams = Input::join([logs.arn.part(), vec![":log-stream:*".into()]].concat());
    Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"]).on(streams)
}

/// Reading the secrets that the program gets, and no others.
fn reads(granted: &Granted) -> Vec<Statement> {
    let secrets = granted.distinct();
    if secrets.is_empty() {
        return Vec::new();
    }
    let read = Statement::allow(["secretsmanager:GetSecretValue"]);
    let read = secrets.iter().fold(read, |read, secret| read.on(secret.text()));
    let mut statements = vec![read];
    if !granted.keys.is_empty() {
        let decrypt = Statement::allow(["kms:Decrypt"]);
        let keys = granted.keys.iter();
        statements.push(keys.fold(decrypt, |decrypt, key| decrypt.on(key.text())));
    }
    statements
}

fn attach(
    stack: &mut Stack,
    name: &str,
    role: &RoleRefs,
    statements: Vec<Statement>,
) -> Result<RolePolicyAttachmentRefs, Invalid> {
    let policy = ManagedPolicy::builder()
        .document(PolicyDocument::new(statements))
        .description(format!("What the {name} role of {} may do", stack.scope()))
        .build();
    let policy = stack.add(format!("{name}-policy"), policy)?;
    let attachment = RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn).build();
    stack.add(format!("{name}-policy-attachment"), attachment)
}
