//! Errors of calls, by what the engine can do about them, and of declarations.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be done about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The caller was too quick; nothing happened. Repeated with growing pauses.
    Throttled,
    /// Something just made is not visible everywhere yet. Repeated densely, for a short while.
    Propagation,
    /// Something else must go or settle first. Repeated until the usual durations are long past.
    Dependency,
    /// The call may or may not have had its effect (connection lost, timeout, 5xx).
    Ambiguous,
    /// There was no connection, so nothing was sent.
    Unreachable,
    /// The thing is not there.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The caller may not do this.
    Denied,
    /// There are no credentials, or they are no longer valid.
    Expired,
    /// A quota of the account is used up.
    Quota,
    /// AWS refuses the request as it stands.
    Invalid,
    /// The server does not offer this operation.
    Unsupported,
    /// Anything else; never repeated.
    Other,
}

/// A failed call: what was being done, what the service said, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct CallError {
    /// What can be done about it.
    pub class: Class,
    /// The action under way, as in `creating the file system`.
    pub doing: String,
    /// The service's error code, where it gave one.
    pub code: Option<String>,
    /// The service's words; never a secret.
    pub message: String,
    /// The id under which the service's support finds the call.
    pub request_id: Option<String>,
}

impl CallError {
    /// An error without a code, such as one found in an answer that looked like success.
    pub fn new(class: Class, doing: impl Into<String>, message: impl Into<String>) -> Self {
        let (doing, message) = (doing.into(), message.into());
        Self { class, doing, code: None, message, request_id: None }
    }

    /// The same error with the service's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// What a user can do about it, in one sentence.
    pub fn help(&self) -> &'static str {
        match self.class {
            Class::Throttled => {
                "other callers use up the account's request rate; run it again later"
            }
            Class::Propagation | Class::Dependency => {
                "run it again; what is ready is recorded and kept"
            }
            Class::Ambiguous => "run it again; whether the call had its effect is looked up first",
            Class::Unreachable => {
                "check the network, the region and `AWS_ENDPOINT_URL`, then run it again; nothing was sent"
            }
            Class::NotFound => "it was removed by somebody else; run it again to plan afresh",
            Class::AlreadyExists => {
                "rename or remove the other one; what is not this stack's is never touched"
            }
            Class::Denied => "grant the identity in use this action, then run it again",
            Class::Expired => {
                "set or renew the credentials (`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, or `aws sso login`), then run it again"
            }
            Class::Quota => {
                "raise the quota in Service Quotas or remove what is unused, then run it again"
            }
            Class::Invalid => "change the setting that the message names, then run it again",
            Class::Unsupported => "use an endpoint that offers this operation",
            Class::Other => "see what the service says; what is ready is recorded and kept",
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.doing)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

/// A declaration that cannot be right, found before any call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct Invalid {
    /// The component, resource or setting, in the words of the user's declaration.
    pub at: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl Invalid {
    /// An error about the field or resource `at`.
    pub fn new(at: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { at: at.into(), problem: problem.into() }
    }

    /// The same error, seen from the scope that holds it.
    #[must_use]
    pub fn within(mut self, scope: &str) -> Self {
        self.at = format!("{scope}/{}", self.at);
        self
    }
}

#[cfg(test)]
mod tests;
