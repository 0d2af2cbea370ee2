//! Cron expressions of six fields: minutes, hours, day of month, month, day of week, year.

use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The first and the last year that an expression can name.
const YEARS: (i16, i16) = (1970, 2199);

/// Days that are looked at for the next time: an expression may name the 29th of February alone.
const HORIZON_DAYS: usize = 9 * 366;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    day: Day,
    months: BTreeSet<i16>,
    weekday: OfWeek,
    years: BTreeSet<i16>,
}

/// The field of days of the month.
#[derive(Debug, Clone, PartialEq)]
enum Day {
    Any,
    Of(BTreeSet<i16>),
    Last,
    /// The day from Monday to Friday that is nearest to this one, in the same month.
    Nearest(i16),
}

/// The field of days of the week, Sunday being 1.
#[derive(Debug, Clone, PartialEq)]
enum OfWeek {
    Any,
    Of(BTreeSet<i16>),
    /// The last one of the month.
    Last(i16),
    /// Such as the second Tuesday.
    Nth(i16, i16),
}

impl Cron {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, day, months, weekday, years] = fields[..] else { return None };
        // One of the two days is left open, by a question mark.
        if (day == "?") == (weekday == "?") {
            return None;
        }
        Some(Self {
            minutes: set(minutes, (0, 59), &[])?,
            hours: set(hours, (0, 23), &[])?,
            day: parse_day(day)?,
            months: set(months, (1, 12), &MONTHS)?,
            weekday: parse_weekday(weekday)?,
            years: set(years, YEARS, &[])?,
        })
    }

    /// The first time after another.
    pub(super) fn next(&self, after: f64) -> Option<f64> {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of any year AWS knows fit")]
        let after = Timestamp::from_second(after.floor() as i64).ok()?;
        let first = Offset::UTC.to_datetime(after).checked_add(1.minute()).ok()?;
        let mut date = first.date();
        for index in 0..HORIZON_DAYS {
            if self.has(date) {
                let earliest = if index == 0 {
                    (i16::from(first.hour()), i16::from(first.minute()))
                } else {
                    (0, 0)
                };
                if let Some((hour, minute)) = self.time(earliest) {
                    let at = Offset::UTC.to_timestamp(date.at(hour, minute, 0, 0)).ok()?;
                    return Some(at.as_duration().as_secs_f64());
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The first time of a day that is not before this one.
    fn time(&self, (hour, minute): (i16, i16)) -> Option<(i8, i8)> {
        let times =
            self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |at| (*hour, *at)));
        let (hour, minute) = times.into_iter().find(|time| *time >= (hour, minute))?;
        Some((i8::try_from(hour).ok()?, i8::try_from(minute).ok()?))
    }

    fn has(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && self.day.has(date)
            && self.weekday.has(date)
    }
}

impl Day {
    fn has(&self, date: Date) -> bool {
        match self {
            Self::Any => true,
            Self::Of(days) => days.contains(&i16::from(date.day())),
            Self::Last => date == date.last_of_month(),
            Self::Nearest(day) => nearest(date, *day) == Some(date),
        }
    }
}

/// The weekday that is nearest to a day of a date's month.
fn nearest(date: Date, day: i16) -> Option<Date> {
    let day = i8::try_from(day).ok()?.min(date.last_of_month().day());
    let wanted = Date::new(date.year(), date.month(), day).ok()?;
    let (before, after) = (wanted.yesterday().ok()?, wanted.tomorrow().ok()?);
    match wanted.weekday() {
        Weekday::Saturday if before.month() == date.month() => Some(before),
        Weekday::Saturday => wanted.checked_add(2.days()).ok(),
        Weekday::Sunday if after.month() == date.month() => Some(after),
        Weekday::Sunday => wanted.checked_sub(2.days()).ok(),
        _ => Some(wanted),
    }
}

impl OfWeek {
    fn has(&self, date: Date) -> bool {
        let today = i16::from(date.weekday().to_sunday_one_offset());
        match self {
            Self::Any => true,
            Self::Of(days) => days.contains(&today),
            Self::Last(day) => today == *day && date.day() + 7 > date.last_of_month().day(),
            Self::Nth(day, nth) => today == *day && (i16::from(date.day()) - 1) / 7 + 1 == *nth,
        }
    }
}

fn parse_day(text: &str) -> Option<Day> {
    match text {
        "?" | "*" => Some(Day::Any),
        "L" => Some(Day::Last),
        _ => match text.strip_suffix('W') {
            Some(day) => number(day, (1, 31), &[]).map(Day::Nearest),
            None => set(text, (1, 31), &[]).map(Day::Of),
        },
    }
}

fn parse_weekday(text: &str) -> Option<OfWeek> {
    if matches!(text, "?" | "*") {
        return Some(OfWeek::Any);
    }
    if let Some((day, nth)) = text.split_once('#') {
        return Some(OfWeek::Nth(number(day, (1, 7), &WEEKDAYS)?, number(nth, (1, 5), &[])?));
    }
    match text.strip_suffix('L').filter(|day| !day.is_empty()) {
        Some(day) => number(day, (1, 7), &WEEKDAYS).map(OfWeek::Last),
        None => set(text, (1, 7), &WEEKDAYS).map(OfWeek::Of),
    }
}

/// The values of a field: a list of values, ranges and steps, or all.
fn set(text: &str, bounds: (i16, i16), names: &[&str]) -> Option<BTreeSet<i16>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?))
            }
            None => (part, None),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*", _) => bounds,
            (_, Some((from, to))) => (number(from, bounds, names)?, number(to, bounds, names)?),
            (one, None) => {
                let one = number(one, bounds, names)?;
                (one, if step.is_some() { bounds.1 } else { one })
            }
        };
        values.extend((from..=to).step_by(step.unwrap_or(1)));
    }
    (!values.is_empty()).then_some(values)
}

/// A number, or one of the names, within bounds.
fn number(text: &str, (least, most): (i16, i16), names: &[&str]) -> Option<i16> {
    let spelled = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let number = match spelled {
        Some(at) => i16::try_from(at).ok()? + 1,
        None => text.parse().ok()?,
    };
    (least..=most).contains(&number).then_some(number)
}
