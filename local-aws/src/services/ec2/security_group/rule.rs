//! Rules of security groups: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html>

use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::kind::Kind;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `SecurityGroupRule`.
pub(in crate::services::ec2) const RULE: Kind = Kind {
    table: Table::regional("ec2.security_group_rule"),
    prefix: "sgr",
    resource_type: "security-group-rule",
    noun: "security group rule ID",
    not_found: "InvalidSecurityGroupRuleId.NotFound",
    malformed: Some("InvalidSecurityGroupRuleId.Malformed"),
    filters: &[("group-id", "GroupId"), ("security-group-rule-id", "SecurityGroupRuleId")],
};

/// Writes a new rule with an id of its own.
pub(super) fn create(call: &mut Call, mut rule: Value, tags: &[Value]) -> Value {
    let id = call.new_id("sgr");
    rule["SecurityGroupRuleId"] = json!(id);
    rule["SecurityGroupRuleArn"] = json!(RULE.arn(call, &id));
    rule["_arn"] = rule["SecurityGroupRuleArn"].clone();
    rule["Tags"] = json!(tags);
    call.put(RULE.table, &id, rule.clone());
    rule
}

/// The rule that every new group has: everything may leave.
pub(super) fn create_default_egress(call: &mut Call, group: &str) {
    let rule = json!({
        "GroupId": group, "GroupOwnerId": ACCOUNT, "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1,
        "CidrIpv4": "0.0.0.0/0",
    });
    create(call, rule, &[]);
}

/// The rule of a VPC's default group: its members reach each other.
pub(super) fn create_from_itself(call: &mut Call, group: &str) {
    let rule = json!({
        "GroupId": group, "GroupOwnerId": ACCOUNT, "IsEgress": false, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1,
        "ReferencedGroupInfo": {"GroupId": group, "UserId": ACCOUNT},
    });
    create(call, rule, &[]);
}

/// The rules of a group in one direction.
pub(super) fn of(call: &Call, group: &str, egress: bool) -> Vec<Value> {
    let mine = |rule: &Value| rule.text("GroupId") == group && rule.flag("IsEgress") == egress;
    call.rows(RULE.table).filter(|(_, rule)| mine(rule)).map(|(_, rule)| rule.clone()).collect()
}

/// The rules of a group in one direction as permissions: one for each kind of traffic.
pub(super) fn permissions(call: &Call, group: &str, egress: bool) -> Value {
    let mut permissions: Vec<Value> = Vec::new();
    for rule in of(call, group, egress) {
        let ports = |of: &Value| {
            (of.opt("IpProtocol").map(str::to_owned), of.int("FromPort"), of.int("ToPort"))
        };
        let mut fresh = json!({
            "IpProtocol": rule["IpProtocol"], "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
        });
        if rule.text("IpProtocol") != "-1" {
            fresh["FromPort"] = rule["FromPort"].clone();
            fresh["ToPort"] = rule["ToPort"].clone();
        }
        let at = permissions.iter().position(|known| ports(known) == ports(&fresh)).unwrap_or_else(
            || {
                permissions.push(fresh);
                permissions.len() - 1
            },
        );
        let (list, peer) = peer(&rule);
        if let Some(peers) = permissions[at][list].as_array_mut() {
            peers.push(peer);
        }
    }
    Value::Array(permissions)
}

/// The list of a permission that a rule belongs into, and its element there.
fn peer(rule: &Value) -> (&'static str, Value) {
    let description = &rule["Description"];
    if let Some(cidr) = rule.opt("CidrIpv4") {
        return ("IpRanges", json!({"CidrIp": cidr, "Description": description}));
    }
    if let Some(cidr) = rule.opt("CidrIpv6") {
        return ("Ipv6Ranges", json!({"CidrIpv6": cidr, "Description": description}));
    }
    if let Some(list) = rule.opt("PrefixListId") {
        return ("PrefixListIds", json!({"PrefixListId": list, "Description": description}));
    }
    let group = &rule["ReferencedGroupInfo"];
    (
        "UserIdGroupPairs",
        json!({"GroupId": group["GroupId"], "UserId": group["UserId"], "Description": description}),
    )
}

/// `DescribeSecurityGroupRules`.
pub(in crate::services::ec2) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let rules = RULE.describe(call, "SecurityGroupRuleIds", "Filters", |_, row| row.clone())?;
    Ok(json!({"SecurityGroupRules": rules}))
}

/// Whether a rule of another group names a group.
pub(super) fn is_named_elsewhere(call: &Call, group: &str) -> bool {
    let names = |rule: &Value| {
        rule.text("GroupId") != group && rule["ReferencedGroupInfo"].text("GroupId") == group
    };
    call.rows(RULE.table).any(|(_, rule)| names(rule))
}

/// Removes the rules of a group that is being deleted.
pub(super) fn remove_of(call: &mut Call, group: &str) {
    let mine = call.rows(RULE.table).filter(|(_, rule)| rule.text("GroupId") == group);
    let mine: Vec<String> = mine.map(|(id, _)| id.to_owned()).collect();
    for id in mine {
        call.remove(RULE.table, &id);
    }
}
