//! Who may mount: <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>
//!
//! What is denied here is denied to everybody, whatever identity policies say; what is allowed is allowed to declared
//! clients. A policy that denied only what comes without TLS would lock them out: with a policy of its own, a file
//! system no longer lets in whoever reaches it.

use std::collections::BTreeMap;

use globecart_aws::engine::{Input, Invalid};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{RoleArn, Stack};

use crate::{
    AccessPointRefs, FileSystemPolicy, FileSystemPolicyRefs, FileSystemRefs, MountAccess, Storage,
};

const MOUNT: &str = "elasticfilesystem:ClientMount";
const WRITE: &str = "elasticfilesystem:ClientWrite";
const ROOT: &str = "elasticfilesystem:ClientRootAccess";
const CLIENT: [&str; 3] = [MOUNT, WRITE, ROOT];

const THROUGH: &str = "elasticfilesystem:AccessPointArn";
const BY_MOUNT_TARGET: &str = "elasticfilesystem:AccessedViaMountTarget";

impl Storage<'_> {
    /// Declares the policy, by which nobody may mount yet.
    pub(crate) fn policy(
        &self,
        stack: &mut Stack,
        file_system: &FileSystemRefs,
        access_points: &BTreeMap<String, AccessPointRefs>,
    ) -> Result<FileSystemPolicyRefs, Invalid> {
        let whole = file_system.arn.text();
        let mut statements = Vec::new();
        match &self.without_tls {
            None => statements.push(Statement::refuse_plain_http(["*"])),
            Some(waived) => {
                waived.apply(stack, "without_tls", "encrypting files on their way to clients")?;
            }
        }
        let outside = Statement::deny(CLIENT).sid("OnlyAccessPoints").anybody();
        let outside = access_points.values().fold(outside, |outside, point| {
            outside.when("StringNotEquals", THROUGH, point.arn.text())
        });
        statements.push(outside);
        let elsewhere = Statement::deny(CLIENT).sid("OnlyMountTargets").anybody();
        statements.push(elsewhere.when("Bool", BY_MOUNT_TARGET, "false"));
        statements.push(Statement::deny([ROOT]).sid("NoRoot").anybody());
        let policy = PolicyDocument::new(statements.into_iter().map(|one| one.on(&whole)));
        let policy = FileSystemPolicy::builder().file_system(&file_system.id).policy(policy);
        stack.add("policy", policy.build())
    }
}

/// A role may mount through an access point.
pub(crate) fn may_mount(
    file_system: &FileSystemRefs,
    point: &AccessPointRefs,
    role: &Input<RoleArn>,
    access: MountAccess,
) -> Statement {
    let actions: &[&str] = match access {
        MountAccess::ReadOnly => &[MOUNT],
        MountAccess::ReadWrite => &[MOUNT, WRITE],
    };
    Statement::allow(actions.iter().copied())
        .identity(role.text())
        .on(file_system.arn.text())
        .when("Bool", BY_MOUNT_TARGET, "true")
        .when("StringEquals", THROUGH, point.arn.text())
}
