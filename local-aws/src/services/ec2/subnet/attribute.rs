//! Attributes of a subnet: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>

use super::SUBNET;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one, refuse_unsupported};
use serde_json::{Value, json};

/// The attributes that are a truth value of the subnet itself.
const FLAGS: [&str; 3] = ["MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "EnableDns64"];

/// The attributes within the options for private names: in the request, and in the options.
const NAMES: [(&str, &str); 3] = [
    ("PrivateDnsHostnameTypeOnLaunch", "HostnameType"),
    ("EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecord"),
    ("EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecord"),
];

/// `ModifySubnetAttribute`: one attribute a call.
pub(in crate::services::ec2) fn modify(call: &mut Call) -> Result<Value, Fault> {
    const UNSUPPORTED: [&str; 4] = [
        "CustomerOwnedIpv4Pool",
        "DisableLniAtDeviceIndex",
        "EnableLniAtDeviceIndex",
        "MapCustomerOwnedIpOnLaunch",
    ];
    refuse_unsupported(call, &UNSUPPORTED)?;
    let input = call.input();
    let id = input.text("SubnetId");
    SUBNET.row(call, id)?;
    let members: Vec<&str> = FLAGS.into_iter().chain(NAMES.map(|(member, _)| member)).collect();
    let set =
        only_one(&input, &members)?.ok_or_else(|| missing_parameter("MapPublicIpOnLaunch"))?;
    let value = input[set].get("Value").unwrap_or(&input[set]).clone();
    let needs_ipv6 = ["AssignIpv6AddressOnCreation", "EnableDns64"].contains(&set);
    if needs_ipv6 && value == json!(true) {
        return Err(invalid_value(format!("{id} has no IPv6 CIDR block")));
    }
    call.update(SUBNET.table, id, |row| match NAMES.iter().find(|(member, _)| *member == set) {
        Some((_, option)) => row["PrivateDnsNameOptionsOnLaunch"][*option] = value,
        None => row[set] = value,
    });
    Ok(json!({}))
}
