//! Alarms set by hand: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>

use super::alarm::{self, ALARM};
use super::evaluate;
use super::transition::{self, NewState};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `SetAlarmState`: until the next evaluation. A composite alarm stays so until one of its children changes.
pub(super) fn set(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, value, reason) =
        (input.text("AlarmName"), input.text("StateValue"), input.text("StateReason"));
    let old = call.get(ALARM, name).ok_or_else(|| alarm::not_found(name))?;
    let data = input.opt("StateReasonData");
    if data.is_some_and(|text| serde_json::from_str::<Value>(text).is_err()) {
        return Err(Fault::new("InvalidFormat", "StateReasonData was not valid JSON"));
    }
    if old.text("StateValue") == value {
        let now = call.now();
        let members =
            json!({"StateReason": reason, "StateReasonData": data, "StateUpdatedTimestamp": now});
        call.merge(ALARM, name, members);
    }
    transition::to(call, name, &NewState { value, reason, data: data.map(str::to_owned) });
    evaluate::arm(call, name);
    Ok(json!({}))
}

/// `EnableAlarmActions`.
pub(super) fn enable(call: &mut Call) -> Result<Value, Fault> {
    switch(call, true)
}

/// `DisableAlarmActions`.
pub(super) fn disable(call: &mut Call) -> Result<Value, Fault> {
    switch(call, false)
}

fn switch(call: &mut Call, on: bool) -> Result<Value, Fault> {
    let input = call.input();
    let now = call.now();
    for name in input.texts("AlarmNames") {
        call.merge(
            ALARM,
            name,
            json!({"ActionsEnabled": on, "AlarmConfigurationUpdatedTimestamp": now}),
        );
    }
    Ok(json!({}))
}
