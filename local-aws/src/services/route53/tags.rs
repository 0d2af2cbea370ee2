//! Tags of zones: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html>

use super::hosted_zone::{HOSTED_ZONE, id_of, named};
use super::invalid;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags;
use serde_json::{Value, json};

/// How many tags a zone can have.
const MOST: usize = 10;

/// How many resources a request can ask for.
const MOST_NAMED: usize = 10;

/// The row of what a request names. There are no health checks here.
fn resource(call: &Call, kind: &str, id: &str) -> Result<Value, Fault> {
    if kind == "healthcheck" {
        let message = format!("No health check exists with the specified ID: {id}");
        return Err(Fault::new("NoSuchHealthCheck", message));
    }
    named(call, id)
}

/// `ChangeTagsForResource`.
pub(super) fn change(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (fresh, gone) = (input.items("AddTags"), input.texts("RemoveTagKeys"));
    if fresh.is_empty() && gone.is_empty() {
        return Err(invalid("AddTags or RemoveTagKeys must be given."));
    }
    let fresh: Vec<Value> = fresh
        .iter()
        .map(|tag| json!({"Key": tag.text("Key"), "Value": tag.text("Value")}))
        .collect();
    tags::check(&fresh).map_err(|bad| invalid(bad.message()))?;
    let mut row = resource(call, input.text("ResourceType"), input.text("ResourceId"))?;
    tags::remove(&mut row, &gone);
    tags::add(&mut row, &fresh).map_err(|bad| invalid(bad.message()))?;
    if row.items("Tags").len() > MOST {
        return Err(invalid(format!("A hosted zone can have at most {MOST} tags.")));
    }
    call.merge(HOSTED_ZONE, id_of(row.text("Id")), json!({"Tags": row["Tags"]}));
    Ok(json!({}))
}

fn described(call: &Call, kind: &str, id: &str) -> Result<Value, Fault> {
    let row = resource(call, kind, id)?;
    Ok(json!({"ResourceType": kind, "ResourceId": id_of(row.text("Id")), "Tags": row["Tags"]}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let set = described(call, input.text("ResourceType"), input.text("ResourceId"))?;
    Ok(json!({"ResourceTagSet": set}))
}

/// `ListTagsForResources`.
pub(super) fn list_many(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let ids = input.texts("ResourceIds");
    if ids.len() > MOST_NAMED {
        return Err(invalid(format!("At most {MOST_NAMED} resources can be asked for at once.")));
    }
    let kind = input.text("ResourceType");
    let sets: Vec<Value> =
        ids.iter().map(|id| described(call, kind, id)).collect::<Result<_, Fault>>()?;
    Ok(json!({"ResourceTagSets": sets}))
}
