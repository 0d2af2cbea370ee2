//! The resource types of file systems, each with one change.

use globecart_aws::Stack;
use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::kms::Key;
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_network::VpcRefs;
use globecart_storage::{
    AccessPoint, FileSystem, FileSystemPolicy, FileSystemRefs, LifecycleConfiguration, MountTarget,
    Throughput, UnusedFor,
};

use super::Case;
use super::Change::{InPlace, Replacement};
use super::cases::{case, subnet, vpc};

/// Every case.
pub(super) const ALL: &[Case] = &[
    // EFS keeps elastic throughput while files are archived: the one change must make room for the other.
    case("a file system's throughput", InPlace, |stack, changed| {
        let (throughput, archive) = if changed {
            (Throughput::Provisioned(100), None)
        } else {
            (Throughput::Elastic, Some(UnusedFor::Days90))
        };
        let file_system = FileSystem::builder().throughput(throughput).backup(false).build();
        let file_system = stack.add("file-system", file_system)?;
        let lifecycle = LifecycleConfiguration::builder()
            .file_system(&file_system.id)
            .infrequent_access(UnusedFor::Days30)
            .archive_opt(archive)
            .build();
        stack.add("lifecycle", lifecycle)?;
        Ok(())
    }),
    case("a file system's backups", InPlace, |stack, changed| {
        stack.add("file-system", FileSystem::builder().backup(!changed).build())?;
        Ok(())
    }),
    case("a file system's key", Replacement, |stack, changed| {
        let place = stack.place().clone();
        let policy =
            PolicyDocument::for_key(&place, Statement::used_through("elasticfilesystem", &place));
        let mut keys = ["one", "two"].map(|name| {
            let key = Key::builder().description(name).policy(policy.clone()).build();
            stack.add(name, key)
        });
        keys.rotate_left(usize::from(changed));
        let [key, other] = keys;
        other?;
        let file_system = FileSystem::builder().kms_key(&key?.arn).backup(false).build();
        let file_system = stack.add("file-system", file_system)?;
        let point = point(&file_system);
        stack.add("point", point)?;
        Ok(())
    }),
    case("a mount target's security groups", InPlace, |stack, changed| {
        let (file_system, vpc) = (file_system(stack)?, vpc(stack)?);
        let subnet = stack.add("subnet", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let mut groups = vec![group(stack, &vpc, "one")?, group(stack, &vpc, "two")?];
        groups.truncate(if changed { 1 } else { 2 });
        let target = MountTarget::builder()
            .file_system(&file_system.id)
            .subnet(&subnet.id)
            .security_groups(groups)
            .build();
        stack.add("target", target)?;
        Ok(())
    }),
    case("a mount target's subnet", Replacement, |stack, changed| {
        let (file_system, vpc) = (file_system(stack)?, vpc(stack)?);
        let first = stack.add("first", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let second = stack.add("second", subnet(&vpc, "10.0.1.0/24", "a"))?;
        let groups = vec![group(stack, &vpc, "one")?];
        let target = MountTarget::builder()
            .file_system(&file_system.id)
            .subnet(if changed { &second.id } else { &first.id })
            .security_groups(groups)
            .build();
        stack.add("target", target)?;
        Ok(())
    }),
    case("an access point", Replacement, |stack, changed| {
        let file_system = file_system(stack)?;
        let uid = if changed { 1001 } else { 1000 };
        stack.add("point", AccessPoint { uid, ..point(&file_system) })?;
        Ok(())
    }),
    case("a file-system policy", InPlace, |stack, changed| {
        let file_system = file_system(stack)?;
        let tls = Statement::refuse_plain_http(["*"]).on(file_system.arn.text());
        let root = Statement::deny(["elasticfilesystem:ClientRootAccess"]).anybody();
        let root = root.on(file_system.arn.text());
        let statements = if changed { vec![tls] } else { vec![tls, root] };
        let policy = FileSystemPolicy::builder()
            .file_system(&file_system.id)
            .policy(PolicyDocument::new(statements));
        stack.add("policy", policy.build())?;
        Ok(())
    }),
    // These go while their file systems stay.
    case("what a file system does without", InPlace, |stack, changed| {
        let file_system = file_system(stack)?;
        let policy = |deny: &str| {
            let statement = Statement::deny([deny]).anybody().on(file_system.arn.text());
            FileSystemPolicy::builder()
                .file_system(&file_system.id)
                .policy(PolicyDocument::new([statement]))
                .build()
        };
        let other = stack.add("other", FileSystem::builder().backup(changed).build())?;
        if changed {
            stack.knows(globecart_storage::kinds());
        } else {
            stack.add("policy", policy("elasticfilesystem:ClientRootAccess"))?;
            let lifecycle = LifecycleConfiguration::builder()
                .file_system(&other.id)
                .infrequent_access(UnusedFor::Day)
                .back_on_access(false);
            stack.add("lifecycle", lifecycle.build())?;
        }
        Ok(())
    }),
];

fn file_system(stack: &mut Stack) -> Result<FileSystemRefs, Invalid> {
    stack.add("file-system", FileSystem::builder().backup(false).build())
}

fn point(file_system: &FileSystemRefs) -> AccessPoint {
    AccessPoint::builder()
        .file_system(&file_system.id)
        .path("/media/in")
        .uid(1000)
        .gid(1000)
        .secondary_gids([2000, 3000].into())
        .permissions("0755")
        .build()
}

fn group(
    stack: &mut Stack,
    vpc: &VpcRefs,
    name: &str,
) -> Result<Input<globecart_aws::SecurityGroupId>, Invalid> {
    let group = SecurityGroup::builder().vpc(&vpc.id).description(name).build();
    Ok((&stack.add(name, group)?.id).into())
}
