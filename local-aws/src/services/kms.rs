//! KMS: <https://docs.aws.amazon.com/kms/latest/APIReference/>

mod alias;
mod cipher;
mod data_key;
mod envelope;
mod grant;
mod key;
mod key_policy;
mod key_state;
mod key_tags;
mod reference;
mod rotation;
mod seal;
#[cfg(test)]
mod tests;
mod usable;

pub(crate) use self::envelope::{unwrap, wrap};
pub(crate) use self::usable::{Unusable, usable, usable_by_role, usable_via};

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "kms",
    model: LazyLock::new(|| Model::read(include_str!("../../models/kms.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "InvalidMarkerException",
        page_size: Some(100),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[("remove_key", key_state::remove), ("rotate_key", rotation::rotate_due)],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("CancelKeyDeletion", key_state::cancel_deletion),
    ("CreateAlias", alias::create),
    ("CreateGrant", grant::create),
    ("CreateKey", key::create),
    ("Decrypt", cipher::decrypt),
    ("DeleteAlias", alias::delete),
    ("DescribeKey", key::describe),
    ("DisableKey", key_state::disable),
    ("DisableKeyRotation", rotation::disable),
    ("EnableKey", key_state::enable),
    ("EnableKeyRotation", rotation::enable),
    ("Encrypt", cipher::encrypt),
    ("GenerateDataKey", data_key::generate),
    ("GenerateDataKeyWithoutPlaintext", data_key::generate_without_plaintext),
    ("GenerateRandom", data_key::random),
    ("GetKeyLastUsage", key::last_usage),
    ("GetKeyPolicy", key_policy::get),
    ("GetKeyRotationStatus", rotation::status),
    ("ListAliases", alias::list),
    ("ListGrants", grant::list),
    ("ListKeyPolicies", key_policy::list),
    ("ListKeyRotations", rotation::list),
    ("ListKeys", key::list),
    ("ListResourceTags", key_tags::list),
    ("ListRetirableGrants", grant::list_retirable),
    ("PutKeyPolicy", key_policy::put),
    ("ReEncrypt", cipher::re_encrypt),
    ("RetireGrant", grant::retire),
    ("RevokeGrant", grant::revoke),
    ("RotateKeyOnDemand", rotation::rotate_on_demand),
    ("ScheduleKeyDeletion", key_state::schedule_deletion),
    ("TagResource", key_tags::tag),
    ("UntagResource", key_tags::untag),
    ("UpdateAlias", alias::update),
    ("UpdateKeyDescription", key::update_description),
];
