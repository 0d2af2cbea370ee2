//! The SDK's errors, in the engine's classes.

use std::error::Error;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::request_id::RequestId;
use globecart_engine::{CallError, CallResult, Class};

use crate::no_answer::{NoAnswer, find, innermost, without_credentials};

/// How many characters of a foreign answer are shown.
const LONGEST_QUOTE: usize = 120;

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

/// Takes "it is not there" as none: reading what may be gone, or was never set.
pub fn absent_is_none<T>(result: CallResult<T>) -> CallResult<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.class == Class::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn call_error<E>(doing: &str, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let request_id = error.request_id().map(str::to_owned);
    let Some(code) = error.code() else {
        let (class, message) = without_code(error);
        return CallError { request_id, ..CallError::new(class, doing, message) };
    };
    let status = error.raw_response().map(|response| response.status().as_u16());
    let message = error.message().unwrap_or("AWS gives no reason");
    let class = classify(code, message, status);
    CallError { request_id, ..CallError::new(class, doing, message).with_code(code) }
}

/// What happened to a call that no error code of the service answers, and what can be done about it.
fn without_code<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> (Class, String) {
    if let Some(answer) = error.raw_response() {
        return foreign_answer(answer, error);
    }
    if let Some(unsigned) = without_credentials(error) {
        return unsigned;
    }
    if let Some(unanswered) = find::<NoAnswer>(error) {
        return (unanswered.class(), unanswered.to_string());
    }
    let why = innermost(error);
    match error {
        SdkError::ConstructionFailure(_) => {
            (Class::Invalid, format!("the request cannot be made: {why}"))
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (Class::Invalid, format!("the request cannot be sent: {why}"))
        }
        _ => (Class::Ambiguous, format!("the call was not answered: {why}")),
    }
}

/// An answer that is none of the service's: a web page of a proxy, or of a server that lacks the operation.
fn foreign_answer(answer: &HttpResponse, error: &(dyn Error + 'static)) -> (Class, String) {
    let status = answer.status().as_u16();
    let class = match status {
        404 | 405 | 501 => Class::Unsupported,
        429 => Class::Throttled,
        401 | 403 => Class::Denied,
        400..=499 => Class::Other,
        // The call may have had its effect.
        _ => Class::Ambiguous,
    };
    let body = answer.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    let words: Vec<&str> = body.split_whitespace().collect();
    let says = match words.join(" ").chars().take(LONGEST_QUOTE).collect::<String>() {
        empty if empty.is_empty() => innermost(error),
        body => format!("`{body}`"),
    };
    (class, format!("the answer, with HTTP status {status}, is not one of AWS's: {says}"))
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
    // The refusal itself tells the SDK the service's time, so that the next try is signed with it.
    if ends(&["RequestTimeTooSkewed"]) {
        return Class::Propagation;
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
    if has(&["LimitExceeded", "LimitsExceeded", "QuotaExceeded"]) {
        return Class::Quota;
    }
    if has(&["AlreadyExist", "AlreadyAssociated", "AlreadyOwnedByYou", "ResourceExists"])
        || ends(&[".Duplicate", "ResourceConflictException", "DuplicateItemException"])
    {
        return Class::AlreadyExists;
    }
    if has(&["NotFound", "NoSuch", "NonExistent", "Nonexistent"]) {
        return Class::NotFound;
    }
    if has(&[
        "DependencyViolation",
        "InUse",
        "DeleteConflict",
        "OperationAborted",
        "ConcurrentModification",
        "DependencyTimeout",
        "AssociatedItem",
        "OptimisticLock",
        "HostedZoneNotEmpty",
    ]) || ends(&["IncorrectState", "EntityTemporarilyUnmodifiable", "Resource.NotReady"])
        || code.starts_with("Incorrect") && code.ends_with("State")
    {
        return Class::Dependency;
    }
    match status {
        Some(500..) => Class::Ambiguous,
        Some(400..=499) => Class::Invalid,
        _ => Class::Other,
    }
}
