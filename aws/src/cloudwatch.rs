//! Amazon CloudWatch.

pub use alarms::{Alarm, Alarms};
pub use condition::{Comparison, MissingData};
pub use metric::{Metric, Statistic, Watch};
pub use metric_alarm::{MetricAlarm, MetricAlarmOutputs, MetricAlarmRefs};

mod alarms;
mod condition;
mod described;
mod metric;
mod metric_alarm;
