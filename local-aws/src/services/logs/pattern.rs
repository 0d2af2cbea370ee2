//! Filter patterns, which choose log events by what their messages say.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod columns;
mod condition;
mod json;
mod scan;
mod terms;

use self::scan::Scan;
use super::reference::invalid;
use crate::fault::Fault;
use serde_json::{Map, Value};

/// A pattern in one of its three forms.
pub(super) enum Pattern {
    /// `{ $.status = 404 }`: about messages in JSON.
    Json(json::Json),
    /// `[ip, user, status = 4*]`: about messages of words.
    Columns(columns::Columns),
    /// `ERROR -retry`: about texts.
    Terms(terms::Terms),
}

impl Pattern {
    /// Reads a pattern; the empty one matches everything.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut scan = Scan::new(text.trim());
        let parsed = match text.trim().chars().next() {
            Some('{') => json::parse(&mut scan).map(Self::Json),
            Some('[') => columns::parse(&mut scan).map(Self::Columns),
            _ => terms::parse(&mut scan).map(Self::Terms),
        };
        parsed.filter(|_| scan.is_done()).ok_or_else(|| invalid("Invalid metric filter pattern"))
    }

    /// What the pattern takes out of a message by name (`$.status`, `$ip`), if it matches.
    pub(super) fn matches(&self, message: &str) -> Option<Map<String, Value>> {
        match self {
            Self::Json(pattern) => pattern.matches(message),
            Self::Columns(pattern) => pattern.matches(message),
            Self::Terms(pattern) => pattern.matches(message).then(Map::new),
        }
    }

    /// A value of a message by name (`$.size`, `$bytes`), whether the pattern asks about it or not.
    pub(super) fn value(&self, message: &str, name: &str) -> Option<String> {
        match self {
            Self::Json(_) => json::value(message, name),
            Self::Columns(pattern) => {
                Some(pattern.matches(message)?.get(name)?.as_str()?.to_owned())
            }
            Self::Terms(_) => None,
        }
    }
}
