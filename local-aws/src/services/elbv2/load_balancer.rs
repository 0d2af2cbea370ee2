//! Load balancers: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html>

pub(super) mod attribute;
pub(super) mod change;
mod create;
mod log;
mod place;
mod zone;

pub(super) use self::create::create;
pub(crate) use self::zone::hosted_zone;

use super::{listener, validation};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::{ec2, wafv2};
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `LoadBalancer` by ARN, with `_attributes`, `_interfaces` (by subnet), and `_active_at` once it is active.
pub(super) const LOAD_BALANCER: Table = Table::regional("elbv2.load_balancer");

/// The interfaces of a load balancer that was deleted, by its ARN, until they are gone.
const LEAVING: Table = Table::regional("elbv2.leaving");

/// The end of a deletion; its argument is the ARN.
pub(super) const DELETED: &str = "load_balancer_deleted";

/// How many names or ARNs a request can have.
const MOST_NAMED: usize = 20;

/// The load balancer with an ARN.
pub(super) fn named(call: &Call, arn: &str) -> Result<Value, Fault> {
    call.get(LOAD_BALANCER, arn).cloned().ok_or_else(|| not_found(arn))
}

fn not_found(name: &str) -> Fault {
    Fault::new("LoadBalancerNotFound", format!("Load balancer '{name}' not found"))
}

/// Whether an ARN is that of a load balancer of this region, and whether it is active.
pub(crate) fn is_load_balancer(call: &Call, arn: &str) -> Option<bool> {
    call.get(LOAD_BALANCER, arn).map(|row| row["State"].text("Code") == "active")
}

/// `DescribeLoadBalancers`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arns, names) = (input.texts("LoadBalancerArns"), input.texts("Names"));
    one_sort(&arns, &names)?;
    let mut found = Vec::new();
    for arn in &arns {
        found.push(named(call, arn)?);
    }
    for name in &names {
        found.push(by_name(call, name).ok_or_else(|| not_found(name))?);
    }
    if arns.is_empty() && names.is_empty() {
        found = call.rows(LOAD_BALANCER).map(|(_, row)| row.clone()).collect();
    }
    Ok(json!({"LoadBalancers": found}))
}

/// A request names by ARN or by name, and not too many.
pub(super) fn one_sort(arns: &[&str], names: &[&str]) -> Result<(), Fault> {
    if !arns.is_empty() && !names.is_empty() {
        return Err(validation("Names and ARNs cannot be given in one request"));
    }
    if arns.len().max(names.len()) > MOST_NAMED {
        return Err(validation(format!("At most {MOST_NAMED} can be named in one request")));
    }
    Ok(())
}

fn by_name(call: &Call, name: &str) -> Option<Value> {
    let mut rows = call.rows(LOAD_BALANCER).map(|(_, row)| row);
    rows.find(|row| row.text("LoadBalancerName") == name).cloned()
}

/// `DeleteLoadBalancer`: gone at once, with its listeners; its interfaces leave the subnets later. None is no error.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let arn = call.input().text("LoadBalancerArn").to_owned();
    let Some(row) = call.get(LOAD_BALANCER, &arn).cloned() else { return Ok(json!({})) };
    if row["_attributes"].text("deletion_protection.enabled") == "true" {
        let message = format!(
            "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        );
        return Err(Fault::new("OperationNotPermitted", message));
    }
    listener::delete_of(call, &arn);
    wafv2::forget_resource(call, &arn);
    call.remove(LOAD_BALANCER, &arn);
    call.put(LEAVING, &arn, row["_interfaces"].clone());
    let seconds = call.latency("elbv2.load_balancer", "delete");
    call.schedule(seconds, LEAVING, &arn, Step::Run(DELETED, json!(arn)));
    Ok(json!({}))
}

/// Ends a deletion: the interfaces leave their subnets.
pub(super) fn deleted(call: &mut Call, arn: &Value) {
    let Some(interfaces) = call.remove(LEAVING, arn.as_str().unwrap_or_default()) else { return };
    for interface in interfaces.as_object().into_iter().flatten() {
        ec2::withdraw(call, interface.1.as_str().unwrap_or_default());
    }
}
