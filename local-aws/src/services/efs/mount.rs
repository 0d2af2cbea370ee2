//! What happens when a client mounts a file system: <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>
//!
//! NFS itself is not spoken here; this is what decides whether a mount succeeds.

use super::access_point::ACCESS_POINT;
use super::file_system::FILE_SYSTEM;
use super::mount_target;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::iam::{Said, said_by_role};
use crate::services::policy::{self, Asked, Who};
use crate::services::tables::KMS_KEY;
use serde_json::Value;

/// The port of NFS.
const NFS: i64 = 2049;

/// A client's wish to mount a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mount<'a> {
    /// The file system's id.
    pub file_system: &'a str,
    /// The access point's id, if it comes through one.
    pub access_point: Option<&'a str>,
    /// The id of the zone that the client is in, as in `use1-az1`.
    pub zone: &'a str,
    /// The client's security group.
    pub security_group: &'a str,
    /// The ARN of the role that it authorises with; without one it is anybody.
    pub role: Option<&'a str>,
    /// Whether it comes by TLS.
    pub tls: bool,
}

/// A mount that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// The mount target that serves it.
    pub mount_target: String,
    /// The id of the mount target's zone.
    pub zone: String,
    /// Whether files can be written.
    pub writes: bool,
    /// Whether the client's root is root on the file system.
    pub root: bool,
}

/// Why a mount failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MountRefused {
    /// There is no such file system or access point, or it cannot be used now.
    #[error("{0} is not available")]
    NotAvailable(String),
    /// No mount target answers: there is none, its zone has failed, or its security groups let nothing through.
    #[error("no mount target answers")]
    TimedOut,
    /// The policies do not let the client mount.
    #[error("access denied")]
    Denied,
}

/// Whether a mount succeeds, and how. The mount target of the client's own zone comes first.
pub(crate) fn mount(call: &Call, wanted: &Mount) -> Result<Mounted, MountRefused> {
    let file_system = usable(call, wanted)?;
    let target = target(call, wanted).ok_or(MountRefused::TimedOut)?;
    let may = |action: &str| is_allowed(call, file_system, wanted, action);
    if !may("elasticfilesystem:ClientMount") {
        return Err(MountRefused::Denied);
    }
    Ok(Mounted {
        mount_target: target.text("MountTargetId").to_owned(),
        zone: target.text("AvailabilityZoneId").to_owned(),
        writes: may("elasticfilesystem:ClientWrite"),
        root: may("elasticfilesystem:ClientRootAccess"),
    })
}

/// The file system, if it, its key and the access point can be used.
fn usable<'c>(call: &'c Call, wanted: &Mount) -> Result<&'c Value, MountRefused> {
    let missing = |id: &str| MountRefused::NotAvailable(id.to_owned());
    let exists = |row: &&Value| ["available", "updating"].contains(&row.text("LifeCycleState"));
    let file_system = call.get(FILE_SYSTEM, wanted.file_system).filter(exists);
    let file_system = file_system.ok_or_else(|| missing(wanted.file_system))?;
    if let Some(key) = file_system.opt("KmsKeyId") {
        let id = key.rsplit('/').next().unwrap_or_default();
        let enabled = call.get(KMS_KEY, id).is_some_and(|key| key.text("KeyState") == "Enabled");
        if !enabled {
            return Err(missing(key));
        }
    }
    if let Some(id) = wanted.access_point {
        let point = call.get(ACCESS_POINT, id).filter(exists);
        point
            .filter(|point| point.text("FileSystemId") == wanted.file_system)
            .ok_or_else(|| missing(id))?;
    }
    Ok(file_system)
}

/// The mount target that answers.
fn target<'c>(call: &'c Call, wanted: &Mount) -> Option<&'c Value> {
    let answers = |target: &&Value| {
        target.text("LifeCycleState") == "available"
            && !call.zone_failed(target.text("AvailabilityZoneId"))
            && ec2::reaches(call, wanted.security_group, &target.texts("_groups"), NFS)
    };
    let mut all: Vec<&Value> = mount_target::of(call, wanted.file_system).filter(answers).collect();
    all.sort_by_key(|target| target.text("AvailabilityZoneId") != wanted.zone);
    all.into_iter().next()
}

/// Without a policy everybody who reaches a mount target may do everything. With one, a client needs to be allowed, by it
/// or by the policies of its role, and to be denied by neither.
fn is_allowed(call: &Call, file_system: &Value, wanted: &Mount, action: &str) -> bool {
    let Some(text) = file_system.opt("_policy") else { return true };
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let point =
        wanted.access_point.map(|id| call.arn("elasticfilesystem", &format!("access-point/{id}")));
    let mut context = vec![
        ("aws:SecureTransport", if wanted.tls { "true" } else { "false" }),
        ("elasticfilesystem:AccessedViaMountTarget", "true"),
    ];
    context.extend(point.as_deref().map(|arn| ("elasticfilesystem:AccessPointArn", arn)));
    let asked =
        |who| Asked { who, action, resource: file_system.text("FileSystemArn"), context: &context };
    let Some(role) = wanted.role else {
        return policy::allows(&document, &asked(Who::Anybody));
    };
    let own = said_by_role(call, role, &asked(Who::Holder));
    !policy::denies(&document, &asked(Who::Role(role)))
        && own != Said::Denied
        && (own == Said::Allowed || policy::allows(&document, &asked(Who::Role(role))))
}
