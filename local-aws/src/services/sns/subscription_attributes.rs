//! Attributes of subscriptions: <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use super::arn::{self, invalid};
use super::subscription::SUBSCRIPTION;
use super::topic_attributes;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Map, Value, json};

const DOCUMENTS: [&str; 4] = ["DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy"];

/// Checks the attributes of a subscription that is made.
pub(super) fn of_new_subscription(protocol: &str, attributes: &Value) -> Result<Value, Fault> {
    let mut checked = Map::new();
    for (name, value) in attributes.as_object().into_iter().flatten() {
        check(protocol, name, value.as_str().unwrap_or_default())?;
        checked.insert(name.clone(), value.clone());
    }
    if checked.contains_key("FilterPolicyScope") && !checked.contains_key("FilterPolicy") {
        return Err(invalid("FilterPolicyScope Reason: FilterPolicy must be set first"));
    }
    Ok(Value::Object(checked))
}

/// Whether attributes that are asked for do not differ from those that are there.
pub(super) fn same(known: &Value, asked: &Value) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    asked.as_object().into_iter().flatten().all(|(name, value)| {
        let (known, asked) = (known.opt(name), value.as_str().unwrap_or_default());
        match known {
            Some(known) if DOCUMENTS.contains(&name.as_str()) => parsed(known) == parsed(asked),
            Some(known) => known == asked,
            None => asked == "false",
        }
    })
}

/// `SetSubscriptionAttributes`. An absent, empty or `{}` value takes the attribute away.
pub(super) fn set(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (arn, name) = (input.text("SubscriptionArn"), input.text("AttributeName"));
    let value = input.text("AttributeValue");
    let row = find(call, arn)?;
    check(row.text("Protocol"), name, value)?;
    if name == "FilterPolicyScope" && !row["_attributes"].has("FilterPolicy") {
        return Err(invalid("FilterPolicyScope Reason: FilterPolicy must be set first"));
    }
    let gone = value.is_empty() || (DOCUMENTS.contains(&name) && value == "{}");
    call.update(SUBSCRIPTION, arn, |row| {
        let Some(attributes) = row["_attributes"].as_object_mut() else { return };
        if gone {
            attributes.remove(name);
        } else {
            attributes.insert(name.to_owned(), json!(value));
        }
    });
    Ok(json!({}))
}

/// `GetSubscriptionAttributes`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("SubscriptionArn");
    let row = find(call, arn)?;
    let text = |flag: bool| if flag { "true" } else { "false" };
    let mut all = json!({
        "SubscriptionArn": arn, "TopicArn": row["TopicArn"], "Protocol": row["Protocol"], "Endpoint": row["Endpoint"],
        "Owner": ACCOUNT, "SubscriptionPrincipal": call.global_arn("iam", "root"), "RawMessageDelivery": "false",
        "PendingConfirmation": text(row.flag("_pending")),
        "ConfirmationWasAuthenticated": text(row.flag("_authenticated")),
    });
    for (name, value) in row["_attributes"].as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    if all.has("FilterPolicy") && !all.has("FilterPolicyScope") {
        all["FilterPolicyScope"] = json!("MessageAttributes");
    }
    if row.text("Protocol").starts_with("http") {
        all["EffectiveDeliveryPolicy"] =
            json!(topic_attributes::effective_delivery(all.opt("DeliveryPolicy")));
    }
    Ok(json!({"Attributes": all}))
}

fn find<'c>(call: &'c Call, arn: &str) -> Result<&'c Value, Fault> {
    arn::check(call, "SubscriptionArn", arn)?;
    call.get(SUBSCRIPTION, arn).ok_or_else(|| Fault::new("NotFound", "Subscription does not exist"))
}

fn check(protocol: &str, name: &str, value: &str) -> Result<(), Fault> {
    let document = || matches!(serde_json::from_str::<Value>(value), Ok(Value::Object(_)));
    let fits = match name {
        "RawMessageDelivery" => {
            let raw = ["http", "https", "sqs", "firehose"].contains(&protocol);
            if value == "true" && !raw {
                return Err(invalid(&format!(
                    "Delivery protocol [{protocol}] does not support raw message delivery."
                )));
            }
            ["true", "false"].contains(&value)
        }
        "FilterPolicyScope" => ["MessageAttributes", "MessageBody"].contains(&value),
        "SubscriptionRoleArn" => value.contains(":iam::"),
        _ if DOCUMENTS.contains(&name) => value.is_empty() || document(),
        _ => return Err(invalid("AttributeName")),
    };
    match (fits, name) {
        (true, _) => Ok(()),
        (false, "FilterPolicy") => Err(invalid("FilterPolicy: failed to parse JSON.")),
        (false, _) => Err(invalid(name)),
    }
}
