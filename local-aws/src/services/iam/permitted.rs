//! What a role's own policies say about an action.

use super::policy;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::policy::{Asked, allows, denies};
use crate::services::tables::IAM_ROLE;
use serde_json::Value;

/// What policies say together about an action; silence is a refusal too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// One denies it.
    Denied,
    /// One allows it, and none denies it.
    Allowed,
    /// None is about it.
    Nothing,
}

/// What the policies of a role say, those inside it and those that are attached.
pub(crate) fn said_by_role(call: &Call, role_arn: &str, asked: &Asked) -> Said {
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let Some(role) = call.get(IAM_ROLE, name) else { return Said::Denied };
    let inline = role["_inline"].as_object().into_iter().flatten();
    let inline = inline.filter_map(|(_, text)| text.as_str().map(str::to_owned));
    let attached = role.texts("_attached").into_iter().filter_map(|arn| document(call, arn));
    let documents: Vec<Value> =
        inline.chain(attached).filter_map(|text| serde_json::from_str(&text).ok()).collect();
    if documents.iter().any(|document| denies(document, asked)) {
        Said::Denied
    } else if documents.iter().any(|document| allows(document, asked)) {
        Said::Allowed
    } else {
        Said::Nothing
    }
}

/// The default version of a managed policy.
fn document(call: &Call, arn: &str) -> Option<String> {
    let policy = policy::find(call, arn)?;
    let default = policy.text("DefaultVersionId");
    let mut versions = policy.items("_versions").iter();
    versions.find(|one| one.text("VersionId") == default)?.opt("Document").map(str::to_owned)
}
