//! When secrets rotate: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>

use super::super::reference::{SECRET, invalid_parameter};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::schedule::Schedule;
use serde_json::{Value, json};

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// The shortest and the longest rate.
const RATES: (f64, f64) = (4.0 * HOUR, 999.0 * DAY);

/// The rules in a request, checked; none where it has none.
pub(super) fn of_request(given: &Value) -> Result<Option<Value>, Fault> {
    let (days, expression) = (given.has("AutomaticallyAfterDays"), given.opt("ScheduleExpression"));
    if given.is_null() || !days && expression.is_none() && !given.has("Duration") {
        return Ok(None);
    }
    if days && expression.is_some() {
        return Err(invalid_parameter(
            "You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.",
        ));
    }
    if let Some(text) = expression {
        check(text)?;
    }
    if let Some(text) = given.opt("Duration") {
        let hours = text.trim_end_matches('h').parse::<u8>().unwrap_or_default();
        if !(1..=24).contains(&hours) {
            return Err(invalid_parameter("The Duration must be from 1h to 24h."));
        }
    }
    Ok(Some(given.clone()))
}

fn check(text: &str) -> Result<(), Fault> {
    let refused = || invalid_parameter("The ScheduleExpression is invalid.");
    match Schedule::parse(text).ok_or_else(refused)? {
        Schedule::Rate(_) if text.contains("minute") => Err(refused()),
        Schedule::Rate(seconds) if !(RATES.0..=RATES.1).contains(&seconds) => {
            Err(invalid_parameter("The rate must be from 4 hours to 999 days."))
        }
        // Windows open on the hour, in any year.
        Schedule::Cron(_) => {
            let fields: Vec<&str> = text["cron(".len()..].split_whitespace().collect();
            let open = fields.first() == Some(&"0")
                && fields.last().is_some_and(|last| last.starts_with('*'));
            if open { Ok(()) } else { Err(refused()) }
        }
        Schedule::Rate(_) => Ok(()),
    }
}

/// When the next window opens and closes.
fn window(row: &Value, now: f64) -> Option<(f64, f64)> {
    let rules = &row["RotationRules"];
    let days = rules.number("AutomaticallyAfterDays").map(|days| Schedule::Rate(days * DAY));
    let schedule = days.or_else(|| Schedule::parse(rules.opt("ScheduleExpression")?))?;
    let last = row.number("LastRotatedDate").unwrap_or(now);
    let unit = match schedule {
        Schedule::Rate(seconds) if seconds % DAY == 0.0 => DAY,
        _ => HOUR,
    };
    let from = if matches!(schedule, Schedule::Rate(_)) { last } else { now };
    // Rates open windows at the start of an hour, or of a day in UTC.
    let next = (schedule.next(from)? / unit).floor() * unit;
    let opens = if next > now { next } else { (now / unit).floor() * unit + unit };
    Some((opens, opens + length(rules, &schedule, opens)))
}

/// How long a window is open: what the rules say, or until the end of the day, or for a rate of hours one hour.
fn length(rules: &Value, schedule: &Schedule, opens: f64) -> f64 {
    let given =
        rules.opt("Duration").and_then(|text| text.trim_end_matches('h').parse::<f64>().ok());
    let hourly = matches!(schedule, Schedule::Rate(seconds) if seconds % DAY != 0.0);
    let until_midnight = DAY - opens.rem_euclid(DAY);
    given.map_or(if hourly { HOUR } else { until_midnight }, |hours| hours * HOUR)
}

/// Notes when a secret rotates next, and lets it.
pub(super) fn plan(call: &mut Call, name: &str) {
    let Some(row) = call.get(SECRET, name).cloned() else { return };
    call.unschedule(SECRET, name);
    if !row.flag("RotationEnabled") || row.has("OwningService") {
        return;
    }
    let now = call.now();
    let Some((opens, closes)) = window(&row, now) else {
        call.merge(SECRET, name, json!({"NextRotationDate": null}));
        return;
    };
    // The last second of the window: the rotation is done by then.
    call.merge(SECRET, name, json!({"NextRotationDate": closes - 1.0}));
    call.schedule(opens - now, SECRET, name, Step::Run("rotation_due", json!(name)));
}
