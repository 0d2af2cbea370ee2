//! Other subnets and security groups for a load balancer.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html>

use super::{LOAD_BALANCER, named, place};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Spot};
use crate::services::elbv2::invalid_configuration;
use serde_json::{Value, json};

/// `SetSecurityGroups`.
pub(in super::super) fn security_groups(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("LoadBalancerArn"))?;
    if input.has("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic") {
        return Err(invalid_configuration("PrivateLink is for network load balancers alone"));
    }
    let groups = place::groups(call, &input.texts("SecurityGroups"), row.text("VpcId"))?;
    for (_, interface) in row["_interfaces"].as_object().into_iter().flatten() {
        ec2::regroup(call, interface.as_str().unwrap_or_default(), &groups);
    }
    call.merge(LOAD_BALANCER, row.text("_arn"), json!({"SecurityGroups": groups}));
    Ok(json!({"SecurityGroupIds": groups}))
}

/// `SetSubnets`: the new ones get an interface each, and those that are left out lose theirs.
pub(in super::super) fn subnets(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.opt("IpAddressType").is_some_and(|kind| kind != "ipv4") {
        return Err(Fault::not_implemented("load balancers with IPv6 addresses"));
    }
    let row = named(call, input.text("LoadBalancerArn"))?;
    let spots = place::subnets(call, &input)?;
    if spots.iter().any(|(_, spot)| spot.vpc != row.text("VpcId")) {
        return Err(invalid_configuration("The subnets must belong to the load balancer's VPC"));
    }
    let interfaces = moved(call, &row, &spots)?;
    let zones = place::zones(&spots);
    let members = json!({"AvailabilityZones": zones, "_interfaces": interfaces});
    call.merge(LOAD_BALANCER, row.text("_arn"), members);
    Ok(json!({"AvailabilityZones": zones, "IpAddressType": row["IpAddressType"]}))
}

/// The interfaces after a change of subnets.
fn moved(call: &mut Call, row: &Value, spots: &[(String, Spot)]) -> Result<Value, Fault> {
    let old = row["_interfaces"].as_object().cloned().unwrap_or_default();
    let public = row.text("Scheme") == "internet-facing";
    let fresh: Vec<(String, Spot)> =
        spots.iter().filter(|(subnet, _)| !old.contains_key(subnet)).cloned().collect();
    place::fits(call, &fresh, public)?;
    let groups: Vec<String> = row.texts("SecurityGroups").into_iter().map(str::to_owned).collect();
    let mut all = place::interfaces(call, row.text("_arn"), &fresh, (&groups, public))?;
    for (subnet, interface) in old {
        if spots.iter().any(|(kept, _)| *kept == subnet) {
            all.insert(subnet, interface);
        } else {
            ec2::withdraw(call, interface.as_str().unwrap_or_default());
        }
    }
    Ok(Value::Object(all))
}

/// `SetIpAddressType`.
pub(in super::super) fn ip_address_type(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, input.text("LoadBalancerArn"))?;
    if input.text("IpAddressType") != "ipv4" {
        return Err(Fault::not_implemented("load balancers with IPv6 addresses"));
    }
    Ok(json!({"IpAddressType": row["IpAddressType"]}))
}
