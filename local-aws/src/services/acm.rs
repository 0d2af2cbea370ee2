//! Certificate Manager, its public certificates: <https://docs.aws.amazon.com/acm/latest/APIReference/>

mod account;
mod certificate;
mod tags;
#[cfg(test)]
pub(in crate::services) mod tests;
mod validation;

pub(crate) use self::certificate::is_issued;

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "acm",
    model: LazyLock::new(|| Model::read(include_str!("../../models/acm.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "InvalidArgsException",
        page_size: Some(100),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

const TASKS: &[(&str, Task)] = &[
    (validation::LOOK, validation::look),
    (validation::ISSUED, validation::issued),
    (validation::RENEW, validation::renew),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddTagsToCertificate", tags::add),
    ("DeleteCertificate", certificate::delete),
    ("DescribeCertificate", certificate::describe),
    ("GetAccountConfiguration", account::get),
    ("ListCertificates", certificate::list),
    ("ListTagsForCertificate", tags::list),
    ("PutAccountConfiguration", account::put),
    ("RemoveTagsFromCertificate", tags::remove),
    ("RequestCertificate", certificate::request),
    ("UpdateCertificateOptions", certificate::update_options),
];

/// A refusal of a parameter's value.
fn invalid_parameter(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}
