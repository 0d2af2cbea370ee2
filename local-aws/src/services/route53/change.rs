//! Changes on their way to the name servers: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html>

use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `ChangeInfo` by the id without its prefix.
const CHANGE: Table = Table::global("_route53.change");

/// Notes a change that reaches all name servers after seconds.
pub(super) fn submit(call: &mut Call, seconds: f64, comment: Option<&str>) -> Value {
    let id = format!("C0{}", call.new_hex("route53.change", 18).to_uppercase());
    let row = json!({
        "Id": format!("/change/{id}"), "Status": "PENDING", "SubmittedAt": call.now(), "Comment": comment,
    });
    call.put(CHANGE, &id, row.clone());
    call.schedule(seconds, CHANGE, &id, Step::Merge(json!({"Status": "INSYNC"})));
    row
}

/// `GetChange`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = input.text("Id").rsplit('/').next().unwrap_or_default();
    let missing =
        || Fault::new("NoSuchChange", format!("A change with the ID {id} does not exist"));
    Ok(json!({"ChangeInfo": call.get(CHANGE, id).ok_or_else(missing)?}))
}
