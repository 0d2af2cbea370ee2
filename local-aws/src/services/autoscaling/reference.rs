//! What is scaled: a namespace, a resource in it, and which number of the resource.

use super::invalid;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// The cluster and service of a resource id, `service/CLUSTER/SERVICE`.
pub(super) fn service(resource: &str) -> Option<(&str, &str)> {
    resource.strip_prefix("service/")?.split_once('/')
}

/// The id of the row of what a request is about.
pub(super) fn id(input: &Value) -> Result<String, Fault> {
    let (namespace, dimension) = (input.text("ServiceNamespace"), input.text("ScalableDimension"));
    if namespace != "ecs" {
        return Err(Fault::not_implemented(&format!("scaling of {namespace}")));
    }
    if dimension != "ecs:service:DesiredCount" {
        return Err(invalid("Unsupported service namespace, resource type or scalable dimension"));
    }
    let resource = input.text("ResourceId");
    if service(resource).is_none() {
        return Err(invalid("Unsupported service namespace, resource type or scalable dimension"));
    }
    Ok(format!("{namespace}|{resource}|{dimension}"))
}

/// The error for what is not registered.
pub(super) fn missing(what: &str, input: &Value) -> Fault {
    let message = format!(
        "No {what} found for service namespace: {}, resource ID: {}, scalable dimension: {}",
        input.text("ServiceNamespace"),
        input.text("ResourceId"),
        input.text("ScalableDimension")
    );
    Fault::new("ObjectNotFoundException", message)
}
