//! Which ACL a subnet has: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>

use super::NETWORK_ACL;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::kind::invalid_value;
use crate::services::ec2::subnet::SUBNET;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `NetworkAclAssociation`, by its id; every subnet has one.
pub(super) const ASSOCIATION: Table = Table::regional("ec2.network_acl_association");

fn create(call: &mut Call, acl: &str, subnet: &str) -> String {
    let id = call.new_id("aclassoc");
    call.put(
        ASSOCIATION,
        &id,
        json!({"NetworkAclAssociationId": id, "NetworkAclId": acl, "SubnetId": subnet}),
    );
    id
}

/// Gives a new subnet the default ACL of its VPC.
pub(in crate::services::ec2) fn associate_default(call: &mut Call, vpc: &str, subnet: &str) {
    let default = call
        .rows(NETWORK_ACL.table)
        .find(|(_, row)| row.text("VpcId") == vpc && row.flag("IsDefault"));
    if let Some(default) = default.map(|(id, _)| id.to_owned()) {
        create(call, &default, subnet);
    }
}

/// `ReplaceNetworkAclAssociation`: the new association has an id of its own.
pub(in crate::services::ec2) fn replace(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, acl) = (input.text("AssociationId"), input.text("NetworkAclId"));
    let missing = || {
        Fault::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{id}' does not exist"),
        )
    };
    let subnet = call.get(ASSOCIATION, id).ok_or_else(missing)?.text("SubnetId").to_owned();
    let vpc = NETWORK_ACL.row(call, acl)?.text("VpcId").to_owned();
    if SUBNET.row(call, &subnet)?.text("VpcId") != vpc {
        return Err(invalid_value(format!(
            "networkAcl {acl} and subnet {subnet} belong to different networks"
        )));
    }
    call.remove(ASSOCIATION, id);
    Ok(json!({"NewAssociationId": create(call, acl, &subnet)}))
}

/// Removes the association of a subnet that is being deleted.
pub(in crate::services::ec2) fn forget_subnet(call: &mut Call, subnet: &str) {
    let mine = call.rows(ASSOCIATION).filter(|(_, row)| row.text("SubnetId") == subnet);
    let mine: Vec<String> = mine.map(|(id, _)| id.to_owned()).collect();
    for id in mine {
        call.remove(ASSOCIATION, &id);
    }
}
