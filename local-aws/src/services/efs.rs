//! EFS: <https://docs.aws.amazon.com/efs/latest/ug/api-reference.html>

mod access_point;
mod automatic_backup;
mod backup_policy;
mod file_system;
mod file_system_policy;
mod lifecycle;
mod mount;
mod mount_target;
mod preferences;
mod tags;
#[cfg(test)]
mod tests;

pub use self::mount::{Mount, MountRefused, Mounted};

pub(crate) use self::mount::mount;

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "efs",
    model: LazyLock::new(|| Model::read(include_str!("../../models/efs.json"))),
    style: Style {
        validation: Validation::Listed("BadRequest"),
        bad_page_token: "BadRequest",
        page_size: Some(100),
        throttle: ("ThrottlingException", 429),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

const TASKS: &[(&str, Task)] = &[
    (automatic_backup::DAILY, automatic_backup::daily),
    (file_system::DELETED, file_system::deleted),
    (mount_target::DELETED, mount_target::deleted),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("CreateAccessPoint", access_point::create),
    ("CreateFileSystem", file_system::create),
    ("CreateMountTarget", mount_target::create),
    ("CreateTags", tags::create),
    ("DeleteAccessPoint", access_point::delete),
    ("DeleteFileSystem", file_system::delete),
    ("DeleteFileSystemPolicy", file_system_policy::delete),
    ("DeleteMountTarget", mount_target::delete),
    ("DeleteTags", tags::delete),
    ("DescribeAccessPoints", access_point::describe),
    ("DescribeAccountPreferences", preferences::describe),
    ("DescribeBackupPolicy", backup_policy::describe),
    ("DescribeFileSystemPolicy", file_system_policy::describe),
    ("DescribeFileSystems", file_system::describe),
    ("DescribeLifecycleConfiguration", lifecycle::describe),
    ("DescribeMountTargetSecurityGroups", mount_target::describe_groups),
    ("DescribeMountTargets", mount_target::describe),
    ("DescribeReplicationConfigurations", file_system::describe_replications),
    ("DescribeTags", tags::describe),
    ("ListTagsForResource", tags::list),
    ("ModifyMountTargetSecurityGroups", mount_target::modify_groups),
    ("PutAccountPreferences", preferences::put),
    ("PutBackupPolicy", backup_policy::put),
    ("PutFileSystemPolicy", file_system_policy::put),
    ("PutLifecycleConfiguration", lifecycle::put),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateFileSystem", file_system::update),
    ("UpdateFileSystemProtection", file_system::protect),
];

/// The id in what a request names a resource by: an id, or an ARN that ends with it.
fn id_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// A refusal of a parameter's value.
fn bad_request(message: impl Into<String>) -> Fault {
    Fault::new("BadRequest", message)
}
