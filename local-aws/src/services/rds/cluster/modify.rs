//! Changing clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html>
//!
//! A new version, password or way to authenticate waits for the maintenance window unless the request says otherwise; all
//! else is done at once, as RDS documents it per setting.

use super::super::engine::Version;
use super::super::query::{combination, invalid, refuse_unsupported};
use super::super::reference::{self, CLUSTER, INSTANCE, members};
use super::super::{backing, event, parameter_group, window};
use super::{PENDING, answer, ensure_log_groups, secret, setting};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use serde_json::{Value, json};

/// What this cloud does not change of clusters.
const UNSUPPORTED: [&str; 21] = [
    "AllocatedStorage",
    "AllowEngineModeChange",
    "AwsBackupRecoveryPointArn",
    "BacktrackWindow",
    "CACertificateIdentifier",
    "DBClusterInstanceClass",
    "Domain",
    "DomainIAMRoleName",
    "EnableGlobalWriteForwarding",
    "EnableHttpEndpoint",
    "EnableLimitlessDatabase",
    "EnableLocalWriteForwarding",
    "EngineMode",
    "Iops",
    "MasterUserAuthenticationType",
    "NetworkType",
    "NewDBClusterIdentifier",
    "OptionGroupName",
    "Port",
    "ScalingConfiguration",
    "StorageType",
];

/// Settings whose change does not make the cluster `modifying`.
const QUIET: [&str; 4] = [
    "DeletionProtection",
    "CopyTagsToSnapshot",
    "EngineLifecycleSupport",
    "AutoMinorVersionUpgrade",
];

/// What a request changes.
struct Changes {
    /// At once.
    now: Value,
    /// With the window, or at once if the request says so.
    later: Value,
}

/// `ModifyDBCluster`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let (id, row) = reference::available_cluster(call, input.text("DBClusterIdentifier"))?;
    let changes = changes(call, &id, &row, &input)?;
    let groups = regroup(call, &id, &row, &input)?;
    manage_password(call, &id, &row, &input)?;
    let noisy = |value: &Value| {
        let names = value.as_object().into_iter().flatten();
        names.filter(|(name, _)| !QUIET.contains(&name.as_str())).count() > 0
    };
    let busy = noisy(&changes.now) || groups;
    call.merge(CLUSTER, &id, changes.now);
    if changes.later.as_object().is_some_and(|later| !later.is_empty()) {
        defer(call, &id, &row, &input, changes.later);
    } else if busy {
        settle(call, &id);
    }
    ensure_log_groups(call, &id);
    Ok(answer(call, &id))
}

/// The cluster is `modifying` for a while.
fn settle(call: &mut Call, id: &str) {
    call.merge(CLUSTER, id, json!({"Status": "modifying"}));
    let seconds = call.latency("rds.db_cluster", "update");
    call.schedule(seconds, CLUSTER, id, Step::Merge(json!({"Status": "available"})));
}

/// Notes what is pending, for the window or for now.
fn defer(call: &mut Call, id: &str, row: &Value, input: &Value, later: Value) {
    let mut pending = row.get("_pending").cloned().unwrap_or_else(|| json!({}));
    for (name, value) in later.as_object().into_iter().flatten() {
        pending[name] = value.clone();
    }
    let upgrade = later.has("EngineVersion");
    call.merge(CLUSTER, id, json!({"_pending": pending}));
    if !input.flag("ApplyImmediately") {
        let upkeep =
            call.get(CLUSTER, id).map(|row| row.text("PreferredMaintenanceWindow").to_owned());
        let seconds = window::until_maintenance(call.now(), &upkeep.unwrap_or_default());
        call.schedule(seconds, CLUSTER, id, Step::Run(PENDING, json!([id, "begin"])));
        return;
    }
    begin(call, id, upgrade);
}

fn begin(call: &mut Call, id: &str, upgrade: bool) {
    let status = if upgrade { "upgrading" } else { "modifying" };
    call.merge(CLUSTER, id, json!({"Status": status}));
    if upgrade {
        set_instances(call, id, status);
    }
    let phase = if upgrade { "upgrade" } else { "update" };
    let seconds = call.latency("rds.db_cluster", phase);
    call.schedule(seconds, CLUSTER, id, Step::Run(PENDING, json!([id, "end"])));
}

