//! Making clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>

use super::super::query::{combination, invalid, refuse_unsupported};
use super::super::reference::CLUSTER;
use super::super::{
    backing, engine, event, name, parameter_group, resource_tags, subnet_group, window,
};
use super::{BACKUP, READY, answer, secret, setting};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam;
use serde_json::{Value, json};

const QUOTA: usize = 40;

/// How many zones a volume is in.
const ZONES: usize = 3;

/// What this cloud does not have of clusters.
const UNSUPPORTED: [&str; 27] = [
    "AllocatedStorage",
    "AssociatedRoles",
    "BacktrackWindow",
    "CACertificateIdentifier",
    "CharacterSetName",
    "ClusterScalabilityType",
    "DBClusterInstanceClass",
    "DBSystemId",
    "Domain",
    "DomainIAMRoleName",
    "EnableGlobalWriteForwarding",
    "EnableHttpEndpoint",
    "EnableInternetAccessGateway",
    "EnableLimitlessDatabase",
    "EnableLocalWriteForwarding",
    "EnableVPCNetworking",
    "GlobalClusterIdentifier",
    "Iops",
    "MasterUserAuthenticationType",
    "OptionGroupName",
    "PreSignedUrl",
    "PubliclyAccessible",
    "RdsCustomClusterConfiguration",
    "ReplicationSourceIdentifier",
    "ScalingConfiguration",
    "TagSpecifications",
    "WithExpressConfiguration",
];

/// Words that cannot name the master user: <https://www.postgresql.org/docs/current/sql-keywords-appendix.html>
const RESERVED: [&str; 7] =
    ["admin", "rdsadmin", "rdsrepladmin", "rdstopmgr", "root", "user", "public"];

/// What a restored cluster takes from its source.
pub(super) struct Origin {
    pub(super) master: String,
    pub(super) database: Option<String>,
    pub(super) version: engine::Version,
    pub(super) encrypted: bool,
    pub(super) key: Option<String>,
    pub(super) clone_group: Option<String>,
    pub(super) port: i64,
    pub(super) retention: i64,
}

/// `CreateDBCluster`.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = checked_id(call, &input)?;
    let version = engine::version(&input)?;
    let master = master_user(&input)?;
    if let Some(database) = input.opt("DatabaseName") {
        check_database(database)?;
    }
    let origin = Origin {
        master,
        database: input.opt("DatabaseName").map(str::to_owned),
        version,
        encrypted: input.flag("StorageEncrypted"),
        key: None,
        clone_group: None,
        port: 5432,
        retention: 1,
    };
    if input.has("KmsKeyId") && !origin.encrypted {
        return Err(combination("You can't specify a KMS key for an unencrypted DB cluster."));
    }
    place(call, &id, &input, &origin)?;
    if input.flag("ManageMasterUserPassword") {
        secret::make(call, &id, input.opt("MasterUserSecretKmsKeyId"))?;
    }
    backing::remember(call, &id, input.opt("MasterUserPassword"));
    event::emit(call, "db-cluster", &id, &["creation"], "DB cluster created");
    Ok(answer(call, &id))
}

/// The identifier of a new cluster, once it is known that there may be one.
pub(super) fn checked_id(call: &mut Call, input: &Value) -> Result<String, Fault> {
    let mut unsupported: Vec<&str> = UNSUPPORTED.to_vec();
    if input.opt("EngineMode").is_some_and(|mode| mode != "provisioned") {
        unsupported.push("EngineMode");
    }
    if input.opt("StorageType").is_some_and(|kind| !["aurora", "aurora-iopt1", ""].contains(&kind))
    {
        unsupported.push("StorageType");
    }
    if input.opt("NetworkType").is_some_and(|kind| kind != "IPV4") {
        unsupported.push("NetworkType");
    }
    refuse_unsupported(call, &unsupported)?;
    let member = "DBClusterIdentifier";
    let id = name::identifier(member, input.text(member), 63)?;
    if call.get(CLUSTER, &id).is_some() {
        return Err(Fault::new("DBClusterAlreadyExistsFault", "DB Cluster already exists"));
    }
    if call.rows(CLUSTER).count() >= call.quota("rds.db_clusters", QUOTA) {
        let message = "You cannot have more DB clusters than your quota.";
        return Err(Fault::new("DBClusterQuotaExceededFault", message));
    }
    Ok(id)
}

