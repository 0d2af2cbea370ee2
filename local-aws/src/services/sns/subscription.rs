//! Subscriptions: <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use super::arn::{self, invalid};
use super::{endpoint, subscription_attributes as attributes};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::SNS_TOPIC;
use crate::store::Table;
use serde_json::{Value, json};

/// Subscriptions by ARN: a `Subscription` with `_pending` until it is confirmed, and then `_token`.
pub(super) const SUBSCRIPTION: Table = Table::regional("sns.subscription");

/// How long a subscription waits for its confirmation, in seconds; then it is gone.
const CONFIRMATION: f64 = 48.0 * 3600.0;

/// `Subscribe`. What is subscribed already answers its ARN.
pub(super) fn subscribe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (topic, protocol, to) =
        (input.text("TopicArn"), input.text("Protocol"), input.text("Endpoint"));
    let fifo = arn::topic(call, "TopicArn", topic)?["_attributes"].text("FifoTopic") == "true";
    endpoint::check(protocol, to)?;
    if fifo && !["sqs", "lambda", "firehose"].contains(&protocol) {
        return Err(invalid(&format!("Invalid protocol type: {protocol}")));
    }
    let given = attributes::of_new_subscription(protocol, &input["Attributes"])?;
    let known = of_topic(call, topic)
        .find(|(_, row)| row.text("Protocol") == protocol && row.text("Endpoint") == to);
    if let Some((arn, row)) = known {
        if !attributes::same(&row["_attributes"], &given) {
            return Err(invalid(
                "Attributes Reason: Subscription already exists with different attributes",
            ));
        }
        return Ok(
            json!({"SubscriptionArn": shown(arn, row, input.flag("ReturnSubscriptionArn"))}),
        );
    }
    let arn = format!("{topic}:{}", call.new_uuid("sns.subscription"));
    let pending = endpoint::needs_confirmation(protocol);
    let mut row = json!({
        "SubscriptionArn": arn, "TopicArn": topic, "Protocol": protocol, "Endpoint": to, "Owner": ACCOUNT,
        "_attributes": given, "_pending": pending, "_authenticated": !pending,
    });
    if pending {
        row["_token"] = json!(call.new_hex("sns.token", 64));
        call.schedule(CONFIRMATION, SUBSCRIPTION, &arn, Step::Remove);
    }
    let shown = shown(&arn, &row, input.flag("ReturnSubscriptionArn"));
    call.put(SUBSCRIPTION, &arn, row);
    Ok(json!({"SubscriptionArn": shown}))
}

fn shown(arn: &str, row: &Value, even_if_pending: bool) -> String {
    if row.flag("_pending") && !even_if_pending {
        "pending confirmation".to_owned()
    } else {
        arn.to_owned()
    }
}

/// `ConfirmSubscription`, with the token that the endpoint was sent.
pub(super) fn confirm(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = input.text("TopicArn");
    arn::topic(call, "TopicArn", topic)?;
    let asked = of_topic(call, topic).find(|(_, row)| row.opt("_token") == input.opt("Token"));
    let Some(arn) = asked.map(|(arn, _)| arn.to_owned()) else { return Err(invalid("Token")) };
    let authenticated = input.text("AuthenticateOnUnsubscribe") == "true";
    call.unschedule(SUBSCRIPTION, &arn);
    call.merge(SUBSCRIPTION, &arn, json!({"_pending": false, "_authenticated": authenticated}));
    Ok(json!({"SubscriptionArn": arn}))
}

/// `Unsubscribe`. One that is gone is no error; one that waits for its confirmation is.
pub(super) fn unsubscribe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("SubscriptionArn");
    arn::check(call, "SubscriptionArn", arn)?;
    let Some(row) = call.get(SUBSCRIPTION, arn) else { return Ok(json!({})) };
    if row.flag("_pending") {
        let reason = "Cannot unsubscribe a subscription that is pending confirmation";
        return Err(invalid(&format!("SubscriptionArn Reason: {reason}")));
    }
    let topic = row.text("TopicArn").to_owned();
    call.remove(SUBSCRIPTION, arn);
    call.update(SNS_TOPIC, &topic, |row| {
        row["_unsubscribed"] = json!(row.int("_unsubscribed").unwrap_or_default() + 1);
    });
    Ok(json!({}))
}

/// `ListSubscriptions`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let all = call.rows(SUBSCRIPTION).map(described);
    Ok(json!({"Subscriptions": all.collect::<Vec<Value>>()}))
}

/// `ListSubscriptionsByTopic`.
pub(super) fn list_by_topic(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let topic = input.text("TopicArn");
    arn::topic(call, "TopicArn", topic)?;
    Ok(json!({"Subscriptions": of_topic(call, topic).map(described).collect::<Vec<Value>>()}))
}

fn described((arn, row): (&str, &Value)) -> Value {
    let mut row = row.clone();
    row["_key"] = json!(arn);
    if row.flag("_pending") {
        row["SubscriptionArn"] = json!("PendingConfirmation");
    }
    row
}

/// The subscriptions of a topic.
pub(super) fn of_topic<'c>(
    call: &'c Call,
    topic: &str,
) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(SUBSCRIPTION).filter(move |(_, row)| row.text("TopicArn") == topic)
}

/// How many subscriptions of a topic are confirmed, and how many wait for it.
pub(super) fn counts(call: &Call, topic: &str) -> (usize, usize) {
    let (pending, confirmed): (Vec<_>, Vec<_>) =
        of_topic(call, topic).partition(|(_, row)| row.flag("_pending"));
    (confirmed.len(), pending.len())
}

/// Removes the subscriptions of a topic.
pub(super) fn remove_all(call: &mut Call, topic: &str) {
    let arns: Vec<String> = of_topic(call, topic).map(|(arn, _)| arn.to_owned()).collect();
    for arn in arns {
        call.remove(SUBSCRIPTION, &arn);
    }
}
