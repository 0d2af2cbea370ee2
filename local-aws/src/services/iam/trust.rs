//! Trust policies: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html>

use super::document::{malformed, parse, within};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Asked, Kind, Who};
use crate::services::tables::IAM_ROLE;
use serde_json::Value;

const MAX_CHARACTERS: usize = 2048;

/// Checks a trust policy of a request: its grammar, that it is about assuming the role, and that its principals exist.
pub(super) fn check(call: &Call, text: &str) -> Result<(), Fault> {
    within([text], "ACLSizePerRole", call.quota("iam.trust_policy_characters", MAX_CHARACTERS))?;
    let document = parse(text, Kind::Trust)?;
    let actions =
        policy::statements(&document).iter().flat_map(|statement| match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        });
    if actions.filter(|action| !action.is_null()).any(|action| {
        !action.as_str().is_some_and(|action| action.to_ascii_lowercase().starts_with("sts:"))
    }) {
        return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    match policy::unknown_principal(call, &document) {
        Some(name) => Err(malformed(format!("Invalid principal in policy: \"AWS\":\"{name}\""))),
        None => Ok(()),
    }
}

/// The role with an ARN, if it is visible outside IAM by now and lets somebody assume it. `context` has the condition keys of the request.
pub(crate) fn assumable<'c>(
    call: &'c Call,
    arn: &str,
    who: Who,
    context: &[(&str, &str)],
) -> Option<&'c Value> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let role = call.get(IAM_ROLE, name).filter(|role| role.text("Arn") == arn)?;
    let visible = role.number("_usable_at").is_none_or(|from| from <= call.now());
    let trust = serde_json::from_str(role.text("AssumeRolePolicyDocument")).ok()?;
    let asked = Asked { who, action: "sts:AssumeRole", resource: arn, context };
    (visible && policy::allows(&trust, &asked)).then_some(role)
}
