//! Where text goes: results to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::args::Args;
use crate::page::Page;

/// The streams, and what the user wants to see on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    words: Words,
    out: Stream,
    err: Stream,
    /// Whether somebody can type an answer.
    typing: bool,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Results are JSON, and nothing else is said but errors.
    Json,
    /// Results, questions and errors.
    Few,
    All,
}

#[derive(Debug, Clone, Copy)]
struct Stream {
    terminal: bool,
    colour: bool,
}

impl Stream {
    fn new(stream: &impl IsTerminal, no_colour: bool) -> Self {
        let terminal = stream.is_terminal();
        Self { terminal, colour: terminal && !no_colour }
    }
}

impl Screen {
    pub(crate) fn new(args: &Args, no_colour: bool) -> Self {
        let words = match (args.json, args.quiet) {
            (true, _) => Words::Json,
            (false, true) => Words::Few,
            (false, false) => Words::All,
        };
        let out = Stream::new(&std::io::stdout(), no_colour);
        let err = Stream::new(&std::io::stderr(), no_colour);
        Self { words, out, err, typing: std::io::stdin().is_terminal() }
    }

    /// Prints a result, unless results are JSON.
    pub(crate) fn result(self, fill: impl FnOnce(&mut Page)) {
        if !self.is_json() {
            let mut page = Page::new(self.out.colour);
            fill(&mut page);
            write(std::io::stdout(), page.text());
        }
    }

    /// Prints one line of JSON as a result.
    #[expect(clippy::unused_self, reason = "whoever prints has been given the screen")]
    pub(crate) fn json(self, value: &impl Serialize) {
        let line = serde_json::to_string(value).expect("events and outputs are plain data");
        write(std::io::stdout(), &format!("{line}\n"));
    }

    /// Says what is going on, unless the user wants results alone.
    pub(crate) fn say(self, fill: impl FnOnce(&mut Page)) {
        if self.words == Words::All {
            self.must_say(fill);
        }
    }

    /// Says what the user must know in any case.
    pub(crate) fn must_say(self, fill: impl FnOnce(&mut Page)) {
        let mut page = self.page();
        fill(&mut page);
        write(std::io::stderr(), page.text());
    }

    /// An empty page for standard error.
    pub(crate) fn page(self) -> Page {
        Page::new(self.err.colour)
    }

    /// Says what is on a page, unless the user wants results alone.
    pub(crate) fn say_page(self, page: &Page) {
        if self.words == Words::All {
            write(std::io::stderr(), page.text());
        }
    }

    /// Whether standard output carries JSON alone.
    pub(crate) fn is_json(self) -> bool {
        self.words == Words::Json
    }

    /// Whether somebody can answer a question.
    pub(crate) fn asks(self) -> bool {
        self.typing && self.err.terminal && !self.is_json()
    }

    /// Whether lines on standard error can be drawn over.
    pub(crate) fn is_live(self) -> bool {
        self.err.terminal && self.words == Words::All
    }
}

/// Whoever closed the stream does not want to read any more.
fn write(mut stream: impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
