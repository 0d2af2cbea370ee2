//! Interfaces and names of an interface endpoint.

use super::{VPC_ENDPOINT, service};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::interface::{self, INTERFACE, Managed};
use crate::services::ec2::subnet::SUBNET;
use serde_json::{Value, json};

/// Whether an endpoint keeps its own DNS names or gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DnsNames {
    /// They are made.
    New,
    /// They stay, and the service's private name comes or goes.
    Kept,
}

/// Private DNS needs both DNS attributes of the VPC, and no other endpoint with the same name.
pub(super) fn check_private_dns(call: &Call, vpc: &Value, row: &Value) -> Result<(), Fault> {
    let id = vpc.text("VpcId");
    if !vpc.flag("_dns_support") || !vpc.flag("_dns_hostnames") {
        let message = format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {id}"
        );
        return Err(Fault::new("InvalidParameter", message));
    }
    let conflicts = |other: &Value| {
        other.text("VpcId") == id
            && other.text("ServiceName") == row.text("ServiceName")
            && other.text("VpcEndpointId") != row.text("VpcEndpointId")
            && other.flag("PrivateDnsEnabled")
    };
    if call.rows(VPC_ENDPOINT.table).any(|(_, other)| conflicts(other)) {
        let name =
            service::private_dns_name(call.region(), row.text("ServiceName")).unwrap_or_default();
        let message = format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC {id}"
        );
        return Err(Fault::new("InvalidParameter", message));
    }
    Ok(())
}

/// Puts an interface into each subnet: one subnet a zone.
pub(super) fn add_subnets(call: &mut Call, row: &mut Value, subnets: &[&str]) -> Result<(), Fault> {
    let mut zones = Vec::new();
    for subnet in row.texts("SubnetIds") {
        zones.extend(
            call.get(SUBNET.table, subnet).map(|subnet| subnet.text("AvailabilityZone").to_owned()),
        );
    }
    for id in subnets {
        let subnet = SUBNET.row(call, id)?;
        if subnet.text("VpcId") != row.text("VpcId") {
            return Err(Fault::new(
                "InvalidParameter",
                format!("The subnet {id} does not belong to {}", row.text("VpcId")),
            ));
        }
        let zone = subnet.text("AvailabilityZone").to_owned();
        if zones.contains(&zone) {
            let message = format!(
                "Found another VPC endpoint subnet in the availability zone of {id}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service."
            );
            return Err(Fault::new("DuplicateSubnetsInSameZone", message));
        }
        zones.push(zone);
    }
    let groups: Vec<String> = row.texts("_groups").into_iter().map(str::to_owned).collect();
    let mut interfaces: Vec<String> =
        row.texts("NetworkInterfaceIds").into_iter().map(str::to_owned).collect();
    let mut all: Vec<String> = row.texts("SubnetIds").into_iter().map(str::to_owned).collect();
    for subnet in subnets {
        let managed = Managed {
            subnet,
            groups: &groups,
            private_ip: None,
            description: &format!("VPC Endpoint Interface {}", row.text("VpcEndpointId")),
            interface_type: "vpc_endpoint",
        };
        interfaces
            .push(interface::create_managed(call, &managed)?.text("NetworkInterfaceId").to_owned());
        all.push((*subnet).to_owned());
    }
    row["NetworkInterfaceIds"] = json!(interfaces);
    row["SubnetIds"] = json!(all);
    Ok(())
}

/// Takes the endpoint's interfaces out of subnets.
pub(super) fn remove_subnets(call: &mut Call, row: &mut Value, subnets: &[&str]) {
    let in_them = |id: &str| {
        call.get(INTERFACE.table, id).is_some_and(|row| subnets.contains(&row.text("SubnetId")))
    };
    let all = row.texts("NetworkInterfaceIds").into_iter().map(str::to_owned);
    let (gone, kept): (Vec<String>, Vec<String>) = all.partition(|id| in_them(id));
    for id in gone {
        interface::remove(call, &id);
    }
    let left: Vec<String> = row
        .texts("SubnetIds")
        .into_iter()
        .filter(|id| !subnets.contains(id))
        .map(str::to_owned)
        .collect();
    row["NetworkInterfaceIds"] = json!(kept);
    row["SubnetIds"] = json!(left);
}

/// The names under which an endpoint is found: its own, one for each zone, and the service's if private DNS is on.
pub(super) fn dns_entries(call: &mut Call, row: &Value, names: DnsNames) -> Value {
    let region = call.region().to_owned();
    let service = row
        .text("ServiceName")
        .rsplit_once(&format!("{region}."))
        .map_or("", |(_, short)| short)
        .to_owned();
    let label = match row.items("DnsEntries").first().map(|entry| entry.text("DnsName")) {
        Some(known) if names == DnsNames::Kept => {
            known.split('.').next().unwrap_or_default().to_owned()
        }
        _ => format!("{}-{}", row.text("VpcEndpointId"), call.new_hex("ec2.vpc_endpoint_dns", 8)),
    };
    let zone_id = |name: &str| format!("Z{}", crate::call::digest(name)[..13].to_uppercase());
    let own = format!("{service}.{region}.vpce.amazonaws.com");
    let zones = row.texts("SubnetIds").into_iter().filter_map(|id| call.get(SUBNET.table, id));
    let zones: Vec<String> =
        zones.map(|subnet| format!("{label}-{}.{own}", subnet.text("AvailabilityZone"))).collect();
    let mut entries: Vec<Value> = std::iter::once(format!("{label}.{own}"))
        .chain(zones)
        .map(|name| json!({"DnsName": name, "HostedZoneId": zone_id(&own)}))
        .collect();
    if let Some(name) = service::private_dns_name(&region, row.text("ServiceName"))
        .filter(|_| row.flag("PrivateDnsEnabled"))
    {
        let zone = zone_id(&format!("{}/{name}", row.text("VpcEndpointId")));
        entries.push(json!({"DnsName": name, "HostedZoneId": zone}));
    }
    Value::Array(entries)
}
