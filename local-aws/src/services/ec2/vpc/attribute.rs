//! Attributes of a VPC: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>

use super::VPC;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one};
use serde_json::{Value, json};

/// The attributes: in requests and answers, in `Attribute`, and in rows.
const ATTRIBUTES: [(&str, &str, &str); 3] = [
    ("EnableDnsSupport", "enableDnsSupport", "_dns_support"),
    ("EnableDnsHostnames", "enableDnsHostnames", "_dns_hostnames"),
    ("EnableNetworkAddressUsageMetrics", "enableNetworkAddressUsageMetrics", "_address_metrics"),
];

/// `ModifyVpcAttribute`: one attribute a call.
pub(in crate::services::ec2) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("VpcId");
    let vpc = VPC.row(call, id)?;
    let set = only_one(&input, &ATTRIBUTES.map(|attribute| attribute.0))?;
    let set = set.ok_or_else(|| missing_parameter("EnableDnsSupport"))?;
    let value = input[set].flag("Value");
    if set == "EnableDnsHostnames" && value && !vpc.flag("_dns_support") {
        return Err(invalid_value(format!(
            "DNS hostnames need DNS support, which {id} has switched off"
        )));
    }
    for (_, _, member) in ATTRIBUTES.iter().filter(|attribute| attribute.0 == set) {
        call.merge(VPC.table, id, json!({*member: value}));
    }
    Ok(json!({}))
}

/// `DescribeVpcAttribute`.
pub(in crate::services::ec2) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("VpcId");
    let vpc = VPC.row(call, id)?;
    let mut answer = json!({"VpcId": id});
    for (name, _, member) in
        ATTRIBUTES.iter().filter(|attribute| attribute.1 == input.text("Attribute"))
    {
        answer[*name] = json!({"Value": vpc.flag(member)});
    }
    Ok(answer)
}
