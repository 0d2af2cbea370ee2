//! Sets of addresses: <https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html>

use super::web_acl::WEB_ACL;
use super::{
    associated, duplicate, invalid, new_token, nonexistent, page, regional, tags, unlocked,
};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Rows are an `IPSet` by ARN, with `LockToken`.
pub(super) const IP_SET: Table = Table::regional("wafv2.ip_set");

/// The set that a request names by name, scope and id.
fn named(call: &Call, input: &Value) -> Result<Value, Fault> {
    regional(input)?;
    let same = |row: &Value| row["Id"] == input["Id"] && row["Name"] == input["Name"];
    let found = call.rows(IP_SET).find(|(_, row)| same(row));
    found.map(|(_, row)| row.clone()).ok_or_else(nonexistent)
}

fn summary(row: &Value) -> Value {
    json!({
        "Name": row["Name"], "Id": row["Id"], "Description": row.text("Description"), "LockToken": row["LockToken"],
        "ARN": row["ARN"],
    })
}

/// Checks that addresses are blocks of a version, none being everything.
fn check(addresses: &[&str], version: &str) -> Result<(), Fault> {
    let fits = |text: &str| {
        let (address, prefix) = text.split_once('/')?;
        let most = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(_) if version == "IPV4" => 32,
            IpAddr::V6(_) if version == "IPV6" => 128,
            _ => return None,
        };
        prefix.parse::<u8>().ok().filter(|prefix| (1..=most).contains(prefix))
    };
    match addresses.iter().find(|text| fits(text).is_none()) {
        None => Ok(()),
        Some(bad) => {
            Err(invalid("The parameter contains formatting that is not valid.", "IP_ADDRESS", bad))
        }
    }
}

/// `CreateIPSet`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let name = input.text("Name");
    if call.rows(IP_SET).any(|(_, row)| row.text("Name") == name) {
        return Err(duplicate());
    }
    check(&input.texts("Addresses"), input.text("IPAddressVersion"))?;
    let tags = tags::of_request(input.items("Tags"))?;
    let id = call.new_uuid("wafv2.ip_set");
    let arn = call.arn("wafv2", &format!("regional/ipset/{name}/{id}"));
    let row = json!({
        "Name": name, "Id": id, "ARN": arn, "Description": input["Description"], "Addresses": input["Addresses"],
        "IPAddressVersion": input["IPAddressVersion"], "LockToken": new_token(call), "Tags": tags, "_arn": arn,
    });
    call.put(IP_SET, &arn, row.clone());
    Ok(json!({"Summary": summary(&row)}))
}

/// `GetIPSet`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, &call.input())?;
    let members = ["Name", "Id", "ARN", "Description", "IPAddressVersion", "Addresses"];
    let shown: Value = members
        .iter()
        .filter(|name| row.has(name))
        .map(|name| ((*name).to_owned(), row[*name].clone()))
        .collect();
    Ok(json!({"IPSet": shown, "LockToken": row["LockToken"]}))
}

/// `ListIPSets`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let rows = call.rows(IP_SET).map(|(_, row)| (row.text("Name").to_owned(), summary(row)));
    page::answer(&input, "IPSets", rows.collect())
}

/// `UpdateIPSet`.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input)?;
    unlocked(&row, &input)?;
    check(&input.texts("Addresses"), row.text("IPAddressVersion"))?;
    let token = new_token(call);
    let members = json!({
        "Addresses": input["Addresses"], "Description": input["Description"], "LockToken": token,
    });
    call.merge(IP_SET, row.text("ARN"), members);
    Ok(json!({"NextLockToken": token}))
}

/// `DeleteIPSet`: not while a web ACL names it.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = named(call, &input)?;
    unlocked(&row, &input)?;
    let arn = row["ARN"].to_string();
    if call.rows(WEB_ACL).any(|(_, acl)| acl["Rules"].to_string().contains(&arn)) {
        return Err(associated());
    }
    call.remove(IP_SET, row.text("ARN"));
    Ok(json!({}))
}
