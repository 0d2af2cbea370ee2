//! What EFS's answers have in common.

use std::collections::BTreeSet;

use aws_sdk_efs::types::Tag;
use globecart_aws::engine::{CallError, CallResult, Class, Intent, Tags};
use globecart_aws::{Aws, Doing, FileSystemId, found};

/// The id in the answer to a create call. Without one the call may still have had its effect.
pub(crate) fn id(id: Option<String>, doing: &str) -> CallResult<String> {
    id.ok_or_else(|| CallError::new(Class::Ambiguous, doing, "the answer has no id"))
}

/// The file systems that resources are in, each once.
pub(crate) fn file_systems<'a>(
    of: impl Iterator<Item = &'a FileSystemId>,
) -> BTreeSet<&'a FileSystemId> {
    of.collect()
}

/// Tags as EFS takes them.
pub(crate) fn to_api(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).map(|tag| tag.expect("key and value are set")).collect()
}

/// Tags as EFS describes them, without those that AWS sets itself.
pub(crate) fn from_api(tags: &[Tag]) -> Tags {
    let own = tags.iter().filter(|tag| !tag.key().starts_with("aws:"));
    own.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// Whether these are the tags that this very intent set.
pub(crate) fn is_made_by(intent: &Intent, live: &[Tag]) -> bool {
    found::is_made_by(intent, &from_api(live))
}

/// Sets and removes tags of a file system or an access point.
pub(crate) async fn retag(aws: &Aws, id: &str, set: &Tags, unset: &[String]) -> CallResult<()> {
    if !set.is_empty() {
        let call = aws.efs().tag_resource().resource_id(id).set_tags(Some(to_api(set)));
        call.send().await.doing("setting tags")?;
    }
    if !unset.is_empty() {
        let call = aws.efs().untag_resource().resource_id(id).set_tag_keys(Some(unset.to_vec()));
        call.send().await.doing("removing tags")?;
    }
    Ok(())
}
