//! What Elastic Load Balancing's calls and answers have in common.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Class, Operation, Tags};
use globecart_aws::{Aws, Doing, absent_is_none};

/// How many ARNs one call for tags takes.
const BATCH: usize = 20;

/// How many things one page of a Describe has.
pub(crate) const PAGE: usize = 400;

/// The tags that a create call sets.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The tags of things, by ARN.
pub(crate) async fn tags_of(aws: &Aws, arns: &[&str]) -> CallResult<BTreeMap<String, Tags>> {
    let mut found = BTreeMap::new();
    for batch in arns.chunks(BATCH) {
        let arns = batch.iter().map(|arn| (*arn).to_owned()).collect();
        let call = aws.elb().describe_tags().set_resource_arns(Some(arns)).send().await;
        let Some(answer) = absent_is_none(call.doing("reading tags"))? else { continue };
        for one in answer.tag_descriptions.unwrap_or_default() {
            let tags = one.tags.unwrap_or_default().into_iter();
            let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
            found.extend(one.resource_arn.map(|arn| (arn, tags.filter_map(pair).collect())));
        }
    }
    Ok(found)
}

/// The tags of those among `arns` that were `found`, by ARN: one that is gone would fail the call for all of its batch.
pub(crate) async fn tags_of_those<T>(
    aws: &Aws,
    arns: impl Iterator<Item = &str>,
    found: &BTreeMap<String, T>,
) -> CallResult<BTreeMap<String, Tags>> {
    let there: Vec<&str> = arns.filter(|arn| found.contains_key(*arn)).collect();
    tags_of(aws, &there).await
}

/// How many calls the tags of so many things take.
pub(crate) fn tag_calls(count: usize) -> usize {
    count.div_ceil(BATCH)
}

/// Sets and removes tags of a thing.
pub(crate) async fn retag(aws: &Aws, arn: &str, set: &Tags, unset: &[String]) -> CallResult<()> {
    if !set.is_empty() {
        let call = aws.elb().add_tags().resource_arns(arn).set_tags(Some(tags(set)));
        call.send().await.doing("setting tags")?;
    }
    if !unset.is_empty() {
        let call = aws.elb().remove_tags().resource_arns(arn).set_tag_keys(Some(unset.to_vec()));
        call.send().await.doing("removing tags")?;
    }
    Ok(())
}

/// What Elastic Load Balancing's own codes mean.
pub(crate) fn class_of(error: &CallError, operation: Operation) -> Class {
    let code = error.code.as_deref().unwrap_or_default();
    match code {
        "PriorityInUse" | "DuplicateListener" if operation == Operation::Create => {
            Class::AlreadyExists
        }
        _ if code.starts_with("Duplicate") && code.ends_with("Name") => Class::AlreadyExists,
        _ if code.starts_with("TooMany") => Class::Quota,
        // A certificate that was issued just now is not known everywhere yet.
        "UnsupportedCertificate" => Class::Propagation,
        // The log bucket's policy was written just now.
        "InvalidConfigurationRequest" if error.message.contains("Access Denied for bucket") => {
            Class::Propagation
        }
        _ => error.class,
    }
}

/// What CloudWatch's dimensions call a thing: the end of its ARN from `targetgroup/` on, or what follows
/// `loadbalancer/`.
pub(crate) fn full_name(arn: &str) -> String {
    let rest = arn.splitn(6, ':').nth(5).unwrap_or_default();
    rest.strip_prefix("loadbalancer/").unwrap_or(rest).to_owned()
}
