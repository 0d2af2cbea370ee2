//! Backup and maintenance windows, in UTC:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html>

use super::query::{invalid, page_size};
use super::reference;
use crate::call::{Call, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const MINUTE: f64 = 60.0;
const DAY_MINUTES: u32 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// Both windows last half an hour at least.
const LEAST_MINUTES: u32 = 30;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A checked backup window such as `03:00-04:00`.
pub(super) fn backup(text: &str) -> Result<String, Fault> {
    let range = text.split_once('-').and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    let long = |(from, to): (u32, u32)| (to + DAY_MINUTES - from) % DAY_MINUTES >= LEAST_MINUTES;
    match range {
        Some(range) if long(range) => Ok(text.to_owned()),
        Some(_) => Err(invalid("The backup window must be at least 30 minutes.")),
        None => Err(invalid(format!(
            "Invalid backup window format: {text}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC)."
        ))),
    }
}

/// A checked maintenance window such as `sun:05:00-sun:06:00`, in lower case.
pub(super) fn maintenance(text: &str) -> Result<String, Fault> {
    let lower = text.to_ascii_lowercase();
    let range = lower.split_once('-').and_then(|(from, to)| Some((of_week(from)?, of_week(to)?)));
    let length = range.map(|(from, to)| (to + WEEK_MINUTES - from) % WEEK_MINUTES);
    match length {
        Some(LEAST_MINUTES..=DAY_MINUTES) => Ok(lower),
        Some(_) => Err(invalid("The maintenance window must be between 30 minutes and 24 hours.")),
        None => Err(invalid(format!(
            "Invalid maintenance window format: {text}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC)."
        ))),
    }
}

/// The windows must not overlap.
pub(super) fn apart(backup: &str, maintenance: &str) -> Result<(), Fault> {
    let (Some((from, to)), Some((start, end))) =
        (backup.split_once('-'), maintenance.split_once('-'))
    else {
        return Ok(());
    };
    let (Some(from), Some(to), Some(start), Some(end)) =
        (minutes(from), minutes(to), of_week(start), of_week(end))
    else {
        return Ok(());
    };
    let length = (to + DAY_MINUTES - from) % DAY_MINUTES;
    let upkeep = (end + WEEK_MINUTES - start) % WEEK_MINUTES;
    let overlaps = (0..7).any(|day| {
        let from = day * DAY_MINUTES + from;
        let after = |a: u32, b: u32| (a + WEEK_MINUTES - b) % WEEK_MINUTES;
        after(from, start) < upkeep || after(start, from) < length
    });
    if overlaps {
        return Err(invalid("The backup window and maintenance window must not overlap."));
    }
    Ok(())
}

fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60 && text.len() == 5).then_some(hours * 60 + minutes)
}

fn of_week(text: &str) -> Option<u32> {
    let (day, time) = text.split_once(':')?;
    let day = DAYS.iter().position(|known| *known == day)?;
    Some(u32::try_from(day).ok()? * DAY_MINUTES + minutes(time)?)
}

/// The backup window of one who names none: half an hour of the region's night, by chance.
pub(super) fn default_backup(id: &str) -> String {
    let at = 3 * 60 + chance(id, 15) * 30;
    format!("{}-{}", clock(at), clock(at + 30))
}

/// The maintenance window of one who names none, away from the backups.
pub(super) fn default_maintenance(id: &str) -> String {
    let day = DAYS[chance(&format!("{id}/day"), 7) as usize];
    let at = 12 * 60 + chance(&format!("{id}/time"), 15) * 30;
    format!("{day}:{}-{day}:{}", clock(at), clock(at + 30))
}

fn chance(text: &str, of: u32) -> u32 {
    u32::from_str_radix(&digest(text)[..6], 16).unwrap_or_default() % of
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Seconds from now until a backup window next begins.
pub(super) fn until_backup(now: f64, window: &str) -> f64 {
    let start = window.split_once('-').and_then(|(from, _)| minutes(from)).unwrap_or_default();
    until(now, 0.0, start, DAY_MINUTES)
}

/// Seconds from now until a maintenance window next begins.
pub(super) fn until_maintenance(now: f64, window: &str) -> f64 {
    let start = window.split_once('-').and_then(|(from, _)| of_week(from)).unwrap_or_default();
    // 1970-01-01 was a Thursday.
    until(now, 3.0 * f64::from(DAY_MINUTES), start, WEEK_MINUTES)
}

fn until(now: f64, offset: f64, start: u32, period: u32) -> f64 {
    let period = f64::from(period) * MINUTE;
    let at = (now + offset * MINUTE).rem_euclid(period);
    let wait = f64::from(start) * MINUTE - at;
    if wait > 0.0 { wait } else { wait + period }
}

/// `DescribePendingMaintenanceActions`: RDS has none for what was made lately.
pub(super) fn pending_actions(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    if let Some(arn) = input.opt("ResourceIdentifier") {
        let known = reference::cluster(call, arn).is_ok() || reference::instance(call, arn).is_ok();
        if !known {
            let message = format!("The specified resource {arn} was not found.");
            return Err(Fault::new("ResourceNotFoundFault", message));
        }
    }
    Ok(json!({"PendingMaintenanceActions": []}))
}
