//! The error that an operation answers with, before any protocol renders it.

use serde_json::{Map, Value};

/// An error answer in AWS's terms.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    /// The code as AWS documents it; where the model knows both, the query code or the name of the error's shape.
    pub(crate) code: String,
    /// The sentence for people.
    pub(crate) message: String,
    /// The HTTP status; without one the model's status for the code, else 400.
    pub(crate) status: Option<u16>,
    /// Further members of the error's shape.
    pub(crate) members: Map<String, Value>,
}

impl Fault {
    /// Makes an error with a code and a message.
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: None, members: Map::new() }
    }

    /// Sets the HTTP status, where the model does not say it or says it wrongly.
    #[must_use]
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a member of the error's shape.
    #[must_use]
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The answer to an operation that this cloud does not have: HTTP 501, naming it.
    pub(crate) fn not_implemented(what: &str) -> Self {
        Self::new("NotImplemented", format!("the embedded AWS does not implement {what}"))
            .with_status(501)
    }
}
