//! Event buses: there is the default one. <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html>

use super::missing;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The bus that the services of the account send to.
pub(super) const DEFAULT: &str = "default";

/// Refuses any bus but the default one, by name or ARN.
pub(super) fn known(named: Option<&str>) -> Result<(), Fault> {
    let name = named.map_or(DEFAULT, |name| name.rsplit('/').next().unwrap_or(name));
    if name == DEFAULT { Ok(()) } else { Err(missing(format!("Event bus {name} does not exist."))) }
}

fn shown(call: &Call) -> Value {
    json!({"Name": DEFAULT, "Arn": call.arn("events", "event-bus/default")})
}

/// `DescribeEventBus`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    known(call.input().opt("Name"))?;
    Ok(shown(call))
}

/// `ListEventBuses`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let listed = DEFAULT.starts_with(input.text("NamePrefix"));
    let buses = if listed { vec![shown(call)] } else { Vec::new() };
    Ok(json!({"EventBuses": buses}))
}
