//! What happens during a run, as one typed stream. Everything that is shown comes from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::plan::{Estimate, Step};
use crate::{Address, CallError, Class, Operation};

/// One event and when it happened, on the run's clock.
#[derive(Debug, Clone, Serialize)]
pub struct Stamped {
    /// The version of the events' form.
    pub v: u32,
    /// When.
    pub time: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Recovery looks for what an interrupted run may have made.
    Recovering {
        /// The resource.
        address: Address,
    },
    /// Recovery has its answer.
    Recovered {
        /// The resource.
        address: Address,
        /// Whether something was found and adopted.
        found: bool,
    },
    /// An operation starts: its intent is durable, its call is being sent; or an earlier run's is waited for.
    Started {
        /// The resource.
        address: Address,
        /// Its type.
        #[serde(rename = "type")]
        kind: String,
        /// What is done to it.
        operation: Operation,
        /// The usual time, in seconds.
        usual_seconds: u64,
    },
    /// AWS accepted the call.
    Accepted {
        /// The resource.
        address: Address,
        /// What is done to it.
        operation: Operation,
    },
    /// AWS reports how far it is.
    Progress {
        /// The resource.
        address: Address,
        /// What is done to it.
        operation: Operation,
        /// In AWS's words.
        text: String,
    },
    /// A call is going to be repeated.
    Retrying {
        /// The resource.
        address: Address,
        /// What is done to it.
        operation: Operation,
        /// Why it is repeated.
        class: Class,
        /// What AWS said.
        error: String,
        /// After how many seconds.
        after_seconds: f64,
    },
    /// An operation is done.
    Done {
        /// The resource.
        address: Address,
        /// What was done to it.
        operation: Operation,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// A delete is done and left something on purpose.
    Kept {
        /// The resource.
        address: Address,
        /// What it is that was left.
        what: String,
        /// Its ARN or id.
        id: String,
    },
    /// Something that an earlier delete had left on purpose was removed.
    Removed {
        /// What it is.
        what: String,
        /// Its ARN or id.
        id: String,
    },
    /// An operation failed.
    Failed {
        /// The resource.
        address: Address,
        /// Its type.
        #[serde(rename = "type")]
        kind: String,
        /// What was done to it.
        operation: Operation,
        /// What AWS said.
        error: CallError,
    },
    /// An operation was not started because something it needs failed.
    Skipped {
        /// The resource.
        address: Address,
        /// What would have been done to it.
        operation: Operation,
        /// What failed.
        because: Address,
    },
    /// A step of the plan that is not to leave everything as it is.
    Planned(Box<Step>),
    /// How long the plan usually takes.
    Estimated(Estimate),
    /// The exported outputs, as they are known at the end of a run.
    Outputs {
        /// By name; null where something is not known yet.
        outputs: BTreeMap<String, Value>,
    },
    /// Something that the user should know.
    Notice {
        /// In words.
        text: String,
    },
    /// The last event of every run.
    Finished {
        /// `done`, `failed`, `interrupted`, or `no_changes`; of a run that only plans, `planned` or `no_changes`.
        outcome: String,
        /// How many resources were made.
        created: usize,
        /// How many were changed in place.
        updated: usize,
        /// How many were replaced.
        replaced: usize,
        /// How many were deleted.
        deleted: usize,
        /// How many were left as they are.
        unchanged: usize,
        /// How many failed or were skipped.
        failed: usize,
        /// How many calls were sent.
        calls: u64,
        /// How long the run took, in seconds.
        seconds: f64,
    },
}

/// Takes the events as they happen.
#[derive(Clone)]
pub struct Events(Arc<dyn Fn(Event) + Send + Sync>);

impl Events {
    /// Gives every event to `take`.
    pub fn new(take: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Drops every event.
    pub fn none() -> Self {
        Self::new(|_| {})
    }

    /// Passes on one event.
    pub fn send(&self, event: Event) {
        (self.0)(event);
    }
}
