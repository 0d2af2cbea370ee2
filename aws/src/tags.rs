//! The engine's tags in each service's own form.

use aws_sdk_ec2::types::{ResourceType, TagSpecification};
use globecart_engine::{CallResult, Tags};

use crate::{Aws, Doing};

/// The tag with the stack's name.
pub const STACK: &str = "globecart:stack";
/// The tag with the resource's address.
pub const RESOURCE: &str = "globecart:resource";
/// The tag on what outlives its stack on purpose; such a thing is never found or adopted.
pub const KEPT: &str = "globecart:kept";

/// Tags for an EC2 create call.
pub fn ec2_specification(kind: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).set_tags(Some(ec2(tags))).build()
}

/// Tags as EC2 takes them.
pub fn ec2(tags: &Tags) -> Vec<aws_sdk_ec2::types::Tag> {
    let tag = |(key, value): (&String, &String)| {
        aws_sdk_ec2::types::Tag::builder().key(key).value(value).build()
    };
    tags.iter().map(tag).collect()
}

/// Tags as EC2 describes them.
pub fn from_ec2(tags: &[aws_sdk_ec2::types::Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

/// Sets and removes tags of EC2 resources.
pub async fn retag_ec2(
    aws: &Aws,
    id: impl AsRef<str>,
    set: &Tags,
    unset: &[String],
) -> CallResult<()> {
    if !set.is_empty() {
        let call = aws.ec2().create_tags().resources(id.as_ref()).set_tags(Some(ec2(set)));
        call.send().await.doing("setting tags")?;
    }
    if !unset.is_empty() {
        let keys =
            unset.iter().map(|key| aws_sdk_ec2::types::Tag::builder().key(key).build()).collect();
        let call = aws.ec2().delete_tags().resources(id.as_ref()).set_tags(Some(keys));
        call.send().await.doing("removing tags")?;
    }
    Ok(())
}
