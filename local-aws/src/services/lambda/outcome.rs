//! What became of a run: the answer of `Invoke`, metrics, and the function's log.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>

use super::invoke::Invocation;
use super::reference::Named;
use crate::call::Call;
use crate::fault::Fault;
use crate::services::cloudwatch;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ran {
    /// What the function answered, JSON text; or the error, with `errorType` and `errorMessage`.
    pub(crate) payload: String,
    pub(crate) end: End,
    /// Real seconds that the function took.
    pub(crate) seconds: f64,
    /// What it wrote, line by line.
    pub(crate) log: Vec<String>,
    /// The stream of the environment that it ran in.
    pub(crate) stream: String,
}

/// The ends of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It answered.
    Answered,
    /// It failed, or did not answer in time.
    Unhandled,
    /// It was not started: as many as are allowed are running.
    Throttled,
}

impl Ran {
    /// The end of a function that failed, or could not be run.
    pub(crate) fn unhandled(kind: &str, message: &str) -> Self {
        let payload = json!({"errorType": kind, "errorMessage": message}).to_string();
        Self { payload, end: End::Unhandled, seconds: 0.0, log: Vec::new(), stream: String::new() }
    }

    /// The end of a function that answered at once.
    #[cfg(test)]
    pub(crate) fn answered(payload: &str) -> Self {
        Self { payload: payload.to_owned(), end: End::Answered, ..Self::unhandled("", "") }
    }

    /// The end of one that was not started.
    pub(crate) fn throttled() -> Self {
        Self {
            end: End::Throttled,
            ..Self::unhandled("TooManyRequestsException", "Rate Exceeded.")
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.end != End::Answered
    }

    /// For whoever wants to know: `payload`, and `error` where it failed.
    pub(super) fn to_value(&self) -> Value {
        json!({"payload": self.payload, "error": self.failed()})
    }
}

/// The answer of `Invoke`.
pub(crate) fn answer(invocation: &Invocation, ran: &Ran) -> Result<Value, Fault> {
    if ran.end == End::Throttled {
        return Err(Fault::new("TooManyRequestsException", "Rate Exceeded.")
            .with("Type", "User")
            .with("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded"));
    }
    let mut answer = json!({
        "StatusCode": 200, "ExecutedVersion": invocation.version, "Payload": STANDARD.encode(&ran.payload),
    });
    if ran.failed() {
        answer["FunctionError"] = json!("Unhandled");
    }
    if invocation.tail {
        answer["LogResult"] = json!(STANDARD.encode(tail(&ran.log)));
    }
    Ok(answer)
}

/// The last 4 KB of a log.
fn tail(log: &[String]) -> Vec<u8> {
    const MOST: usize = 4096;
    let text = (log.join("\n") + "\n").into_bytes();
    text[text.len().saturating_sub(MOST)..].to_vec()
}

/// Counts a run, and keeps what it wrote.
pub(crate) fn note(call: &mut Call, invocation: &Invocation, ran: &Ran) {
    let named = Named::parse(&invocation.function);
    let Ok(function) = named.function(call) else { return };
    let ran_at_all = ran.end != End::Throttled;
    let count = |yes: bool| f64::from(u8::from(yes));
    let data = [
        ("Invocations", "Count", count(true), ran_at_all),
        ("Errors", "Count", count(ran.end == End::Unhandled), ran_at_all),
        ("Throttles", "Count", count(!ran_at_all), true),
        ("Duration", "Milliseconds", ran.seconds * 1000.0, ran_at_all),
    ];
    for (metric, unit, value, _) in data.into_iter().filter(|(.., counts)| *counts) {
        let dimensions = json!([{"Name": "FunctionName", "Value": invocation.function}]);
        let datum =
            json!({"MetricName": metric, "Dimensions": dimensions, "Value": value, "Unit": unit});
        cloudwatch::record(call, "AWS/Lambda", &datum);
    }
    super::log::write(call, &function, ran);
}
