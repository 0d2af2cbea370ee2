//! What all resource types of Secrets Manager have in common.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Tags};
use globecart_aws::{Aws, Doing, SecretArn, absent_is_none};

/// Tags as Secrets Manager takes them.
pub(crate) fn to_api(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Tags as Secrets Manager describes them.
pub(crate) fn from_api(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

/// Sets and removes tags of a secret.
pub(crate) async fn retag(
    aws: &Aws,
    arn: &SecretArn,
    set: &Tags,
    unset: &[String],
) -> CallResult<()> {
    if !set.is_empty() {
        let call = aws.secretsmanager().tag_resource().secret_id(arn.as_str());
        call.set_tags(Some(to_api(set))).send().await.doing("setting the secret's tags")?;
    }
    if !unset.is_empty() {
        let call = aws.secretsmanager().untag_resource().secret_id(arn.as_str());
        let call = call.set_tag_keys(Some(unset.to_vec()));
        call.send().await.doing("removing the secret's tags")?;
    }
    Ok(())
}

/// A secret by its name or ARN, also while it waits for its deletion.
pub(crate) async fn described(aws: &Aws, id: &str) -> CallResult<Option<DescribeSecretOutput>> {
    let answer = aws.secretsmanager().describe_secret().secret_id(id).send().await;
    absent_is_none(answer.doing("reading the secret"))
}

/// Whether Secrets Manager refused something because the secret waits for its deletion.
pub(crate) fn is_deleted(error: &CallError) -> bool {
    let texts = ["scheduled for deletion", "marked for deletion"];
    error.code.as_deref() == Some("InvalidRequestException")
        && texts.iter().any(|text| error.message.contains(text))
}
