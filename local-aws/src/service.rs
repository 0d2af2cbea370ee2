//! What a service brings along: its model, its handlers and its habits.

use crate::call::Call;
use crate::fault::Fault;
use crate::model::Model;
use serde_json::Value;
use std::sync::LazyLock;

/// One operation: reads `call.input()`, changes tables, answers the output's members.
pub(crate) type Handler = fn(&mut Call) -> Result<Value, Fault>;

/// Work that runs at a later simulated time (`Step::Run`), with the arguments given when it was scheduled.
pub(crate) type Task = fn(&mut Call, &Value);

/// A service of the embedded cloud.
pub(crate) struct Service {
    /// The name of its model, as botocore's folder.
    pub(crate) name: &'static str,
    /// The trimmed model; it is read when the service is first used.
    pub(crate) model: LazyLock<Model>,
    /// Its habits.
    pub(crate) style: Style,
    /// The handlers by operation name; what is in the model and not here answers `NotImplemented`.
    pub(crate) operations: &'static [(&'static str, Handler)],
    /// Work for later by name; see [`crate::call::Step::Run`].
    pub(crate) tasks: &'static [(&'static str, Task)],
}

/// The codes that differ from service to service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// How and with which codes invalid input is refused.
    pub(crate) validation: Validation,
    /// The code for a page token that is not ours.
    pub(crate) bad_page_token: &'static str,
    /// The page size where the request names none and the handler sets none; `None`: everything in one answer.
    pub(crate) page_size: Option<usize>,
    /// Code and HTTP status of a throttled request.
    pub(crate) throttle: (&'static str, u16),
    /// The code for credentials that have expired.
    pub(crate) expired: &'static str,
}

/// How a service refuses input that the model forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validation {
    /// `MissingParameter`, `UnknownParameter` and `InvalidParameterValue`, one at a time.
    Ec2,
    /// One message that lists all violations, under this code.
    Listed(&'static str),
    /// `MissingParameter`, `InvalidArgument` and `MalformedXML`, one at a time.
    S3,
}
