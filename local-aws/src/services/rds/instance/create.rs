//! Making instances: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>

use super::super::engine::{self, Version};
use super::super::query::{combination, invalid, refuse_unsupported};
use super::super::reference::{self, CLUSTER, INSTANCE, SUBNET_GROUP, members};
use super::super::{
    certificate, cluster, event, name, orderable, parameter_group, resource_tags, subnet_group,
    window,
};
use super::{READY, answer, monitoring};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Placed};
use serde_json::{Value, json};

const QUOTA: usize = 40;

/// Most instances of a cluster.
const MEMBERS: usize = 16;

/// What this cloud does not have of instances.
const UNSUPPORTED: [&str; 22] = [
    "AdditionalStorageVolumes",
    "BackupTarget",
    "CharacterSetName",
    "CustomIamInstanceProfile",
    "DBCapacityReservationIdentifier",
    "DBSecurityGroups",
    "DBSystemId",
    "DedicatedLogVolume",
    "Domain",
    "DomainFqdn",
    "DomainIAMRoleName",
    "EnableCustomerOwnedIp",
    "LicenseModel",
    "MasterUserAuthenticationType",
    "MultiTenant",
    "NcharCharacterSetName",
    "NetworkType",
    "OptionGroupName",
    "ProcessorFeatures",
    "TagSpecifications",
    "TdeCredentialArn",
    "Timezone",
];

/// What belongs to the cluster and not to its instances.
pub(super) const OF_CLUSTER: [&str; 16] = [
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "DBName",
    "DeletionProtection",
    "EnableIAMDatabaseAuthentication",
    "EnableCloudwatchLogsExports",
    "Iops",
    "KmsKeyId",
    "ManageMasterUserPassword",
    "MasterUserPassword",
    "MasterUsername",
    "MultiAZ",
    "Port",
    "PreferredBackupWindow",
    "StorageEncrypted",
    "VpcSecurityGroupIds",
];

/// `CreateDBInstance`, in a cluster: the first one becomes its writer.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    refuse_unsupported(call, &UNSUPPORTED)?;
    engine::engine(&input)?;
    let id = name::identifier("DBInstanceIdentifier", input.text("DBInstanceIdentifier"), 63)?;
    if call.get(INSTANCE, &id).is_some() {
        return Err(Fault::new("DBInstanceAlreadyExists", "DB instance already exists"));
    }
    if call.rows(INSTANCE).count() >= call.quota("rds.db_instances", QUOTA) {
        return Err(Fault::new(
            "InstanceQuotaExceeded",
            "The quota of DB instances has been reached.",
        ));
    }
    let Some(named) = input.opt("DBClusterIdentifier") else {
        return Err(combination(
            "Aurora DB instances need a DB cluster: the parameter DBClusterIdentifier is required.",
        ));
    };
    let (cluster, row) = reference::available_cluster(call, named)?;
    belongs_to_cluster(&input)?;
    let version = Version::of(&row);
    check_class(&input, &row, version)?;
    if members(call, &cluster).count() >= MEMBERS {
        return Err(invalid(format!(
            "DB cluster {cluster} already has the maximum number of DB instances."
        )));
    }
    let made = new_row(call, &id, &input, &row)?;
    call.put(INSTANCE, &id, made);
    let seconds = call.latency("rds.db_instance", "create");
    call.schedule(seconds, INSTANCE, &id, Step::Run(READY, json!(id)));
    Ok(answer(call, &id))
}

fn belongs_to_cluster(input: &Value) -> Result<(), Fault> {
    match OF_CLUSTER.iter().find(|member| input.has(member)) {
        None => Ok(()),
        Some(member) => Err(combination(format!(
            "The requested DB Instance will be a member of a DB Cluster. Set {member} for the DB Cluster."
        ))),
    }
}

fn check_class(input: &Value, cluster: &Value, version: Version) -> Result<(), Fault> {
    let class = input.text("DBInstanceClass");
    orderable::check(class, version)?;
    if class == orderable::SERVERLESS && !cluster.has("ServerlessV2ScalingConfiguration") {
        return Err(combination(
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.",
        ));
    }
    match input.opt("EngineVersion").map(Version::parse) {
        None => Ok(()),
        Some(wanted) if wanted == Some(version) => Ok(()),
        Some(_) => Err(combination(format!(
            "The engine version that you requested for your DB instance ({}) does not match the engine version of your DB cluster ({})",
            input.text("EngineVersion"),
            version.text()
        ))),
    }
}

