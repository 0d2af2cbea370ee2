//! Event subscriptions: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateEventSubscription.html>

use super::query::{Query, combination};
use super::reference::{CLUSTER, INSTANCE, SNAPSHOT};
use super::{event, parameter_group, resource_tags};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::sns::{self, Publisher, Refused};
use crate::store::Table;
use serde_json::{Value, json};

/// Subscriptions by name: an `EventSubscription`.
const SUBSCRIPTION: Table = Table::regional("rds.event_subscription");

/// Who publishes the events.
const PUBLISHER: &str = "events.rds.amazonaws.com";

const QUOTA: usize = 20;

const QUERY: Query = Query {
    table: SUBSCRIPTION,
    id: "SubscriptionName",
    kind: "es",
    missing: no_subscription,
    filters: &[],
};

pub(super) fn no_subscription(name: &str) -> Fault {
    Fault::new("SubscriptionNotFound", format!("Event Subscription {name} not found."))
}

/// `CreateEventSubscription`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("SubscriptionName").to_ascii_lowercase();
    let tags = resource_tags::checked(input.items("Tags"))?;
    if name.is_empty() || name.len() >= 255 {
        return Err(super::query::invalid(
            "The name of a subscription must have 1 to 254 characters.",
        ));
    }
    if call.get(SUBSCRIPTION, &name).is_some() {
        let message = format!("Event Subscription {name} already exists.");
        return Err(Fault::new("SubscriptionAlreadyExist", message));
    }
    if call.rows(SUBSCRIPTION).count() >= call.quota("rds.event_subscriptions", QUOTA) {
        let message = "The quota of event subscriptions has been reached.";
        return Err(Fault::new("EventSubscriptionQuotaExceeded", message));
    }
    let sources = sources(call, &input)?;
    categories(input.opt("SourceType"), &input)?;
    let topic = input.text("SnsTopicArn");
    let arn = call.arn("rds", &format!("es:{name}"));
    may_publish(call, topic, &arn)?;
    let mut row = json!({
        "CustomerAwsId": ACCOUNT, "CustSubscriptionId": name, "SnsTopicArn": topic, "Status": "creating",
        "SubscriptionCreationTime": date(call), "Enabled": input.opt_flag("Enabled").unwrap_or(true),
        "EventSubscriptionArn": arn, "Tags": tags, "_arn": arn,
    });
    if input.has("SourceType") {
        row["SourceType"] = input["SourceType"].clone();
    }
    if !sources.is_empty() {
        row["SourceIdsList"] = json!(sources);
    }
    if !input.items("EventCategories").is_empty() {
        row["EventCategoriesList"] = input["EventCategories"].clone();
    }
    call.put(SUBSCRIPTION, &name, row.clone());
    settle(call, &name, "create");
    Ok(json!({"EventSubscription": row}))
}

fn settle(call: &mut Call, name: &str, phase: &str) {
    let seconds = call.latency("rds.event_subscription", phase);
    call.schedule(seconds, SUBSCRIPTION, name, Step::Merge(json!({"Status": "active"})));
}

fn date(call: &Call) -> String {
    crate::protocol::timestamp(call.now(), crate::model::TimestampFormat::Iso8601)
}

/// The sources that a request names, which must be there.
fn sources(call: &Call, input: &Value) -> Result<Vec<String>, Fault> {
    let ids = input.texts("SourceIds");
    let Some(source) = input.opt("SourceType") else {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        return Err(combination("SourceType must be supplied when SourceIds are supplied."));
    };
    event::known(source)?;
    ids.iter().map(|id| exists(call, source, id)).collect()
}

fn exists(call: &Call, source: &str, id: &str) -> Result<String, Fault> {
    let lower = id.to_ascii_lowercase();
    let table = match source {
        "db-cluster" => CLUSTER,
        "db-instance" => INSTANCE,
        "db-cluster-snapshot" => SNAPSHOT,
        "db-parameter-group" => parameter_group::OF_INSTANCES.table,
        _ => return Err(Fault::new("SourceNotFound", format!("Could not find source: {id}"))),
    };
    match call.get(table, &lower) {
        Some(_) => Ok(lower),
        None => Err(Fault::new("SourceNotFound", format!("Could not find source: {id}"))),
    }
}

fn categories(source: Option<&str>, input: &Value) -> Result<(), Fault> {
    let wanted = input.texts("EventCategories");
    let known: Vec<&str> = match source {
        Some(source) => event::known(source)?.to_vec(),
        None => event::CATEGORIES.iter().flat_map(|(_, names)| names.iter().copied()).collect(),
    };
    match wanted.iter().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => Err(Fault::new(
            "SubscriptionCategoryNotFound",
            format!("The event category {name} is not valid."),
        )),
    }
}

/// RDS looks whether the topic is there and lets it publish.
fn may_publish(call: &mut Call, topic: &str, source: &str) -> Result<(), Fault> {
    let publisher = Publisher { service: PUBLISHER, source, for_owner: true };
    match sns::admits(call, publisher, topic) {
        Ok(()) | Err(Refused::Key) => Ok(()),
        Err(Refused::NoTopic) => {
            Err(Fault::new("SNSTopicArnNotFound", format!("SNS topic ARN {topic} does not exist.")))
        }
        Err(Refused::Policy) => Err(Fault::new(
            "SNSNoAuthorization",
            format!("The AWS account isn't authorized to publish to the SNS topic ARN {topic}."),
        )),
    }
}

/// `DescribeEventSubscriptions`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"EventSubscriptionsList": QUERY.run(call, |_, row| row.clone())?}))
}

