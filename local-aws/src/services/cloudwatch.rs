//! CloudWatch, whose alarms evaluate what it is given: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/>

mod alarm;
mod alarm_tags;
mod metric_alarm;
mod statistic;
#[cfg(test)]
mod tests;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "cloudwatch",
    model: LazyLock::new(|| Model::read(include_str!("../../models/cloudwatch.json"))),
    style: Style {
        validation: Validation::Listed("ValidationError"),
        bad_page_token: "InvalidNextToken",
        page_size: Some(100),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("DeleteAlarms", alarm::delete),
    ("DescribeAlarms", alarm::describe),
    ("ListTagsForResource", alarm_tags::list),
    ("PutMetricAlarm", metric_alarm::put),
    ("TagResource", alarm_tags::tag),
    ("UntagResource", alarm_tags::untag),
];
