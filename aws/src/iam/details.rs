//! Much of an account's IAM at once:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
//!
//! A server that lacks the operation answers nothing here: whoever asks goes on to ask one by one.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as Page;
use aws_sdk_iam::types::EntityType;

use crate::Aws;

/// The ARNs of the policies attached to each role of the account, by the role's name.
pub(super) async fn attached(aws: &Aws) -> BTreeMap<String, BTreeSet<String>> {
    let roles = pages(aws, EntityType::Role)
        .await
        .into_iter()
        .flat_map(|page| page.role_detail_list.unwrap_or_default());
    let roles = roles.filter_map(|role| {
        let policies = role.attached_managed_policies.unwrap_or_default();
        Some((
            role.role_name?,
            policies.into_iter().filter_map(|policy| policy.policy_arn).collect(),
        ))
    });
    roles.collect()
}

/// The documents of all versions of the account's own policies, by the policy's ARN and the version's id.
pub(super) async fn documents(aws: &Aws) -> BTreeMap<(String, String), String> {
    let mut documents = BTreeMap::new();
    for page in pages(aws, EntityType::LocalManagedPolicy).await {
        for policy in page.policies.unwrap_or_default() {
            let Some(arn) = policy.arn else { continue };
            for version in policy.policy_version_list.unwrap_or_default() {
                if let (Some(id), Some(document)) = (version.version_id, version.document) {
                    documents.insert((arn.clone(), id), document);
                }
            }
        }
    }
    documents
}

async fn pages(aws: &Aws, of: EntityType) -> Vec<Page> {
    let call = aws.iam().get_account_authorization_details().filter(of).max_items(1000);
    call.into_paginator().send().try_collect().await.unwrap_or_default()
}
