//! How far a run is: a pure model of its events, and what of it is shown.

use std::time::Duration;

use globecart_engine::plan::{Action, Plan, Step};
use globecart_engine::{Address, Class, Event, Operation};

use crate::page::{Page, Style, seconds};
use crate::show::problem::doing;

pub(crate) mod terminal;

#[cfg(test)]
mod tests;

/// From this usual time on, the start of an operation is worth a line where lines cannot be drawn over.
const LONG: Duration = Duration::from_secs(30);

/// How far a run is.
#[derive(Debug)]
pub(crate) struct Progress {
    operations: usize,
    ended: usize,
    /// The usual time of the whole.
    usual: Duration,
    began: Duration,
    /// In the order in which they started.
    running: Vec<Running>,
}

/// An operation under way.
#[derive(Debug)]
struct Running {
    address: Address,
    operation: Operation,
    since: Duration,
    usual: Duration,
    /// What AWS reports, or why a call is repeated.
    text: String,
}

/// The overall bar: how much of the time is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overall {
    pub(crate) elapsed: Duration,
    pub(crate) left: Duration,
    pub(crate) text: String,
}

impl Progress {
    /// A run of `plan` that begins `now`.
    pub(crate) fn new(plan: &Plan, now: Duration) -> Self {
        Self {
            operations: plan.steps.iter().map(operations).sum(),
            ended: 0,
            usual: Duration::from_secs(plan.estimate.seconds),
            began: now,
            running: Vec::new(),
        }
    }

    /// Takes in an event, and writes the lines that it leaves behind. `live`: the rest is drawn over.
    pub(crate) fn take(&mut self, event: &Event, now: Duration, live: bool, page: &mut Page) {
        match event {
            Event::Started { address, operation, usual_seconds, .. } => {
                let usual = Duration::from_secs(*usual_seconds);
                if !live && usual >= LONG {
                    let what = format!(
                        "{} {address}, usually {}",
                        doing(*operation),
                        seconds(usual.as_secs_f64())
                    );
                    page.put(Style::Faint, format_args!("  {what}")).end();
                }
                self.start(address, *operation, usual, now);
            }
            Event::Accepted { address, operation } => {
                "accepted".clone_into(&mut self.running(address, *operation, now).text);
            }
            Event::Progress { address, operation, text } => {
                text.clone_into(&mut self.running(address, *operation, now).text);
            }
            Event::Retrying { address, operation, class, error, after_seconds } => {
                let why = format!("again in {}: {error}", seconds(*after_seconds));
                // Waiting for what was just made, or is just going, is how AWS works and no news.
                if !live && !matches!(class, Class::Propagation | Class::Dependency) {
                    page.put(Style::Change, "  ! ").plain(format_args!("{address}  {why}")).end();
                }
                self.running(address, *operation, now).text = why;
            }
            Event::Done { address, operation, seconds: took } => {
                self.end(address, *operation);
                let (symbol, style) = symbol(*operation);
                page.put(style, format_args!("  {symbol} ")).plain(address);
                page.put(Style::Faint, format_args!("  {}", seconds(*took))).end();
            }
            Event::Failed { address, operation, error, .. } => {
                self.end(address, *operation);
                page.put(Style::Bad, "  x ").plain(format_args!("{address}  {error}")).end();
            }
            Event::Skipped { address, operation, .. } => self.end(address, *operation),
            _ => {}
        }
    }

    /// The overall bar.
    pub(crate) fn overall(&self, now: Duration) -> Overall {
        let elapsed = now.saturating_sub(self.began);
        let left =
            |running: &Running| running.usual.saturating_sub(now.saturating_sub(running.since));
        let slowest = self.running.iter().map(left).max().unwrap_or_default();
        let left = self.usual.saturating_sub(elapsed).max(slowest);
        let left_text = match (left, self.ended >= self.operations) {
            (_, true) => String::new(),
            (Duration::ZERO, _) => ", longer than usual".to_owned(),
            (left, _) => format!(", about {} left", seconds(left.as_secs_f64())),
        };
        let text = format!(
            "{} of {}  {}{left_text}",
            self.ended,
            self.operations,
            seconds(elapsed.as_secs_f64())
        );
        Overall { elapsed, left, text }
    }

    /// One line for every running operation, at most `most`; the last says how many more there are.
    pub(crate) fn lines(&self, now: Duration, most: usize, page: &dyn Fn() -> Page) -> Vec<String> {
        let fits = self.running.len() <= most;
        let shown = if fits { self.running.len() } else { most.saturating_sub(1) };
        let line = |running: &Running| {
            let mut line = page();
            running.show(now, &mut line);
            line.text().to_owned()
        };
        let mut lines: Vec<String> = self.running.iter().take(shown).map(line).collect();
        if !fits {
            lines.push(format!("  and {} more", self.running.len() - shown));
        }
        lines
    }

    fn start(&mut self, address: &Address, operation: Operation, usual: Duration, now: Duration) {
        let (address, text) = (address.clone(), String::new());
        self.running.push(Running { address, operation, since: now, usual, text });
    }

    /// The running operation; one that an earlier run started has no start in this one.
    fn running(&mut self, address: &Address, operation: Operation, now: Duration) -> &mut Running {
        if self.position(address, operation).is_none() {
            self.start(address, operation, Duration::ZERO, now);
        }
        let at = self.position(address, operation).expect("it has just been started");
        &mut self.running[at]
    }

    fn position(&self, address: &Address, operation: Operation) -> Option<usize> {
        self.running
            .iter()
            .position(|running| running.address == *address && running.operation == operation)
    }

    fn end(&mut self, address: &Address, operation: Operation) {
        self.ended = (self.ended + 1).min(self.operations);
        if let Some(at) = self.position(address, operation) {
            self.running.remove(at);
        }
    }
}

impl Running {
    fn show(&self, now: Duration, page: &mut Page) {
        let elapsed = seconds(now.saturating_sub(self.since).as_secs_f64());
        page.plain(format_args!("  {} ", doing(self.operation)));
        page.put(Style::Strong, &self.address).plain(format_args!("  {elapsed}"));
        if !self.usual.is_zero() {
            page.put(
                Style::Faint,
                format_args!(" of usually {}", seconds(self.usual.as_secs_f64())),
            );
        }
        if !self.text.is_empty() {
            page.put(Style::Faint, format_args!("  {}", self.text));
        }
    }
}

/// How many operations a step comes to.
fn operations(step: &Step) -> usize {
    let own = match step.action {
        Action::Keep => 0,
        Action::Create | Action::Update | Action::Delete => 1,
        Action::Replace(_) => 2,
    };
    own + usize::from(step.pending)
}

fn symbol(operation: Operation) -> (&'static str, Style) {
    match operation {
        Operation::Create => ("+", Style::Good),
        Operation::Update => ("~", Style::Change),
        Operation::Delete => ("-", Style::Bad),
    }
}
