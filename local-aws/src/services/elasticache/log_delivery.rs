//! Where engines write their logs: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html>

use super::kind::{invalid_combination, invalid_value};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::LOG_GROUP;
use serde_json::{Value, json};

/// The configurations of a group after a request, each being switched on; and those that are now pending.
pub(super) fn changed(
    call: &Call,
    old: &[Value],
    asked: &[Value],
) -> Result<(Vec<Value>, Vec<Value>), Fault> {
    let mut all = old.to_vec();
    let mut pending = Vec::new();
    for (at, one) in asked.iter().enumerate() {
        let kind = one.opt("LogType").ok_or_else(|| missing("LogType"))?;
        if asked[..at].iter().any(|earlier| earlier.opt("LogType") == Some(kind)) {
            return Err(invalid_combination(format!(
                "The log type {kind} is given more than once."
            )));
        }
        all.retain(|known| known.text("LogType") != kind);
        if one.opt_flag("Enabled") == Some(false) {
            continue;
        }
        let configuration = checked(call, kind, one)?;
        pending.push(configuration.clone());
        let mut enabling = configuration;
        enabling["Status"] = json!("enabling");
        all.push(enabling);
    }
    all.sort_by_key(|known| known.text("LogType").to_owned());
    Ok((all, pending))
}

fn checked(call: &Call, kind: &str, one: &Value) -> Result<Value, Fault> {
    let destination = one.opt("DestinationType").ok_or_else(|| missing("DestinationType"))?;
    if destination == "kinesis-firehose" {
        return Err(Fault::not_implemented("elasticache with logs to kinesis-firehose"));
    }
    let format = one.opt("LogFormat").ok_or_else(|| missing("LogFormat"))?;
    let group = one["DestinationDetails"]["CloudWatchLogsDetails"]
        .opt("LogGroup")
        .ok_or_else(|| missing("DestinationDetails"))?;
    if call.get(LOG_GROUP, group).is_none() {
        return Err(invalid_value(format!("The log group {group} does not exist.")));
    }
    Ok(json!({
        "LogType": kind, "DestinationType": destination, "LogFormat": format,
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": group}},
    }))
}

fn missing(member: &str) -> Fault {
    invalid_combination(format!("A log delivery configuration needs {member}."))
}

/// The configurations once they work.
pub(super) fn active(all: &[Value]) -> Vec<Value> {
    let active = |one: &Value| {
        let mut one = one.clone();
        one["Status"] = json!("active");
        one
    };
    all.iter().map(active).collect()
}
