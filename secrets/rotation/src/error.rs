//! Why an invocation failed, in words for whoever reads the function's log. Never the value of a secret.

use std::fmt;

/// What an error is about.
///
/// It is the `errorType` of the function's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The function's own environment lacks something.
    Configuration,
    /// The event is none that Secrets Manager sends.
    Event,
    /// The stages of the secret's versions forbid the step.
    State,
    /// The secret's value cannot be read.
    Value,
    /// The secret's value names another target than the function's environment.
    Mismatch,
    /// The database does not answer.
    Unreachable,
    /// The database cannot prove who it is.
    Certificate,
    /// The database refuses a login.
    Login,
    /// The database takes no changes.
    ReadOnly,
    /// The database refuses a statement.
    Database,
    /// Secrets Manager or KMS refuses a call for want of permission.
    Denied,
    /// Secrets Manager takes no more calls for now.
    Throttled,
    /// Secrets Manager refuses a call, or does not answer.
    SecretsManager,
}

/// Why an invocation failed: what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    cause: String,
    help: String,
}

impl Error {
    pub(crate) fn new(kind: Kind, cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind, cause: cause.into(), help: help.into() }
    }

    /// What the error is about.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.cause, self.help)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

/// The text of an error and of what caused it.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        // Some errors repeat their source in their own text.
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = cause.source();
    }
    text
}