fn master_user(input: &Value) -> Result<String, Fault> {
    let managed = input.flag("ManageMasterUserPassword");
    let Some(user) = input.opt("MasterUsername") else {
        return Err(combination("MasterUsername must be provided."));
    };
    match input.opt("MasterUserPassword") {
        Some(_) if managed => {
            return Err(combination(
                "You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.",
            ));
        }
        None if !managed => {
            return Err(combination(
                "The parameter MasterUserPassword must be provided and must not be blank.",
            ));
        }
        Some(password) => secret::check_password(password)?,
        None => {}
    }
    if input.has("MasterUserSecretKmsKeyId") && !managed {
        return Err(combination(
            "You can't specify MasterUserSecretKmsKeyId unless ManageMasterUserPassword is enabled.",
        ));
    }
    let letters = user.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let first = user.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if !letters || !first || user.len() > 63 {
        return Err(invalid(
            "MasterUsername must be 1 to 63 letters, numbers, or underscores. First character must be a letter.",
        ));
    }
    if RESERVED.contains(&user.to_ascii_lowercase().as_str()) {
        return Err(invalid(format!(
            "MasterUsername {user} cannot be used as it is a reserved word used by the engine"
        )));
    }
    Ok(user.to_owned())
}

fn check_database(database: &str) -> Result<(), Fault> {
    let first =
        database.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let letters = database.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if first && letters && database.len() <= 63 {
        return Ok(());
    }
    Err(invalid(
        "DatabaseName must begin with a letter or an underscore and contain only alphanumeric characters.",
    ))
}

