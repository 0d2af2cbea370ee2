//! Shared files: an encrypted EFS file system with a mount target in every zone, open to declared clients alone.
//!
//! ```
//! use globecart_aws::ec2::SecurityGroup;
//! use globecart_aws::engine::{Invalid, Place, Zone};
//! use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
//! use globecart_aws::{Client, Stack, SubnetId, VpcId};
//! use globecart_storage::{Directory, Storage};
//!
//! # let zone = Zone { name: "eu-central-1a".into(), id: "euc1-az2".into() };
//! # let place = Place {
//! #     partition: "aws".into(),
//! #     account: "123456789012".into(),
//! #     region: "eu-central-1".into(),
//! #     zones: vec![zone.clone()],
//! # };
//! # let data = NetworkSubnet::new(Tier::Data, zone, "10.0.0.0/24".parse().unwrap(), SubnetId::new("subnet-1"));
//! # let network = NetworkOutputs::existing()
//! #     .vpc(VpcId::new("vpc-1"))
//! #     .cidr("10.0.0.0/16".parse().unwrap())
//! #     .subnets(vec![data])
//! #     .egress(Egress::None)
//! #     .build();
//! let mut stack = Stack::new("shop", place)?;
//! let media = Directory::builder().name("media").uid(1000).gid(1000).build();
//! let storage = Storage::builder().network(&network).directories([media]).build();
//! let storage = stack.component("storage", storage)?;
//! stack.export("media", &storage.access_point("media")?.id)?;
//! # Ok::<(), Invalid>(())
//! ```

use std::collections::BTreeMap;

use globecart_aws::engine::{Component, Input, Invalid, Kind};
use globecart_aws::network::{NetworkOutputs, Tier};
use globecart_aws::{
    AlertRoute, Aws, EncryptionKey, Environment, KeyUse, Stack, StoreAccess, StoreKey, Waived,
};
use typed_builder::TypedBuilder;

pub use access_point::{AccessPoint, AccessPointOutputs, AccessPointRefs};
pub use directory::Directory;
pub use file_system::{FileSystem, FileSystemOutputs, FileSystemRefs};
pub use file_system_policy::{FileSystemPolicy, FileSystemPolicyOutputs, FileSystemPolicyRefs};
pub use lifecycle::{Archive, UnusedFor};
pub use lifecycle_configuration::{
    LifecycleConfiguration, LifecycleConfigurationOutputs, LifecycleConfigurationRefs,
};
pub use mount_target::{MountTarget, MountTargetOutputs, MountTargetRefs};
pub use outputs::{MountAccess, Mounts, StorageOutputs};
pub use throughput::Throughput;

mod access_point;
mod alarms;
mod answer;
mod directory;
mod file_system;
mod file_system_policy;
mod lifecycle;
mod lifecycle_configuration;
mod mount_target;
mod mounts;
mod outputs;
#[cfg(test)]
mod tests;
mod throughput;

/// The port of NFS.
const NFS: u16 = 2049;

/// A file system that several zones share.
///
/// With the defaults: encrypted with a key of its own, elastic throughput, files that nobody uses moved to cheaper
/// storage and back when somebody does, a backup a day, a mount target in every zone's data subnet, and nobody let in
/// until [`StorageOutputs::allow_from`] says who.
///
/// The network is another component's; a subnet where it belongs does not fit:
///
/// ```compile_fail,E0308
/// use globecart_aws::SubnetId;
/// use globecart_storage::Storage;
/// let subnet = SubnetId::new("subnet-1");
/// let storage = Storage::builder().network(&subnet);
/// ```
#[derive(Debug, Clone, TypedBuilder)]
pub struct Storage<'a> {
    /// Its data subnets get one mount target each: a zone without one would read across zones.
    network: &'a NetworkOutputs,
    /// The directories that clients may mount, at least one.
    #[builder(setter(transform = |directories: impl IntoIterator<Item = Directory>| {
        directories.into_iter().collect()
    }))]
    directories: Vec<Directory>,
    /// What the files are for. Default: production.
    #[builder(default)]
    environment: Environment,
    /// The key that encrypts the files. Default: a key of its own.
    #[builder(default)]
    encryption_key: EncryptionKey,
    /// How the throughput is decided. Default: elastic.
    #[builder(default)]
    throughput: Throughput,
    /// When a file that nobody uses moves to the Infrequent Access storage class. Default: after 30 days.
    #[builder(default = Some(UnusedFor::Days30))]
    infrequent_access: Option<UnusedFor>,
    /// When it moves on to the Archive storage class, which needs elastic throughput. Default: after 90 days, and never
    /// where the throughput is not elastic.
    #[builder(default)]
    archive: Archive,
    /// Whether a file that is used again comes back to the Standard storage class. Default: yes.
    #[builder(default = true)]
    back_on_access: bool,
    /// A recovery point a day, kept for 35 days. Default: yes, and no in development.
    #[builder(default, setter(strip_option))]
    backups: Option<Backups>,
    /// Why clients may mount without TLS. Default: they may not.
    #[builder(default, setter(strip_option))]
    without_tls: Option<Waived>,
    /// Where alarms go. Default: nowhere, which every plan says.
    #[builder(default, setter(strip_option, into))]
    alerts: Option<AlertRoute>,
    /// Changes the file system just before it is declared. Default: as is.
    #[builder(default = |file_system| file_system)]
    adjust_file_system: fn(FileSystem) -> FileSystem,
    /// Changes a mount target, given its zone's id, just before it is declared. Default: as is.
    #[builder(default = |_, mount_target| mount_target)]
    adjust_mount_target: fn(&str, MountTarget) -> MountTarget,
    /// Changes an access point, given its name, just before it is declared. Default: as is.
    #[builder(default = |_, access_point| access_point)]
    adjust_access_point: fn(&str, AccessPoint) -> AccessPoint,
}

