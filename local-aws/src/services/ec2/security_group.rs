//! Security groups: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>

mod change;
mod permission;
mod rule;

pub(super) use self::change::{
    authorize_egress, authorize_ingress, modify, revoke_egress, revoke_ingress,
    update_descriptions_egress, update_descriptions_ingress,
};
pub(super) use self::rule::{RULE, describe as describe_rules};

use super::interface::INTERFACE;
use super::kind::{Kind, invalid_value, missing_parameter, unknown_filter};
use super::vpc::VPC;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `SecurityGroup` without its permissions, which are rules of their own.
pub(super) const SECURITY_GROUP: Kind = Kind {
    table: Table::regional("ec2.security_group"),
    prefix: "sg",
    resource_type: "security-group",
    noun: "security group",
    not_found: "InvalidGroup.NotFound",
    malformed: Some("InvalidGroupId.Malformed"),
    filters: &[
        ("description", "Description"),
        ("egress.ip-permission.cidr", "IpPermissionsEgress[].IpRanges[].CidrIp"),
        ("egress.ip-permission.from-port", "IpPermissionsEgress[].FromPort"),
        ("egress.ip-permission.group-id", "IpPermissionsEgress[].UserIdGroupPairs[].GroupId"),
        ("egress.ip-permission.ipv6-cidr", "IpPermissionsEgress[].Ipv6Ranges[].CidrIpv6"),
        (
            "egress.ip-permission.prefix-list-id",
            "IpPermissionsEgress[].PrefixListIds[].PrefixListId",
        ),
        ("egress.ip-permission.protocol", "IpPermissionsEgress[].IpProtocol"),
        ("egress.ip-permission.to-port", "IpPermissionsEgress[].ToPort"),
        ("group-id", "GroupId"),
        ("group-name", "GroupName"),
        ("ip-permission.cidr", "IpPermissions[].IpRanges[].CidrIp"),
        ("ip-permission.from-port", "IpPermissions[].FromPort"),
        ("ip-permission.group-id", "IpPermissions[].UserIdGroupPairs[].GroupId"),
        ("ip-permission.ipv6-cidr", "IpPermissions[].Ipv6Ranges[].CidrIpv6"),
        ("ip-permission.prefix-list-id", "IpPermissions[].PrefixListIds[].PrefixListId"),
        ("ip-permission.protocol", "IpPermissions[].IpProtocol"),
        ("ip-permission.to-port", "IpPermissions[].ToPort"),
        ("ip-permission.user-id", "IpPermissions[].UserIdGroupPairs[].UserId"),
        ("owner-id", "OwnerId"),
        ("vpc-id", "VpcId"),
    ],
};

/// AWS's default quota per region.
const QUOTA: usize = 2500;

/// What names and descriptions may have besides letters and digits.
const NAME_CHARACTERS: &str = " ._-:/()#,@[]+=&;{}!$*";

/// `CreateSecurityGroup`, with the rule that lets everything out.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, description) = (input.text("GroupName"), input.text("Description"));
    let no_default = || Fault::new("VPCIdNotSpecified", "No default VPC for this user");
    let vpc = input.opt("VpcId").ok_or_else(no_default)?;
    VPC.row(call, vpc)?;
    check_text("groupName", name)?;
    check_text("groupDescription", description)?;
    if name.starts_with("sg-") {
        let message = format!(
            "invalid value for parameter groupName ({name}). Group names may not be in the format sg-*"
        );
        return Err(invalid_value(message));
    }
    if name == "default" {
        return Err(Fault::new(
            "InvalidGroup.Reserved",
            "The security group name 'default' is reserved",
        ));
    }
    if call
        .rows(SECURITY_GROUP.table)
        .any(|(_, row)| row.text("VpcId") == vpc && row.text("GroupName") == name)
    {
        let message = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Fault::new("InvalidGroup.Duplicate", message));
    }
    if call.rows(SECURITY_GROUP.table).count() >= call.quota("ec2.security_groups", QUOTA) {
        return Err(Fault::new(
            "SecurityGroupLimitExceeded",
            "The maximum number of security groups has been reached.",
        ));
    }
    let id = call.new_id("sg");
    let row = new_row(call, &id, vpc, name, description);
    let row = SECURITY_GROUP.create(call, &id, row)?;
    rule::create_default_egress(call, &id);
    Ok(json!({"GroupId": id, "SecurityGroupArn": row["SecurityGroupArn"], "Tags": row["Tags"]}))
}

fn check_text(parameter: &str, text: &str) -> Result<(), Fault> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || NAME_CHARACTERS.contains(letter);
    if !text.is_empty() && text.len() <= 255 && text.chars().all(allowed) {
        return Ok(());
    }
    let message = format!(
        "Value ({text}) for parameter {parameter} is invalid. It has 1 to 255 characters from this set: a-z, A-Z, 0-9, spaces, and {}",
        NAME_CHARACTERS.trim()
    );
    Err(invalid_value(message))
}

