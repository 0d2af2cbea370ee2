//! ElastiCache, its replication groups of Redis OSS and Valkey: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/>

mod access_string;
mod cache_cluster;
mod engine;
mod event;
mod kind;
mod log_delivery;
mod node_type;
mod parameter;
mod parameter_group;
mod replication_group;
mod slots;
mod snapshot;
mod subnet_group;
mod tags;
#[cfg(test)]
mod tests;
mod user;
mod user_group;
mod window;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "elasticache",
    model: LazyLock::new(|| Model::read(include_str!("../../models/elasticache.json"))),
    style: Style {
        validation: Validation::Listed("ValidationError"),
        bad_page_token: "InvalidParameterValue",
        page_size: Some(100),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

const TASKS: &[(&str, Task)] = &[
    (replication_group::CREATED, replication_group::created),
    (replication_group::MODIFIED, replication_group::modified),
    (replication_group::MAINTENANCE, replication_group::maintain),
    (replication_group::DELETED, replication_group::deleted),
    (replication_group::REPLICAS_CHANGED, replication_group::replicas_changed),
    (replication_group::SLOTS_MOVED, replication_group::slots_moved),
    (replication_group::RESHARDED, replication_group::resharded),
    (replication_group::FAILED_OVER, replication_group::failed_over),
    (replication_group::RECOVERED, replication_group::recovered),
    (snapshot::TAKEN, snapshot::taken),
    (snapshot::DAILY, snapshot::daily),
    (user_group::CHANGED, user_group::changed),
    (user::DELETED, user::deleted),
    (crate::zone::CHANGED, replication_group::zone_changed),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddTagsToResource", tags::add),
    ("CopySnapshot", snapshot::copy),
    ("CreateCacheParameterGroup", parameter_group::create),
    ("CreateCacheSubnetGroup", subnet_group::create),
    ("CreateReplicationGroup", replication_group::create),
    ("CreateSnapshot", snapshot::create),
    ("CreateUser", user::create),
    ("CreateUserGroup", user_group::create),
    ("DecreaseReplicaCount", replication_group::decrease_replicas),
    ("DeleteCacheParameterGroup", parameter_group::delete),
    ("DeleteCacheSubnetGroup", subnet_group::delete),
    ("DeleteReplicationGroup", replication_group::delete),
    ("DeleteSnapshot", snapshot::delete),
    ("DeleteUser", user::delete),
    ("DeleteUserGroup", user_group::delete),
    ("DescribeCacheClusters", cache_cluster::describe),
    ("DescribeCacheEngineVersions", engine::describe),
    ("DescribeCacheParameterGroups", parameter_group::describe),
    ("DescribeCacheParameters", parameter_group::describe_parameters),
    ("DescribeCacheSubnetGroups", subnet_group::describe),
    ("DescribeEngineDefaultParameters", parameter_group::describe_defaults),
    ("DescribeEvents", event::describe),
    ("DescribeReplicationGroups", replication_group::describe),
    ("DescribeSnapshots", snapshot::describe),
    ("DescribeUserGroups", user_group::describe),
    ("DescribeUsers", user::describe),
    ("IncreaseReplicaCount", replication_group::increase_replicas),
    ("ListAllowedNodeTypeModifications", node_type::list_allowed),
    ("ListTagsForResource", tags::list),
    ("ModifyCacheParameterGroup", parameter_group::modify),
    ("ModifyCacheSubnetGroup", subnet_group::modify),
    ("ModifyReplicationGroup", replication_group::modify),
    ("ModifyReplicationGroupShardConfiguration", replication_group::reshard),
    ("ModifyUser", user::modify),
    ("ModifyUserGroup", user_group::modify),
    ("RemoveTagsFromResource", tags::remove),
    ("ResetCacheParameterGroup", parameter_group::reset),
    ("TestFailover", replication_group::test_failover),
];
