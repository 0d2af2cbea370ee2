//! Flow logs: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>

use super::interface::INTERFACE;
use super::kind::{Kind, invalid_value, missing_parameter, only_one, refuse_unsupported};
use super::subnet::SUBNET;
use super::vpc::VPC;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam;
use crate::services::policy::Who;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `FlowLog`.
pub(super) const FLOW_LOG: Kind = Kind {
    table: Table::regional("ec2.flow_log"),
    prefix: "fl",
    resource_type: "vpc-flow-log",
    noun: "flow log ID",
    not_found: "InvalidFlowLogId.NotFound",
    malformed: None,
    filters: &[
        ("deliver-log-status", "DeliverLogsStatus"),
        ("flow-log-id", "FlowLogId"),
        ("log-destination-type", "LogDestinationType"),
        ("log-group-name", "LogGroupName"),
        ("resource-id", "ResourceId"),
        ("traffic-type", "TrafficType"),
    ],
};

/// The format of a log whose creator gave none.
const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// The service that writes flow logs, which the role must trust.
const WRITER: &str = "vpc-flow-logs.amazonaws.com";

/// `CreateFlowLogs`, one for each resource: those that failed are named in the answer.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["DeliverCrossAccountRole", "TagFieldSpecifications"])?;
    let input = call.input();
    let model = settings(call, &input)?;
    let tags = FLOW_LOG.tags_of_request(&input)?;
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for resource in input.texts("ResourceIds") {
        match check_resource(call, input.text("ResourceType"), resource, &model) {
            Ok(()) => {
                let id = call.new_id("fl");
                let mut row = model.clone();
                row["FlowLogId"] = json!(id);
                row["ResourceId"] = json!(resource);
                row["Tags"] = json!(tags);
                row["_arn"] = json!(FLOW_LOG.arn(call, &id));
                call.put(FLOW_LOG.table, &id, row);
                made.push(id);
            }
            Err(fault) => refused.push(unsuccessful(resource, &fault)),
        }
    }
    Ok(json!({"FlowLogIds": made, "Unsuccessful": refused, "ClientToken": input["ClientToken"]}))
}

fn unsuccessful(resource: &str, fault: &Fault) -> Value {
    json!({"ResourceId": resource, "Error": {"Code": fault.code, "Message": fault.message}})
}

/// What all flow logs of the request have in common.
fn settings(call: &Call, input: &Value) -> Result<Value, Fault> {
    let traffic = input.opt("TrafficType").ok_or_else(|| missing_parameter("TrafficType"))?;
    let interval = input.int("MaxAggregationInterval").unwrap_or(600);
    if ![60, 600].contains(&interval) {
        return Err(invalid_value(format!(
            "Value ({interval}) for parameter maxAggregationInterval is invalid. It is 60 or 600."
        )));
    }
    let format = input.opt("LogFormat").unwrap_or(DEFAULT_FORMAT);
    if !format.contains("${") {
        return Err(invalid_value(format!("Value ({format}) for parameter logFormat is invalid.")));
    }
    let mut row = json!({
        "CreationTime": call.now(), "FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "SUCCESS", "TrafficType": traffic,
        "LogDestinationType": input.opt("LogDestinationType").unwrap_or("cloud-watch-logs"), "LogFormat": format,
        "MaxAggregationInterval": interval,
    });
    if row.text("LogDestinationType") == "cloud-watch-logs" {
        to_logs(call, input, &mut row)?;
    } else {
        let destination =
            input.opt("LogDestination").ok_or_else(|| missing_parameter("LogDestination"))?;
        row["LogDestination"] = json!(destination);
        row["DestinationOptions"] = input["DestinationOptions"].clone();
        if input.has("LogGroupName") {
            return Err(Fault::new(
                "InvalidParameterCombination",
                "LogGroupName is for flow logs to CloudWatch Logs",
            ));
        }
    }
    Ok(row)
}

/// A log group by name or ARN, and a role that the writer can assume by now.
fn to_logs(call: &Call, input: &Value, row: &mut Value) -> Result<(), Fault> {
    let named = only_one(input, &["LogGroupName", "LogDestination"])?
        .ok_or_else(|| missing_parameter("LogGroupName"))?;
    let group = if named == "LogGroupName" {
        input.text("LogGroupName")
    } else {
        let arn = input.text("LogDestination");
        let bad =
            || invalid_value(format!("Value ({arn}) for parameter logDestination is invalid."));
        let group = arn.split(":log-group:").nth(1).ok_or_else(bad)?;
        row["LogDestination"] = json!(arn);
        group.trim_end_matches(":*")
    };
    row["LogGroupName"] = json!(group);
    let role = input
        .opt("DeliverLogsPermissionArn")
        .ok_or_else(|| missing_parameter("DeliverLogsPermissionArn"))?;
    // The flow log has no id yet; trust policies name all of the account's.
    let source = call.arn("ec2", "vpc-flow-log/fl-0");
    let context = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", source.as_str())];
    if iam::assumable(call, role, Who::Service(WRITER), &context).is_none() {
        return Err(invalid_value("Unable to assume given IAM role"));
    }
    row["DeliverLogsPermissionArn"] = json!(role);
    Ok(())
}

fn check_resource(call: &Call, resource_type: &str, id: &str, model: &Value) -> Result<(), Fault> {
    match resource_type {
        "VPC" => VPC.row(call, id)?,
        "Subnet" => SUBNET.row(call, id)?,
        "NetworkInterface" => INTERFACE.row(call, id)?,
        other => {
            let code = format!("Invalid{other}Id.NotFound");
            return Err(Fault::new(code, format!("The {other} '{id}' does not exist")));
        }
    };
    let destination = |row: &Value| {
        (row.opt("LogGroupName").map(str::to_owned), row.opt("LogDestination").map(str::to_owned))
    };
    let same = |row: &Value| {
        row.text("ResourceId") == id
            && destination(row) == destination(model)
            && row["TrafficType"] == model["TrafficType"]
    };
    if call.rows(FLOW_LOG.table).any(|(_, row)| same(row)) {
        let message =
            "Error. There is an existing Flow Log with the same configuration and log destination.";
        return Err(Fault::new("FlowLogAlreadyExists", message));
    }
    Ok(())
}

/// `DescribeFlowLogs`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"FlowLogs": FLOW_LOG.describe(call, "FlowLogIds", "Filter", |_, row| row.clone())?}))
}

/// `DeleteFlowLogs`: those that failed are named in the answer.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut refused = Vec::new();
    for id in input.texts("FlowLogIds") {
        if call.remove(FLOW_LOG.table, id).is_none() {
            refused.push(unsuccessful(id, &FLOW_LOG.missing(id)));
        }
    }
    Ok(json!({"Unsuccessful": refused}))
}

/// Removes the flow logs of a resource that is being deleted.
pub(super) fn delete_of(call: &mut Call, resource: &str) {
    let mine = call.rows(FLOW_LOG.table).filter(|(_, row)| row.text("ResourceId") == resource);
    let mine: Vec<String> = mine.map(|(id, _)| id.to_owned()).collect();
    for id in mine {
        call.remove(FLOW_LOG.table, &id);
    }
}
