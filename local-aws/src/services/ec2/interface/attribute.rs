//! Attributes of an interface: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html>

use super::{INTERFACE, groups, view};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::kind::{missing_parameter, only_one, refuse_unsupported};
use serde_json::{Value, json};

/// `ModifyNetworkInterfaceAttribute`: one attribute a call; interfaces that AWS manages are not for customers to change.
pub(in crate::services::ec2) fn modify(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 6] = [
        "AssociatePublicIpAddress",
        "AssociatedSubnetIds",
        "Attachment",
        "ConnectionTrackingSpecification",
        "EnaSrdSpecification",
        "EnablePrimaryIpv6",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let id = input.text("NetworkInterfaceId");
    let row = INTERFACE.row(call, id)?;
    if row.flag("RequesterManaged") {
        return Err(Fault::new(
            "AuthFailure",
            "You do not have permission to access the specified resource.",
        ));
    }
    let change = match only_one(&input, &["Description", "SourceDestCheck", "Groups"])? {
        Some("Description") => json!({"Description": input["Description"].text("Value")}),
        Some("SourceDestCheck") => {
            json!({"SourceDestCheck": input["SourceDestCheck"].flag("Value")})
        }
        Some(_) => json!({"_groups": groups(call, &input.texts("Groups"), row.text("VpcId"))?}),
        None => return Err(missing_parameter("Description")),
    };
    call.merge(INTERFACE.table, id, change);
    Ok(json!({}))
}

/// `ResetNetworkInterfaceAttribute`: the source/destination check is on again.
pub(in crate::services::ec2) fn reset(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkInterfaceId");
    INTERFACE.row(call, id)?;
    call.merge(INTERFACE.table, id, json!({"SourceDestCheck": true}));
    Ok(json!({}))
}

/// `DescribeNetworkInterfaceAttribute`.
pub(in crate::services::ec2) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkInterfaceId");
    let row = INTERFACE.row(call, id)?;
    let seen = view(call, &row);
    let mut answer = json!({"NetworkInterfaceId": id});
    match input.text("Attribute") {
        "groupSet" => answer["Groups"] = seen["Groups"].clone(),
        "sourceDestCheck" => answer["SourceDestCheck"] = json!({"Value": row["SourceDestCheck"]}),
        "attachment" => answer["Attachment"] = row["Attachment"].clone(),
        "associatePublicIpAddress" => answer["AssociatePublicIpAddress"] = json!(false),
        _ => answer["Description"] = json!({"Value": row["Description"]}),
    }
    Ok(answer)
}
