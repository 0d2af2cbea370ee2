//! `DescribeScalingPolicies`.

use super::invalid;
use super::policy::POLICY;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DescribeScalingPolicies`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("ScalableDimension") && !input.has("ResourceId") {
        return Err(invalid("A scalable dimension must be given with a resource ID."));
    }
    let names = input.texts("PolicyNames");
    let is = |member: &str, row: &Value| {
        input.opt(member).is_none_or(|wanted| row.text(member) == wanted)
    };
    let fits = |row: &Value| {
        is("ServiceNamespace", row)
            && is("ResourceId", row)
            && is("ScalableDimension", row)
            && (names.is_empty() || names.contains(&row.text("PolicyName")))
    };
    let rows = call.rows(POLICY).filter(|(_, row)| fits(row));
    let rows: Vec<Value> = rows.map(|(_, row)| row.clone()).collect();
    Ok(json!({"ScalingPolicies": rows}))
}
