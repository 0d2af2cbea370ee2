//! Making load balancers:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>

use super::{LOAD_BALANCER, attribute, by_name, place, zone};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::Spot;
use crate::services::elbv2::{invalid_configuration, name, tags, validation};
use crate::services::iam::ensure_linked_role;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// AWS's default quota of a region.
const QUOTA: usize = 50;

/// `CreateLoadBalancer`: the same name with the same settings answers the one that is there.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    supported(&input)?;
    name::check("load balancer", input.text("Name"))?;
    if input.text("Name").starts_with("internal-") {
        return Err(validation(format!(
            "The load balancer name '{}' cannot begin with 'internal-'",
            input.text("Name")
        )));
    }
    let tags = tags::of_request(input.items("Tags"))?;
    let spots = place::subnets(call, &input)?;
    let vpc = spots[0].1.vpc.clone();
    let groups = place::groups(call, &input.texts("SecurityGroups"), &vpc)?;
    if let Some(existing) = by_name(call, input.text("Name")) {
        return same(&input, &existing, (&spots, &groups), &tags);
    }
    if call.rows(LOAD_BALANCER).count() >= call.quota("elbv2.load_balancers", QUOTA) {
        let message = "The maximum number of load balancers has been reached";
        return Err(Fault::new("TooManyLoadBalancers", message));
    }
    let public = input.opt("Scheme") != Some("internal");
    place::fits(call, &spots, public)?;
    let row = made(call, &input, (&spots, &groups), tags, public)?;
    Ok(json!({"LoadBalancers": [row]}))
}

fn supported(input: &Value) -> Result<(), Fault> {
    if input.opt("Type").is_some_and(|kind| kind != "application") {
        return Err(Fault::not_implemented("network and gateway load balancers"));
    }
    let pools = ["CustomerOwnedIpv4Pool", "IpamPools"];
    if let Some(member) = pools.into_iter().find(|member| input.has(member)) {
        return Err(Fault::not_implemented(&format!("load balancers with {member}")));
    }
    if input.has("EnablePrefixForIpv6SourceNat") {
        return Err(invalid_configuration(
            "EnablePrefixForIpv6SourceNat is for network load balancers alone",
        ));
    }
    if input.opt("IpAddressType").is_some_and(|kind| kind != "ipv4") {
        return Err(Fault::not_implemented("load balancers with IPv6 addresses"));
    }
    Ok(())
}

/// The answer to a create of a name that is taken.
fn same(
    input: &Value,
    existing: &Value,
    (spots, groups): (&[(String, Spot)], &[String]),
    tags: &[Value],
) -> Result<Value, Fault> {
    let set = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let zones = existing.items("AvailabilityZones");
    let same = set(zones.iter().map(|zone| zone.text("SubnetId")).collect())
        == spots.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>()
        && set(existing.texts("SecurityGroups")) == groups.iter().cloned().collect()
        && existing.opt("Scheme") == input.opt("Scheme").or(Some("internet-facing"))
        && tags::same(existing.items("Tags"), tags);
    if same {
        return Ok(json!({"LoadBalancers": [existing]}));
    }
    let message = format!(
        "A load balancer with the same name '{}' exists, but with different settings",
        input.text("Name")
    );
    Err(Fault::new("DuplicateLoadBalancerName", message))
}

fn made(
    call: &mut Call,
    input: &Value,
    (spots, groups): (&[(String, Spot)], &[String]),
    tags: Vec<Value>,
    public: bool,
) -> Result<Value, Fault> {
    ensure_linked_role(call, "elasticloadbalancing.amazonaws.com");
    let name = input.text("Name");
    let id = call.new_hex("elbv2.load_balancer", 16);
    let arn = call.arn("elasticloadbalancing", &format!("loadbalancer/app/{name}/{id}"));
    let interfaces = place::interfaces(call, &arn, spots, (groups, public))?;
    let row = json!({
        "LoadBalancerArn": arn, "LoadBalancerName": name, "DNSName": dns_name(call, name, public),
        "CanonicalHostedZoneId": zone::hosted_zone(call.region()), "CreatedTime": call.now(),
        "Scheme": if public { "internet-facing" } else { "internal" }, "VpcId": spots[0].1.vpc,
        "State": {"Code": "provisioning"}, "Type": "application", "IpAddressType": "ipv4",
        "AvailabilityZones": place::zones(spots), "SecurityGroups": groups,
        "Tags": tags, "_arn": arn, "_key": arn, "_interfaces": interfaces,
        "_attributes": attribute::of_new(public),
    });
    call.put(LOAD_BALANCER, &arn, row.clone());
    let seconds = call.latency("elbv2.load_balancer", "create");
    let ready = json!({"State": {"Code": "active"}, "_active_at": call.now() + seconds});
    call.schedule(seconds, LOAD_BALANCER, &arn, Step::Merge(ready));
    Ok(row)
}

fn dns_name(call: &mut Call, name: &str, public: bool) -> String {
    let digits = call.new_hex("elbv2.dns", 8);
    let number = u64::from_str_radix(&digits, 16).unwrap_or_default() + 100_000_000;
    let start = if public { "" } else { "internal-" };
    format!("{start}{name}-{number}.{}.elb.amazonaws.com", call.region())
}
