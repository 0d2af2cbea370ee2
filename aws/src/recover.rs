//! What became of an earlier run, whether its state is there or was lost.

use globecart_engine::plan::PlanError;
use globecart_engine::{CallError, CallResult, Class, Clock, Events, Listed, Record, State, Tags};

use crate::tags::STACK;
use crate::{Aws, Doing, Stack, iam};

/// What became of the intents of a run that was killed, and what the stack has in the cloud and not in its record.
/// Only reads; the records are to be made durable before planning.
pub async fn recover(
    aws: &Aws,
    stack: &Stack,
    state: &State,
    clock: &Clock,
    events: &Events,
) -> Result<Vec<Record>, PlanError> {
    let mut records = globecart_engine::recover(aws, stack, state, clock, events).await?;
    if !globecart_engine::is_lacking(stack, state) {
        return Ok(records);
    }
    let mut recovered = state.clone();
    for record in &records {
        recovered.apply(record);
    }
    let listed = listed(aws, stack.name()).await.map_err(PlanError::Read)?;
    let adopted = globecart_engine::rebuild(aws, stack, &recovered, &listed, clock, events).await?;
    records.extend(adopted);
    Ok(records)
}

/// Everything that listings show with the tags of a stack. A listing that the caller may not use, or that the
/// server lacks, shows nothing.
async fn listed(aws: &Aws, stack: &str) -> CallResult<Vec<Listed>> {
    let mut listed = by_tagging(aws, stack).await.or_else(hidden)?;
    listed.extend(iam::listed_roles(aws, stack).await.or_else(hidden)?);
    listed.extend(iam::listed_policies(aws, stack).await.or_else(hidden)?);
    listed.sort_by(|one, other| one.what.cmp(&other.what));
    listed.dedup_by(|one, other| one.what == other.what);
    Ok(listed)
}

fn hidden(error: CallError) -> CallResult<Vec<Listed>> {
    let code = error.code.as_deref().unwrap_or_default();
    match error.class {
        Class::Denied | Class::Unsupported => Ok(Vec::new()),
        Class::Ambiguous if code == "NotImplemented" => Ok(Vec::new()),
        _ => Err(error),
    }
}

async fn by_tagging(aws: &Aws, stack: &str) -> CallResult<Vec<Listed>> {
    let filter = aws_sdk_resourcegroupstagging::types::TagFilter::builder();
    let filter = filter.key(STACK).values(stack).build();
    let call = aws.tagging().get_resources().tag_filters(filter).into_paginator().items();
    let found = call.send().try_collect().await.doing("looking for what the stack has")?;
    let listed = found.into_iter().filter_map(|resource| {
        let tags = resource.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
        Some(Listed { what: resource.resource_arn?, tags: tags.collect::<Tags>() })
    });
    Ok(listed.collect())
}