fn set_instances(call: &mut Call, cluster: &str, status: &str) {
    let ids: Vec<String> = members(call, cluster).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.merge(INSTANCE, &id, json!({"DBInstanceStatus": status}));
    }
}

/// Begins what waited for the window, or ends what has begun.
pub(in super::super) fn apply_pending(call: &mut Call, about: &Value) {
    let (id, phase) = (about[0].as_str().unwrap_or_default(), about[1].as_str());
    let Some(row) = call.get(CLUSTER, id).cloned() else { return };
    let Some(pending) = row.get("_pending").filter(|pending| pending.is_object()).cloned() else {
        return;
    };
    let upgrade = pending.has("EngineVersion");
    if phase == Some("begin") {
        // In another state, such as stopped, the next window is waited for.
        if row.text("Status") == "available" {
            begin(call, id, upgrade);
        } else {
            let seconds =
                window::until_maintenance(call.now(), row.text("PreferredMaintenanceWindow"));
            call.schedule(seconds, CLUSTER, id, Step::Run(PENDING, about.clone()));
        }
        return;
    }
    let mut members = pending;
    if let Some(members) = members.as_object_mut() {
        members.remove("MasterUserPassword");
    }
    members["Status"] = json!("available");
    members["_pending"] = Value::Null;
    call.merge(CLUSTER, id, members);
    if upgrade {
        set_instances(call, id, "available");
        upgraded(call, id, &row);
    }
}

/// Instances whose parameter group is of the old family get the default one of the new.
fn upgraded(call: &mut Call, id: &str, before: &Value) {
    let Some(row) = call.get(CLUSTER, id).cloned() else { return };
    let version = Version::of(&row);
    if version.major != Version::of(before).major {
        let named = before.opt("_instance_parameter_group").map(str::to_owned);
        let group = parameter_group::OF_INSTANCES.chosen(call, named.as_deref(), version);
        let ids: Vec<String> = members(call, id).map(|(id, _)| id.to_owned()).collect();
        for instance in ids {
            if let Ok(group) = &group {
                call.merge(INSTANCE, &instance, json!({"_parameter_group": group}));
            }
        }
        call.merge(CLUSTER, id, json!({"_instance_parameter_group": null}));
    }
    let message = format!("Database cluster engine version upgraded to {}", version.text());
    event::emit(call, "db-cluster", id, &["maintenance"], &message);
}

fn changes(call: &mut Call, id: &str, row: &Value, input: &Value) -> Result<Changes, Fault> {
    let (mut now, mut later) = (json!({}), json!({}));
    let copied = ["DeletionProtection", "CopyTagsToSnapshot", "AutoMinorVersionUpgrade"];
    for member in copied {
        if input.has(member) && input[member] != row[member] {
            now[member] = input[member].clone();
        }
    }
    if input.has("EngineLifecycleSupport") {
        let wanted = setting::lifecycle(input)?;
        if wanted != row.text("EngineLifecycleSupport") {
            now["EngineLifecycleSupport"] = json!(wanted);
        }
    }
    if let Some(days) = input.int("BackupRetentionPeriod") {
        setting::retention(days)?;
        if row.int("BackupRetentionPeriod") != Some(days) {
            now["BackupRetentionPeriod"] = json!(days);
        }
    }
    windows(row, input, &mut now)?;
    capacity(row, input, &mut now)?;
    exports(row, input, &mut now)?;
    watch(call, row, input, &mut now)?;
    version(call, row, input, &mut later, &mut now)?;
    parameters(call, id, row, input, &later, &mut now)?;
    let authentication = input.opt_flag("EnableIAMDatabaseAuthentication");
    if let Some(on) =
        authentication.filter(|on| *on != row.flag("IAMDatabaseAuthenticationEnabled"))
    {
        later["IAMDatabaseAuthenticationEnabled"] = json!(on);
    }
    if let Some(password) = input.opt("MasterUserPassword") {
        if row.has("MasterUserSecret") && input.opt_flag("ManageMasterUserPassword") != Some(false)
        {
            return Err(combination(
                "You can't specify MasterUserPassword for a DB cluster with ManageMasterUserPassword.",
            ));
        }
        secret::check_password(password)?;
        later["MasterUserPassword"] = json!(true);
        let window = row.text("PreferredMaintenanceWindow");
        let waits = window::until_maintenance(call.now(), window);
        let after = if input.flag("ApplyImmediately") { 0.0 } else { waits };
        backing::password(call, id, Some(password), after);
    }
    Ok(Changes { now, later })
}

