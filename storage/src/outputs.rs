//! What a file system offers to its clients, and how they are let in.

use std::collections::BTreeMap;

use globecart_aws::engine::{Addressed, Input, Invalid};
use globecart_aws::{AlarmName, Client, ClientRules, Stack, StoreAccess, StoreKey};

use crate::{
    AccessPointRefs, FileSystemPolicy, FileSystemPolicyRefs, FileSystemRefs,
    LifecycleConfigurationRefs, MountTargetRefs, mounts,
};

/// What was made of a [`Storage`](crate::Storage).
#[derive(Debug, Clone)]
pub struct StorageOutputs {
    /// The file system.
    pub file_system: FileSystemRefs,
    /// When its files move between storage classes, where they do.
    pub lifecycle: Option<LifecycleConfigurationRefs>,
    /// Who may mount it; [`StorageOutputs::allow_from`] adds to it.
    pub policy: FileSystemPolicyRefs,
    /// The mount targets, by the ids of their zones.
    pub mount_targets: BTreeMap<String, MountTargetRefs>,
    /// The access points, by name.
    pub access_points: BTreeMap<String, AccessPointRefs>,
    /// The security group of the mount targets, and who comes through it.
    pub access: StoreAccess,
    /// The key that encrypts the files.
    pub key: StoreKey,
    /// The alarms that watch it.
    pub alarms: Vec<Input<AlarmName>>,
}

/// What a client may do with the files that it mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountAccess {
    /// Read them.
    ReadOnly,
    /// Read and write them.
    ReadWrite,
}

impl StorageOutputs {
    /// The access point of a directory.
    ///
    /// # Errors
    /// When no directory has this name.
    pub fn access_point(&self, name: &str) -> Result<&AccessPointRefs, Invalid> {
        self.access_points.get(name).ok_or_else(|| {
            let names: Vec<_> = self.access_points.keys().map(String::as_str).collect();
            let problem = format!("has no access point `{name}`, but {}", names.join(", "));
            Invalid::new(self.file_system.address().as_str(), problem)
        })
    }

    /// The mount target of a zone, by the zone's id.
    pub fn mount_target(&self, zone_id: &str) -> Option<&MountTargetRefs> {
        self.mount_targets.get(zone_id)
    }

    /// Lets a client mount all directories to read and write: a rule into the mount targets and one out of the client, and
    /// its role in the file-system policy.
    ///
    /// # Errors
    /// When the client has no role, because nobody mounts anonymously, or is let in twice.
    pub fn allow_from(&self, stack: &mut Stack, client: &Client) -> Result<ClientRules, Invalid> {
        let all = self.access_points.keys().map(String::as_str);
        self.allow_mounts(stack, client, all.map(|name| (name, MountAccess::ReadWrite)))
    }

    /// Lets a client mount these directories, each as it says.
    ///
    /// # Errors
    /// When the client has no role, because nobody mounts anonymously, is let in twice, or there is no such directory.
    pub fn allow_mounts<'a>(
        &self,
        stack: &mut Stack,
        client: &Client,
        mounts: impl IntoIterator<Item = (&'a str, MountAccess)>,
    ) -> Result<ClientRules, Invalid> {
        let Some(role) = &client.role_arn else {
            let problem =
                "has no role, and a file system is mounted by roles alone: give it `with_role`";
            return Err(Invalid::new(format!("client `{}`", client.name), problem));
        };
        for (name, access) in mounts {
            let point = self.access_point(name)?;
            let statement = mounts::may_mount(&self.file_system, point, role, access);
            stack.amend::<FileSystemPolicy>(&self.policy, |policy| policy.allow(statement))?;
        }
        self.access.allow_from(stack, client)
    }

    /// Makes `later` wait until the file system can be mounted in every zone, and keeps it so until `later` is gone.
    pub fn wait_for_mounts(&self, stack: &mut Stack, later: &impl Addressed) {
        for target in self.mount_targets.values() {
            stack.after(later, target);
        }
        for point in self.access_points.values() {
            stack.after(later, point);
        }
        stack.after(later, &self.policy);
    }
}
