//! Which web ACL looks at the requests of a load balancer:
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html>

use super::web_acl::{WEB_ACL, shown};
use super::{invalid, nonexistent, unavailable};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are by the ARN of the resource: its `web_acl`.
const ASSOCIATION: Table = Table::regional("wafv2.association");

/// The resources that a web ACL is associated with.
pub(super) fn resources<'c>(call: &'c Call, web_acl: &str) -> impl Iterator<Item = &'c str> {
    let rows = call.rows(ASSOCIATION).filter(move |(_, row)| row.text("web_acl") == web_acl);
    rows.map(|(resource, _)| resource)
}

/// A resource that a web ACL can be associated with, and whether it is ready for one.
fn resource(call: &Call, arn: &str) -> Result<bool, Fault> {
    if !arn.contains(":loadbalancer/app/") {
        let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.";
        return Err(invalid(reason, "RESOURCE_ARN", arn));
    }
    elbv2::is_load_balancer(call, arn).ok_or_else(nonexistent)
}

/// `AssociateWebACL`: instead of the one that is associated.
pub(super) fn associate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = call.get(WEB_ACL, input.text("WebACLArn")).ok_or_else(nonexistent)?;
    let known = row.number("_available_at").is_none_or(|at| at <= call.now());
    let ready = resource(call, input.text("ResourceArn"))?;
    if !known || !ready {
        return Err(unavailable());
    }
    let row = json!({"web_acl": input["WebACLArn"]});
    call.put(ASSOCIATION, input.text("ResourceArn"), row);
    Ok(json!({}))
}

/// `DisassociateWebACL`: none is no error.
pub(super) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    resource(call, input.text("ResourceArn"))?;
    call.remove(ASSOCIATION, input.text("ResourceArn"));
    Ok(json!({}))
}

/// `GetWebACLForResource`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    resource(call, input.text("ResourceArn"))?;
    let association = call.get(ASSOCIATION, input.text("ResourceArn"));
    let web_acl = association.and_then(|row| call.get(WEB_ACL, row.text("web_acl")));
    Ok(web_acl.map_or_else(|| json!({}), |row| json!({"WebACL": shown(row)})))
}

/// `ListResourcesForWebACL`: load balancers, unless others are asked for, of which there are none.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    call.get(WEB_ACL, input.text("WebACLArn")).ok_or_else(nonexistent)?;
    let balancers =
        input.opt("ResourceType").is_none_or(|kind| kind == "APPLICATION_LOAD_BALANCER");
    let all: Vec<&str> = resources(call, input.text("WebACLArn")).filter(|_| balancers).collect();
    Ok(json!({"ResourceArns": all}))
}

/// Forgets the association of a resource that is deleted.
pub(crate) fn forget_resource(call: &mut Call, arn: &str) {
    call.remove(ASSOCIATION, arn);
}
