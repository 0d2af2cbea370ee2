//! AWS Backup, as far as the automatic backups of EFS need it: vaults and recovery points.
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Operations.html>

mod access_policy;
pub(crate) mod automatic;
mod lifecycle;
mod protected_resource;
mod recovery_point;
mod recovery_point_list;
mod tags;
#[cfg(test)]
mod tests;
mod vault;

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "backup",
    model: LazyLock::new(|| Model::read(include_str!("../../models/backup.json"))),
    style: Style {
        validation: Validation::Listed("InvalidParameterValueException"),
        bad_page_token: "InvalidParameterValueException",
        page_size: Some(1000),
        throttle: ("ThrottlingException", 429),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("CreateBackupVault", vault::create),
    ("DeleteBackupVault", vault::delete),
    ("DeleteBackupVaultAccessPolicy", access_policy::delete),
    ("DeleteRecoveryPoint", recovery_point::delete),
    ("DescribeBackupVault", vault::describe),
    ("DescribeProtectedResource", protected_resource::describe),
    ("DescribeRecoveryPoint", recovery_point::describe),
    ("GetBackupVaultAccessPolicy", access_policy::get),
    ("GetRecoveryPointRestoreMetadata", recovery_point::restore_metadata),
    ("ListBackupVaults", vault::list),
    ("ListProtectedResources", protected_resource::list),
    ("ListProtectedResourcesByBackupVault", protected_resource::list_of_vault),
    ("ListRecoveryPointsByBackupVault", recovery_point_list::of_vault),
    ("ListRecoveryPointsByResource", recovery_point_list::of_resource),
    ("ListTags", tags::list),
    ("PutBackupVaultAccessPolicy", access_policy::put),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateRecoveryPointLifecycle", lifecycle::update),
];

/// A refusal of a parameter's value.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", message)
}

/// The error for what does not exist.
fn missing(message: impl Into<String>) -> Fault {
    Fault::new("ResourceNotFoundException", message)
}
