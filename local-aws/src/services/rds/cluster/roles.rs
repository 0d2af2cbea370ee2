//! Roles that a cluster acts in: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddRoleToDBCluster.html>

use super::super::query::invalid;
use super::super::reference::{self, CLUSTER};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam;
use crate::services::policy::Who;
use serde_json::{Value, json};

const QUOTA: usize = 5;

/// `AddRoleToDBCluster`.
pub(in super::super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = reference::available_cluster(call, input.text("DBClusterIdentifier"))?;
    let role = input.text("RoleArn");
    let mut roles = row.items("AssociatedRoles").to_vec();
    if roles.iter().any(|known| known.text("RoleArn") == role) {
        let message = format!("Role ARN {role} is already associated with DB Cluster: {id}.");
        return Err(Fault::new("DBClusterRoleAlreadyExists", message));
    }
    if roles.len() >= call.quota("rds.roles_per_db_cluster", QUOTA) {
        let message = "The quota of roles of a DB cluster has been reached.";
        return Err(Fault::new("DBClusterRoleQuotaExceeded", message));
    }
    let context = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", row.text("DBClusterArn"))];
    if iam::assumable(call, role, Who::Service("rds.amazonaws.com"), &context).is_none() {
        return Err(invalid(
            "IAM role ARN value is invalid or does not include the required permissions.",
        ));
    }
    roles.push(json!({"RoleArn": role, "Status": "ACTIVE", "FeatureName": input["FeatureName"]}));
    call.merge(CLUSTER, &id, json!({"AssociatedRoles": roles}));
    Ok(json!({}))
}

/// `RemoveRoleFromDBCluster`.
pub(in super::super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (id, row) = reference::available_cluster(call, input.text("DBClusterIdentifier"))?;
    let role = input.text("RoleArn");
    let (gone, kept): (Vec<&Value>, Vec<&Value>) =
        row.items("AssociatedRoles").iter().partition(|known| known.text("RoleArn") == role);
    if gone.is_empty() {
        let message = format!("Role ARN {role} cannot be found for DB Cluster: {id}.");
        return Err(Fault::new("DBClusterRoleNotFound", message));
    }
    call.merge(CLUSTER, &id, json!({"AssociatedRoles": kept}));
    Ok(json!({}))
}
