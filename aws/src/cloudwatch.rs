//! Amazon CloudWatch.

pub use condition::{Comparison, MissingData};
pub use metric::{Metric, Statistic, Watch};
pub use metric_alarm::{MetricAlarm, MetricAlarmOutputs, MetricAlarmRefs};

mod condition;
mod described;
mod metric;
mod metric_alarm;
