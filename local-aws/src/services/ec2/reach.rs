//! Whether traffic passes between what has one security group and what has others.

use super::security_group::RULE;
use crate::call::Call;
use crate::fields::Fields;
use serde_json::Value;

/// Whether connections pass from what has the group `from` to a TCP port of what has the groups `to`: out of the one
/// and into one of the others. Ranges of addresses are taken to hold both.
pub(crate) fn reaches(call: &Call, from: &str, to: &[&str], port: i64) -> bool {
    let passes = |egress: bool, of: &[&str], peers: &[&str]| {
        let mut rules = call.rows(RULE.table).map(|(_, rule)| rule);
        rules.any(|rule| {
            rule.flag("IsEgress") == egress
                && of.contains(&rule.text("GroupId"))
                && carries(rule, port)
                && concerns(rule, peers)
        })
    };
    passes(true, &[from], to) && passes(false, to, &[from])
}

fn carries(rule: &Value, port: i64) -> bool {
    match rule.text("IpProtocol") {
        "-1" => true,
        "tcp" | "6" => {
            let end = |name: &str| rule.int(name).unwrap_or(port);
            (end("FromPort")..=end("ToPort")).contains(&port)
        }
        _ => false,
    }
}

fn concerns(rule: &Value, peers: &[&str]) -> bool {
    rule.has("CidrIpv4") || peers.contains(&rule["ReferencedGroupInfo"].text("GroupId"))
}
