//! The tagging API: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/>

mod change;
mod inventory;
mod kind;
mod lag;
mod resources;
#[cfg(test)]
mod tests;

pub(crate) use self::lag::note;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "resourcegroupstaggingapi",
    model: LazyLock::new(|| {
        Model::read(include_str!("../../models/resourcegroupstaggingapi.json"))
    }),
    style: Style {
        validation: Validation::Listed("InvalidParameterException"),
        bad_page_token: "InvalidParameterException",
        page_size: Some(100),
        throttle: ("ThrottledException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("GetResources", resources::get),
    ("GetTagKeys", resources::keys),
    ("GetTagValues", resources::values),
    ("TagResources", change::tag),
    ("UntagResources", change::untag),
];
