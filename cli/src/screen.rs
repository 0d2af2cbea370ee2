//! Where text goes: results to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::args::Args;
use crate::page::Page;

/// The two streams, and what the user wants to see on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// Whether standard output carries JSON alone.
    pub(crate) json: bool,
    quiet: bool,
    out_colour: bool,
    err_colour: bool,
    /// Whether somebody can answer a question.
    pub(crate) asks: bool,
    /// Whether lines on standard error can be drawn over.
    pub(crate) live: bool,
}

impl Screen {
    pub(crate) fn new(args: &Args, no_colour: bool) -> Self {
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Self {
            json: args.json,
            quiet: args.quiet,
            out_colour: out && !no_colour,
            err_colour: err && !no_colour,
            asks: err && std::io::stdin().is_terminal() && !args.json,
            live: err && !args.json && !args.quiet,
        }
    }

    /// Prints a result, unless results are JSON.
    pub(crate) fn result(&self, fill: impl FnOnce(&mut Page)) {
        if !self.json {
            let mut page = Page::new(self.out_colour);
            fill(&mut page);
            write(std::io::stdout(), page.text());
        }
    }

    /// Says what is going on, unless the user wants results alone.
    pub(crate) fn say(&self, fill: impl FnOnce(&mut Page)) {
        if self.talks() {
            self.must_say(fill);
        }
    }

    /// Says what the user must know in any case.
    pub(crate) fn must_say(&self, fill: impl FnOnce(&mut Page)) {
        let mut page = self.page();
        fill(&mut page);
        self.print(&page);
    }

    /// An empty page for standard error.
    pub(crate) fn page(&self) -> Page {
        Page::new(self.err_colour)
    }

    /// Prints a page on standard error.
    pub(crate) fn print(&self, page: &Page) {
        if !page.text().is_empty() {
            write(std::io::stderr(), page.text());
        }
    }

    /// Whether there is somebody to read what is going on.
    pub(crate) fn talks(&self) -> bool {
        !self.json && !self.quiet
    }

    /// Prints one line of JSON as a result.
    pub(crate) fn json(&self, value: &impl Serialize) {
        let line = serde_json::to_string(value).expect("events and outputs are plain data");
        write(std::io::stdout(), &format!("{line}\n"));
    }
}

/// Whoever closed the stream does not want to read any more.
fn write(mut stream: impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