fn windows(row: &Value, input: &Value, now: &mut Value) -> Result<(), Fault> {
    if let Some(text) = input.opt("PreferredBackupWindow") {
        now["PreferredBackupWindow"] = json!(window::backup(text)?);
    }
    if let Some(text) = input.opt("PreferredMaintenanceWindow") {
        now["PreferredMaintenanceWindow"] = json!(window::maintenance(text)?);
    }
    let value = |now: &Value, name: &str| now.opt(name).unwrap_or(row.text(name)).to_owned();
    let (backup, upkeep) =
        (value(now, "PreferredBackupWindow"), value(now, "PreferredMaintenanceWindow"));
    window::apart(&backup, &upkeep)?;
    drop_same(row, now);
    Ok(())
}

/// Settings that a request repeats are not changes.
fn drop_same(row: &Value, now: &mut Value) {
    if let Some(now) = now.as_object_mut() {
        now.retain(|name, value| row.get(name) != Some(value));
    }
}

fn capacity(row: &Value, input: &Value, now: &mut Value) -> Result<(), Fault> {
    if !input.has("ServerlessV2ScalingConfiguration") {
        return Ok(());
    }
    let before = &row["ServerlessV2ScalingConfiguration"];
    let fresh = setting::capacity(&input["ServerlessV2ScalingConfiguration"], before)?;
    if fresh != *before {
        now["ServerlessV2ScalingConfiguration"] = fresh;
        now["ServerlessV2PlatformVersion"] = json!("3");
    }
    Ok(())
}

fn exports(row: &Value, input: &Value, now: &mut Value) -> Result<(), Fault> {
    let asked = &input["CloudwatchLogsExportConfiguration"];
    if asked.is_null() {
        return Ok(());
    }
    let (on, off) = (asked.texts("EnableLogTypes"), asked.texts("DisableLogTypes"));
    setting::exports(&on)?;
    setting::exports(&off)?;
    let known = row.texts("EnabledCloudwatchLogsExports");
    let mut fresh: Vec<&str> = known.iter().copied().filter(|name| !off.contains(name)).collect();
    fresh.extend(on.iter().copied().filter(|name| !known.contains(name)));
    if fresh != known {
        now["EnabledCloudwatchLogsExports"] =
            if fresh.is_empty() { Value::Null } else { json!(fresh) };
    }
    Ok(())
}

fn watch(call: &mut Call, row: &Value, input: &Value, now: &mut Value) -> Result<(), Fault> {
    if let Some(interval) = input.int("MonitoringInterval") {
        let role = input.opt("MonitoringRoleArn").or(row.opt("MonitoringRoleArn"));
        let role = role.filter(|_| interval != 0);
        setting::monitoring(call, interval, role, row.text("DBClusterArn"))?;
        now["MonitoringInterval"] = json!(interval);
        now["MonitoringRoleArn"] = json!(role);
    }
    let asked = [
        "DatabaseInsightsMode",
        "EnablePerformanceInsights",
        "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod",
    ];
    if asked.iter().any(|member| input.has(member)) {
        let insights = setting::insights(call, input, row)?;
        for (member, value) in insights.as_object().into_iter().flatten() {
            now[member] = value.clone();
        }
    }
    if let Some(now) = now.as_object_mut() {
        now.retain(|name, value| row.get(name).unwrap_or(&Value::Null) != value);
    }
    Ok(())
}

