//! Scaling activities: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html>

use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Rows are a `ScalingActivity` by a number that counts up; `_not_scaled` where nothing was done.
const ACTIVITY: Table = Table::regional("autoscaling.activity");

/// AWS tells of activities for six weeks.
const REMEMBERED_SECONDS: f64 = 42.0 * 24.0 * 3600.0;

fn note(call: &mut Call, target: &Value, members: Value) {
    let id = format!("{:012}", call.count("autoscaling.activity"));
    let now = call.now();
    let mut row = json!({
        "ActivityId": call.new_uuid("autoscaling.activity"), "ServiceNamespace": target["ServiceNamespace"],
        "ResourceId": target["ResourceId"], "ScalableDimension": target["ScalableDimension"], "StartTime": now,
        "EndTime": now,
    });
    for (member, value) in members.as_object().into_iter().flatten() {
        row[member] = value.clone();
    }
    call.put(ACTIVITY, &id, row);
    call.schedule(REMEMBERED_SECONDS, ACTIVITY, &id, Step::Remove);
}

/// The number has been changed.
pub(super) fn scaled(call: &mut Call, target: &Value, cause: &str, count: i64) {
    let members = json!({
        "Description": format!("Setting desired count to {count}."), "Cause": cause, "StatusCode": "Successful",
        "StatusMessage": format!("Successfully set desired count to {count}. Change successfully fulfilled by ecs."),
    });
    note(call, target, members);
}

/// The number stays, because it is at a bound or already right. What has just been said is not said again.
pub(super) fn not_scaled(call: &mut Call, target: &Value, cause: &str, now: i64, wanted: i64) {
    let (least, most) = (target.int("MinCapacity"), target.int("MaxCapacity"));
    let code = match wanted.cmp(&now) {
        Ordering::Greater => "AlreadyAtMaxCapacity",
        Ordering::Less => "AlreadyAtMinCapacity",
        Ordering::Equal => "AlreadyAtDesiredCapacity",
    };
    let newest = call.rows(ACTIVITY).last().map(|(_, row)| row);
    let said = newest.is_some_and(|row: &Value| {
        row.flag("_not_scaled")
            && row.text("Cause") == cause
            && row["NotScaledReasons"][0].text("Code") == code
    });
    if said {
        return;
    }
    let reason =
        json!([{"Code": code, "CurrentCapacity": now, "MinCapacity": least, "MaxCapacity": most}]);
    let members = json!({
        "Description": "Attempting to scale due to alarm triggered", "Cause": cause, "StatusCode": "Unfulfilled",
        "NotScaledReasons": reason, "_not_scaled": true,
    });
    note(call, target, members);
}

/// `DescribeScalingActivities`, newest first.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let all = input.flag("IncludeNotScaledActivities");
    let is = |member: &str, row: &Value| {
        input.opt(member).is_none_or(|wanted| row.text(member) == wanted)
    };
    let fits = |row: &Value| {
        (all || !row.flag("_not_scaled"))
            && is("ServiceNamespace", row)
            && is("ResourceId", row)
            && is("ScalableDimension", row)
    };
    let rows = call.rows(ACTIVITY).filter(|(_, row)| fits(row));
    let mut rows: Vec<Value> = rows.map(|(_, row)| row.clone()).collect();
    rows.reverse();
    Ok(json!({"ScalingActivities": rows}))
}
