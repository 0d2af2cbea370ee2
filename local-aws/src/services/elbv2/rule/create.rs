//! Making rules: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>

use super::{RULE, arn, priority, row};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::{account, action, condition, listener, tags, target_group};
use serde_json::{Value, json};

/// `CreateRule`: each priority once.
pub(in super::super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if !input.items("Transforms").is_empty() {
        return Err(Fault::not_implemented("rules with transforms"));
    }
    let listener = listener::named(call, input.text("ListenerArn"))?;
    let priority = input.int("Priority").unwrap_or_default();
    priority::free(call, input.text("ListenerArn"), priority, &[])?;
    let tags = tags::of_request(input.items("Tags"))?;
    let conditions = condition::of_request(call, input.items("Conditions"))?;
    let of = (listener.text("_load_balancer"), listener.text("Protocol"));
    let actions = action::of_request(call, of, input.items("Actions"))?;
    let made = call.rows(RULE).filter(|(_, row)| {
        row["_load_balancer"] == listener["_load_balancer"] && !row.flag("IsDefault")
    });
    if made.count() >= account::limit(call, "rules-per-application-load-balancer") {
        return Err(Fault::new("TooManyRules", "The load balancer has too many rules"));
    }
    let id = call.new_hex("elbv2.rule", 16);
    let arn = arn(input.text("ListenerArn"), &id);
    let more = json!({
        "Priority": priority.to_string(), "Conditions": conditions, "Actions": actions, "IsDefault": false,
        "Tags": tags,
    });
    let made = row(&listener, &arn, more);
    call.put(RULE, &arn, made.clone());
    target_group::refresh(call);
    Ok(json!({"Rules": [made]}))
}
