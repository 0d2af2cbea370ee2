//! Amazon CloudWatch: alarms.

pub use measure::{Comparison, Measure, Metric, MissingData, Query, Statistic};
pub use metric_alarm::{MetricAlarm, MetricAlarmOutputs, MetricAlarmRefs};

mod measure;
mod metric_alarm;
