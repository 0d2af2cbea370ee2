//! EFS volumes: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html>

use super::start::Starting;
use crate::call::Call;
use crate::fields::Fields;
use crate::services::ec2;
use crate::services::efs::{self, Mount, MountRefused};
use serde_json::Value;

/// Mounts every file system of a task.
pub(super) fn mount(call: &Call, starting: &Starting) -> Result<(), String> {
    for volume in starting.definition.items("volumes") {
        if volume.has("efsVolumeConfiguration") {
            mount_one(call, starting, &volume["efsVolumeConfiguration"])?;
        }
    }
    Ok(())
}

fn mount_one(call: &Call, starting: &Starting, volume: &Value) -> Result<(), String> {
    let task = starting.task;
    let zone = ec2::spot(call, task.text("_subnet")).map(|spot| spot.zone_id).unwrap_or_default();
    let authorization = &volume["authorizationConfig"];
    let signs = authorization.text("iam") == "ENABLED";
    let wanted = |group| Mount {
        file_system: volume.text("fileSystemId"),
        access_point: authorization.opt("accessPointId"),
        zone: &zone,
        security_group: group,
        role: starting.task_role().filter(|_| signs),
        tls: volume.text("transitEncryption") == "ENABLED",
    };
    let mut refused = MountRefused::TimedOut;
    for group in task.texts("_groups") {
        match efs::mount(call, &wanted(group)) {
            Ok(_) => return Ok(()),
            Err(why) => refused = why,
        }
    }
    let why = match refused {
        MountRefused::TimedOut => "mount.nfs4: Connection timed out".to_owned(),
        MountRefused::Denied => {
            "mount.nfs4: access denied by server while mounting 127.0.0.1:/".to_owned()
        }
        MountRefused::NotAvailable(id) => {
            format!("Failed to resolve \"{id}\" - check that your file system ID is correct")
        }
    };
    Err(format!(
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: {why} : unsuccessful EFS utils command execution; code: 32"
    ))
}
