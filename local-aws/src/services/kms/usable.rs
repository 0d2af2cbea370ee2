//! What other services ask before they encrypt with a key.

use super::{key_state, reference};
use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::services::iam::{Said, said_by_role};
use crate::services::policy::{self, Asked, Who};
use crate::services::tables::KMS_KEY;

/// Why a service cannot use a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is no such key in this region.
    NotFound,
    /// The key is disabled, or waits for its deletion.
    State,
    /// The key's policy does not let the service do this.
    Denied(String),
}

/// The ARN of a key that a service may use for all the actions (`kms:Encrypt`, ...), given as an id, ARN or alias.
///
/// `context` has the condition keys of the service's request. The statement that trusts the account's own policies does not cover a service.
pub(crate) fn usable(
    call: &mut Call,
    key: &str,
    service: &str,
    actions: &[&str],
    context: &[(&str, &str)],
) -> Result<String, Unusable> {
    allowed(call, key, Who::Service(service), actions, context)
}

/// The same for a service that uses the key in the name of its caller, as RDS, Secrets Manager or EFS do; `service` is its short name.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>
pub(crate) fn usable_via(
    call: &mut Call,
    key: &str,
    service: &str,
    actions: &[&str],
) -> Result<String, Unusable> {
    let via = format!("{service}.{}.amazonaws.com", call.region());
    let context = [("kms:ViaService", via.as_str()), ("kms:GrantIsForAWSResource", "true")];
    allowed(call, key, Who::Account, actions, &context)
}

/// Whether a role may do something with a key: the key's policy lets it, or leaves it to the account and the role's own
/// policies allow it.
pub(crate) fn usable_by_role(
    call: &mut Call,
    key: &str,
    role: &str,
    action: &str,
    context: &[(&str, &str)],
) -> bool {
    let Ok(id) = reference::key_id_or_alias(call, key) else { return false };
    let Some(key) = call.get(KMS_KEY, &id).filter(|key| key_state::enabled(key).is_ok()) else {
        return false;
    };
    let document = serde_json::from_str(key.text("_policy")).unwrap_or_default();
    let resource = key.text("Arn");
    let mut all = context.to_vec();
    all.push(("kms:CallerAccount", ACCOUNT));
    let asked = |who| Asked { who, action, resource, context: &all };
    let own = said_by_role(call, role, &asked(Who::Holder));
    own != Said::Denied
        && (policy::allows(&document, &asked(Who::Role(role)))
            || own == Said::Allowed && policy::allows(&document, &asked(Who::Account)))
}

fn allowed(
    call: &mut Call,
    key: &str,
    who: Who,
    actions: &[&str],
    context: &[(&str, &str)],
) -> Result<String, Unusable> {
    let id = reference::key_id_or_alias(call, key).map_err(|_| Unusable::NotFound)?;
    let key = call.get(KMS_KEY, &id).ok_or(Unusable::NotFound)?;
    key_state::enabled(key).map_err(|_| Unusable::State)?;
    let arn = key.text("Arn");
    if key.text("KeyManager") == "AWS" {
        return Ok(arn.to_owned());
    }
    let document = serde_json::from_str(key.text("_policy")).unwrap_or_default();
    let mut all = context.to_vec();
    all.push(("kms:CallerAccount", ACCOUNT));
    let refused = actions.iter().find(|action| {
        !policy::allows(&document, &Asked { who, action, resource: arn, context: &all })
    });
    refused.map_or_else(|| Ok(arn.to_owned()), |action| Err(Unusable::Denied((*action).to_owned())))
}
