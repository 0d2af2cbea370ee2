//! The security groups of mount targets.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_ModifyMountTargetSecurityGroups.html>

use super::{MOUNT_TARGET, named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2;
use serde_json::{Value, json};

/// AWS's default quota of security groups on one interface.
const QUOTA: usize = 5;

/// The groups that a request names, which must be of the VPC; the VPC's default one if it names none.
pub(super) fn of_request(call: &Call, input: &Value, vpc: &str) -> Result<Vec<String>, Fault> {
    let named = input.texts("SecurityGroups");
    if named.is_empty() {
        return Ok(ec2::default_group(call, vpc).into_iter().collect());
    }
    for group in &named {
        if ec2::vpc_of_group(call, group).is_none_or(|of| of != vpc) {
            let message =
                format!("The security group ID '{group}' does not exist in the VPC '{vpc}'");
            return Err(Fault::new("SecurityGroupNotFound", message));
        }
    }
    let quota = call.quota("ec2.groups_per_interface", QUOTA);
    if named.len() > quota {
        let message = format!("A mount target can have at most {quota} security groups.");
        return Err(Fault::new("SecurityGroupLimitExceeded", message));
    }
    Ok(named.into_iter().map(str::to_owned).collect())
}

/// A mount target that has its interface and keeps it.
fn in_place(call: &Call, input: &Value) -> Result<Value, Fault> {
    let row = named(call, input.text("MountTargetId"))?;
    if row.text("LifeCycleState") == "deleting" {
        let message = format!("Mount target '{}' is being deleted.", row.text("MountTargetId"));
        return Err(Fault::new("IncorrectMountTargetState", message));
    }
    Ok(row)
}

/// `DescribeMountTargetSecurityGroups`.
pub(in super::super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = in_place(call, &call.input())?;
    Ok(json!({"SecurityGroups": row["_groups"]}))
}

/// `ModifyMountTargetSecurityGroups`.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = in_place(call, &input)?;
    let groups = of_request(call, &input, row.text("VpcId"))?;
    ec2::regroup(call, row.text("NetworkInterfaceId"), &groups);
    call.merge(MOUNT_TARGET, row.text("MountTargetId"), json!({"_groups": groups}));
    Ok(json!({}))
}
