//! Reading a pattern from left to right.

use regex::Regex;

/// How many regular expressions a pattern can have.
const MAX_REGEXES: usize = 2;

/// What is left to read.
pub(super) struct Scan<'t> {
    rest: &'t str,
    regexes: usize,
}

impl<'t> Scan<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, regexes: 0 }
    }

    /// Whether nothing but space is left.
    pub(super) fn is_done(&self) -> bool {
        self.rest.trim().is_empty()
    }

    /// Takes a mark that comes next, after space.
    pub(super) fn eat(&mut self, mark: &str) -> bool {
        let Some(rest) = self.rest.trim_start().strip_prefix(mark) else { return false };
        self.rest = rest;
        true
    }

    /// Takes a mark that comes next, without space before it.
    pub(super) fn eat_at_once(&mut self, mark: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(mark) else { return false };
        self.rest = rest;
        true
    }

    /// Takes a word that comes next, in whatever case, if it ends there.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some((start, after)) = rest.split_at_checked(word.len()) else { return false };
        let ends = after.chars().next().is_none_or(|next| !next.is_alphanumeric());
        if !start.eq_ignore_ascii_case(word) || !ends {
            return false;
        }
        self.rest = after;
        true
    }

    /// Takes characters as long as they fit; none is `None`.
    pub(super) fn run(&mut self, fits: impl Fn(char) -> bool) -> Option<&'t str> {
        let end = self.rest.find(|next| !fits(next)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!run.is_empty()).then_some(run)
    }

    /// Takes a text in double quotes, in which a backslash keeps the next character from ending it.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let (mut text, mut escaped) = (String::new(), false);
        for (at, next) in self.rest.strip_prefix('"')?.char_indices() {
            match next {
                '"' if !escaped => {
                    self.rest = &self.rest[at + 2..];
                    return Some(text);
                }
                '\\' if !escaped => escaped = true,
                other => {
                    if escaped && other != '"' && other != '\\' {
                        text.push('\\');
                    }
                    text.push(other);
                    escaped = false;
                }
            }
        }
        None
    }

    /// Takes a regular expression between percent signs. Groups and case flags are not part of AWS's syntax.
    pub(super) fn regex(&mut self) -> Option<Regex> {
        let (text, rest) = self.rest.strip_prefix('%')?.split_once('%')?;
        self.regexes += 1;
        if text.contains(['(', ')']) || self.regexes > MAX_REGEXES {
            return None;
        }
        self.rest = rest;
        Regex::new(text).ok()
    }

    /// The next character, after space.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }
}
