//! Patterns about texts, such as `ERROR -retry`, `?ERROR ?WARN` and `"not found"`.

use super::scan::Scan;
use regex::Regex;

/// What a message must have and must not have. Optional terms count only where there are no others.
#[derive(Default)]
pub(in super::super) struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

enum Term {
    Text(String),
    Regex(Regex),
}

pub(super) fn parse(scan: &mut Scan) -> Option<Terms> {
    let mut terms = Terms::default();
    while !scan.is_done() {
        let list = if scan.eat("-") {
            &mut terms.none
        } else if scan.eat("?") {
            &mut terms.any
        } else {
            &mut terms.all
        };
        list.push(term(scan)?);
    }
    Some(terms)
}

/// A term that is not in quotes has no characters but letters, digits and underscores.
fn term(scan: &mut Scan) -> Option<Term> {
    match scan.peek()? {
        '"' => scan.quoted().filter(|text| !text.is_empty()).map(Term::Text),
        '%' => scan.regex().map(Term::Regex),
        _ => {
            let word = scan.run(|next| next.is_alphanumeric() || next == '_')?;
            let ends = scan.is_done() || scan.run(char::is_whitespace).is_some();
            ends.then(|| Term::Text(word.to_owned()))
        }
    }
}

impl Terms {
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &Term| match term {
            Term::Text(text) => message.contains(text.as_str()),
            Term::Regex(regex) => regex.is_match(message),
        };
        let optional = self.any.is_empty() || !self.all.is_empty() || !self.none.is_empty();
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (optional || self.any.iter().any(has))
    }
}
