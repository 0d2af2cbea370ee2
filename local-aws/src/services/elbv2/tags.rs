//! Tags: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html>

use super::listener::LISTENER;
use super::load_balancer::LOAD_BALANCER;
use super::rule::RULE;
use super::target_group::TARGET_GROUP;
use super::{name, validation};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// How many resources a request can name.
const MOST: usize = 20;

/// The tags of a request, once they are known to be allowed; a tag without a value has an empty one.
pub(super) fn of_request(given: &[Value]) -> Result<Vec<Value>, Fault> {
    let whole = |tag: &Value| json!({"Key": tag.text("Key"), "Value": tag.text("Value")});
    let all: Vec<Value> = given.iter().map(whole).collect();
    tags::check(&all).map_err(|bad| refused(&bad))?;
    Ok(all)
}

fn refused(bad: &BadTag) -> Fault {
    match bad {
        BadTag::TooMany => Fault::new("TooManyTags", bad.message()),
        BadTag::Twice(_) => Fault::new("DuplicateTagKeys", bad.message()),
        _ => validation(bad.message()),
    }
}

/// Whether two lists have the same tags, in whatever order.
pub(super) fn same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && tags::to_map(a) == tags::to_map(b)
}

/// The table of what an ARN names, if it is there.
fn table(call: &Call, arn: &str) -> Result<Table, Fault> {
    let (table, code, noun) = match name::kind(arn) {
        "loadbalancer" => (LOAD_BALANCER, "LoadBalancerNotFound", "Load balancer"),
        "targetgroup" => (TARGET_GROUP, "TargetGroupNotFound", "Target group"),
        "listener" => (LISTENER, "ListenerNotFound", "Listener"),
        "listener-rule" => (RULE, "RuleNotFound", "Rule"),
        _ => return Err(validation(format!("'{arn}' is not a valid ARN of a resource with tags"))),
    };
    let missing = || Fault::new(code, format!("{noun} '{arn}' not found"));
    call.get(table, arn).map(|_| table).ok_or_else(missing)
}

/// The tables of what a request names.
fn named<'a>(call: &Call, arns: &[&'a str]) -> Result<Vec<(Table, &'a str)>, Fault> {
    if arns.len() > MOST {
        return Err(validation(format!("At most {MOST} resources can be named in one request")));
    }
    arns.iter().map(|arn| Ok((table(call, arn)?, *arn))).collect()
}

/// `AddTags`.
pub(super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let fresh = of_request(input.items("Tags"))?;
    for (table, arn) in named(call, &input.texts("ResourceArns"))? {
        let mut done = Ok(());
        call.update(table, arn, |row| done = tags::add(row, &fresh));
        done.map_err(|bad| refused(&bad))?;
    }
    Ok(json!({}))
}

/// `RemoveTags`.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let keys = input.texts("TagKeys");
    if let Some(key) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(refused(&BadTag::Reserved((*key).to_owned())));
    }
    for (table, arn) in named(call, &input.texts("ResourceArns"))? {
        call.update(table, arn, |row| tags::remove(row, &keys));
    }
    Ok(json!({}))
}

/// `DescribeTags`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut descriptions = Vec::new();
    for (table, arn) in named(call, &input.texts("ResourceArns"))? {
        let tags = call.get(table, arn).map(|row| row["Tags"].clone());
        descriptions.push(json!({"ResourceArn": arn, "Tags": tags}));
    }
    Ok(json!({"TagDescriptions": descriptions}))
}
