//! Entries of an ACL: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>

use super::{LAST_RULE, NETWORK_ACL};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::cidr::{Block, canonical_v6};
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one};
use serde_json::{Value, json};

/// AWS's default quota per ACL and direction.
const QUOTA: usize = 20;

/// The names of protocols that requests may use in place of numbers.
const PROTOCOLS: [(&str, &str); 6] =
    [("all", "-1"), ("icmp", "1"), ("tcp", "6"), ("udp", "17"), ("icmpv6", "58"), ("esp", "50")];

/// `CreateNetworkAclEntry`.
pub(in crate::services::ec2) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkAclId");
    let acl = NETWORK_ACL.row(call, id)?;
    let entry = entry(&input)?;
    let entries = acl.items("Entries");
    if entries.iter().any(|known| same(known, &entry)) {
        let message =
            format!("The network acl entry identified by {} already exists.", entry["RuleNumber"]);
        return Err(Fault::new("NetworkAclEntryAlreadyExists", message));
    }
    let siblings = entries.iter().filter(|known| {
        known["Egress"] == entry["Egress"] && known.int("RuleNumber") != Some(LAST_RULE)
    });
    if siblings.count() >= call.quota("ec2.entries_per_network_acl", QUOTA) {
        return Err(Fault::new(
            "NetworkAclEntryLimitExceeded",
            "The maximum number of network acl entries has been reached.",
        ));
    }
    write(call, id, entries.iter().cloned().chain([entry]).collect());
    Ok(json!({}))
}

/// `ReplaceNetworkAclEntry`.
pub(in crate::services::ec2) fn replace(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkAclId");
    let acl = NETWORK_ACL.row(call, id)?;
    let entry = entry(&input)?;
    let entries = acl.items("Entries");
    if !entries.iter().any(|known| same(known, &entry)) {
        return Err(missing(&entry));
    }
    write(
        call,
        id,
        entries
            .iter()
            .filter(|known| !same(known, &entry))
            .cloned()
            .chain([entry.clone()])
            .collect(),
    );
    Ok(json!({}))
}

/// `DeleteNetworkAclEntry`: not the last one.
pub(in crate::services::ec2) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkAclId");
    let acl = NETWORK_ACL.row(call, id)?;
    rule_number(&input)?;
    let entries = acl.items("Entries");
    if !entries.iter().any(|known| same(known, &input)) {
        return Err(missing(&input));
    }
    write(call, id, entries.iter().filter(|known| !same(known, &input)).cloned().collect());
    Ok(json!({}))
}

fn write(call: &mut Call, id: &str, mut entries: Vec<Value>) {
    entries.sort_by_key(|entry| (!entry.flag("Egress"), entry.int("RuleNumber")));
    call.merge(NETWORK_ACL.table, id, json!({"Entries": entries}));
}

/// An entry is known by its number and direction.
fn same(a: &Value, b: &Value) -> bool {
    a["RuleNumber"] == b["RuleNumber"] && a["Egress"] == b["Egress"]
}

fn missing(entry: &Value) -> Fault {
    let message =
        format!("The network acl entry identified by {} does not exist.", entry["RuleNumber"]);
    Fault::new("InvalidNetworkAclEntry.NotFound", message)
}

fn rule_number(input: &Value) -> Result<i64, Fault> {
    let number = input.int("RuleNumber").unwrap_or_default();
    let valid = (1..LAST_RULE).contains(&number);
    if valid {
        Ok(number)
    } else {
        Err(invalid_value(format!(
            "The rule number {number} must be between 1 and {}",
            LAST_RULE - 1
        )))
    }
}

/// The entry of a request, with the members that its protocol needs.
fn entry(input: &Value) -> Result<Value, Fault> {
    let number = rule_number(input)?;
    let given = input.text("Protocol");
    let named =
        PROTOCOLS.iter().find(|(name, _)| *name == given.to_lowercase()).map(|(_, number)| *number);
    let protocol = named.unwrap_or(given);
    if protocol != "-1" && protocol.parse::<u8>().is_err() {
        return Err(invalid_value(format!(
            "Invalid value '{given}' for IP protocol. Unknown protocol."
        )));
    }
    let mut entry = json!({
        "RuleNumber": number, "Egress": input.flag("Egress"), "Protocol": protocol, "RuleAction": input["RuleAction"],
    });
    let member = only_one(input, &["CidrBlock", "Ipv6CidrBlock"])?
        .ok_or_else(|| missing_parameter("CidrBlock"))?;
    let text = input.text(member);
    let block = if member == "CidrBlock" {
        Block::parse(text).map(|block| block.to_string())
    } else {
        canonical_v6(text)
    };
    entry[member] = json!(block.ok_or_else(|| invalid_value(format!(
        "Invalid value '{text}' for {member}. Must be a CIDR."
    )))?);
    match protocol {
        "6" | "17" => entry["PortRange"] = ports(input)?,
        "1" | "58" => {
            let code =
                input.get("IcmpTypeCode").ok_or_else(|| missing_parameter("IcmpTypeCode"))?;
            entry["IcmpTypeCode"] = code.clone();
        }
        _ => {}
    }
    Ok(entry)
}

fn ports(input: &Value) -> Result<Value, Fault> {
    let range = input.get("PortRange").ok_or_else(|| missing_parameter("PortRange"))?;
    let (from, to) = (range.int("From").unwrap_or(-1), range.int("To").unwrap_or(-1));
    if (0..=65535).contains(&from) && (from..=65535).contains(&to) {
        return Ok(json!({"From": from, "To": to}));
    }
    Err(invalid_value(format!("Invalid port range {from}-{to}")))
}
