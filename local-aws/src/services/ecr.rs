//! ECR: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/>
//!
//! Repositories and the records of images: manifests, digests and tags. Layers are neither pushed nor scanned here.

mod image;
mod image_delete;
mod image_list;
mod lifecycle_policy;
mod repository;
mod repository_policy;
mod setting;
mod tags;
#[cfg(test)]
mod tests;

pub(crate) use self::image::pulled;

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "ecr",
    model: LazyLock::new(|| Model::read(include_str!("../../models/ecr.json"))),
    style: Style {
        validation: Validation::Listed("InvalidParameterException"),
        bad_page_token: "InvalidParameterException",
        page_size: Some(100),
        throttle: ("ThrottlingException", 400),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("BatchDeleteImage", image_delete::batch_delete),
    ("BatchGetImage", image_list::batch_get),
    ("CreateRepository", repository::create),
    ("DeleteLifecyclePolicy", lifecycle_policy::delete),
    ("DeleteRepository", repository::delete),
    ("DeleteRepositoryPolicy", repository_policy::delete),
    ("DescribeImages", image_list::describe),
    ("DescribeRegistry", repository::describe_registry),
    ("DescribeRepositories", repository::describe),
    ("GetLifecyclePolicy", lifecycle_policy::get),
    ("GetRepositoryPolicy", repository_policy::get),
    ("ListImages", image_list::list),
    ("ListTagsForResource", tags::list),
    ("PutImage", image::put),
    ("PutImageScanningConfiguration", setting::scanning),
    ("PutImageTagMutability", setting::mutability),
    ("PutLifecyclePolicy", lifecycle_policy::put),
    ("SetRepositoryPolicy", repository_policy::set),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
];

/// A refusal of a parameter's value.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}