fn new_row(call: &mut Call, id: &str, input: &Value, cluster: &Value) -> Result<Value, Fault> {
    let tags = resource_tags::checked(input.items("Tags"))?;
    let cluster_id = cluster.text("DBClusterIdentifier");
    let version = Version::of(cluster);
    let named = input.opt("DBParameterGroupName");
    let parameters = parameter_group::OF_INSTANCES.chosen(call, named, version)?;
    let authority = input.opt("CACertificateIdentifier").unwrap_or(certificate::DEFAULT);
    certificate::known(authority)?;
    let tier = promotion_tier(input.int("PromotionTier").unwrap_or(1))?;
    let upkeep = match input.opt("PreferredMaintenanceWindow") {
        Some(text) => window::maintenance(text)?,
        None => window::default_maintenance(id),
    };
    let arn = call.arn("rds", &format!("db:{id}"));
    let digits = call.new_hex("rds.resource", 26).to_uppercase();
    let resource = format!("db-{digits}");
    let (zone, subnet) = place(call, input, cluster)?;
    let groups: Vec<String> = cluster.texts("_groups").into_iter().map(str::to_owned).collect();
    let placed = Placed {
        subnet: &subnet,
        groups: &groups,
        private_ip: None,
        description: "RDSNetworkInterface",
        requester: "amazon-rds",
    };
    let (interface, _) = ec2::place(call, &placed)?;
    let writer = members(call, cluster_id).next().is_none();
    let mut row = json!({
        "DBInstanceIdentifier": id, "DBInstanceArn": arn, "DbiResourceId": resource, "DBInstanceStatus": "creating",
        "DBInstanceClass": input["DBInstanceClass"], "Engine": engine::ENGINE, "DBClusterIdentifier": cluster_id,
        "AvailabilityZone": zone, "PromotionTier": tier, "InstanceCreateTime": call.now(), "PreferredMaintenanceWindow": upkeep,
        "AutoMinorVersionUpgrade": input.opt_flag("AutoMinorVersionUpgrade").unwrap_or(true),
        "PubliclyAccessible": input.flag("PubliclyAccessible"), "CopyTagsToSnapshot": input.flag("CopyTagsToSnapshot"),
        "CACertificateIdentifier": authority, "MonitoringInterval": 0, "MultiAZ": false, "AllocatedStorage": 1,
        "LicenseModel": "postgresql-license", "StorageType": "aurora", "StorageThroughput": 0, "DbInstancePort": 0,
        "DeletionProtection": false, "DBSecurityGroups": [], "DomainMemberships": [], "StatusInfos": [], "AssociatedRoles": [],
        "ReadReplicaDBInstanceIdentifiers": [], "CustomerOwnedIpEnabled": false, "NetworkType": "IPV4", "BackupTarget": "region",
        "ActivityStreamStatus": "stopped", "DedicatedLogVolume": false, "Tags": tags, "_arn": arn, "_writer": writer,
        "_interface": interface, "_subnet": subnet, "_subnet_group": cluster["DBSubnetGroup"], "_parameter_group": parameters,
    });
    let interval = input.int("MonitoringInterval").unwrap_or(0);
    monitoring::set(call, &mut row, interval, input.opt("MonitoringRoleArn"))?;
    insights(call, input, cluster)?;
    Ok(row)
}

/// Insights that a request sets on an instance are the whole cluster's.
pub(super) fn insights(call: &mut Call, input: &Value, cluster: &Value) -> Result<(), Fault> {
    let asked = [
        "DatabaseInsightsMode",
        "EnablePerformanceInsights",
        "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod",
    ];
    if asked.iter().any(|member| input.has(member)) {
        let set = cluster::insights(call, input, cluster)?;
        call.merge(CLUSTER, cluster.text("DBClusterIdentifier"), set);
    }
    Ok(())
}

/// Tiers go from 0, the first to be promoted, to 15.
pub(super) fn promotion_tier(tier: i64) -> Result<i64, Fault> {
    if (0..=15).contains(&tier) {
        return Ok(tier);
    }
    Err(invalid(format!("Invalid promotion tier: {tier}. Valid values are 0 through 15.")))
}

/// The zone and subnet of a new instance: the zone asked for, or one that has the fewest of its cluster's.
fn place(call: &Call, input: &Value, cluster: &Value) -> Result<(String, String), Fault> {
    let group = call.get(SUBNET_GROUP, cluster.text("DBSubnetGroup")).cloned().unwrap_or_default();
    let zones = subnet_group::zones(&group);
    if let Some(wanted) = input.opt("AvailabilityZone") {
        let found = zones.into_iter().find(|(zone, _)| zone == wanted);
        let (zone, subnet) = found.ok_or_else(|| {
            let message =
                format!("The DB subnet group has no subnet in the Availability Zone {wanted}.");
            Fault::new("InvalidVPCNetworkStateFault", message)
        })?;
        if call.zone_failed(&zone) {
            return Err(no_capacity(&zone));
        }
        return Ok((zone, subnet));
    }
    let inside = |zone: &str| {
        members(call, cluster.text("DBClusterIdentifier"))
            .filter(|(_, row)| row.text("AvailabilityZone") == zone)
            .count()
    };
    let working = zones.into_iter().filter(|(zone, _)| !call.zone_failed(zone));
    working.min_by_key(|(zone, _)| inside(zone)).ok_or_else(|| no_capacity(call.region()))
}

fn no_capacity(place: &str) -> Fault {
    let message = format!("The DB instance class isn't available in {place} at the moment.");
    Fault::new("InsufficientDBInstanceCapacity", message)
}

/// A new instance is available, and writes the logs that its cluster exports.
pub(in super::super) fn ready(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    call.merge(INSTANCE, id, json!({"DBInstanceStatus": "available"}));
    let Some(row) = call.get(INSTANCE, id).cloned() else { return };
    event::emit(call, "db-instance", id, &["creation"], "DB instance created");
    cluster::ensure_log_groups(call, row.text("DBClusterIdentifier"));
    monitoring::begin(call, &row);
}
