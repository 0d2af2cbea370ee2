//! AWS Identity and Access Management.

use aws_sdk_iam::types::Tag;
use globecart_engine::{Invalid, NameRule, Tags};

pub(crate) use listed::{listed_policies, listed_roles};
pub use managed_policy::{ManagedPolicy, ManagedPolicyOutputs, ManagedPolicyRefs};
pub use role::{Role, RoleOutputs, RoleRefs};
pub use role_policy_attachment::{
    RolePolicyAttachment, RolePolicyAttachmentOutputs, RolePolicyAttachmentRefs,
};

mod details;
mod listed;
mod managed_policy;
mod role;
mod role_policy_attachment;

/// What IAM allows in names besides letters, digits and `-`.
const fn name_rule(max: usize) -> NameRule {
    NameRule::new(max).allow("+=,.@_")
}

/// The path below which all roles and policies stand, so that a deployer can be limited to them.
fn default_path() -> String {
    "/globecart/".to_owned()
}

fn check_path(path: &str) -> Result<(), Invalid> {
    let plain = path.chars().all(|c| ('!'..='~').contains(&c));
    if path.is_empty()
        || path.len() > 512
        || !plain
        || !path.starts_with('/')
        || !path.ends_with('/')
    {
        let problem =
            format!("`{path}` must begin and end with `/` and be at most 512 printable characters");
        return Err(Invalid::new("path", problem));
    }
    Ok(())
}

fn tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}

fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}
