//! Network ACLs: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html>

mod association;
mod entry;

pub(super) use self::association::{
    associate_default, forget_subnet, replace as replace_association,
};
pub(super) use self::entry::{
    create as create_entry, delete as delete_entry, replace as replace_entry,
};

use self::association::ASSOCIATION;
use super::kind::{Kind, has_dependencies, invalid_value};
use super::vpc::VPC;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `NetworkAcl` without associations.
pub(super) const NETWORK_ACL: Kind = Kind {
    table: Table::regional("ec2.network_acl"),
    prefix: "acl",
    resource_type: "network-acl",
    noun: "networkAcl ID",
    not_found: "InvalidNetworkAclID.NotFound",
    malformed: Some("InvalidNetworkAclId.Malformed"),
    filters: &[
        ("association.association-id", "Associations[].NetworkAclAssociationId"),
        ("association.network-acl-id", "Associations[].NetworkAclId"),
        ("association.subnet-id", "Associations[].SubnetId"),
        ("default", "IsDefault"),
        ("entry.cidr", "Entries[].CidrBlock"),
        ("entry.icmp.code", "Entries[].IcmpTypeCode.Code"),
        ("entry.icmp.type", "Entries[].IcmpTypeCode.Type"),
        ("entry.ipv6-cidr", "Entries[].Ipv6CidrBlock"),
        ("entry.port-range.from", "Entries[].PortRange.From"),
        ("entry.port-range.to", "Entries[].PortRange.To"),
        ("entry.protocol", "Entries[].Protocol"),
        ("entry.rule-action", "Entries[].RuleAction"),
        ("entry.egress", "Entries[].Egress"),
        ("entry.rule-number", "Entries[].RuleNumber"),
        ("network-acl-id", "NetworkAclId"),
        ("owner-id", "OwnerId"),
        ("vpc-id", "VpcId"),
    ],
};

/// AWS's default quota per VPC.
const QUOTA: usize = 200;

/// The number of the entry that every ACL ends with.
const LAST_RULE: i64 = 32767;

fn rule(number: i64, action: &str, egress: bool) -> Value {
    json!({"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": action, "RuleNumber": number})
}

/// `CreateNetworkAcl`: it denies everything.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    call.idempotent("ClientToken", create_once)
}

fn create_once(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let vpc = input.text("VpcId");
    VPC.row(call, vpc)?;
    let siblings = call.rows(NETWORK_ACL.table).filter(|(_, row)| row.text("VpcId") == vpc).count();
    if siblings >= call.quota("ec2.network_acls_per_vpc", QUOTA) {
        let message = format!("The maximum number of network ACLs of {vpc} has been reached.");
        return Err(Fault::new("NetworkAclLimitExceeded", message));
    }
    let id = call.new_id("acl");
    let row = json!({
        "NetworkAclId": id, "VpcId": vpc, "OwnerId": ACCOUNT, "IsDefault": false,
        "Entries": [rule(LAST_RULE, "deny", true), rule(LAST_RULE, "deny", false)],
    });
    let row = NETWORK_ACL.create(call, &id, row)?;
    Ok(json!({"NetworkAcl": view(call, &row), "ClientToken": input["ClientToken"]}))
}

/// Makes the ACL of a new VPC, which allows everything.
pub(super) fn create_default(call: &mut Call, vpc: &str) {
    let id = call.new_id("acl");
    let entries = [true, false]
        .map(|egress| [rule(100, "allow", egress), rule(LAST_RULE, "deny", egress)])
        .concat();
    let row = json!({
        "NetworkAclId": id, "VpcId": vpc, "OwnerId": ACCOUNT, "IsDefault": true, "Entries": entries, "Tags": [],
        "_arn": NETWORK_ACL.arn(call, &id),
    });
    call.put(NETWORK_ACL.table, &id, row);
}

/// An ACL as it is described.
fn view(call: &Call, row: &Value) -> Value {
    let mine = call
        .rows(ASSOCIATION)
        .filter(|(_, association)| association.text("NetworkAclId") == row.text("NetworkAclId"));
    let mine: Vec<Value> = mine.map(|(_, association)| association.clone()).collect();
    let mut seen = row.clone();
    seen["Associations"] = Value::Array(mine);
    seen
}

/// `DescribeNetworkAcls`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"NetworkAcls": NETWORK_ACL.describe(call, "NetworkAclIds", "Filters", view)?}))
}

/// `DeleteNetworkAcl`: neither a VPC's default one nor one with subnets.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("NetworkAclId");
    let row = NETWORK_ACL.row(call, id)?;
    if row.flag("IsDefault") {
        return Err(invalid_value(format!("cannot delete default network ACL {id}")));
    }
    if call.rows(ASSOCIATION).any(|(_, association)| association.text("NetworkAclId") == id) {
        return Err(has_dependencies("networkAcl", id));
    }
    call.remove(NETWORK_ACL.table, id);
    Ok(json!({}))
}

/// Removes the ACL of a VPC that is being deleted.
pub(super) fn delete_all(call: &mut Call, vpc: &str) {
    let mine = call.rows(NETWORK_ACL.table).filter(|(_, row)| row.text("VpcId") == vpc);
    let mine: Vec<String> = mine.map(|(id, _)| id.to_owned()).collect();
    for id in mine {
        call.remove(NETWORK_ACL.table, &id);
    }
}
