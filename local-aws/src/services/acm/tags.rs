//! Tags: <https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html>

use super::certificate::{CERTIFICATE, named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// The tags of a request, once they are known to be allowed; a tag without a value has an empty one.
pub(super) fn of_request(given: &[Value]) -> Result<Vec<Value>, Fault> {
    let whole = |tag: &Value| json!({"Key": tag.text("Key"), "Value": tag.text("Value")});
    let all: Vec<Value> = given.iter().map(whole).collect();
    tags::check(&all).map_err(|bad| refused(&bad))?;
    Ok(all)
}

fn refused(bad: &BadTag) -> Fault {
    let code = if *bad == BadTag::TooMany { "TooManyTagsException" } else { "InvalidTagException" };
    Fault::new(code, bad.message())
}

/// `AddTagsToCertificate`.
pub(super) fn add(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("CertificateArn"))?;
    let fresh = of_request(input.items("Tags"))?;
    tags::add(&mut row, &fresh).map_err(|bad| refused(&bad))?;
    call.put(CERTIFICATE, input.text("CertificateArn"), row);
    Ok(json!({}))
}

/// `RemoveTagsFromCertificate`: one that is given with a value only if it has that value.
pub(super) fn remove(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("CertificateArn"))?;
    let there = |tag: &&Value| {
        tag.opt("Value").is_none_or(|value| tags::value(&row, tag.text("Key")) == Some(value))
    };
    let keys: Vec<&str> =
        input.items("Tags").iter().filter(there).map(|tag| tag.text("Key")).collect();
    tags::remove(&mut row, &keys);
    call.put(CERTIFICATE, input.text("CertificateArn"), row);
    Ok(json!({}))
}

/// `ListTagsForCertificate`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("CertificateArn"))?;
    Ok(json!({"Tags": row["Tags"]}))
}