/// Whether AWS Backup makes recovery points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backups {
    /// One a day, kept for 35 days.
    Daily,
    /// None, and why.
    Off(Waived),
}

impl Component<Aws> for Storage<'_> {
    type Outputs = StorageOutputs;

    fn declare(self, stack: &mut Stack) -> Result<StorageOutputs, Invalid> {
        self.check()?;
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        let key = self.key(stack)?;
        let file_system = self.file_system(stack, &key)?;
        let lifecycle = self.lifecycle(stack, &file_system)?;
        let access = StoreAccess::closed(stack, &self.network.vpc, NFS)?;
        let mount_targets = self.mount_targets(stack, &file_system, &access)?;
        let access_points = self.access_points(stack, &file_system)?;
        let policy = self.policy(stack, &file_system, &access_points)?;
        let alarms = self.alarms(stack, &file_system)?;
        Ok(StorageOutputs {
            file_system,
            lifecycle,
            policy,
            mount_targets,
            access_points,
            access,
            key,
            alarms,
        })
    }
}

impl Storage<'_> {
    /// What only several fields together tell.
    fn check(&self) -> Result<(), Invalid> {
        if self.network.tier(Tier::Data).next().is_none() {
            let problem = "has no data subnets, and mount targets stand in those";
            return Err(Invalid::new("network", problem));
        }
        if self.directories.is_empty() {
            let problem = "is empty: clients mount directories, never the root; name one";
            return Err(Invalid::new("directories", problem));
        }
        let elastic = self.throughput == Throughput::Elastic;
        if let (Archive::After(archive), false) = (self.archive, elastic) {
            let problem = format!(
                "moving files to the archive after {} days needs elastic throughput, and `throughput` is {}",
                archive.days(),
                self.throughput.mode().as_str()
            );
            return Err(Invalid::new("archive", problem));
        }
        directory::check_apart(&self.directories)
    }

    fn backs_up(&self) -> bool {
        match &self.backups {
            Some(backups) => *backups == Backups::Daily,
            None => self.environment.is_production(),
        }
    }

    fn key(&self, stack: &mut Stack) -> Result<StoreKey, Invalid> {
        let uses = KeyUse::builder()
            .description(format!("The files of {}", stack.scope()))
            .through(vec!["elasticfilesystem"])
            .build();
        self.encryption_key.declare(stack, uses)
    }

    fn file_system(&self, stack: &mut Stack, key: &StoreKey) -> Result<FileSystemRefs, Invalid> {
        if let Some(Backups::Off(waived)) = &self.backups {
            waived.apply(stack, "backups", "backing up the files")?;
        }
        let file_system = FileSystem {
            kms_key: key.arn.clone(),
            throughput: self.throughput,
            backup: self.backs_up(),
        };
        stack.add("file-system", (self.adjust_file_system)(file_system))
    }

    fn lifecycle(
        &self,
        stack: &mut Stack,
        file_system: &FileSystemRefs,
    ) -> Result<Option<LifecycleConfigurationRefs>, Invalid> {
        let elastic = self.throughput == Throughput::Elastic;
        let usual = elastic.then_some(UnusedFor::Days90);
        let configuration = LifecycleConfiguration {
            file_system: (&file_system.id).into(),
            infrequent_access: self.infrequent_access,
            archive: match self.archive {
                Archive::Usual => usual.filter(|usual| Some(*usual) > self.infrequent_access),
                Archive::After(unused) => Some(unused),
                Archive::Never => None,
            },
            back_on_access: self.back_on_access,
        };
        if !configuration.moves_files() {
            return Ok(None);
        }
        let configuration = stack.add("lifecycle", configuration);
        // Its fields are this component's, so the error names them.
        configuration.map(Some).map_err(|error| Invalid::new("archive", error.problem))
    }

    fn mount_targets(
        &self,
        stack: &mut Stack,
        file_system: &FileSystemRefs,
        access: &StoreAccess,
    ) -> Result<BTreeMap<String, MountTargetRefs>, Invalid> {
        let declared = self.network.tier(Tier::Data).map(|subnet| {
            let zone = subnet.zone.id.as_str();
            let mount_target = MountTarget::builder()
                .file_system(&file_system.id)
                .subnet(&subnet.id)
                .security_groups(vec![Input::from(&access.security_group.id)])
                .build();
            let mount_target = (self.adjust_mount_target)(zone, mount_target);
            Ok((zone.to_owned(), stack.add(format!("mount-target-{zone}"), mount_target)?))
        });
        declared.collect()
    }

    fn access_points(
        &self,
        stack: &mut Stack,
        file_system: &FileSystemRefs,
    ) -> Result<BTreeMap<String, AccessPointRefs>, Invalid> {
        let declared = self.directories.iter().map(|directory| {
            let name = directory.name();
            let access_point =
                (self.adjust_access_point)(name, directory.access_point(file_system));
            let refs = stack.add(format!("access-point-{name}"), access_point)?;
            Ok((name.to_owned(), refs))
        });
        declared.collect()
    }
}

/// Every resource type of this crate, for a stack that no longer has a file system to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<AccessPoint>(),
        Kind::of::<FileSystem>(),
        Kind::of::<FileSystemPolicy>(),
        Kind::of::<LifecycleConfiguration>(),
        Kind::of::<MountTarget>(),
    ]
}
