//! Changing instances: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html>

use super::super::engine::Version;
use super::super::query::{combination, refuse_unsupported};
use super::super::reference::{self, CLUSTER, INSTANCE};
use super::super::{certificate, cluster, event, orderable, parameter_group, window};
use super::create::{OF_CLUSTER, insights, promotion_tier};
use super::{PENDING, answer, monitoring};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// What this cloud does not change of instances.
const UNSUPPORTED: [&str; 19] = [
    "AdditionalStorageVolumes",
    "AutomationMode",
    "AwsBackupRecoveryPointArn",
    "DBCapacityReservationIdentifier",
    "DBSecurityGroups",
    "DBSubnetGroupName",
    "DedicatedLogVolume",
    "Domain",
    "EnableCustomerOwnedIp",
    "LicenseModel",
    "MasterUserAuthenticationType",
    "MultiTenant",
    "NetworkType",
    "NewDBInstanceIdentifier",
    "OptionGroupName",
    "ProcessorFeatures",
    "ReplicaMode",
    "TagSpecifications",
    "TdeCredentialArn",
];

/// `ModifyDBInstance`. A class or an authority waits for the window unless the request says otherwise.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let (id, row) = reference::available_instance(call, input.text("DBInstanceIdentifier"))?;
    let (_, cluster) = reference::cluster(call, row.text("DBClusterIdentifier"))?;
    of_cluster(&input)?;
    let now = at_once(call, &row, &cluster, &input)?;
    let later = later(&row, &cluster, &input)?;
    insights(call, &input, &cluster)?;
    call.merge(INSTANCE, &id, now);
    if let Some(row) = call.get(INSTANCE, &id).cloned() {
        monitoring::begin(call, &row);
    }
    if later.as_object().is_some_and(|later| !later.is_empty()) {
        defer(call, &id, &row, &input, later);
    }
    Ok(answer(call, &id))
}

fn of_cluster(input: &Value) -> Result<(), Fault> {
    let more = [
        "EngineVersion",
        "DBPortNumber",
        "CloudwatchLogsExportConfiguration",
        "StorageType",
        "Engine",
    ];
    match OF_CLUSTER.iter().chain(&more).find(|member| input.has(member)) {
        None => Ok(()),
        Some(member) => Err(combination(format!(
            "The DB instance is part of a DB cluster. Use ModifyDBCluster to change {member}."
        ))),
    }
}

fn at_once(call: &mut Call, row: &Value, cluster: &Value, input: &Value) -> Result<Value, Fault> {
    let mut now = json!({});
    for member in ["AutoMinorVersionUpgrade", "PubliclyAccessible", "CopyTagsToSnapshot"] {
        if input.has(member) {
            now[member] = input[member].clone();
        }
    }
    if let Some(tier) = input.int("PromotionTier") {
        now["PromotionTier"] = json!(promotion_tier(tier)?);
    }
    if let Some(text) = input.opt("PreferredMaintenanceWindow") {
        now["PreferredMaintenanceWindow"] = json!(window::maintenance(text)?);
    }
    if let Some(named) = input.opt("DBParameterGroupName") {
        let version = Version::of(cluster);
        let chosen = parameter_group::OF_INSTANCES.chosen(call, Some(named), version)?;
        if chosen != row.text("_parameter_group") {
            now["_parameter_group"] = json!(chosen);
            now["_parameters_pending"] = json!(true);
        }
    }
    if input.has("MonitoringInterval") || input.has("MonitoringRoleArn") {
        let mut changed = row.clone();
        let before = row.int("MonitoringInterval").unwrap_or_default();
        let interval = input.int("MonitoringInterval").unwrap_or(before);
        let role = input.opt("MonitoringRoleArn").or(row.opt("MonitoringRoleArn"));
        monitoring::set(call, &mut changed, interval, role.filter(|_| interval != 0))?;
        for member in ["MonitoringInterval", "MonitoringRoleArn", "EnhancedMonitoringResourceArn"] {
            now[member] = changed[member].clone();
        }
    }
    Ok(now)
}

