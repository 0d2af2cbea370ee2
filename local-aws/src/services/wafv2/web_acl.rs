//! Web ACLs: <https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html>

use super::{
    associated, association, duplicate, invalid, limits_exceeded, logging, new_token, nonexistent,
    page, regional, tags, unlocked, web_acl_check,
};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `WebACL` by ARN, with `LockToken`, and `_available_at`, from when it can be associated.
pub(super) const WEB_ACL: Table = Table::regional("wafv2.web_acl");

/// AWS's default quota of a region.
const QUOTA: usize = 100;

/// What a request can say of a web ACL.
const MEMBERS: [&str; 12] = [
    "DefaultAction",
    "Description",
    "VisibilityConfig",
    "DataProtectionConfig",
    "CustomResponseBodies",
    "CaptchaConfig",
    "ChallengeConfig",
    "TokenDomains",
    "AssociationConfig",
    "OnSourceDDoSProtectionConfig",
    "ApplicationConfig",
    "MonetizationConfig",
];

/// The web ACL that a request names by name, scope and id.
fn named(call: &Call, input: &Value) -> Result<Value, Fault> {
    regional(input)?;
    let same = |row: &Value| row["Id"] == input["Id"] && row["Name"] == input["Name"];
    let found = call.rows(WEB_ACL).find(|(_, row)| same(row));
    found.map(|(_, row)| row.clone()).ok_or_else(nonexistent)
}

fn summary(row: &Value) -> Value {
    json!({
        "Name": row["Name"], "Id": row["Id"], "Description": row.text("Description"), "LockToken": row["LockToken"],
        "ARN": row["ARN"],
    })
}

/// Sets what a request says; what it does not say goes.
fn set(row: &mut Value, input: &Value) {
    for member in MEMBERS {
        row[member] = input[member].clone();
    }
    row["Rules"] = json!(web_acl_check::complete(input.items("Rules")));
}

/// `CreateWebACL`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let name = input.text("Name");
    if call.rows(WEB_ACL).any(|(_, row)| row.text("Name") == name) {
        return Err(duplicate());
    }
    if call.rows(WEB_ACL).count() >= call.quota("wafv2.web_acls", QUOTA) {
        return Err(limits_exceeded());
    }
    let tags = tags::of_request(input.items("Tags"))?;
    web_acl_check::action(&input)?;
    let capacity = web_acl_check::rules(call, input.items("Rules"))?;
    let id = call.new_uuid("wafv2.web_acl");
    let arn = call.arn("wafv2", &format!("regional/webacl/{name}/{id}"));
    let available = call.now() + call.latency("wafv2.web_acl", "create");
    let mut row = json!({
        "Name": name, "Id": id, "ARN": arn, "Capacity": capacity, "ManagedByFirewallManager": false,
        "RetrofittedByFirewallManager": false, "LabelNamespace": format!("awswaf:{ACCOUNT}:webacl:{name}:"),
        "LockToken": new_token(call), "Tags": tags, "_arn": arn, "_available_at": available,
    });
    set(&mut row, &input);
    call.put(WEB_ACL, &arn, row.clone());
    Ok(json!({"Summary": summary(&row)}))
}

/// `GetWebACL`: by ARN, or by name, scope and id.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = match input.opt("ARN") {
        Some(arn) => call.get(WEB_ACL, arn).cloned().ok_or_else(nonexistent)?,
        None if ["Name", "Scope", "Id"].iter().all(|member| input.has(member)) => {
            named(call, &input)?
        }
        None => {
            let reason = "Either the ARN, or name, scope and id must be given";
            return Err(invalid(reason, "WEB_ACL", "ARN"));
        }
    };
    let token = row["LockToken"].clone();
    Ok(json!({"WebACL": shown(&row), "LockToken": token}))
}

/// A web ACL without its token, which is beside it in answers.
pub(super) fn shown(row: &Value) -> Value {
    let mut shown = row.clone();
    if let Some(members) = shown.as_object_mut() {
        members.retain(|name, value| {
            name != "LockToken" && name != "Tags" && !name.starts_with('_') && !value.is_null()
        });
    }
    shown
}

/// `ListWebACLs`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let rows = call.rows(WEB_ACL).map(|(_, row)| (row.text("Name").to_owned(), summary(row)));
    page::answer(&input, "WebACLs", rows.collect())
}

/// `UpdateWebACL`: everything at once, by who knows how it was.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, &input)?;
    unlocked(&row, &input)?;
    web_acl_check::action(&input)?;
    row["Capacity"] = json!(web_acl_check::rules(call, input.items("Rules"))?);
    set(&mut row, &input);
    let token = new_token(call);
    row["LockToken"] = json!(token);
    let arn = row.text("ARN").to_owned();
    call.put(WEB_ACL, &arn, row);
    Ok(json!({"NextLockToken": token}))
}

/// `DeleteWebACL`: not while it is associated. Its logging ends.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input)?;
    unlocked(&row, &input)?;
    let arn = row.text("ARN");
    if association::resources(call, arn).next().is_some() {
        return Err(associated());
    }
    logging::forget_of(call, arn);
    call.remove(WEB_ACL, arn);
    Ok(json!({}))
}

/// `CheckCapacity`.
pub(super) fn check_capacity(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    Ok(json!({"Capacity": web_acl_check::rules(call, input.items("Rules"))?}))
}
