//! Scalars as text: numbers, truth values, and the formats of timestamps.

use crate::model::{Kind, TimestampFormat};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};

/// A scalar's value from text; the error is the text itself.
pub(super) fn from_text(kind: Kind, text: &str) -> Result<Value, String> {
    let value = match kind {
        Kind::Boolean => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Kind::Integer | Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => text.parse::<f64>().ok().map(Value::from),
        Kind::Timestamp => seconds(text).map(Value::from),
        _ => Some(Value::from(text)),
    };
    value.ok_or_else(|| text.to_owned())
}

/// A scalar as text, a timestamp in the format given.
pub(super) fn to_text(value: &Value, kind: Kind, format: TimestampFormat) -> String {
    match (kind, value) {
        (Kind::Timestamp, Value::Number(number)) => {
            timestamp(number.as_f64().unwrap_or_default(), format)
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// Seconds since 1970 from any of the formats that AWS takes.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds.is_finite().then_some(seconds);
    }
    let timestamp = text.parse::<Timestamp>().ok();
    let timestamp =
        timestamp.or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok())?;
    Some(timestamp.as_duration().as_secs_f64())
}

/// Seconds since 1970 as text; fractions below a millisecond are cut.
pub(crate) fn timestamp(seconds: f64, format: TimestampFormat) -> String {
    if format == TimestampFormat::UnixTimestamp {
        return json!(seconds).to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any year AWS knows fit")]
    let timestamp = Timestamp::from_millisecond((seconds * 1000.0).floor() as i64)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    match format {
        TimestampFormat::Rfc822 => timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        _ => timestamp.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
    }
}