fn changeable(call: &Call, name: &str) -> Result<(String, Value), Fault> {
    let name = name.to_ascii_lowercase();
    let row = call.get(SUBSCRIPTION, &name).cloned().ok_or_else(|| no_subscription(&name))?;
    if ["creating", "modifying", "deleting"].contains(&row.text("Status")) {
        let message = format!("Event Subscription {name} is in {} state.", row.text("Status"));
        return Err(Fault::new("InvalidEventSubscriptionState", message));
    }
    Ok((name, row))
}

/// `ModifyEventSubscription`.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, row) = changeable(call, input.text("SubscriptionName"))?;
    let source = input.opt("SourceType").or(row.opt("SourceType"));
    categories(source, &input)?;
    let mut members = json!({"Status": "modifying"});
    if let Some(topic) = input.opt("SnsTopicArn") {
        may_publish(call, topic, row.text("_arn"))?;
        members["SnsTopicArn"] = json!(topic);
    }
    if input.has("Enabled") {
        members["Enabled"] = input["Enabled"].clone();
    }
    if input.has("SourceType") {
        event::known(input.text("SourceType"))?;
        members["SourceType"] = input["SourceType"].clone();
    }
    if input.has("EventCategories") {
        members["EventCategoriesList"] = input["EventCategories"].clone();
    }
    call.merge(SUBSCRIPTION, &name, members);
    settle(call, &name, "update");
    Ok(json!({"EventSubscription": call.get(SUBSCRIPTION, &name)}))
}

/// `AddSourceIdentifierToSubscription`.
pub(super) fn add_source(call: &mut Call) -> Result<Value, Fault> {
    change_sources(call, |call, row, id| {
        let Some(source) = row.opt("SourceType") else {
            return Err(combination("The subscription is for all types of sources."));
        };
        let id = exists(call, source, id)?;
        let known = row.texts("SourceIdsList").into_iter().filter(|one| *one != id);
        Ok(known.map(str::to_owned).chain([id.clone()]).collect())
    })
}

/// `RemoveSourceIdentifierFromSubscription`.
pub(super) fn remove_source(call: &mut Call) -> Result<Value, Fault> {
    change_sources(call, |_, row, id| {
        let known = row.texts("SourceIdsList");
        if !known.contains(&id) {
            return Err(Fault::new("SourceNotFound", format!("Could not find source: {id}")));
        }
        Ok(known.into_iter().filter(|one| *one != id).map(str::to_owned).collect())
    })
}

fn change_sources(
    call: &mut Call,
    change: impl Fn(&Call, &Value, &str) -> Result<Vec<String>, Fault>,
) -> Result<Value, Fault> {
    let input = call.input();
    let (name, row) = changeable(call, input.text("SubscriptionName"))?;
    let sources = change(call, &row, input.text("SourceIdentifier"))?;
    let sources = if sources.is_empty() { Value::Null } else { json!(sources) };
    call.merge(SUBSCRIPTION, &name, json!({"SourceIdsList": sources, "Status": "modifying"}));
    settle(call, &name, "update");
    Ok(json!({"EventSubscription": call.get(SUBSCRIPTION, &name)}))
}

/// `DeleteEventSubscription`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let name = call.input().text("SubscriptionName").to_ascii_lowercase();
    let row = call.get(SUBSCRIPTION, &name).cloned().ok_or_else(|| no_subscription(&name))?;
    if row.text("Status") != "deleting" {
        call.unschedule(SUBSCRIPTION, &name);
        call.merge(SUBSCRIPTION, &name, json!({"Status": "deleting"}));
        let seconds = call.latency("rds.event_subscription", "delete");
        call.schedule(seconds, SUBSCRIPTION, &name, Step::Remove);
    }
    Ok(json!({"EventSubscription": call.get(SUBSCRIPTION, &name)}))
}

/// Sends an event to the subscriptions that want it; one whose topic refuses it says so in its status.
pub(super) fn tell(call: &mut Call, event: &Value) {
    let wanting: Vec<(String, Value)> = call
        .rows(SUBSCRIPTION)
        .filter(|(_, row)| wants(row, event))
        .map(|(name, row)| (name.to_owned(), row.clone()))
        .collect();
    for (name, row) in wanting {
        let publisher = Publisher { service: PUBLISHER, source: row.text("_arn"), for_owner: true };
        let message = json!({
            "Event Source": event["SourceType"], "Event Time": event["Date"], "Source ID": event["SourceIdentifier"],
            "Source ARN": event["SourceArn"], "Event Message": event["Message"],
        });
        let sent = sns::publish_for(
            call,
            publisher,
            row.text("SnsTopicArn"),
            "RDS Notification Message",
            &message.to_string(),
        );
        let status = match sent {
            Ok(_) => continue,
            Err(Refused::NoTopic) => "topic-not-exist",
            Err(Refused::Policy | Refused::Key) => "no-permission",
        };
        call.merge(SUBSCRIPTION, &name, json!({"Status": status}));
    }
}

fn wants(row: &Value, event: &Value) -> bool {
    let ids = row.texts("SourceIdsList");
    let categories = row.texts("EventCategoriesList");
    row.flag("Enabled")
        && row.text("Status") == "active"
        && row.opt("SourceType").is_none_or(|source| source == event.text("SourceType"))
        && (ids.is_empty() || ids.contains(&event.text("SourceIdentifier")))
        && (categories.is_empty()
            || event.texts("EventCategories").iter().any(|one| categories.contains(one)))
}
