//! Target groups: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html>

pub(super) mod attribute;
mod create;
mod health_check;
mod used;

pub(super) use self::create::create;
pub(super) use self::health_check::modify;
pub(super) use self::used::{load_balancers, refresh};

use super::load_balancer::{self, one_sort};
use super::target;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `TargetGroup` by ARN without its load balancers, with `_attributes`, and `_used_since` while a load
/// balancer uses it.
pub(super) const TARGET_GROUP: Table = Table::regional("elbv2.target_group");

/// The target group with an ARN.
pub(super) fn named(call: &Call, arn: &str) -> Result<Value, Fault> {
    call.get(TARGET_GROUP, arn).cloned().ok_or_else(|| not_found(arn))
}

fn not_found(name: &str) -> Fault {
    Fault::new("TargetGroupNotFound", format!("Target group '{name}' not found"))
}

/// A target group with the load balancers that use it.
fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    seen["LoadBalancerArns"] = json!(load_balancers(call, row.text("_arn")));
    seen
}

/// `DescribeTargetGroups`: by ARN, by name, of a load balancer, or all.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arns, names) = (input.texts("TargetGroupArns"), input.texts("Names"));
    one_sort(&arns, &names)?;
    let mut found = Vec::new();
    for arn in &arns {
        found.push(named(call, arn)?);
    }
    for name in &names {
        found.push(by_name(call, name).ok_or_else(|| not_found(name))?);
    }
    if arns.is_empty() && names.is_empty() {
        found = call.rows(TARGET_GROUP).map(|(_, row)| row.clone()).collect();
    }
    let mut seen: Vec<Value> = found.iter().map(|row| view(call, row)).collect();
    if let Some(arn) = input.opt("LoadBalancerArn") {
        load_balancer::named(call, arn)?;
        seen.retain(|group| group.texts("LoadBalancerArns").contains(&arn));
    }
    Ok(json!({"TargetGroups": seen}))
}

fn by_name(call: &Call, name: &str) -> Option<Value> {
    let mut rows = call.rows(TARGET_GROUP).map(|(_, row)| row);
    rows.find(|row| row.text("TargetGroupName") == name).cloned()
}

/// `DeleteTargetGroup`: not while a listener or a rule names it. None is no error.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let arn = call.input().text("TargetGroupArn").to_owned();
    if !load_balancers(call, &arn).is_empty() {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Fault::new("ResourceInUse", message));
    }
    target::forget_of(call, &arn);
    call.remove(TARGET_GROUP, &arn);
    Ok(json!({}))
}
