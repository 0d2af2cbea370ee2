//! The resources that the tagging API knows in a region.

use crate::call::{Call, Resource};
use crate::fields::Fields;

/// Where IAM's resources are listed, which belong to no region.
const IAM_REGION: &str = "us-east-1";

/// Every resource that the API covers: those of the region, its buckets, and in one region some of IAM's.
///
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>
pub(super) fn covered<'c>(call: &'c Call<'_>) -> impl Iterator<Item = Resource<'c>> {
    call.resources().filter(|resource| {
        let service = resource.row.text("_arn").split(':').nth(2).unwrap_or_default();
        match service {
            "s3" => resource.row.opt("_region").is_none_or(|region| region == call.region()),
            "iam" => {
                call.region() == IAM_REGION
                    && !["iam.role", "iam.user", "iam.group"].contains(&resource.table)
            }
            _ => true,
        }
    })
}