fn new_row(call: &Call, id: &str, vpc: &str, name: &str, description: &str) -> Value {
    json!({
        "GroupId": id, "GroupName": name, "Description": description, "VpcId": vpc, "OwnerId": ACCOUNT,
        "SecurityGroupArn": SECURITY_GROUP.arn(call, id),
    })
}

/// Makes the group of a new VPC: members reach each other, and everything outside.
pub(super) fn create_default(call: &mut Call, vpc: &str) {
    let id = call.new_id("sg");
    let mut row = new_row(call, &id, vpc, "default", "default VPC security group");
    row["_arn"] = row["SecurityGroupArn"].clone();
    row["Tags"] = json!([]);
    call.put(SECURITY_GROUP.table, &id, row);
    rule::create_default_egress(call, &id);
    rule::create_from_itself(call, &id);
}

/// A group with its permissions.
fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    seen["IpPermissions"] = rule::permissions(call, row.text("GroupId"), false);
    seen["IpPermissionsEgress"] = rule::permissions(call, row.text("GroupId"), true);
    seen
}

/// `DescribeSecurityGroups`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let names = input.texts("GroupNames");
    if let Some(missing) = names.first() {
        // Names alone mean groups of a default VPC, and there is none.
        return Err(Fault::new(
            "InvalidGroup.NotFound",
            format!("The security group '{missing}' does not exist in default VPC"),
        ));
    }
    Ok(json!({"SecurityGroups": SECURITY_GROUP.describe(call, "GroupIds", "Filters", view)?}))
}

/// The group that `GroupId` names.
fn named(call: &Call, input: &Value) -> Result<Value, Fault> {
    if let Some(id) = input.opt("GroupId") {
        return SECURITY_GROUP.row(call, id);
    }
    let name = input.opt("GroupName").ok_or_else(|| missing_parameter("GroupId"))?;
    Err(Fault::new(
        "InvalidGroup.NotFound",
        format!("The security group '{name}' does not exist in default VPC"),
    ))
}

/// `DeleteSecurityGroup`: neither a VPC's default one nor one that interfaces or rules of other groups name.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = named(call, &input)?;
    let id = group.text("GroupId");
    if group.text("GroupName") == "default" {
        let message =
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Fault::new("CannotDelete", message));
    }
    let in_use = call.rows(INTERFACE.table).any(|(_, row)| row.texts("_groups").contains(&id));
    if in_use || rule::is_named_elsewhere(call, id) {
        return Err(Fault::new(
            "DependencyViolation",
            format!("resource {id} has a dependent object"),
        ));
    }
    remove(call, id);
    Ok(json!({"GroupId": id, "Return": true}))
}

fn remove(call: &mut Call, id: &str) {
    rule::remove_of(call, id);
    call.remove(SECURITY_GROUP.table, id);
}

/// Removes the groups of a VPC that is being deleted.
pub(super) fn delete_all(call: &mut Call, vpc: &str) {
    let groups = call.rows(SECURITY_GROUP.table).filter(|(_, row)| row.text("VpcId") == vpc);
    let groups: Vec<String> = groups.map(|(id, _)| id.to_owned()).collect();
    for id in groups {
        remove(call, &id);
    }
}

/// `DescribeSecurityGroupReferences`: without peering, no other VPC names a group.
pub(super) fn describe_references(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    for id in input.texts("GroupId") {
        SECURITY_GROUP.row(call, id)?;
    }
    Ok(json!({"SecurityGroupReferenceSet": []}))
}

/// `DescribeStaleSecurityGroups`: without peering, no rule names a group of another VPC.
pub(super) fn describe_stale(call: &mut Call) -> Result<Value, Fault> {
    VPC.row(call, call.input().text("VpcId"))?;
    Ok(json!({"StaleSecurityGroupSet": []}))
}

/// `GetSecurityGroupsForVpc`.
pub(super) fn of_vpc(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let vpc = input.text("VpcId");
    VPC.row(call, vpc)?;
    let mut groups = Vec::new();
    for (id, row) in call.rows(SECURITY_GROUP.table).filter(|(_, row)| row.text("VpcId") == vpc) {
        let fields = &[
            ("group-id", "GroupId"),
            ("group-name", "GroupName"),
            ("description", "Description"),
            ("owner-id", "OwnerId"),
        ];
        if filter::passes(row, input.items("Filters"), fields).map_err(unknown_filter)? {
            groups.push(json!({
                "GroupId": id, "GroupName": row["GroupName"], "Description": row["Description"], "OwnerId": ACCOUNT,
                "PrimaryVpcId": vpc, "Tags": row["Tags"], "_key": id,
            }));
        }
    }
    Ok(json!({"SecurityGroupForVpcs": groups}))
}
