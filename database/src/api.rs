//! What all resource types of RDS have in common: tags by ARN, and states that pass.

use aws_sdk_rds::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Class, NameRule, Operation, Tags};
use globecart_aws::{Aws, Doing};

/// Identifiers of clusters and instances, which RDS keeps in lower case.
pub(crate) const IDENTIFIER: NameRule = NameRule::new(63).lower();

/// How many values a filter takes.
pub(crate) const FILTER_VALUES: usize = 100;

/// Tags as RDS takes them.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Tags as RDS describes them.
pub(crate) fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

/// The tags of what has an ARN.
pub(crate) async fn tags_of(aws: &Aws, arn: &str) -> CallResult<Tags> {
    let answer = aws.rds().list_tags_for_resource().resource_name(arn).send().await;
    Ok(from_tags(answer.doing("reading tags")?.tag_list()))
}

/// Sets and removes tags of what has an ARN.
pub(crate) async fn retag(
    aws: &Aws,
    arn: impl AsRef<str>,
    set: &Tags,
    unset: &[String],
) -> CallResult<()> {
    let arn = arn.as_ref();
    if !set.is_empty() {
        let call = aws.rds().add_tags_to_resource().resource_name(arn).set_tags(Some(tags(set)));
        call.send().await.doing("setting tags")?;
    }
    if !unset.is_empty() {
        let call = aws.rds().remove_tags_from_resource().resource_name(arn);
        call.set_tag_keys(Some(unset.to_vec())).send().await.doing("removing tags")?;
    }
    Ok(())
}

/// RDS refuses changes of what is being changed, and deleting what is still used: both pass. A role or a key that was
/// made just now is not visible everywhere yet.
pub(crate) fn class_of(error: &CallError, operation: Operation) -> Class {
    let code = error.code.as_deref().unwrap_or_default();
    let state = code.starts_with("InvalidDB") || code.starts_with("InvalidEventSubscription");
    let state = state && (code.ends_with("StateFault") || code.ends_with("State"));
    let young = error.message.contains("IAM role ARN value is invalid")
        || code.starts_with("KMSKeyNotAccessible")
        || code.starts_with("SNSNoAuthorization");
    match operation {
        _ if state => Class::Dependency,
        Operation::Create | Operation::Update if young => Class::Propagation,
        _ => error.class,
    }
}

/// The error for an answer without what it must have.
pub(crate) fn incomplete(doing: &str) -> CallError {
    CallError::new(Class::Ambiguous, doing, "the answer is not complete")
}
