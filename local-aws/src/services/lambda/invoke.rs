//! Invoking: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
//!
//! A handler has to answer at once, and a function takes its time: the handler checks the request and answers what to
//! run ([`waited_for`]) or queues it; the cloud runs it and answers with [`super::outcome`].

use super::conflict;
use super::queue;
use super::reference::Named;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Bytes that a function takes while its caller waits.
const MOST_WAITED_FOR: usize = 6 * 1024 * 1024;

/// Bytes that a function takes later.
const MOST_QUEUED: usize = 1024 * 1024;

/// The member of an answer that says what to run first.
const WAITED_FOR: &str = "_invocation";

/// One run of a function, to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Invocation {
    pub(crate) region: String,
    /// The function's name.
    pub(crate) function: String,
    /// `$LATEST`, or a number.
    pub(crate) version: String,
    /// JSON text.
    pub(crate) payload: String,
    /// Whether the caller wants the end of the log.
    pub(crate) tail: bool,
}

impl Invocation {
    pub(super) fn to_value(&self) -> Value {
        json!({
            "region": self.region, "function": self.function, "version": self.version, "payload": self.payload, "tail": self.tail,
        })
    }

    pub(super) fn of_value(value: &Value) -> Self {
        Self {
            region: value.text("region").to_owned(),
            function: value.text("function").to_owned(),
            version: value.text("version").to_owned(),
            payload: value.text("payload").to_owned(),
            tail: value.flag("tail"),
        }
    }
}

/// `Invoke`.
pub(super) fn invoke(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if let Some(member) = ["DurableExecutionName", "TenantId"].iter().find(|name| input.has(name)) {
        return Err(Fault::not_implemented(&format!("lambda Invoke with the parameter {member}")));
    }
    let named = Named::of_request(&input);
    let version = named.version(call)?;
    let kind = input.opt("InvocationType").unwrap_or("RequestResponse");
    let payload = payload(&input, if kind == "Event" { MOST_QUEUED } else { MOST_WAITED_FOR })?;
    invocable(&version)?;
    let invocation = Invocation {
        region: call.region().to_owned(),
        function: named.name,
        version: version.text("Version").to_owned(),
        payload,
        tail: input.opt("LogType") == Some("Tail"),
    };
    match kind {
        "DryRun" => Ok(json!({"StatusCode": 204})),
        "Event" => {
            queue::push(call, &invocation, &Value::Null);
            Ok(json!({"StatusCode": 202}))
        }
        _ => Ok(json!({WAITED_FOR: invocation.to_value()})),
    }
}

/// Refuses to run a function that is not there yet.
pub(super) fn invocable(version: &Value) -> Result<(), Fault> {
    let state = version.text("State");
    if matches!(state, "Pending" | "Failed") {
        return Err(conflict(format!(
            "The operation cannot be performed at this time. The function is currently in the following state: {state}"
        )));
    }
    Ok(())
}

fn payload(input: &Value, most: usize) -> Result<String, Fault> {
    let bytes = STANDARD.decode(input.text("Payload")).unwrap_or_default();
    if bytes.len() > most {
        let message =
            format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
        return Err(Fault::new("RequestTooLargeException", message).with("Type", "User"));
    }
    let text = if bytes.is_empty() {
        "{}".to_owned()
    } else {
        String::from_utf8_lossy(&bytes).into_owned()
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Fault::new(
            "InvalidRequestContentException",
            format!("Could not parse request body into json: {error}"),
        )
        .with("Type", "User")),
    }
}

/// What an answer waits for, if it is one of `Invoke` that does.
pub(crate) fn waited_for(output: &Value) -> Option<Invocation> {
    output.get(WAITED_FOR).map(Invocation::of_value)
}
