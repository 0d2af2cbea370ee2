//! What an account has everywhere: zones, regions, attributes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>

use super::kind::{invalid_value, unknown_filter};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter::{self, Field};
use crate::region;
use serde_json::{Value, json};

fn passing(
    call: &Call,
    all: impl IntoIterator<Item = Value>,
    fields: &[Field],
) -> Result<Vec<Value>, Fault> {
    let input = call.input();
    let mut found = Vec::new();
    for one in all {
        if filter::passes(&one, input.items("Filters"), fields).map_err(unknown_filter)? {
            found.push(one);
        }
    }
    Ok(found)
}

/// `DescribeAvailabilityZones`.
pub(super) fn describe_zones(call: &mut Call) -> Result<Value, Fault> {
    const FILTERS: &[Field] = &[
        ("group-long-name", "GroupLongName"),
        ("group-name", "GroupName"),
        ("message", "Messages[].Message"),
        ("opt-in-status", "OptInStatus"),
        ("parent-zone-id", "ParentZoneId"),
        ("parent-zone-name", "ParentZoneName"),
        ("region-name", "RegionName"),
        ("state", "State"),
        ("zone-id", "ZoneId"),
        ("zone-name", "ZoneName"),
        ("zone-type", "ZoneType"),
    ];
    let input = call.input();
    let region = call.region().to_owned();
    let zones = region::zones(&region);
    let (names, ids) = (input.texts("ZoneNames"), input.texts("ZoneIds"));
    let unknown_name = names.iter().find(|name| zones.iter().all(|(known, _)| known != *name));
    let unknown_id = ids.iter().find(|id| zones.iter().all(|(_, known)| known != *id));
    if let Some(unknown) = unknown_name.or(unknown_id) {
        return Err(invalid_value(format!("Invalid availability zone: [{unknown}]")));
    }
    let wanted = zones.into_iter().filter(|(name, id)| {
        (names.is_empty() || names.contains(&name.as_str()))
            && (ids.is_empty() || ids.contains(&id.as_str()))
    });
    let described = wanted.map(|(name, id)| {
        json!({
            "ZoneName": name, "ZoneId": id, "RegionName": region, "State": "available", "ZoneType": "availability-zone",
            "OptInStatus": "opt-in-not-required", "GroupName": format!("{region}-zg-1"), "NetworkBorderGroup": region,
            "Messages": [],
        })
    });
    Ok(json!({"AvailabilityZones": passing(call, described, FILTERS)?}))
}

/// `DescribeRegions`.
pub(super) fn describe_regions(call: &mut Call) -> Result<Value, Fault> {
    const FILTERS: &[Field] = &[
        ("endpoint", "Endpoint"),
        ("opt-in-status", "OptInStatus"),
        ("region-name", "RegionName"),
    ];
    let input = call.input();
    let names = input.texts("RegionNames");
    if let Some(unknown) = names.iter().find(|name| region::names().all(|known| known != **name)) {
        return Err(invalid_value(format!("Invalid region name: [{unknown}]")));
    }
    let all = region::names().filter(|name| {
        let shown = region::is_default(name) || input.flag("AllRegions") || names.contains(name);
        shown && (names.is_empty() || names.contains(name))
    });
    let described = all.map(|name| {
        let status = if region::is_default(name) { "opt-in-not-required" } else { "not-opted-in" };
        json!({"RegionName": name, "Endpoint": format!("ec2.{name}.amazonaws.com"), "OptInStatus": status})
    });
    Ok(json!({"Regions": passing(call, described, FILTERS)?}))
}

/// `DescribeAccountAttributes`.
pub(super) fn describe_attributes(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = input.texts("AttributeNames");
    let addresses = call.quota("ec2.addresses", 5).to_string();
    let groups = call.quota("ec2.groups_per_interface", 5).to_string();
    let attributes = [
        ("supported-platforms", "VPC"),
        ("default-vpc", "none"),
        ("max-instances", "20"),
        ("max-elastic-ips", addresses.as_str()),
        ("vpc-max-elastic-ips", addresses.as_str()),
        ("vpc-max-security-groups-per-interface", groups.as_str()),
    ];
    let described =
        attributes.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    let described = described.map(|(name, value)| json!({"AttributeName": name, "AttributeValues": [{"AttributeValue": value}]}));
    Ok(json!({"AccountAttributes": described.collect::<Vec<_>>()}))
}
