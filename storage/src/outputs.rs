//! What a file system offers to its clients, and how they are let in.

use std::collections::BTreeMap;

use globecart_aws::engine::{Address, Addressed, Input, Invalid};
use globecart_aws::{
    AlarmName, Client, ClientRules, Mountable, Mounted, Stack, StoreAccess, StoreKey,
};

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

/// Directories of a file system, and where a program finds them.
#[derive(Debug, Clone)]
pub struct Mounts<'a> {
    storage: &'a StorageOutputs,
    mounts: Vec<(String, String, MountAccess)>,
}

impl StorageOutputs {
    /// The directory `name` at `path` in a program, to read and write; [`Mounts::and_at`] adds further ones.
    pub fn at(&self, name: &str, path: &str) -> Mounts<'_> {
        Mounts { storage: self, mounts: Vec::new() }.and_at(name, path, MountAccess::ReadWrite)
    }
}

impl Mounts<'_> {
    /// Another directory of the same file system.
    #[must_use]
    pub fn and_at(mut self, name: &str, path: &str, access: MountAccess) -> Self {
        self.mounts.push((name.to_owned(), path.to_owned(), access));
        self
    }
}

impl Mountable for Mounts<'_> {
    fn grant_mounts(&self, stack: &mut Stack, client: &Client) -> Result<Vec<Mounted>, Invalid> {
        let wanted = self.mounts.iter().map(|(name, _, access)| (name.as_str(), *access));
        let rules = self.storage.allow_mounts(stack, client, wanted)?;
        let targets = self.storage.mount_targets.values().map(Addressed::address);
        let rules = [rules.ingress.address(), rules.egress.address()];
        let parts = targets.chain(rules).chain([self.storage.policy.address()]);
        let after: Vec<Address> = parts.cloned().collect();
        let mounted = |(name, path, access): &(String, String, MountAccess)| {
            let point = self.storage.access_point(name)?;
            Ok(Mounted {
                name: name.clone(),
                path: path.clone(),
                file_system: (&self.storage.file_system.id).into(),
                access_point: (&point.id).into(),
                read_only: *access == MountAccess::ReadOnly,
                after: after.clone(),
            })
        };
        self.mounts.iter().map(mounted).collect()
    }
}
