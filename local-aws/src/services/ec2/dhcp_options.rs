//! DHCP options sets: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html>

use super::kind::{Kind, has_dependencies, invalid_value};
use super::vpc::VPC;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Rows are a `DhcpOptions`; the region's default set is marked `_default`.
pub(super) const DHCP_OPTIONS: Kind = Kind {
    table: Table::regional("ec2.dhcp_options"),
    prefix: "dopt",
    resource_type: "dhcp-options",
    noun: "dhcpOption ID",
    not_found: "InvalidDhcpOptionID.NotFound",
    malformed: Some("InvalidDhcpOptionsId.Malformed"),
    filters: &[
        ("dhcp-options-id", "DhcpOptionsId"),
        ("key", "DhcpConfigurations[].Key"),
        ("value", "DhcpConfigurations[].Values[].Value"),
        ("owner-id", "OwnerId"),
    ],
};

/// The options that a set can have, and how many values each takes.
const OPTIONS: [(&str, usize); 6] = [
    ("domain-name", 1),
    ("domain-name-servers", 4),
    ("ntp-servers", 8),
    ("netbios-name-servers", 4),
    ("netbios-node-type", 1),
    ("ipv6-address-preferred-lease-time", 1),
];

/// The id of the region's default set, which AWS has made before anybody asks.
pub(super) fn default(call: &mut Call) -> String {
    let known = call
        .rows(DHCP_OPTIONS.table)
        .find(|(_, row)| row.flag("_default"))
        .map(|(id, _)| id.to_owned());
    if let Some(known) = known {
        return known;
    }
    let id = call.new_id("dopt");
    let region = call.region();
    let domain = if region == "us-east-1" {
        "ec2.internal".to_owned()
    } else {
        format!("{region}.compute.internal")
    };
    let row = json!({
        "DhcpOptionsId": id, "OwnerId": ACCOUNT, "Tags": [], "_arn": DHCP_OPTIONS.arn(call, &id), "_default": true,
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": domain}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
        ],
    });
    call.put(DHCP_OPTIONS.table, &id, row);
    id
}

/// `CreateDhcpOptions`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let given = input.items("DhcpConfigurations");
    if given.is_empty() {
        return Err(invalid_value("At least one DHCP option is needed"));
    }
    let configurations = given.iter().map(configuration).collect::<Result<Vec<_>, _>>()?;
    let id = call.new_id("dopt");
    let row =
        json!({"DhcpOptionsId": id, "OwnerId": ACCOUNT, "DhcpConfigurations": configurations});
    let row = DHCP_OPTIONS.create(call, &id, row)?;
    Ok(json!({"DhcpOptions": row}))
}

fn configuration(given: &Value) -> Result<Value, Fault> {
    let key = given.text("Key");
    let servers = key.ends_with("-servers");
    let mut values = given.texts("Values");
    if servers {
        // One value may list several servers.
        values = values.into_iter().flat_map(|listed| listed.split(',')).map(str::trim).collect();
    }
    let known = OPTIONS.iter().find(|(name, _)| *name == key);
    let (_, most) = known.ok_or_else(|| {
        invalid_value(format!("Value ({key}) for parameter name is invalid. Unknown DHCP option"))
    })?;
    if values.is_empty() || values.len() > *most {
        return Err(invalid_value(format!("The DHCP option {key} takes 1 to {most} values")));
    }
    let is_server = |value: &&str| {
        value.parse::<IpAddr>().is_ok()
            || (key == "domain-name-servers" && *value == "AmazonProvidedDNS")
    };
    if let Some(wrong) = values.iter().find(|value| servers && !is_server(value)) {
        return Err(invalid_value(format!(
            "Value ({wrong}) for parameter value is invalid. Invalid address"
        )));
    }
    let values: Vec<Value> = values.iter().map(|value| json!({"Value": value})).collect();
    Ok(json!({"Key": key, "Values": values}))
}

/// `DescribeDhcpOptions`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(
        json!({"DhcpOptions": DHCP_OPTIONS.describe(call, "DhcpOptionsIds", "Filters", |_, row| row.clone())?}),
    )
}

/// `AssociateDhcpOptions`; the id `default` means none, not even the region's default set.
pub(super) fn associate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let vpc = input.text("VpcId");
    VPC.row(call, vpc)?;
    let options = match input.text("DhcpOptionsId") {
        none @ "default" => none.to_owned(),
        id => DHCP_OPTIONS.row(call, id).map(|_| id.to_owned())?,
    };
    call.merge(VPC.table, vpc, json!({"DhcpOptionsId": options}));
    Ok(json!({}))
}

/// `DeleteDhcpOptions`: only when no VPC uses it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("DhcpOptionsId");
    DHCP_OPTIONS.row(call, id)?;
    if call.rows(VPC.table).any(|(_, vpc)| vpc.text("DhcpOptionsId") == id) {
        return Err(has_dependencies("dhcpOptions", id));
    }
    call.remove(DHCP_OPTIONS.table, id);
    Ok(json!({}))
}
