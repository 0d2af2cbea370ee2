//! Amazon Simple Storage Service.

use aws_sdk_s3::error::BuildError;
use globecart_engine::{CallError, CallResult, Class};

pub use bucket::{Bucket, BucketOutputs, BucketRefs};
pub use lifecycle::LifecycleRule;

mod bucket;
mod empty;
mod lifecycle;
mod settings;

/// What the SDK has put together from parts that are all there.
fn built<T>(built: Result<T, BuildError>) -> CallResult<T> {
    built.map_err(|error| {
        CallError::new(Class::Invalid, "putting a request to S3 together", error.to_string())
    })
}
