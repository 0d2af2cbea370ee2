//! S3, with objects, versions and multipart uploads: <https://docs.aws.amazon.com/AmazonS3/latest/API/>

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "s3",
    model: LazyLock::new(|| Model::read(include_str!("../../models/s3.json"))),
    style: Style {
        validation: Validation::S3,
        bad_page_token: "InvalidArgument",
        page_size: Some(1000),
        throttle: ("SlowDown", 503),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[];
