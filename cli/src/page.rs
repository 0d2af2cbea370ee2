//! Text for people, safe by construction: whatever is put on a page loses its control characters first, so no
//! name, tag or error text of AWS can write to the terminal's state.

use std::fmt::{self, Display, Write};

/// How a piece of text looks where there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Strong,
    Faint,
    /// What is made, or done.
    Good,
    /// What changes in place.
    Change,
    /// What is replaced.
    Replace,
    /// What goes, or failed.
    Bad,
}

impl Style {
    /// The parameters of "select graphic rendition".
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Change => Some("33"),
            Self::Replace => Some("35"),
            Self::Bad => Some("31"),
        }
    }
}

/// Lines under construction.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
    colour: bool,
}

impl Page {
    /// An empty page.
    pub(crate) fn new(colour: bool) -> Self {
        Self { text: String::new(), colour }
    }

    /// Adds text to the current line.
    pub(crate) fn put(&mut self, style: Style, text: impl Display) -> &mut Self {
        let code = style.code().filter(|_| self.colour);
        if let Some(code) = code {
            self.raw(format_args!("\x1b[{code}m"));
        }
        let text = clean(&text.to_string());
        self.text.push_str(&text);
        if code.is_some() {
            self.raw(format_args!("\x1b[0m"));
        }
        self
    }

    /// Adds unstyled text to the current line.
    pub(crate) fn plain(&mut self, text: impl Display) -> &mut Self {
        self.put(Style::Plain, text)
    }

    /// Ends the current line.
    pub(crate) fn end(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// Adds a whole unstyled line.
    pub(crate) fn line(&mut self, text: impl Display) -> &mut Self {
        self.plain(text).end()
    }

    /// What is on the page.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn raw(&mut self, text: fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("writing to a string does not fail");
    }
}

/// One line of plain characters: escape sequences, control characters and direction overrides are left out.
pub(crate) fn clean(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        match char {
            '\x1b' => skip_sequence(&mut rest),
            '\u{9b}' => skip_until(&mut rest, is_final),
            '\n' | '\t' => plain.push(' '),
            char if char.is_control() || is_override(char) => {}
            char => plain.push(char),
        }
    }
    plain
}

/// Skips the rest of an escape sequence: a control sequence to its final byte, a string to its terminator.
fn skip_sequence(rest: &mut std::str::Chars<'_>) {
    match rest.clone().next() {
        Some('[') => {
            rest.next();
            skip_until(rest, is_final);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            skip_until(rest, |char| matches!(char, '\x07' | '\\' | '\u{9c}'));
        }
        _ => _ = rest.next(),
    }
}

fn skip_until(rest: &mut std::str::Chars<'_>, last: impl Fn(char) -> bool) {
    for char in rest {
        if last(char) {
            return;
        }
    }
}

fn is_final(char: char) -> bool {
    matches!(char, '@'..='~')
}

/// Characters that reorder the text around them.
fn is_override(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A duration as people say it: `45 s`, `3 min 10 s`, `1 h 02 min`.
pub(crate) fn seconds(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, and not negative"
    )]
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// `1 resource`, `2 resources`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_controls_a_terminal_is_left() {
        let cases = [
            ("red \x1b[31;1mtext\x1b[0m", "red text"),
            ("title \x1b]0;owned\x07set", "title set"),
            ("link \x1b]8;;http://x\x1b\\y", "link y"),
            ("eight bit \u{9b}2Jclear", "eight bit clear"),
            ("bell\x07 back\x08 null\0 delete\x7f", "bell back null delete"),
            ("two\nlines\tand\r\nmore", "two lines and more"),
            ("over\u{202e}ride \u{2066}x", "override x"),
            ("cut off \x1b[", "cut off "),
            ("umlaut ü, 日本, ±", "umlaut ü, 日本, ±"),
        ];
        for (dirty, plain) in cases {
            assert_eq!(clean(dirty), plain);
        }
        let mut page = Page::new(true);
        page.put(Style::Bad, "x\x1b[2J").end();
        assert_eq!(page.text(), "\x1b[31mx\x1b[0m\n");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        let cases =
            [(0.4, "0 s"), (59.6, "1 min 00 s"), (190.0, "3 min 10 s"), (3720.0, "1 h 02 min")];
        for (number, text) in cases {
            assert_eq!(seconds(number), text);
        }
    }
}
