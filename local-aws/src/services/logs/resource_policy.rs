//! Policies by which AWS services write log events: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>

use super::reference::{self, invalid, not_found};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy::{self, Kind};
use crate::store::Table;
use serde_json::{Value, json};

/// Policies of the account by name, and of log groups by their ARN: a `ResourcePolicy`.
const RESOURCE_POLICY: Table = Table::regional("logs.resource_policy");

/// Policies of an account and region that are no log group's.
const QUOTA: usize = 10;

/// `PutResourcePolicy`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = target(call, &input)?;
    policy::parse(input.text("policyDocument"), Kind::Resource).map_err(invalid)?;
    let account = !input.has("resourceArn");
    let others = of(call, "ACCOUNT").filter(|(known, _)| *known != id).count();
    if account && others >= call.quota("logs.resource_policies", QUOTA) {
        return Err(Fault::new("LimitExceededException", "Resource limit exceeded."));
    }
    same_revision(call, &input, &id)?;
    let revision = (!account).then(|| call.new_hex("logs.resource_policy", 32));
    let row = json!({
        "policyName": input.opt("policyName"), "resourceArn": input.opt("resourceArn"), "policyDocument": input["policyDocument"],
        "policyScope": if account { "ACCOUNT" } else { "RESOURCE" }, "revisionId": revision,
        "lastUpdatedTime": reference::now(call), "_key": id,
    });
    call.put(RESOURCE_POLICY, &id, row.clone());
    Ok(json!({"resourcePolicy": row, "revisionId": revision}))
}

/// `DeleteResourcePolicy`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = target(call, &input)?;
    let missing = || not_found("Policy with the name or resource does not exist.");
    call.get(RESOURCE_POLICY, &id).ok_or_else(missing)?;
    same_revision(call, &input, &id)?;
    call.remove(RESOURCE_POLICY, &id);
    Ok(json!({}))
}

/// The id of the policy that a request means: a name, or the ARN of an existing log group.
fn target(call: &Call, input: &Value) -> Result<String, Fault> {
    match (input.opt("policyName"), input.opt("resourceArn")) {
        (_, Some(arn)) => {
            let name = reference::name(call, arn)?;
            Ok(reference::group(call, name)?.text("logGroupArn").to_owned())
        }
        (Some(name), None) => Ok(name.to_owned()),
        (None, None) => Err(invalid("Either policyName or resourceArn must be given.")),
    }
}

/// A log group's policy is changed only by those who know how it is.
fn same_revision(call: &Call, input: &Value, id: &str) -> Result<(), Fault> {
    let known = call.get(RESOURCE_POLICY, id).and_then(|policy| policy.opt("revisionId"));
    if known == input.opt("expectedRevisionId") {
        return Ok(());
    }
    Err(Fault::new(
        "OperationAbortedException",
        "The expected revision of the resource policy is not the current one.",
    ))
}

fn of<'c>(call: &'c Call, scope: &str) -> impl Iterator<Item = (&'c str, &'c Value)> {
    call.rows(RESOURCE_POLICY).filter(move |(_, policy)| policy.text("policyScope") == scope)
}

/// `DescribeResourcePolicies`: the account's, unless others are asked for.
#[expect(clippy::unnecessary_wraps, reason = "the form of all handlers")]
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let resource = input.opt("resourceArn").map(|arn| arn.strip_suffix(":*").unwrap_or(arn));
    let usual = if resource.is_some() { "RESOURCE" } else { "ACCOUNT" };
    let scope = input.opt("policyScope").unwrap_or(usual);
    let found = of(call, scope).filter(|(id, _)| resource.is_none_or(|arn| *id == arn));
    let policies: Vec<Value> = found.map(|(_, policy)| policy.clone()).collect();
    Ok(json!({"resourcePolicies": policies}))
}

/// The documents of all policies.
pub(super) fn documents(call: &Call) -> impl Iterator<Item = Value> {
    let texts = call.rows(RESOURCE_POLICY).map(|(_, policy)| policy.text("policyDocument"));
    texts.filter_map(|text| serde_json::from_str(text).ok())
}

/// Adds a statement to a policy of the account, which is made if there is none; false if no more can be made.
pub(super) fn add(call: &mut Call, name: &str, statement: &Value) -> bool {
    let known = call.get(RESOURCE_POLICY, name).map(|policy| policy.text("policyDocument"));
    let known: Option<Value> = known.and_then(|text| serde_json::from_str(text).ok());
    if known.is_none() && of(call, "ACCOUNT").count() >= call.quota("logs.resource_policies", QUOTA)
    {
        return false;
    }
    let mut document = known.unwrap_or_else(|| json!({"Version": "2012-10-17", "Statement": []}));
    if let Some(statements) = document["Statement"].as_array_mut() {
        statements.push(statement.clone());
    }
    let row = json!({
        "policyName": name, "policyDocument": document.to_string(), "policyScope": "ACCOUNT",
        "lastUpdatedTime": reference::now(call), "_key": name,
    });
    call.put(RESOURCE_POLICY, name, row);
    true
}

/// Removes the policy of a group that is deleted.
pub(super) fn remove_of(call: &mut Call, group_arn: &str) {
    call.remove(RESOURCE_POLICY, group_arn);
}
