//! Amazon CloudWatch.

pub use metric::{Metric, Statistic, Watch};
pub use metric_alarm::{Comparison, MetricAlarm, MetricAlarmOutputs, MetricAlarmRefs, MissingData};

mod described;
mod metric;
mod metric_alarm;
