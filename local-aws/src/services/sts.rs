//! STS: <https://docs.aws.amazon.com/STS/latest/APIReference/>

mod identity;
mod session;
#[cfg(test)]
mod tests;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "sts",
    model: LazyLock::new(|| Model::read(include_str!("../../models/sts.json"))),
    style: Style {
        validation: Validation::Listed("ValidationError"),
        bad_page_token: "ValidationError",
        page_size: None,
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AssumeRole", session::assume_role),
    ("DecodeAuthorizationMessage", identity::decode),
    ("GetAccessKeyInfo", identity::access_key),
    ("GetCallerIdentity", identity::caller),
    ("GetSessionToken", session::session_token),
];
