//! Rules of composite alarms.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use super::alarm::invalid;
use crate::fault::Fault;
use std::collections::BTreeSet;

/// How deep parentheses may nest.
const DEPTH: usize = 50;

/// A rule, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Constant(bool),
    /// An alarm is in a state.
    Is(String, &'static str),
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    /// That many of the parts hold.
    AtLeast(usize, Vec<Rule>),
}

impl Rule {
    /// Reads a rule.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader { rest: text, depth: 0 };
        let rule = reader.any()?;
        if reader.rest.trim().is_empty() { Ok(rule) } else { Err(reader.wrong()) }
    }

    /// Whether the rule holds, with `state` telling the state of an alarm.
    pub(super) fn holds(&self, state: &impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Is(alarm, wanted) => state(alarm).is_some_and(|found| found == *wanted),
            Self::Not(inner) => !inner.holds(state),
            Self::All(parts) => parts.iter().all(|part| part.holds(state)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(state)),
            Self::AtLeast(count, parts) => {
                parts.iter().filter(|part| part.holds(state)).count() >= *count
            }
        }
    }

    /// The alarms that the rule names.
    pub(super) fn alarms(&self) -> BTreeSet<String> {
        match self {
            Self::Constant(_) => BTreeSet::new(),
            Self::Is(alarm, _) => BTreeSet::from([alarm.clone()]),
            Self::Not(inner) => inner.alarms(),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().flat_map(Self::alarms).collect()
            }
        }
    }
}

/// The name of an alarm that is given by its name or ARN.
pub(super) fn name_of(alarm: &str) -> &str {
    let resource = alarm.strip_prefix("arn:").and_then(|rest| rest.split_once(":alarm:"));
    resource.map_or(alarm, |(_, name)| name)
}

const STATES: [&str; 3] = ["ALARM", "INSUFFICIENT_DATA", "OK"];

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn wrong(&self) -> Fault {
        invalid(format!("AlarmRule is not valid: unexpected \"{}\"", self.rest.trim_start()))
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) -> Result<(), Fault> {
        if self.take(text) { Ok(()) } else { Err(self.wrong()) }
    }

    /// Takes a word that ends where it ends.
    fn take_word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(word);
        let whole = rest.filter(|rest| {
            !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
        });
        self.rest = whole.unwrap_or(self.rest);
        whole.is_some()
    }

    fn any(&mut self) -> Result<Rule, Fault> {
        let mut parts = vec![self.all()?];
        while self.take_word("OR") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Rule::Any(parts) })
    }

    fn all(&mut self) -> Result<Rule, Fault> {
        let mut parts = vec![self.single()?];
        while self.take_word("AND") {
            parts.push(self.single()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Rule::All(parts) })
    }

    fn single(&mut self) -> Result<Rule, Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(invalid("AlarmRule nests too deeply"));
        }
        let rule = self.element()?;
        self.depth -= 1;
        Ok(rule)
    }

    fn element(&mut self) -> Result<Rule, Fault> {
        if self.take_word("NOT") {
            return Ok(Rule::Not(Box::new(self.single()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return self.expect(")").map(|()| inner);
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.take_word(word) {
                return Ok(Rule::Constant(value));
            }
        }
        if self.take_word("AT_LEAST") {
            return self.at_least();
        }
        let state =
            STATES.into_iter().find(|state| self.take_word(state)).ok_or_else(|| self.wrong())?;
        self.expect("(")?;
        let alarm = self.alarm()?;
        self.expect(")")?;
        Ok(Rule::Is(alarm, state))
    }

    /// `AT_LEAST(2, ALARM, (a, b, c))`, where the number may be a percentage and the state may be negated.
    fn at_least(&mut self) -> Result<Rule, Fault> {
        self.expect("(")?;
        let digits = self.text(|letter| letter.is_ascii_digit());
        let number: usize = digits.parse().map_err(|_| self.wrong())?;
        let percent = self.take("%");
        self.expect(",")?;
        let negated = self.take_word("NOT");
        let state =
            STATES.into_iter().find(|state| self.take_word(state)).ok_or_else(|| self.wrong())?;
        self.expect(",")?;
        self.expect("(")?;
        let mut parts = Vec::new();
        loop {
            let is = Rule::Is(self.alarm()?, state);
            parts.push(if negated { Rule::Not(Box::new(is)) } else { is });
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        self.expect(")")?;
        let count = if percent { (parts.len() * number).div_ceil(100) } else { number };
        if number == 0 || count > parts.len() {
            return Err(invalid(
                "AlarmRule is not valid: AT_LEAST asks for more alarms than it names",
            ));
        }
        Ok(Rule::AtLeast(count, parts))
    }

    fn text(&mut self, allowed: impl Fn(char) -> bool) -> String {
        let text = self.rest.trim_start();
        let end = text.find(|letter| !allowed(letter)).unwrap_or(text.len());
        self.rest = &text[end..];
        text[..end].to_owned()
    }

    fn alarm(&mut self) -> Result<String, Fault> {
        let given = if self.take("\"") {
            let end = self.rest.find('"').ok_or_else(|| self.wrong())?;
            let (name, rest) = self.rest.split_at(end);
            self.rest = &rest[1..];
            name.to_owned()
        } else {
            self.text(|letter| !letter.is_whitespace() && !['(', ')', ',', '"'].contains(&letter))
        };
        if given.is_empty() { Err(self.wrong()) } else { Ok(name_of(&given).to_owned()) }
    }
}
