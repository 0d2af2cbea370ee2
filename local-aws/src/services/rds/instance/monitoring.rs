//! Enhanced Monitoring: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.html>

use super::super::cluster;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::logs;
use serde_json::{Value, json};

/// Where its metrics go, for all databases of a region.
const LOG_GROUP: &str = "RDSOSMetrics";

/// Sets interval and role of an instance.
pub(super) fn set(
    call: &Call,
    row: &mut Value,
    interval: i64,
    role: Option<&str>,
) -> Result<(), Fault> {
    cluster::monitoring(call, interval, role, row.text("DBInstanceArn"))?;
    row["MonitoringInterval"] = json!(interval);
    if interval == 0 {
        row["MonitoringRoleArn"] = Value::Null;
        row["EnhancedMonitoringResourceArn"] = Value::Null;
        return Ok(());
    }
    let stream = format!("log-group:{LOG_GROUP}:log-stream:{}", row.text("DbiResourceId"));
    row["MonitoringRoleArn"] = json!(role);
    row["EnhancedMonitoringResourceArn"] = json!(call.arn("logs", &stream));
    Ok(())
}

/// The first metrics of an instance make their log group.
pub(super) fn begin(call: &mut Call, row: &Value) {
    if row.int("MonitoringInterval").unwrap_or_default() > 0 {
        logs::ensure_log_group(call, LOG_GROUP);
    }
}
