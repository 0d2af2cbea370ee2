//! Tags: <https://docs.aws.amazon.com/waf/latest/APIReference/API_TagResource.html>

use super::ip_set::IP_SET;
use super::nonexistent;
use super::web_acl::WEB_ACL;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// The tags of a request, once they are known to be allowed.
pub(super) fn of_request(given: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(given).map_err(|bad| refused(&bad))?;
    Ok(given.to_vec())
}

fn refused(bad: &BadTag) -> Fault {
    Fault::new("WAFTagOperationException", bad.message())
}

fn table(call: &Call, arn: &str) -> Result<Table, Fault> {
    let found = [IP_SET, WEB_ACL].into_iter().find(|table| call.get(*table, arn).is_some());
    found.ok_or_else(nonexistent)
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("ResourceARN");
    let fresh = of_request(input.items("Tags"))?;
    let mut done = Ok(());
    call.update(table(call, arn)?, arn, |row| done = tags::add(row, &fresh));
    done.map(|()| json!({})).map_err(|bad| refused(&bad))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("ResourceARN");
    call.update(table(call, arn)?, arn, |row| tags::remove(row, &input.texts("TagKeys")));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("ResourceARN");
    let tags = call.get(table(call, arn)?, arn).map(|row| row["Tags"].clone());
    Ok(json!({"TagInfoForResource": {"ResourceARN": arn, "TagList": tags}}))
}
