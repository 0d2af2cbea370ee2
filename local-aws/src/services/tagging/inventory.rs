//! The resources that the tagging API knows in a region.

use super::lag;
use crate::call::{Call, Resource};
use crate::fields::Fields;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the resources of IAM and Route 53 are listed, which belong to no region.
const IAM_REGION: &str = "us-east-1";

/// Every resource that the API covers.
pub(super) fn covered<'c>(call: &'c Call<'_>) -> impl Iterator<Item = Resource<'c>> {
    call.resources().filter(|resource| {
        let row = resource.row;
        is_covered(call, resource.table, row.text("_arn"), row.opt("_region"))
    })
}

/// Those of the region, its buckets, and in one region some of IAM's.
///
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>
fn is_covered(call: &Call, table: &str, arn: &str, bucket_region: Option<&str>) -> bool {
    match arn.split(':').nth(2).unwrap_or_default() {
        "s3" => bucket_region.is_none_or(|region| region == call.region()),
        "iam" => {
            call.region() == IAM_REGION && !["iam.role", "iam.user", "iam.group"].contains(&table)
        }
        "route53" => call.region() == IAM_REGION,
        _ => true,
    }
}

/// The tags of every resource that has some, by ARN, as the API sees them.
pub(super) fn tagged<'c>(call: &'c Call<'_>) -> BTreeMap<&'c str, &'c [Value]> {
    let mut tagged: BTreeMap<&str, &[Value]> =
        covered(call).map(|found| (found.row.text("_arn"), found.row.items("Tags"))).collect();
    let past = lag::past(call).filter(|past| is_covered(call, past.table, past.arn, past.region));
    tagged.extend(past.map(|past| (past.arn, past.tags)));
    tagged.retain(|_, tags| !tags.is_empty());
    tagged
}
