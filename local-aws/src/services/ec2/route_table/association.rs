//! Associations of route tables: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>

use super::ROUTE_TABLE;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::internet_gateway::{self, INTERNET_GATEWAY};
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one, refuse_unsupported};
use crate::services::ec2::subnet::SUBNET;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `RouteTableAssociation`, by its id.
pub(in crate::services::ec2) const ASSOCIATION: Table =
    Table::regional("ec2.route_table_association");

/// Makes a table the main one of its VPC.
pub(super) fn create_main(call: &mut Call, table: &str) -> String {
    let id = call.new_id("rtbassoc");
    let row = json!({
        "RouteTableAssociationId": id, "RouteTableId": table, "Main": true, "AssociationState": {"State": "associated"},
    });
    call.put(ASSOCIATION, &id, row);
    id
}

/// Whether a table is the main one of its VPC.
pub(in crate::services::ec2) fn is_main(call: &Call, table: &str) -> bool {
    call.rows(ASSOCIATION).any(|(_, row)| row.text("RouteTableId") == table && row.flag("Main"))
}

/// `AssociateRouteTable`, with a subnet or an internet gateway.
pub(in crate::services::ec2) fn associate(call: &mut Call) -> Result<Value, Fault> {
    refuse_unsupported(call, &["PublicIpv4Pool"])?;
    let input = call.input();
    let table = input.text("RouteTableId");
    let vpc = ROUTE_TABLE.row(call, table)?.text("VpcId").to_owned();
    let member = only_one(&input, &["SubnetId", "GatewayId"])?
        .ok_or_else(|| missing_parameter("SubnetId"))?;
    let other = input.text(member);
    let same_vpc = if member == "SubnetId" {
        SUBNET.row(call, other)?.text("VpcId") == vpc
    } else {
        internet_gateway::is_attached_to(&INTERNET_GATEWAY.row(call, other)?, &vpc)
    };
    if !same_vpc {
        return Err(invalid_value(format!(
            "Route table {table} and {other} belong to different networks"
        )));
    }
    if call.rows(ASSOCIATION).any(|(_, row)| row.text(member) == other) {
        let message = format!(
            "the specified association for route table {table} conflicts with an existing association"
        );
        return Err(Fault::new("Resource.AlreadyAssociated", message));
    }
    let id = create(call, table, member, other);
    Ok(json!({"AssociationId": id, "AssociationState": {"State": "associating"}}))
}

fn create(call: &mut Call, table: &str, member: &str, other: &str) -> String {
    let id = call.new_id("rtbassoc");
    let row = json!({
        "RouteTableAssociationId": id, "RouteTableId": table, member: other, "Main": false,
        "AssociationState": {"State": "associating"},
    });
    call.put(ASSOCIATION, &id, row);
    let ready = call.latency("ec2.route_table_association", "create");
    let associated = json!({"AssociationState": {"State": "associated"}});
    call.schedule(ready, ASSOCIATION, &id, Step::Merge(associated));
    id
}

fn existing(call: &Call, id: &str) -> Result<Value, Fault> {
    let missing = || {
        Fault::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{id}' does not exist"),
        )
    };
    call.get(ASSOCIATION, id).cloned().ok_or_else(missing)
}

/// `DisassociateRouteTable`: never from the VPC itself.
pub(in crate::services::ec2) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("AssociationId");
    if existing(call, id)?.flag("Main") {
        return Err(invalid_value(format!(
            "cannot disassociate the main route table association {id}"
        )));
    }
    call.remove(ASSOCIATION, id);
    Ok(json!({}))
}

/// `ReplaceRouteTableAssociation`: the new association has an id of its own. The main table is replaced so, too.
pub(in crate::services::ec2) fn replace(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, table) = (input.text("AssociationId"), input.text("RouteTableId"));
    let old = existing(call, id)?;
    let new_vpc = ROUTE_TABLE.row(call, table)?.text("VpcId").to_owned();
    if ROUTE_TABLE.row(call, old.text("RouteTableId"))?.text("VpcId") != new_vpc {
        return Err(invalid_value(format!(
            "Route table {table} and association {id} belong to different networks"
        )));
    }
    call.remove(ASSOCIATION, id);
    let fresh = match ["SubnetId", "GatewayId"].into_iter().find(|member| old.has(member)) {
        Some(member) => create(call, table, member, old.text(member)),
        None => create_main(call, table),
    };
    let state = existing(call, &fresh)?["AssociationState"].clone();
    Ok(json!({"NewAssociationId": fresh, "AssociationState": state}))
}

/// Removes the association of a subnet that is being deleted.
pub(in crate::services::ec2) fn forget_subnet(call: &mut Call, subnet: &str) {
    remove_where(call, |row| row.text("SubnetId") == subnet);
}

/// Removes the associations of a table that is being deleted.
pub(super) fn remove_all(call: &mut Call, table: &str) {
    remove_where(call, |row| row.text("RouteTableId") == table);
}

fn remove_where(call: &mut Call, meant: impl Fn(&Value) -> bool) {
    let ids: Vec<String> =
        call.rows(ASSOCIATION).filter(|(_, row)| meant(row)).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(ASSOCIATION, &id);
    }
}
