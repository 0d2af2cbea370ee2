//! What the cloud was asked and how long it took, for tests that count calls and compute critical paths.

use crate::rules::CallInfo;

/// A change that a call set off and that comes later.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The table of the row that changes.
    pub table: &'static str,
    /// The row's id.
    pub id: String,
    /// Simulated seconds from the call's effect until the change.
    pub seconds: f64,
}

/// One call as the cloud saw it. Times are simulated seconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    /// Its number, from 1, in the order of arrival.
    pub number: u64,
    /// The service, such as `ec2`; empty if the request named none that is known.
    pub service: &'static str,
    /// The operation, such as `CreateVpc`.
    pub operation: String,
    /// The region it was signed for.
    pub region: String,
    /// When it arrived.
    pub started: f64,
    /// When it had its effect; `None` if it was refused or has none yet.
    pub effect: Option<f64>,
    /// When it was answered or lost; the same as `started` until then.
    pub finished: f64,
    /// The HTTP status; 0 while it is not answered, and if the connection was lost instead.
    pub status: u16,
    /// The error code of the answer.
    pub code: Option<String>,
    /// Ids of the resources that it wrote.
    pub ids: Vec<String>,
    /// The `globecart:resource` tag in the request or on a resource that it names.
    pub address: Option<String>,
    /// Simulated seconds that the call was made to take.
    pub latency: f64,
    /// What it set off for later, with the times to ready that were used.
    pub transitions: Vec<Transition>,
}

impl CallRecord {
    pub(crate) fn new(call: &CallInfo, started: f64, latency: f64) -> Self {
        Self {
            number: call.number,
            service: call.service,
            operation: call.operation.clone(),
            region: call.region.clone(),
            started,
            effect: None,
            finished: started,
            status: 0,
            code: None,
            ids: Vec::new(),
            address: call.address.clone(),
            latency,
            transitions: Vec::new(),
        }
    }

    /// Whether the operation can change something.
    pub fn is_mutating(&self) -> bool {
        !crate::stale::reads(&self.operation)
    }
}
