//! What the roles of a task may do.

use crate::call::{ACCOUNT, Call};
use crate::services::iam::{self, Said, said_by_role};
use crate::services::policy::{Asked, Who};

/// Whether ECS can hand a role to a task.
pub(super) fn assumable(call: &Call, role: &str) -> bool {
    let source = call.arn("ecs", "*");
    let context = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", source.as_str())];
    iam::assumable(call, role, Who::Service("ecs-tasks.amazonaws.com"), &context).is_some()
}

/// Whether a role's own policies allow something.
pub(super) fn may(
    call: &Call,
    role: &str,
    action: &str,
    resource: &str,
    context: &[(&str, &str)],
) -> bool {
    let asked = Asked { who: Who::Holder, action, resource, context };
    said_by_role(call, role, &asked) == Said::Allowed
}
