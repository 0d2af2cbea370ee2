//! Tests of single values, joined by `&&` and `||`, of which `&&` binds closer.

use super::scan::Scan;
use crate::filter;
use regex::Regex;
use serde_json::Value;

/// What a value is compared with.
pub(super) enum Wanted {
    Number(f64),
    /// A pattern as [`filter::like`] takes it.
    Text(String),
    Regex(Regex),
}

/// What must hold for a value.
pub(super) enum Test {
    Equal(Wanted),
    Unequal(Wanted),
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    Is(Value),
    /// There is no value.
    NotExists,
    /// Anything holds.
    Any,
}

/// A tree of tests, each about a subject: a selector or a column.
pub(super) enum Condition<S> {
    Test(S, Test),
    All(Vec<Condition<S>>),
    Either(Vec<Condition<S>>),
}

impl<S> Condition<S> {
    /// Reads a tree; `subject` reads what a test is about.
    pub(super) fn parse(
        scan: &mut Scan,
        subject: fn(&mut Scan) -> Option<S>,
        test: fn(&mut Scan) -> Option<Test>,
    ) -> Option<Self> {
        let mut either = Vec::new();
        loop {
            let mut all = Vec::new();
            loop {
                all.push(if scan.eat("(") {
                    let inner = Self::parse(scan, subject, test)?;
                    scan.eat(")").then_some(inner)?
                } else {
                    Self::Test(subject(scan)?, test(scan)?)
                });
                if !scan.eat("&&") {
                    break;
                }
            }
            either.push(Self::All(all));
            if !scan.eat("||") {
                return Some(Self::Either(either));
            }
        }
    }

    /// Whether it holds, given the values of subjects.
    pub(super) fn holds(&self, values: &impl Fn(&S) -> Vec<Value>) -> bool {
        match self {
            Self::Test(subject, test) => test.holds(&values(subject)),
            Self::All(all) => all.iter().all(|one| one.holds(values)),
            Self::Either(either) => either.iter().any(|one| one.holds(values)),
        }
    }

    /// Every subject.
    pub(super) fn subjects(&self) -> Vec<&S> {
        match self {
            Self::Test(subject, _) => vec![subject],
            Self::All(inner) | Self::Either(inner) => {
                inner.iter().flat_map(Self::subjects).collect()
            }
        }
    }
}

/// Reads an operator and what it compares with.
pub(super) fn comparison(scan: &mut Scan) -> Option<Test> {
    let number = |scan: &mut Scan| match wanted(scan)? {
        Wanted::Number(number) => Some(number),
        _ => None,
    };
    Some(if scan.eat("!=") {
        Test::Unequal(wanted(scan)?)
    } else if scan.eat("<=") {
        Test::LessOrEqual(number(scan)?)
    } else if scan.eat(">=") {
        Test::GreaterOrEqual(number(scan)?)
    } else if scan.eat("<") {
        Test::Less(number(scan)?)
    } else if scan.eat(">") {
        Test::Greater(number(scan)?)
    } else {
        scan.eat("=").then_some(())?;
        Test::Equal(wanted(scan)?)
    })
}

fn wanted(scan: &mut Scan) -> Option<Wanted> {
    match scan.peek()? {
        '"' => scan.quoted().map(|text| Wanted::text(&text)),
        '%' => scan.regex().map(Wanted::Regex),
        _ => {
            let word =
                scan.run(|next| !next.is_whitespace() && !"(){}[],&|=<>!\"%".contains(next))?;
            Some(word.parse().map_or_else(|_| Wanted::text(word), Wanted::Number))
        }
    }
}

impl Test {
    fn holds(&self, values: &[Value]) -> bool {
        let any = |fits: &dyn Fn(&Value) -> bool| values.iter().any(fits);
        let number = |fits: &dyn Fn(f64) -> bool| any(&|value| as_number(value).is_some_and(fits));
        match self {
            Self::Equal(wanted) => any(&|value| wanted.fits(value)),
            Self::Unequal(wanted) => any(&|value| !wanted.fits(value)),
            Self::Less(limit) => number(&|number| number < *limit),
            Self::LessOrEqual(limit) => number(&|number| number <= *limit),
            Self::Greater(limit) => number(&|number| number > *limit),
            Self::GreaterOrEqual(limit) => number(&|number| number >= *limit),
            Self::Is(wanted) => any(&|value| value == wanted),
            Self::NotExists => values.is_empty(),
            Self::Any => true,
        }
    }
}

impl Wanted {
    /// A text whose only sign is `*`, as a pattern that has more signs.
    fn text(text: &str) -> Self {
        Self::Text(text.replace('\\', r"\\").replace('?', r"\?"))
    }

    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Number(wanted) => {
                as_number(value).is_some_and(|number| (number - wanted).abs() < f64::EPSILON)
            }
            Self::Text(wanted) => text(value).is_some_and(|text| filter::like(wanted, &text)),
            Self::Regex(wanted) => text(value).is_some_and(|text| wanted.is_match(&text)),
        }
    }
}

fn as_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// A plain value as text; lists and objects have none.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
