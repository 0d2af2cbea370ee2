//! Delivering to targets: SNS topics, Lambda functions, log groups.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>

use super::transform;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::lambda;
use crate::services::sns::{self, Publisher};
use serde_json::Value;

/// What EventBridge acts as.
const PRINCIPAL: &str = "events.amazonaws.com";

/// Why a target did not get an event.
pub(super) struct Undelivered;

/// Refuses targets that nothing would be delivered to.
pub(super) fn supported(arn: &str) -> Result<(), Fault> {
    match arn.split(':').nth(2).unwrap_or_default() {
        "sns" | "lambda" => Ok(()),
        service => {
            Err(Fault::not_implemented(&format!("EventBridge targets of the service {service}")))
        }
    }
}

/// Hands an event to one target, if the target's policy lets EventBridge in.
pub(super) fn to(
    call: &mut Call,
    rule: &Value,
    target: &Value,
    event: &Value,
) -> Result<(), Undelivered> {
    let text = transform::apply(target, rule, event);
    let (arn, source) = (target.text("Arn"), rule.text("Arn"));
    if arn.split(':').nth(2) == Some("lambda") {
        if !lambda::admits(call, PRINCIPAL, arn, source) {
            return Err(Undelivered);
        }
        lambda::invoke_later(call, arn, &text);
        return Ok(());
    }
    let publisher = Publisher { service: PRINCIPAL, source, for_owner: false };
    sns::publish_for(call, publisher, arn, "", &text).map(drop).map_err(|_| Undelivered)
}
