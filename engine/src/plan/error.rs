//! Why there is no plan.

use crate::{Address, CallError, Invalid};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The declaration cannot be right.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A read failed.
    #[error("cannot read what exists")]
    Read(#[source] CallError),
    /// Something is recorded of a type that the program does not know.
    #[error(
        "{address} is recorded as {kind}, a type that this program does not know; so that it can be deleted, \
         make the type known with `stack.knows(…)`"
    )]
    UnknownType {
        /// The resource.
        address: Address,
        /// Its type.
        kind: String,
    },
    /// What is recorded is not what the record says.
    #[error(
        "what is recorded as {address} ({kind}) exists without this stack's tags: the record was altered, or the \
         tags were removed; nothing was changed. Put the tags `globecart:stack` = `{stack}` and `globecart:life` \
         = `{life}` back, or correct the record"
    )]
    NotOurs {
        /// The resource.
        address: Address,
        /// Its type.
        kind: String,
        /// The stack's name.
        stack: String,
        /// The value of the missing tag.
        life: String,
    },
    /// What is recorded is not what the record says, of a type without tags.
    #[error(
        "what is recorded as {address} ({kind}) is not what exists under its id: the record was altered; nothing \
         was changed. Correct the record, or set the state aside: it is then rebuilt from what exists"
    )]
    Altered {
        /// The resource.
        address: Address,
        /// Its type.
        kind: String,
    },
    /// A protected resource would go.
    #[error(
        "{address} is protected and would be {what}; remove `protect` in a run of its own first"
    )]
    Protected {
        /// The resource.
        address: Address,
        /// `deleted` or `replaced`.
        what: &'static str,
    },
    /// `--only` names nothing.
    #[error("nothing is declared or recorded at `{0}`")]
    NothingThere(String),
}
