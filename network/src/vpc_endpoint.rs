//! What gateway and interface endpoints have in common:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, VpcEndpoint as Description};
use globecart_aws::ec2::{FILTER_VALUES, filter, made_by};
use globecart_aws::engine::{CallResult, Intent, Invalid, Live, Removal};
use globecart_aws::policy::PolicyDocument;
use globecart_aws::{Aws, Doing, VpcEndpointId};

use crate::answer;

/// How many endpoints one call deletes; AWS lets that call through about once in three seconds.
pub(crate) const DELETE_BATCH: usize = 25;

/// Endpoints, by id.
pub(crate) async fn by_id(
    aws: &Aws,
    ids: impl Iterator<Item = &VpcEndpointId>,
) -> CallResult<BTreeMap<VpcEndpointId, Description>> {
    let ids: Vec<&str> = ids.map(VpcEndpointId::as_str).collect();
    let mut found = BTreeMap::new();
    for page in ids.chunks(FILTER_VALUES) {
        let endpoints =
            described(aws, vec![filter("vpc-endpoint-id", page.iter().copied())]).await?;
        let by_id =
            |one: Description| Some((VpcEndpointId::new(one.vpc_endpoint_id.clone()?), one));
        found.extend(endpoints.into_iter().filter_map(by_id));
    }
    Ok(found)
}

/// The endpoint that this intent made.
pub(crate) async fn find(aws: &Aws, intent: &Intent) -> CallResult<Option<VpcEndpointId>> {
    let endpoints = described(aws, made_by(intent)).await?;
    let there = |one: &Description| !["deleting", "deleted"].contains(&state(one).as_str());
    let mut ours =
        endpoints.into_iter().filter(|one| there(one) && answer::own(intent, one.tags()));
    Ok(ours.find_map(|one| one.vpc_endpoint_id).map(VpcEndpointId::new))
}

/// Deletes endpoints in one call, whose answer may hide refusals.
pub(crate) async fn delete(
    aws: &Aws,
    ids: impl Iterator<Item = &VpcEndpointId>,
) -> CallResult<Removal> {
    let doing = "deleting VPC endpoints";
    let ids: Vec<String> = ids.map(ToString::to_string).collect();
    let call = aws.ec2().delete_vpc_endpoints().set_vpc_endpoint_ids(Some(ids));
    answer::refused(call.send().await.doing(doing)?.unsuccessful, doing)?;
    Ok(Removal::Pending)
}

/// `None` for an endpoint that can be used, else what it is.
pub(crate) fn unusable<R, O>(endpoint: &Description) -> Option<Live<R, O>> {
    let state = state(endpoint);
    match state.as_str() {
        "available" | "" => None,
        "deleted" => Some(Live::Absent),
        "failed" | "rejected" | "expired" | "partial" => {
            let error = endpoint.last_error().and_then(|error| error.message());
            let why = error.or(endpoint.failure_reason()).unwrap_or("EC2 gives no reason");
            Some(Live::Failed(format!("{state}: {why}")))
        }
        _ => Some(Live::Pending(state)),
    }
}

/// The live policy as a declaration says it: `None` for the one that AWS gives by itself.
pub(crate) fn live_policy(
    endpoint: &Description,
    recorded: Option<&PolicyDocument>,
) -> CallResult<Option<PolicyDocument>> {
    let Some(text) = endpoint.policy_document().filter(|text| !text.is_empty()) else {
        return Ok(recorded.cloned());
    };
    if let Some(recorded) = recorded {
        return PolicyDocument::live(text, recorded).map(Some);
    }
    let (live, open) = (PolicyDocument::parse(text)?, PolicyDocument::parse(OPEN)?);
    Ok(Some(live).filter(|live| live.statements() != open.statements()))
}

/// Checks the name of a service.
pub(crate) fn check_service(name: &str) -> Result<(), Invalid> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if name.split('.').count() < 4 || !name.chars().all(plain) {
        let problem =
            format!("`{name}` must be a service name, as in `com.amazonaws.eu-central-1.s3`");
        return Err(Invalid::new("service", problem));
    }
    Ok(())
}

/// The policy that AWS gives an endpoint: whatever the callers' own policies allow.
const OPEN: &str =
    r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;

async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_vpc_endpoints().set_filters(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading VPC endpoints")
}

/// AWS writes states in lower case where its own model has capitals.
fn state(endpoint: &Description) -> String {
    endpoint.state().map(|state| state.as_str().to_ascii_lowercase()).unwrap_or_default()
}
