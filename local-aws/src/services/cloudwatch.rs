//! CloudWatch, whose alarms evaluate what it is given: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/>

mod alarm;
mod alarm_list;
mod alarm_state;
mod alarm_tags;
mod composite;
mod dashboard;
mod data;
mod evaluate;
mod history;
mod math;
mod metric;
mod metric_alarm;
mod notice;
mod query;
mod reason;
mod rule;
mod series;
mod statistic;
mod suppress;
#[cfg(test)]
mod tests;
mod transition;
mod verdict;
mod watched;

pub(crate) use self::metric::record;
pub(crate) use self::watched::{delete_for, latest, put_for, threshold, watched};

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
    tasks: &[
        ("end_suppression", suppress::end),
        ("evaluate", evaluate::run),
        ("evaluate_composite", composite::run),
    ],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("DeleteAlarms", alarm::delete),
    ("DeleteDashboards", dashboard::delete),
    ("DescribeAlarmHistory", history::describe),
    ("DescribeAlarms", alarm_list::describe),
    ("DescribeAlarmsForMetric", alarm_list::for_metric),
    ("DisableAlarmActions", alarm_state::disable),
    ("EnableAlarmActions", alarm_state::enable),
    ("GetDashboard", dashboard::get),
    ("GetMetricData", data::metric_data),
    ("GetMetricStatistics", data::metric_statistics),
    ("ListDashboards", dashboard::list),
    ("ListMetrics", metric::list),
    ("ListTagsForResource", alarm_tags::list),
    ("PutCompositeAlarm", composite::put),
    ("PutDashboard", dashboard::put),
    ("PutMetricAlarm", metric_alarm::put),
    ("PutMetricData", metric::put),
    ("SetAlarmState", alarm_state::set),
    ("TagResource", alarm_tags::tag),
    ("UntagResource", alarm_tags::untag),
];
