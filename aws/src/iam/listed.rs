//! What IAM has of a stack. The tagging API leaves out roles, and outside of one region policies too.

use aws_sdk_iam::types::{EntityType, PolicyScopeType};
use globecart_engine::{CallResult, Listed};

use super::from_tags;
use crate::tags::STACK;
use crate::{Aws, Doing};

/// The roles that carry a stack's tag.
pub(crate) async fn listed_roles(aws: &Aws, stack: &str) -> CallResult<Vec<Listed>> {
    let call = aws.iam().get_account_authorization_details().filter(EntityType::Role);
    let pages = call.max_items(1000).into_paginator().send().try_collect().await;
    let pages = pages.doing("looking for the stack's roles")?;
    let roles = pages.into_iter().flat_map(|page| page.role_detail_list.unwrap_or_default());
    let listed = roles.filter_map(|role| {
        let tags = from_tags(role.tags());
        (tags.get(STACK)? == stack).then_some(Listed { what: role.arn?, tags })
    });
    Ok(listed.collect())
}

/// The policies that carry a stack's tag, of those whose names begin as the stack's names do.
pub(crate) async fn listed_policies(aws: &Aws, stack: &str) -> CallResult<Vec<Listed>> {
    let call = aws.iam().list_policies().scope(PolicyScopeType::Local).max_items(1000);
    let policies = call.into_paginator().items().send().try_collect().await;
    let mut listed = Vec::new();
    for policy in policies.doing("looking for the stack's policies")? {
        let ours = policy.policy_name().is_some_and(|name| name.starts_with(&format!("{stack}-")));
        let Some(arn) = policy.arn.filter(|_| ours) else { continue };
        let call = aws.iam().list_policy_tags().policy_arn(&arn).into_paginator().items();
        let tags = call.send().try_collect().await.doing("reading the policy's tags")?;
        let tags = from_tags(&tags);
        if tags.get(STACK).is_some_and(|of| of == stack) {
            listed.push(Listed { what: arn, tags });
        }
    }
    Ok(listed)
}
