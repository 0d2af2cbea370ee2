//! What requests call permissions: each is one or several rules.

use super::SECURITY_GROUP;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::cidr::{Block, canonical_v6};
use crate::services::ec2::kind::{invalid_value, missing_parameter};
use crate::services::ec2::prefix_list;
use serde_json::{Value, json};

/// The names that AWS keeps for protocols that requests give by number.
const PROTOCOLS: [(&str, &str); 5] =
    [("1", "icmp"), ("6", "tcp"), ("17", "udp"), ("58", "icmpv6"), ("all", "-1")];

/// The members of a rule that say from or to where it leads.
pub(super) const PEERS: [&str; 4] = ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupInfo"];

/// The rules that a request's permissions stand for, without ids.
pub(super) fn rules(
    call: &Call,
    input: &Value,
    group: &Value,
    egress: bool,
) -> Result<Vec<Value>, Fault> {
    let mut rules = Vec::new();
    for permission in permissions(call, input)? {
        let traffic = traffic(&permission)?;
        let peers = peers(call, &permission, group)?;
        if peers.is_empty() {
            return Err(missing_parameter(if egress {
                "IpPermissions.IpRanges"
            } else {
                "source"
            }));
        }
        for peer in peers {
            let mut rule =
                json!({"GroupId": group["GroupId"], "GroupOwnerId": ACCOUNT, "IsEgress": egress});
            for part in [&traffic, &peer] {
                for (name, value) in part.as_object().into_iter().flatten() {
                    rule[name] = value.clone();
                }
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

/// The permissions in the list, or the single one that the request's own members make up.
fn permissions(call: &Call, input: &Value) -> Result<Vec<Value>, Fault> {
    let flat = ["CidrIp", "IpProtocol", "FromPort", "ToPort", "SourceSecurityGroupName"]
        .iter()
        .any(|name| input.has(name));
    match (input.items("IpPermissions"), flat) {
        ([], false) => Err(missing_parameter("IpPermissions")),
        (listed, false) => Ok(listed.to_vec()),
        ([], true) if input.has("SourceSecurityGroupName") => {
            let name = input.text("SourceSecurityGroupName");
            let message = format!("The security group '{name}' does not exist in default VPC");
            Err(Fault::new("InvalidGroup.NotFound", message))
        }
        ([], true) => Ok(vec![json!({
            "IpProtocol": input["IpProtocol"], "FromPort": input["FromPort"], "ToPort": input["ToPort"],
            "IpRanges": input.opt("CidrIp").map(|cidr| json!({"CidrIp": cidr})).into_iter().collect::<Vec<_>>(),
        })]),
        (_, true) => {
            let message =
                format!("{} takes either IpPermissions or a single permission", call.operation());
            Err(Fault::new("InvalidParameterCombination", message))
        }
    }
}

/// Protocol and ports of a permission, as a rule keeps them.
pub(super) fn traffic(permission: &Value) -> Result<Value, Fault> {
    let given = permission.opt("IpProtocol").ok_or_else(|| missing_parameter("ipProtocol"))?;
    let lower = given.to_lowercase();
    let named = PROTOCOLS.iter().find(|(number, _)| *number == lower).map(|(_, name)| *name);
    let protocol = named.unwrap_or(&lower);
    let known =
        PROTOCOLS.iter().any(|(_, name)| *name == protocol) || protocol.parse::<u8>().is_ok();
    if !known {
        return Err(invalid_value(format!(
            "Invalid value '{given}' for IP protocol. Unknown protocol."
        )));
    }
    let (from, to) = (permission.int("FromPort"), permission.int("ToPort"));
    let (from, to) = match protocol {
        "tcp" | "udp" => ports(from, to)?,
        "icmp" | "icmpv6" => (from.unwrap_or(-1), to.unwrap_or(-1)),
        _ => (-1, -1),
    };
    Ok(json!({"IpProtocol": protocol, "FromPort": from, "ToPort": to}))
}

fn ports(from: Option<i64>, to: Option<i64>) -> Result<(i64, i64), Fault> {
    let (from, to) = (
        from.ok_or_else(|| missing_parameter("fromPort"))?,
        to.ok_or_else(|| missing_parameter("toPort"))?,
    );
    if (0..=65535).contains(&from) && (from..=65535).contains(&to) {
        return Ok((from, to));
    }
    Err(invalid_value(format!("Invalid TCP/UDP port range ({from}:{to})")))
}

/// The peers of a permission, each as the members of a rule.
fn peers(call: &Call, permission: &Value, group: &Value) -> Result<Vec<Value>, Fault> {
    let mut peers = Vec::new();
    for range in permission.items("IpRanges") {
        peers.push(described(json!({"CidrIpv4": v4(range.text("CidrIp"))?}), range)?);
    }
    for range in permission.items("Ipv6Ranges") {
        peers.push(described(json!({"CidrIpv6": v6(range.text("CidrIpv6"))?}), range)?);
    }
    for list in permission.items("PrefixListIds") {
        prefix_list::existing(call, list.text("PrefixListId"))?;
        peers.push(described(json!({"PrefixListId": list["PrefixListId"]}), list)?);
    }
    for pair in permission.items("UserIdGroupPairs") {
        let referenced = reference(call, pair.text("GroupId"), group)?;
        peers.push(described(json!({"ReferencedGroupInfo": referenced}), pair)?);
    }
    Ok(peers)
}

pub(super) fn v4(text: &str) -> Result<String, Fault> {
    let malformed = || invalid_value(format!("CIDR block {text} is malformed"));
    Block::parse(text).map(|block| block.to_string()).ok_or_else(malformed)
}

pub(super) fn v6(text: &str) -> Result<String, Fault> {
    canonical_v6(text).ok_or_else(|| invalid_value(format!("CIDR block {text} is malformed")))
}

/// A group of the same VPC.
pub(super) fn reference(call: &Call, id: &str, group: &Value) -> Result<Value, Fault> {
    let referenced = SECURITY_GROUP.row(call, id)?;
    if referenced.text("VpcId") != group.text("VpcId") {
        return Err(Fault::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ));
    }
    Ok(json!({"GroupId": id, "UserId": ACCOUNT}))
}

fn described(mut peer: Value, from: &Value) -> Result<Value, Fault> {
    if let Some(description) = from.opt("Description") {
        check_description(description)?;
        peer["Description"] = json!(description);
    }
    Ok(peer)
}

/// Descriptions of rules: up to 255 characters of a small set.
pub(super) fn check_description(text: &str) -> Result<(), Fault> {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(letter);
    if text.len() <= 255 && text.chars().all(allowed) {
        return Ok(());
    }
    Err(invalid_value(
        "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
    ))
}

/// Whether two rules allow the same: descriptions and ids aside.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    let parts = ["GroupId", "IsEgress", "IpProtocol", "FromPort", "ToPort"].iter().chain(&PEERS);
    parts.into_iter().all(|part| a.get(*part) == b.get(*part))
}

/// A rule in the words of AWS's messages.
pub(super) fn sentence(rule: &Value) -> String {
    let group = rule["ReferencedGroupInfo"].opt("GroupId");
    let peer = ["CidrIpv4", "CidrIpv6", "PrefixListId"]
        .iter()
        .find_map(|part| rule.opt(part))
        .or(group)
        .unwrap_or_default();
    let protocol = rule.text("IpProtocol").to_uppercase();
    match (protocol.as_str(), rule.int("FromPort"), rule.int("ToPort")) {
        ("-1", _, _) => format!("peer: {peer}, ALL, ALLOW"),
        (_, Some(from), Some(to)) if from >= 0 => {
            format!("peer: {peer}, {protocol}, from port: {from}, to port: {to}, ALLOW")
        }
        _ => format!("peer: {peer}, {protocol}, ALLOW"),
    }
}
