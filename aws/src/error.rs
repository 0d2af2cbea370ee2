//! The SDK's errors, in the engine's classes.

use std::error::Error;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::request_id::RequestId;
use globecart_engine::{CallError, CallResult, Class};

/// Says what was being done when a call failed.
pub trait Doing<T> {
    /// Turns the SDK's error into the engine's, with the action under way, as in `creating the VPC`.
    fn doing(self, what: &str) -> CallResult<T>;
}

impl<T, E> Doing<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn doing(self, what: &str) -> CallResult<T> {
        self.map_err(|error| call_error(what, &error))
    }
}

/// Takes "it is not there" as success: deleting what is gone.
pub fn absent_is_fine(result: CallResult<()>) -> CallResult<()> {
    match result {
        Err(error) if error.class == Class::NotFound => Ok(()),
        other => other,
    }
}

fn call_error<E>(doing: &str, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().map(str::to_owned);
    let message = match error.message() {
        Some(message) => message.to_owned(),
        None => chain(error, status),
    };
    let class = match (&code, error) {
        (Some(code), _) => classify(code, &message, status),
        (None, SdkError::ConstructionFailure(_)) => Class::Invalid,
        (None, SdkError::DispatchFailure(failure)) if failure.is_user() => Class::Invalid,
        (None, _) => without_code(status),
    };
    let request_id = error.request_id().map(str::to_owned);
    CallError { class, doing: doing.to_owned(), code, message, request_id }
}

/// The class of an error code, and of the HTTP status where the code tells nothing.
///
/// After the tables of the EC2 and common API error pages, such as
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
pub fn classify(code: &str, message: &str, status: Option<u16>) -> Class {
    let ends = |endings: &[&str]| endings.iter().any(|ending| code.ends_with(ending));
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if has(&[
        "Throttl",
        "RequestLimitExceeded",
        "TooManyRequests",
        "SlowDown",
        "BandwidthLimitExceeded",
    ]) || ends(&["PriorRequestNotComplete", "ProvisionedThroughputExceededException"])
        || message.contains("Rate exceeded")
    {
        return Class::Throttled;
    }
    if has(&["ExpiredToken", "RequestExpired", "TokenRefreshRequired"]) {
        return Class::Expired;
    }
    if has(&["AccessDenied", "UnauthorizedOperation", "AuthFailure", "InvalidClientTokenId"])
        || ends(&[
            "SignatureDoesNotMatch",
            "OptInRequired",
            "UnrecognizedClientException",
            "NotAuthorized",
        ])
    {
        return Class::Denied;
    }
    if has(&["NotImplemented", "UnknownOperation", "InvalidAction", "UnsupportedOperation"]) {
        return Class::Unsupported;
    }
    if has(&["LimitExceeded", "QuotaExceeded"]) {
        return Class::Quota;
    }
    if has(&["AlreadyExist", "AlreadyAssociated", "AlreadyOwnedByYou", "ResourceExists"])
        || ends(&[".Duplicate", "ResourceConflictException"])
    {
        return Class::AlreadyExists;
    }
    if has(&["NotFound", "NoSuch", "NonExistent"]) {
        return Class::NotFound;
    }
    if has(&[
        "DependencyViolation",
        "InUse",
        "DeleteConflict",
        "OperationAborted",
        "ConcurrentModification",
    ]) || ends(&["IncorrectState", "EntityTemporarilyUnmodifiable", "Resource.NotReady"])
    {
        return Class::Dependency;
    }
    match status {
        Some(500..) => Class::Ambiguous,
        Some(400..=499) => Class::Invalid,
        _ => Class::Other,
    }
}

/// An answer that is none of the service's: a web page of a proxy, or of a server that lacks the operation.
fn without_code(status: Option<u16>) -> Class {
    match status {
        Some(404 | 405 | 501) => Class::Unsupported,
        Some(429) => Class::Throttled,
        Some(401 | 403) => Class::Denied,
        Some(400..=499) => Class::Other,
        // No answer at all, or one that cannot be read: the call may have had its effect.
        _ => Class::Ambiguous,
    }
}

fn chain(error: &(dyn Error + 'static), status: Option<u16>) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    match status {
        Some(status) => format!("{text} (HTTP status {status})"),
        None => text,
    }
}