/// Writes the row of a new cluster, and lets it become available.
pub(super) fn place(
    call: &mut Call,
    id: &str,
    input: &Value,
    origin: &Origin,
) -> Result<(), Fault> {
    let tags = resource_tags::checked(input.items("Tags"))?;
    let group = setting::subnet_group(call, input)?;
    let vpc = group.text("VpcId");
    let groups = setting::groups(call, input, vpc)?;
    let named = input.opt("DBClusterParameterGroupName");
    let parameters = parameter_group::OF_CLUSTERS.chosen(call, named, origin.version)?;
    iam::ensure_linked_role(call, "rds.amazonaws.com");
    let backup = match input.opt("PreferredBackupWindow") {
        Some(text) => window::backup(text)?,
        None => window::default_backup(id),
    };
    let upkeep = match input.opt("PreferredMaintenanceWindow") {
        Some(text) => window::maintenance(text)?,
        None => window::default_maintenance(id),
    };
    window::apart(&backup, &upkeep)?;
    let retention = input.int("BackupRetentionPeriod").unwrap_or(origin.retention);
    setting::retention(retention)?;
    let port = input.int("Port").unwrap_or(origin.port);
    setting::port(port)?;
    let exports = input.texts("EnableCloudwatchLogsExports");
    setting::exports(&exports)?;
    let digits = call.new_hex("rds.resource", 26).to_uppercase();
    let arn = call.arn("rds", &format!("cluster:{id}"));
    let mut row = json!({
        "DBClusterIdentifier": id, "DBClusterArn": arn, "DbClusterResourceId": format!("cluster-{digits}"), "Status": "creating",
        "Engine": engine::ENGINE, "EngineVersion": origin.version.text(), "EngineMode": "provisioned", "MasterUsername": origin.master,
        "AvailabilityZones": zones(&group, input), "DBSubnetGroup": group["DBSubnetGroupName"], "DBClusterParameterGroup": parameters,
        "Endpoint": name::host(call, id, "cluster-"), "ReaderEndpoint": name::host(call, id, "cluster-ro-"),
        "HostedZoneId": name::hosted_zone(call), "Port": port, "BackupRetentionPeriod": retention, "PreferredBackupWindow": backup,
        "PreferredMaintenanceWindow": upkeep, "StorageEncrypted": origin.encrypted || input.has("KmsKeyId"),
        "IAMDatabaseAuthenticationEnabled": input.flag("EnableIAMDatabaseAuthentication"), "ClusterCreateTime": call.now(),
        "DeletionProtection": input.flag("DeletionProtection"), "CopyTagsToSnapshot": input.flag("CopyTagsToSnapshot"),
        "EngineLifecycleSupport": setting::lifecycle(input)?, "AllocatedStorage": 1, "HttpEndpointEnabled": false,
        "CrossAccountClone": false, "ReadReplicaIdentifiers": [], "DomainMemberships": [], "AssociatedRoles": [], "StatusInfos": [],
        "NetworkType": "IPV4", "ActivityStreamStatus": "stopped", "AutoMinorVersionUpgrade": input.opt_flag("AutoMinorVersionUpgrade").unwrap_or(true), "MonitoringInterval": 0,
        "StorageEncryptionType": if origin.encrypted || input.has("KmsKeyId") { "sse-kms" } else { "none" },
        "Tags": tags, "_arn": arn, "_groups": groups, "_vpc": vpc, "_key": id,
    });
    if let Some(kind) = input.opt("StorageType").filter(|kind| *kind == "aurora-iopt1") {
        row["StorageType"] = json!(kind);
    }
    for (member, value) in
        [("DatabaseName", &origin.database), ("CloneGroupId", &origin.clone_group)]
    {
        if let Some(value) = value {
            row[member] = json!(value);
        }
    }
    if !exports.is_empty() {
        row["EnabledCloudwatchLogsExports"] = json!(exports);
    }
    if input.has("ServerlessV2ScalingConfiguration") {
        let asked = &input["ServerlessV2ScalingConfiguration"];
        row["ServerlessV2ScalingConfiguration"] = setting::capacity(asked, &Value::Null)?;
        row["ServerlessV2PlatformVersion"] = json!("3");
    }
    if row.flag("StorageEncrypted") {
        let named = input.opt("KmsKeyId").or(origin.key.as_deref()).unwrap_or("alias/aws/rds");
        row["KmsKeyId"] = json!(setting::key(call, named)?);
    }
    watch(call, input, &arn, &mut row)?;
    call.put(CLUSTER, id, row);
    let seconds = call.latency("rds.db_cluster", "create");
    call.schedule(seconds, CLUSTER, id, Step::Run(READY, json!(id)));
    Ok(())
}

/// Enhanced Monitoring and insights of the whole cluster.
fn watch(call: &mut Call, input: &Value, arn: &str, row: &mut Value) -> Result<(), Fault> {
    if let Some(interval) = input.int("MonitoringInterval") {
        setting::monitoring(call, interval, input.opt("MonitoringRoleArn"), arn)?;
        row["MonitoringInterval"] = json!(interval);
        row["MonitoringRoleArn"] = input["MonitoringRoleArn"].clone();
    }
    let insights = setting::insights(call, input, &Value::Null)?;
    for (member, value) in insights.as_object().into_iter().flatten() {
        row[member] = value.clone();
    }
    Ok(())
}

/// The zones of the volume: those asked for, then those of the subnets, three in all.
fn zones(group: &Value, input: &Value) -> Vec<String> {
    let mut zones: Vec<String> =
        input.texts("AvailabilityZones").into_iter().map(str::to_owned).collect();
    for (zone, _) in subnet_group::zones(group) {
        if !zones.contains(&zone) && zones.len() < ZONES {
            zones.push(zone);
        }
    }
    zones
}

/// A new cluster is available; from now on it is backed up every day.
pub(in super::super) fn ready(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let now = call.now();
    call.merge(CLUSTER, id, json!({"Status": "available", "_ready_at": now}));
    secret::ready(call, id);
    backing::made(call, id);
    let Some(row) = call.get(CLUSTER, id) else { return };
    let seconds = window::until_backup(now, row.text("PreferredBackupWindow"));
    call.schedule(seconds, CLUSTER, id, Step::Run(BACKUP, json!(id)));
}
