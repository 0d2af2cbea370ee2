//! RDS, its Aurora PostgreSQL clusters: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/>

mod automated_backup;
#[cfg_attr(
    not(all(unix, feature = "postgres")),
    expect(dead_code, reason = "only a PostgreSQL needs it")
)]
pub(crate) mod backing;
mod certificate;
mod cluster;
mod endpoint;
mod engine;
mod event;
mod instance;
mod name;
mod orderable;
mod parameter;
mod parameter_group;
mod query;
mod reference;
mod resource_tags;
mod snapshot;
mod snapshot_attribute;
mod subnet_group;
mod subscription;
#[cfg(test)]
mod tests;
mod window;
mod zone;

pub(crate) use self::cluster::rotate_master;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use crate::zone::CHANGED;
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "rds",
    model: LazyLock::new(|| Model::read(include_str!("../../models/rds.json"))),
    style: Style {
        validation: Validation::Listed("InvalidParameterValue"),
        bad_page_token: "InvalidParameterValue",
        page_size: Some(100),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

/// Work for later.
const TASKS: &[(&str, Task)] = &[
    (cluster::BACKUP, cluster::backup),
    (cluster::GONE, cluster::gone),
    (cluster::PENDING, cluster::apply_pending),
    (cluster::READY, cluster::ready),
    (cluster::ROTATE, cluster::rotate),
    (cluster::FAILED_OVER, cluster::failed_over),
    (instance::GONE, instance::gone),
    (instance::PENDING, instance::apply_pending),
    (instance::READY, instance::ready),
    (CHANGED, zone::changed),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddRoleToDBCluster", cluster::add_role),
    ("AddSourceIdentifierToSubscription", subscription::add_source),
    ("AddTagsToResource", resource_tags::add),
    ("CopyDBClusterParameterGroup", parameter_group::copy_cluster_group),
    ("CopyDBClusterSnapshot", snapshot::copy),
    ("CopyDBParameterGroup", parameter_group::copy_group),
    ("CreateDBCluster", cluster::create),
    ("CreateDBClusterParameterGroup", parameter_group::create_cluster_group),
    ("CreateDBClusterSnapshot", snapshot::create),
    ("CreateDBInstance", instance::create),
    ("CreateDBParameterGroup", parameter_group::create_group),
    ("CreateDBSubnetGroup", subnet_group::create),
    ("CreateEventSubscription", subscription::create),
    ("DeleteDBCluster", cluster::delete),
    ("DeleteDBClusterAutomatedBackup", automated_backup::delete),
    ("DeleteDBClusterParameterGroup", parameter_group::delete_cluster_group),
    ("DeleteDBClusterSnapshot", snapshot::delete),
    ("DeleteDBInstance", instance::delete),
    ("DeleteDBParameterGroup", parameter_group::delete_group),
    ("DeleteDBSubnetGroup", subnet_group::delete),
    ("DeleteEventSubscription", subscription::delete),
    ("DescribeCertificates", certificate::describe),
    ("DescribeDBClusterAutomatedBackups", automated_backup::describe),
    ("DescribeDBClusterEndpoints", endpoint::describe),
    ("DescribeDBClusterParameterGroups", parameter_group::describe_cluster_groups),
    ("DescribeDBClusterParameters", parameter_group::cluster_parameters),
    ("DescribeDBClusterSnapshotAttributes", snapshot_attribute::describe),
    ("DescribeDBClusterSnapshots", snapshot::describe),
    ("DescribeDBClusters", cluster::describe),
    ("DescribeDBEngineVersions", engine::describe),
    ("DescribeDBInstances", instance::describe),
    ("DescribeDBParameterGroups", parameter_group::describe_groups),
    ("DescribeDBParameters", parameter_group::parameters),
    ("DescribeDBSubnetGroups", subnet_group::describe),
    ("DescribeEngineDefaultClusterParameters", parameter_group::default_cluster_parameters),
    ("DescribeEngineDefaultParameters", parameter_group::default_parameters),
    ("DescribeEventCategories", event::categories),
    ("DescribeEventSubscriptions", subscription::describe),
    ("DescribeEvents", event::describe),
    ("DescribeOrderableDBInstanceOptions", orderable::describe),
    ("DescribePendingMaintenanceActions", window::pending_actions),
    ("FailoverDBCluster", cluster::fail_over),
    ("ListTagsForResource", resource_tags::list),
    ("ModifyDBCluster", cluster::modify),
    ("ModifyDBClusterParameterGroup", parameter_group::modify_cluster_group),
    ("ModifyDBClusterSnapshotAttribute", snapshot_attribute::modify),
    ("ModifyDBInstance", instance::modify),
    ("ModifyDBParameterGroup", parameter_group::modify_group),
    ("ModifyDBSubnetGroup", subnet_group::modify),
    ("ModifyEventSubscription", subscription::modify),
    ("RebootDBInstance", instance::reboot),
    ("RemoveRoleFromDBCluster", cluster::remove_role),
    ("RemoveSourceIdentifierFromSubscription", subscription::remove_source),
    ("RemoveTagsFromResource", resource_tags::remove),
    ("ResetDBClusterParameterGroup", parameter_group::reset_cluster_group),
    ("ResetDBParameterGroup", parameter_group::reset_group),
    ("RestoreDBClusterFromSnapshot", cluster::restore_from_snapshot),
    ("RestoreDBClusterToPointInTime", cluster::restore_to_point_in_time),
    ("StartDBCluster", cluster::start),
    ("StopDBCluster", cluster::stop),
];
