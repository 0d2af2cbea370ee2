//! Why a task did not succeed, in words for the person who ran it.

use std::fmt;

/// A message that says what failed and what to do; the lines after the first are details.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Says which action met the error, for errors whose own text names none.
    pub(crate) fn while_doing(doing: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self(format!("{doing}: {error}"))
    }

    /// Fails if anything was found: how many of what, the findings one a line, and what to do about them.
    pub(crate) fn from_findings(what: &str, findings: &[String], help: &str) -> Result<(), Self> {
        if findings.is_empty() {
            return Ok(());
        }
        let count = findings.len();
        Err(Self(format!("{count} {what}\n  {}\n  help: {help}", findings.join("\n  "))))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