/// An upgrade; a major one needs parameter groups of its family where the cluster's are not the default ones.
fn version(
    call: &mut Call,
    row: &Value,
    input: &Value,
    later: &mut Value,
    now: &mut Value,
) -> Result<(), Fault> {
    let Some(wanted) = input.opt("EngineVersion") else { return Ok(()) };
    let current = Version::of(row);
    // A bare major version that the cluster has is no change.
    if wanted == current.major.to_string() {
        return Ok(());
    }
    let target = current.upgrade(wanted, input.flag("AllowMajorVersionUpgrade"))?;
    if target == current {
        return Ok(());
    }
    later["EngineVersion"] = json!(target.text());
    if target.major == current.major {
        return Ok(());
    }
    let group = row.text("DBClusterParameterGroup");
    let named = input.opt("DBClusterParameterGroupName");
    if named.is_none() && !group.starts_with("default.") {
        return Err(combination(format!(
            "The current DB cluster parameter group {group} is custom. You must explicitly specify a new DB cluster parameter group, either default or custom, for the engine version upgrade."
        )));
    }
    later["DBClusterParameterGroup"] =
        json!(parameter_group::OF_CLUSTERS.chosen(call, named, target)?);
    let id = row.text("DBClusterIdentifier");
    let custom = members(call, id)
        .map(|(_, row)| row.text("_parameter_group"))
        .find(|name| !name.starts_with("default."))
        .map(str::to_owned);
    let named = input.opt("DBInstanceParameterGroupName");
    if let (Some(custom), None) = (custom, named) {
        return Err(combination(format!(
            "The current DB instance parameter group {custom} is custom. You must explicitly specify a new DB instance parameter group, either default or custom, for the engine version upgrade."
        )));
    }
    if let Some(named) = named {
        let chosen = parameter_group::OF_INSTANCES.chosen(call, Some(named), target)?;
        now["_instance_parameter_group"] = json!(chosen);
    }
    Ok(())
}

/// Another parameter group, of the version that the cluster has; its instances see it after a reboot.
fn parameters(
    call: &mut Call,
    id: &str,
    row: &Value,
    input: &Value,
    later: &Value,
    now: &mut Value,
) -> Result<(), Fault> {
    if later.has("DBClusterParameterGroup") {
        return Ok(());
    }
    if input.has("DBInstanceParameterGroupName") {
        return Err(combination(
            "The DBInstanceParameterGroupName parameter can only be specified with a major engine version upgrade.",
        ));
    }
    let Some(named) = input.opt("DBClusterParameterGroupName") else { return Ok(()) };
    let chosen = parameter_group::OF_CLUSTERS.chosen(call, Some(named), Version::of(row))?;
    if chosen != row.text("DBClusterParameterGroup") {
        now["DBClusterParameterGroup"] = json!(chosen);
        parameter_group::OF_CLUSTERS.wait_for_reboot(call, id);
    }
    Ok(())
}

/// Other security groups, on the interfaces of all instances. Whether they changed.
fn regroup(call: &mut Call, id: &str, row: &Value, input: &Value) -> Result<bool, Fault> {
    if input.items("VpcSecurityGroupIds").is_empty() {
        return Ok(false);
    }
    let groups = setting::groups(call, input, row.text("_vpc"))?;
    let interfaces: Vec<String> =
        members(call, id).filter_map(|(_, row)| row.opt("_interface").map(str::to_owned)).collect();
    for interface in interfaces {
        ec2::regroup(call, &interface, &groups);
    }
    let changed = json!(groups) != row["_groups"];
    call.merge(CLUSTER, id, json!({"_groups": groups}));
    Ok(changed)
}

/// The managed password: taken over, given back, rotated, or encrypted under another key.
fn manage_password(call: &mut Call, id: &str, row: &Value, input: &Value) -> Result<(), Fault> {
    let managed = row.has("MasterUserSecret");
    let key = input.opt("MasterUserSecretKmsKeyId");
    match input.opt_flag("ManageMasterUserPassword") {
        Some(true) if !managed => return secret::make(call, id, key),
        Some(false) if managed => {
            if !input.has("MasterUserPassword") {
                return Err(combination(
                    "You must specify MasterUserPassword to turn off ManageMasterUserPassword.",
                ));
            }
            secret::remove(call, id);
            return Ok(());
        }
        _ => {}
    }
    if !managed && (key.is_some() || input.flag("RotateMasterUserPassword")) {
        return Err(combination(
            "ManageMasterUserPassword must be enabled to change or to rotate its secret.",
        ));
    }
    if let Some(key) = key {
        secret::rekey(call, id, key)?;
    }
    if input.flag("RotateMasterUserPassword") {
        if !input.flag("ApplyImmediately") {
            return Err(invalid(
                "You must set ApplyImmediately to rotate the master user password.",
            ));
        }
        secret::now(call, id)?;
    }
    Ok(())
}
