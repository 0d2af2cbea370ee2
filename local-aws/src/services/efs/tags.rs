//! Tags of file systems and access points, by the API of today and the deprecated one.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_TagResource.html>

use super::access_point::{self, ACCESS_POINT};
use super::file_system::{self, FILE_SYSTEM};
use super::{bad_request, id_of};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, checked.
pub(super) fn given(given: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(given).map_err(|bad| refused(&bad))?;
    Ok(given.to_vec())
}

fn refused(bad: &BadTag) -> Fault {
    bad_request(bad.message())
}

/// The table and the row of what a request is about.
fn resource(call: &Call, reference: &str) -> Result<(Table, Value), Fault> {
    if id_of(reference).starts_with("fsap-") {
        return Ok((ACCESS_POINT, access_point::named(call, reference)?));
    }
    Ok((FILE_SYSTEM, file_system::named(call, reference)?))
}

fn add(call: &mut Call, reference: &str, fresh: &[Value]) -> Result<Value, Fault> {
    let (table, _) = resource(call, reference)?;
    let fresh = given(fresh)?;
    let mut done = Ok(());
    call.update(table, id_of(reference), |row| done = tags::add(row, &fresh));
    done.map(|()| json!({})).map_err(|bad| refused(&bad))
}

fn remove(call: &mut Call, reference: &str, keys: &[&str]) -> Result<Value, Fault> {
    let (table, _) = resource(call, reference)?;
    if let Some(key) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(refused(&BadTag::Reserved((*key).to_owned())));
    }
    call.update(table, id_of(reference), |row| tags::remove(row, keys));
    Ok(json!({}))
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    add(call, input.text("ResourceId"), input.items("Tags"))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    remove(call, input.text("ResourceId"), &input.texts("TagKeys"))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let (_, row) = resource(call, call.input().text("ResourceId"))?;
    Ok(json!({"Tags": row["Tags"]}))
}

/// `CreateTags`, deprecated.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    add(call, input.text("FileSystemId"), input.items("Tags"))
}

/// `DeleteTags`, deprecated.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    remove(call, input.text("FileSystemId"), &input.texts("TagKeys"))
}

/// `DescribeTags`, deprecated.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = file_system::named(call, input.text("FileSystemId"))?;
    let mut all = row.items("Tags").to_vec();
    all.sort_by(|a, b| a.text("Key").cmp(b.text("Key")));
    for tag in &mut all {
        tag["_key"] = tag["Key"].clone();
    }
    Ok(json!({"Tags": all, "Marker": input["Marker"]}))
}
