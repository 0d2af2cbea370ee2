//! CloudWatch Logs: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>

mod encryption;
mod group;
mod group_describe;
mod group_tags;
mod reference;
mod retention;
#[cfg(test)]
mod tests;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "logs",
    model: LazyLock::new(|| Model::read(include_str!("../../models/logs.json"))),
    style: Style {
        validation: Validation::Listed("InvalidParameterException"),
        bad_page_token: "InvalidParameterException",
        page_size: Some(50),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AssociateKmsKey", encryption::associate),
    ("CreateLogGroup", group::create),
    ("DeleteLogGroup", group::delete),
    ("DeleteRetentionPolicy", retention::delete),
    ("DescribeLogGroups", group_describe::describe),
    ("DisassociateKmsKey", encryption::disassociate),
    ("ListTagsForResource", group_tags::list),
    ("ListTagsLogGroup", group_tags::list_of_group),
    ("PutLogGroupDeletionProtection", group::protect),
    ("PutRetentionPolicy", retention::put),
    ("TagLogGroup", group_tags::tag_group),
    ("TagResource", group_tags::tag),
    ("UntagLogGroup", group_tags::untag_group),
    ("UntagResource", group_tags::untag),
];
