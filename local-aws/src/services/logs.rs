//! CloudWatch Logs: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>

mod delivery;
mod encryption;
mod event;
mod event_read;
mod group;
mod group_describe;
mod group_list;
mod group_tags;
mod metric_filter;
mod pattern;
mod reference;
mod resource_policy;
mod retention;
mod stream;
mod subscription_filter;
#[cfg(test)]
mod tests;

pub(crate) use self::delivery::{NoDelivery, ensure_delivery};
pub(crate) use self::event::append;
pub(crate) use self::group::ensure_log_group;
pub(crate) use self::stream::{ensure_log_stream, has_stream};

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
    ("CreateLogStream", stream::create),
    ("DeleteLogGroup", group::delete),
    ("DeleteLogStream", stream::delete),
    ("DeleteMetricFilter", metric_filter::delete),
    ("DeleteResourcePolicy", resource_policy::delete),
    ("DeleteRetentionPolicy", retention::delete),
    ("DeleteSubscriptionFilter", subscription_filter::delete),
    ("DescribeLogGroups", group_describe::describe),
    ("DescribeLogStreams", stream::describe),
    ("DescribeMetricFilters", metric_filter::describe),
    ("DescribeResourcePolicies", resource_policy::describe),
    ("DescribeSubscriptionFilters", subscription_filter::describe),
    ("DisassociateKmsKey", encryption::disassociate),
    ("FilterLogEvents", event_read::filter),
    ("GetLogEvents", event_read::get),
    ("ListLogGroups", group_list::list),
    ("ListTagsForResource", group_tags::list),
    ("ListTagsLogGroup", group_tags::list_of_group),
    ("PutLogEvents", event::put),
    ("PutLogGroupDeletionProtection", group::protect),
    ("PutMetricFilter", metric_filter::put),
    ("PutResourcePolicy", resource_policy::put),
    ("PutRetentionPolicy", retention::put),
    ("PutSubscriptionFilter", subscription_filter::put),
    ("TagLogGroup", group_tags::tag_group),
    ("TagResource", group_tags::tag),
    ("TestMetricFilter", metric_filter::test),
    ("UntagLogGroup", group_tags::untag_group),
    ("UntagResource", group_tags::untag),
];
