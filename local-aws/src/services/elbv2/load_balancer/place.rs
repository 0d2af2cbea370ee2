//! Subnets and security groups of load balancers.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::{self, Placed, Spot};
use crate::services::elbv2::{invalid_configuration, name, validation};
use serde_json::{Map, Value, json};

/// AWS's default quota of security groups of one load balancer.
const GROUPS: usize = 5;

/// Addresses that a subnet must have free.
const FREE_ADDRESSES: u64 = 8;

/// The subnets that a request names, with where they are: in two zones or more of one VPC.
pub(super) fn subnets(call: &Call, input: &Value) -> Result<Vec<(String, Spot)>, Fault> {
    let ids = ids(input)?;
    let mut spots: Vec<(String, Spot)> = Vec::new();
    for id in ids {
        let missing =
            || Fault::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist"));
        let spot = ec2::spot(call, &id).ok_or_else(missing)?;
        if spots.iter().any(|(_, other)| other.vpc != spot.vpc) {
            return Err(invalid_configuration("All subnets must belong to the same VPC"));
        }
        if spots.iter().any(|(_, other)| other.zone == spot.zone) {
            return Err(invalid_configuration(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            ));
        }
        spots.push((id, spot));
    }
    if spots.len() < 2 {
        return Err(validation(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    Ok(spots)
}

fn ids(input: &Value) -> Result<Vec<String>, Fault> {
    let mappings = input.items("SubnetMappings");
    if input.has("Subnets") == input.has("SubnetMappings") {
        return Err(validation("Either Subnets or SubnetMappings must be specified, but not both"));
    }
    for mapping in mappings {
        let further = ["AllocationId", "PrivateIPv4Address", "IPv6Address", "SourceNatIpv6Prefix"];
        if let Some(member) = further.into_iter().find(|member| mapping.has(member)) {
            return Err(invalid_configuration(format!(
                "{member} cannot be specified for application load balancers"
            )));
        }
    }
    let mut ids = input.texts("Subnets");
    ids.extend(mappings.iter().map(|mapping| mapping.text("SubnetId")));
    Ok(ids.into_iter().map(str::to_owned).collect())
}

/// Whether a load balancer fits into subnets that it is not in yet.
pub(super) fn fits(call: &Call, spots: &[(String, Spot)], public: bool) -> Result<(), Fault> {
    let invalid = |message: String| Fault::new("InvalidSubnet", message);
    for (id, spot) in spots {
        if public && !ec2::has_internet_gateway(call, &spot.vpc) {
            return Err(invalid(format!("VPC {} has no internet gateway", spot.vpc)));
        }
        if ec2::free_addresses(call, id) < FREE_ADDRESSES {
            return Err(invalid(format!(
                "Not enough IP space available in {id}. ELB requires at least {FREE_ADDRESSES} free IP addresses in each subnet."
            )));
        }
    }
    Ok(())
}

/// The security groups that a request names, which must be of the VPC; the VPC's default one if it names none.
pub(super) fn groups(call: &Call, named: &[&str], vpc: &str) -> Result<Vec<String>, Fault> {
    if named.is_empty() {
        return Ok(ec2::default_group(call, vpc).into_iter().collect());
    }
    for group in named {
        match ec2::vpc_of_group(call, group) {
            None => {
                let message = format!("Security group '{group}' does not exist");
                return Err(Fault::new("InvalidSecurityGroup", message));
            }
            Some(of) if of != vpc => {
                return Err(invalid_configuration("One or more security groups are invalid"));
            }
            Some(_) => {}
        }
    }
    if named.len() > call.quota("elbv2.groups_per_load_balancer", GROUPS) {
        return Err(invalid_configuration(format!(
            "A load balancer can have at most {GROUPS} security groups"
        )));
    }
    Ok(named.iter().map(|group| (*group).to_owned()).collect())
}

/// Puts an interface into each subnet: their ids by subnet.
pub(super) fn interfaces(
    call: &mut Call,
    arn: &str,
    spots: &[(String, Spot)],
    (groups, public): (&[String], bool),
) -> Result<Map<String, Value>, Fault> {
    let description = format!("ELB {}", name::path(arn));
    let mut placed = Map::new();
    for (subnet, _) in spots {
        let wanted = Placed {
            subnet,
            groups,
            private_ip: None,
            description: &description,
            requester: "amazon-elb",
        };
        let made = if public {
            ec2::place_public(call, &wanted)
        } else {
            ec2::place(call, &wanted).map(|(id, _)| id)
        };
        let id = made.map_err(|fault| Fault::new("InvalidSubnet", fault.message))?;
        placed.insert(subnet.clone(), json!(id));
    }
    Ok(placed)
}

/// The `AvailabilityZones` of a load balancer.
pub(super) fn zones(spots: &[(String, Spot)]) -> Vec<Value> {
    let zone = |(subnet, spot): &(String, Spot)| json!({"ZoneName": spot.zone, "SubnetId": subnet, "LoadBalancerAddresses": []});
    spots.iter().map(zone).collect()
}
