//! Lambda: functions with a package of code, their permissions, and running them.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>

mod code;
mod concurrency;
mod configuration;
mod environment;
mod function;
mod invoke;
mod log;
mod network;
mod outcome;
mod permission;
mod plan;
mod queue;
mod reference;
mod setting;
mod tags;
#[cfg(test)]
mod tests;
mod version;

pub(crate) use self::invoke::{Invocation, waited_for};
pub(crate) use self::outcome::{End, Ran, answer, note};
pub(crate) use self::permission::{admits, exists};
pub(crate) use self::plan::{Plan, plan};
pub(crate) use self::queue::{Job, done, invoke_for, invoke_later, next};

use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "lambda",
    model: LazyLock::new(|| Model::read(include_str!("../../models/lambda.json"))),
    style: Style {
        validation: Validation::Listed("ValidationException"),
        bad_page_token: "InvalidParameterValueException",
        page_size: Some(50),
        throttle: ("TooManyRequestsException", 429),
        expired: "ExpiredTokenException",
    },
    operations: OPERATIONS,
    tasks: &[("release", network::release)],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddPermission", permission::add),
    ("CreateFunction", function::create),
    ("DeleteFunction", function::delete),
    ("DeleteFunctionConcurrency", concurrency::delete),
    ("GetAccountSettings", setting::account),
    ("GetFunction", function::get),
    ("GetFunctionCodeSigningConfig", setting::code_signing),
    ("GetFunctionConcurrency", concurrency::get),
    ("GetFunctionConfiguration", function::get_configuration),
    ("GetFunctionRecursionConfig", setting::recursion),
    ("GetPolicy", permission::policy),
    ("GetRuntimeManagementConfig", setting::runtime_management),
    ("Invoke", invoke::invoke),
    ("ListAliases", setting::aliases),
    ("ListEventSourceMappings", setting::event_sources),
    ("ListFunctionEventInvokeConfigs", setting::event_invoke_configs),
    ("ListFunctionUrlConfigs", setting::urls),
    ("ListFunctions", function::list),
    ("ListProvisionedConcurrencyConfigs", setting::provisioned),
    ("ListTags", tags::list),
    ("ListVersionsByFunction", version::list),
    ("PublishVersion", version::publish),
    ("PutFunctionConcurrency", concurrency::put),
    ("RemovePermission", permission::remove),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateFunctionCode", code::update),
    ("UpdateFunctionConfiguration", configuration::update),
];

/// A refusal of a parameter's value.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", message).with("Type", "User")
}

/// The error for what does not exist.
fn missing(message: impl Into<String>) -> Fault {
    Fault::new("ResourceNotFoundException", message).with("Type", "User")
}

/// The error for what cannot be done now, or is there already.
fn conflict(message: impl Into<String>) -> Fault {
    Fault::new("ResourceConflictException", message).with("Type", "User")
}
