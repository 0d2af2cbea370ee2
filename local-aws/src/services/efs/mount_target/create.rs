//! Making mount targets: <https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html>

use super::{MOUNT_TARGET, of, security_group};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Placed, Spot};
use crate::services::efs::{bad_request, file_system};
use crate::services::iam::ensure_linked_role;
use serde_json::{Value, json};

/// `CreateMountTarget`: one a zone, all in one VPC.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("Ipv6Address") || input.opt("IpAddressType").is_some_and(|it| it != "IPV4_ONLY") {
        return Err(Fault::not_implemented("mount targets with IPv6 addresses"));
    }
    let file_system = file_system::available(call, input.text("FileSystemId"))?;
    let (file_system_id, subnet) = (file_system.text("FileSystemId"), input.text("SubnetId"));
    let no_subnet =
        || Fault::new("SubnetNotFound", format!("The subnet ID '{subnet}' does not exist"));
    let spot = ec2::spot(call, subnet).ok_or_else(no_subnet)?;
    fits(call, &file_system, &spot)?;
    let groups = security_group::of_request(call, &input, &spot.vpc)?;
    ensure_linked_role(call, "elasticfilesystem.amazonaws.com");
    let id = call.new_id("fsmt");
    let placed = Placed {
        subnet,
        groups: &groups,
        private_ip: input.opt("IpAddress"),
        description: &format!("Mount target {id} for file system {file_system_id}"),
        requester: "EFS",
    };
    let (interface, address) = ec2::place(call, &placed).map_err(of_ec2)?;
    let row = json!({
        "MountTargetId": id, "FileSystemId": file_system_id, "SubnetId": subnet, "OwnerId": ACCOUNT,
        "LifeCycleState": "creating", "IpAddress": address, "NetworkInterfaceId": interface, "VpcId": spot.vpc,
        "AvailabilityZoneName": spot.zone, "AvailabilityZoneId": spot.zone_id, "_groups": groups, "_key": id,
    });
    call.put(MOUNT_TARGET, &id, row.clone());
    let seconds = call.latency("efs.mount_target", "create");
    let ready = json!({"LifeCycleState": "available"});
    call.schedule(seconds, MOUNT_TARGET, &id, Step::Merge(ready));
    Ok(row)
}

fn fits(call: &Call, file_system: &Value, spot: &Spot) -> Result<(), Fault> {
    if let Some(zone) = file_system.opt("AvailabilityZoneName").filter(|zone| *zone != spot.zone) {
        let message = format!(
            "The subnet is in {}, and the file system in the zone {zone} alone.",
            spot.zone
        );
        return Err(Fault::new("AvailabilityZonesMismatch", message));
    }
    for other in of(call, file_system.text("FileSystemId")) {
        let message = if other.text("VpcId") != spot.vpc {
            "requested subnet for new mount target is not in the same VPC as existing mount targets"
        } else if other.text("AvailabilityZoneName") == spot.zone {
            "mount target already exists in this AZ"
        } else {
            continue;
        };
        return Err(Fault::new("MountTargetConflict", message));
    }
    if call.zone_failed(&spot.zone) {
        let message = format!("{} does not answer.", spot.zone);
        return Err(Fault::new("InternalServerError", message));
    }
    Ok(())
}

/// A refusal of the interface, in EFS's words.
fn of_ec2(fault: Fault) -> Fault {
    match fault.code.as_str() {
        "InsufficientFreeAddressesInSubnet" => Fault::new("NoFreeAddressesInSubnet", fault.message),
        "InvalidIPAddress.InUse" => Fault::new("IpAddressInUse", fault.message),
        _ => bad_request(fault.message),
    }
}
