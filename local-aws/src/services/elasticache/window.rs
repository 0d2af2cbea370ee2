//! Windows of time in which AWS maintains and backs up: weekly `ddd:hh:mm-ddd:hh:mm`, daily `hh:mm-hh:mm`, in UTC.

use super::kind::invalid_value;
use crate::fault::Fault;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: u64 = 1440;
const WEEK: u64 = 7 * DAY;

/// 1970-01-01 was a Thursday, three days after the Monday that weeks start with here.
const EPOCH_MINUTES: u64 = 3 * DAY;

/// Checks a weekly window of at least an hour, and gives its usual form.
pub(super) fn weekly(member: &str, text: &str) -> Result<String, Fault> {
    let lower = text.to_ascii_lowercase();
    let window = lower.split_once('-').and_then(|(from, to)| Some((in_week(from)?, in_week(to)?)));
    check(member, text, window, WEEK).map(|()| lower)
}

/// Checks a daily window of at least an hour.
pub(super) fn daily(member: &str, text: &str) -> Result<String, Fault> {
    let window = text.split_once('-').and_then(|(from, to)| Some((in_day(from)?, in_day(to)?)));
    check(member, text, window, DAY).map(|()| text.to_owned())
}

fn check(member: &str, text: &str, window: Option<(u64, u64)>, cycle: u64) -> Result<(), Fault> {
    let long_enough = |(from, to): (u64, u64)| (to + cycle - from) % cycle >= 60;
    if window.is_some_and(long_enough) {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The parameter {member} '{text}' is not a valid window of at least 60 minutes."
    )))
}

/// Minutes since Monday.
fn in_week(text: &str) -> Option<u64> {
    let (day, time) = text.split_once(':')?;
    let day = u64::try_from(DAYS.iter().position(|known| *known == day)?).ok()?;
    Some(day * DAY + in_day(time)?)
}

/// Minutes since midnight.
fn in_day(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str, below: u64| -> Option<u64> {
        let well_formed = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|value| well_formed && *value < below)
    };
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

/// Seconds from a time until a weekly window next opens.
pub(super) fn until_weekly(window: &str, now: f64) -> f64 {
    let from = window.split_once('-').and_then(|(from, _)| in_week(from)).unwrap_or_default();
    until(from, WEEK, EPOCH_MINUTES, now)
}

/// Seconds from a time until a daily window next opens.
pub(super) fn until_daily(window: &str, now: f64) -> f64 {
    let from = window.split_once('-').and_then(|(from, _)| in_day(from)).unwrap_or_default();
    until(from, DAY, 0, now)
}

#[expect(clippy::cast_precision_loss, reason = "minutes of a week are far below 2^52")]
fn until(minute: u64, cycle: u64, offset: u64, now: f64) -> f64 {
    let length = cycle as f64 * 60.0;
    let into = (now + offset as f64 * 60.0).rem_euclid(length);
    let left = minute as f64 * 60.0 - into;
    if left <= 0.0 { left + length } else { left }
}

/// The windows of a group that names none: some in the night, by its id.
pub(super) fn chosen(id: &str) -> (String, String) {
    let sum: usize = id.bytes().map(usize::from).sum();
    let (day, hour) = (DAYS[sum % 7], 3 + sum % 4);
    (
        format!("{day}:{hour:02}:30-{day}:{:02}:30", hour + 1),
        format!("{:02}:00-{:02}:00", hour + 3, hour + 4),
    )
}
