//! Secrets Manager: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/>

mod list;
mod owned;
mod password;
mod reference;
mod resource_policy;
mod rotation;
mod secret;
mod secret_tags;
#[cfg(test)]
mod tests;
mod value;
mod version;

pub(crate) use self::owned::{
    Owned, create_owned, current_text, delete_owned, rekey_owned, rotate_owned,
};
pub(crate) use self::password::generate as random_password;
pub(crate) use self::value::{Fetched, described, fetch};

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "secretsmanager",
    model: LazyLock::new(|| Model::read(include_str!("../../models/secretsmanager.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "InvalidNextTokenException",
        page_size: Some(100),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[
        ("forget", secret::forget),
        ("rotation_due", rotation::due),
        ("rotation_retry", rotation::retry),
        ("rotation_stepped", rotation::stepped),
        ("rotation_tested", rotation::tested),
    ],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("BatchGetSecretValue", value::batch_get),
    ("CancelRotateSecret", rotation::cancel),
    ("CreateSecret", secret::create),
    ("DeleteResourcePolicy", resource_policy::delete),
    ("DeleteSecret", secret::delete),
    ("DescribeSecret", secret::describe),
    ("GetRandomPassword", password::get),
    ("GetResourcePolicy", resource_policy::get),
    ("GetSecretValue", value::get),
    ("ListSecretVersionIds", version::list),
    ("ListSecrets", list::list),
    ("PutResourcePolicy", resource_policy::put),
    ("PutSecretValue", value::put),
    ("RestoreSecret", secret::restore),
    ("RotateSecret", rotation::rotate),
    ("TagResource", secret_tags::tag),
    ("UntagResource", secret_tags::untag),
    ("UpdateSecret", secret::update),
    ("UpdateSecretVersionStage", version::update_stage),
    ("ValidateResourcePolicy", resource_policy::validate),
];