fn later(row: &Value, cluster: &Value, input: &Value) -> Result<Value, Fault> {
    let mut later = json!({});
    if let Some(class) = input.opt("DBInstanceClass") {
        orderable::check(class, Version::of(cluster))?;
        if class == orderable::SERVERLESS && !cluster.has("ServerlessV2ScalingConfiguration") {
            return Err(combination(
                "Set the Serverless v2 scaling configuration on the parent DB cluster before modifying a DB instance to Serverless v2.",
            ));
        }
        if class != row.text("DBInstanceClass") {
            later["DBInstanceClass"] = json!(class);
        }
    }
    if let Some(authority) = input.opt("CACertificateIdentifier") {
        certificate::known(authority)?;
        if authority != row.text("CACertificateIdentifier") {
            later["CACertificateIdentifier"] = json!(authority);
        }
    }
    Ok(later)
}

fn defer(call: &mut Call, id: &str, row: &Value, input: &Value, later: Value) {
    let mut pending = row.get("_pending").cloned().unwrap_or_else(|| json!({}));
    for (name, value) in later.as_object().into_iter().flatten() {
        pending[name] = value.clone();
    }
    call.merge(INSTANCE, id, json!({"_pending": pending}));
    if input.flag("ApplyImmediately") {
        begin(call, id);
    } else {
        let seconds = window::until_maintenance(call.now(), row.text("PreferredMaintenanceWindow"));
        call.schedule(seconds, INSTANCE, id, Step::Run(PENDING, json!([id, "begin"])));
    }
}

fn begin(call: &mut Call, id: &str) {
    call.merge(INSTANCE, id, json!({"DBInstanceStatus": "modifying"}));
    let seconds = call.latency("rds.db_instance", "update");
    call.schedule(seconds, INSTANCE, id, Step::Run(PENDING, json!([id, "end"])));
}

/// Begins what waited for the window, or ends what has begun.
pub(in super::super) fn apply_pending(call: &mut Call, about: &Value) {
    let (id, phase) = (about[0].as_str().unwrap_or_default(), about[1].as_str());
    let Some(row) = call.get(INSTANCE, id).cloned() else { return };
    if !row.get("_pending").is_some_and(Value::is_object) {
        return;
    }
    if phase == Some("begin") {
        if row.text("DBInstanceStatus") == "available" {
            begin(call, id);
        }
        return;
    }
    let mut members = row["_pending"].clone();
    let message = match members.opt("DBInstanceClass") {
        Some(class) => format!("Finished applying modification to DB instance class: {class}"),
        None => "Finished applying modifications".to_owned(),
    };
    members["_pending"] = Value::Null;
    members["DBInstanceStatus"] = json!("available");
    // It was restarted for that.
    members["_parameters_pending"] = Value::Null;
    members["_cluster_parameters_pending"] = Value::Null;
    call.merge(INSTANCE, id, members);
    event::emit(call, "db-instance", id, &["configuration change"], &message);
}

/// `RebootDBInstance`.
pub(in super::super) fn reboot(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = reference::available_instance(call, input.text("DBInstanceIdentifier"))?;
    if input.flag("ForceFailover") {
        return Err(combination(
            "ForceFailover is not supported for Aurora: use FailoverDBCluster.",
        ));
    }
    call.merge(INSTANCE, &id, json!({"DBInstanceStatus": "rebooting"}));
    let seconds = call.latency("rds.db_instance", "reboot");
    let done = json!({
        "DBInstanceStatus": "available", "_parameters_pending": null, "_cluster_parameters_pending": null,
    });
    call.schedule(seconds, INSTANCE, &id, Step::Merge(done));
    event::emit(call, "db-instance", &id, &["availability"], "DB instance restarted");
    let of = row.text("DBClusterIdentifier");
    if call.get(CLUSTER, of).is_some() {
        cluster::ensure_log_groups(call, of);
    }
    Ok(answer(call, &id))
}
