//! Tags of repositories: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_TagResource.html>

use super::repository::REPOSITORY;
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};

/// Tags of a request, checked.
pub(super) fn given(given: &[Value]) -> Result<Vec<Value>, Fault> {
    tags::check(given).map_err(|bad| refused(&bad))?;
    Ok(given.to_vec())
}

fn refused(bad: &BadTag) -> Fault {
    let code = if *bad == BadTag::TooMany {
        "TooManyTagsException"
    } else {
        "InvalidTagParameterException"
    };
    Fault::new(code, bad.message())
}

/// The name in the ARN of a repository that is there.
fn named(call: &Call, arn: &str) -> Result<String, Fault> {
    let prefix = call.arn("ecr", "repository/");
    let name = arn.strip_prefix(&prefix).filter(|name| call.get(REPOSITORY, name).is_some());
    name.map(str::to_owned).ok_or_else(|| {
        let message = format!(
            "The repository with name '{}' does not exist in the registry with id '{ACCOUNT}'",
            arn.split_once('/').map_or("", |(_, name)| name)
        );
        Fault::new("RepositoryNotFoundException", message)
    })
}

/// `TagResource`.
pub(super) fn tag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = named(call, input.text("resourceArn"))?;
    let fresh = given(input.items("tags"))?;
    let mut done = Ok(());
    call.update(REPOSITORY, &name, |row| done = tags::add(row, &fresh));
    done.map(|()| json!({})).map_err(|bad| refused(&bad))
}

/// `UntagResource`.
pub(super) fn untag(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = named(call, input.text("resourceArn"))?;
    let keys = input.texts("tagKeys");
    call.update(REPOSITORY, &name, |row| tags::remove(row, &keys));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let name = named(call, call.input().text("resourceArn"))?;
    let row = call.get(REPOSITORY, &name).cloned().unwrap_or_default();
    Ok(json!({"tags": row["Tags"]}))
}
