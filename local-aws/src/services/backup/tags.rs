//! Tags of vaults and recovery points, which Backup has as a map.
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_TagResource.html>

use super::recovery_point::RECOVERY_POINT;
use super::vault::VAULT;
use super::{invalid, missing};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, checked, in the form of rows.
pub(super) fn given(map: &Value) -> Result<Vec<Value>, Fault> {
    let tags = tags::from_map(map);
    tags::check(&tags).map_err(|bad| refused(&bad))?;
    Ok(tags)
}

fn refused(bad: &BadTag) -> Fault {
    match bad {
        BadTag::TooMany => Fault::new("LimitExceededException", bad.message()),
        _ => invalid(bad.message()),
    }
}

/// Table and id of what an ARN means.
fn resource<'i>(call: &Call, input: &'i Value) -> Result<(Table, &'i str), Fault> {
    let arn = input.text("ResourceArn");
    let found = match arn.split_once(":backup-vault:") {
        Some((_, name)) => (VAULT, name),
        None => (RECOVERY_POINT, arn),
    };
    match call.get(found.0, found.1) {
        Some(_) => Ok(found),
        None => Err(missing(format!("The resource {arn} does not exist."))),
    }
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (table, id) = resource(call, &input)?;
    let fresh = given(&input["Tags"])?;
    let mut done = Ok(());
    call.update(table, id, |row| done = tags::add(row, &fresh));
    done.map(|()| json!({})).map_err(|bad| refused(&bad))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (table, id) = resource(call, &input)?;
    call.update(table, id, |row| tags::remove(row, &input.texts("TagKeyList")));
    Ok(json!({}))
}

/// `ListTags`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (table, id) = resource(call, &input)?;
    let tags = call.get(table, id).map_or(&[] as &[Value], |row| row.items("Tags"));
    Ok(json!({"Tags": tags::to_map(tags)}))
}
