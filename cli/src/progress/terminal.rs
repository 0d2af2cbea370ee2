//! Progress on a terminal: finished operations scroll by, running ones are drawn over.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use globecart_engine::{Clock, Event, Events};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Progress;
use crate::screen::Screen;

/// How often running lines are drawn, in real time.
const TICK: Duration = Duration::from_millis(100);

/// The most running lines that are drawn.
const MOST_LINES: usize = 12;

/// A run's progress where the user sees it.
#[derive(Clone)]
pub(crate) struct Display {
    screen: Screen,
    clock: Clock,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    progress: Progress,
    /// The bars, on a terminal.
    drawn: Option<Drawn>,
}

struct Drawn {
    bars: MultiProgress,
    overall: ProgressBar,
    lines: Vec<ProgressBar>,
}

impl Display {
    pub(crate) fn new(screen: Screen, clock: Clock, progress: Progress) -> Self {
        let drawn = screen.is_live().then(Drawn::new);
        Self { screen, clock, inner: Arc::new(Mutex::new(Inner { progress, drawn })) }
    }

    /// What takes the run's events.
    pub(crate) fn events(&self) -> Events {
        let display = self.clone();
        Events::new(move |event| display.take(&event))
    }

    /// Draws the running lines again and again, until it is dropped.
    pub(crate) async fn tick(&self) -> Infallible {
        loop {
            self.draw();
            self.clock.sleep(TICK.mul_f64(self.clock.rate())).await;
        }
    }

    /// Leaves what is drawn as it is, after an interrupt: what was running is still under way, and lines cannot be
    /// removed reliably, because the terminal's echo of Ctrl-C may have moved them.
    pub(crate) fn leave(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(drawn) = inner.drawn.take() {
            drawn.bars.set_draw_target(ProgressDrawTarget::hidden());
            self.screen.must_say(|page| _ = page.end());
        }
    }

    /// Removes what was drawn over.
    pub(crate) fn clear(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(drawn) = inner.drawn.take() {
            // A bar that is dropped before its end would be drawn once more.
            drawn.lines.iter().chain([&drawn.overall]).for_each(ProgressBar::finish_and_clear);
            // The terminal has gone away where this fails.
            let _ = drawn.bars.clear();
        }
    }

    fn take(&self, event: &Event) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { progress, drawn } = &mut *inner;
        let mut page = self.screen.page();
        progress.take(event, self.clock.elapsed(), drawn.is_some(), &mut page);
        match (page.text().trim_end(), drawn) {
            ("", _) => {}
            (lines, Some(drawn)) => _ = drawn.bars.println(lines),
            _ => self.screen.say_page(&page),
        }
    }

    fn draw(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { progress, drawn: Some(drawn) } = &mut *inner else { return };
        let now = self.clock.elapsed();
        let page = || self.screen.page();
        drawn.show(&progress.lines(now, MOST_LINES, &page), &progress.overall(now));
    }
}

impl Drawn {
    fn new() -> Self {
        let bars = MultiProgress::new();
        let overall = bars.add(ProgressBar::new(0));
        let style = ProgressStyle::with_template("  [{bar:24}] {msg}")
            .expect("the template is well-formed");
        overall.set_style(style.progress_chars("=> "));
        Self { bars, overall, lines: Vec::new() }
    }

    fn show(&mut self, lines: &[String], overall: &super::Overall) {
        while self.lines.len() > lines.len() {
            if let Some(line) = self.lines.pop() {
                self.bars.remove(&line);
            }
        }
        while self.lines.len() < lines.len() {
            let style =
                ProgressStyle::with_template("{wide_msg}").expect("the template is well-formed");
            let line = ProgressBar::new_spinner().with_style(style);
            self.lines.push(self.bars.insert_before(&self.overall, line));
        }
        for (bar, line) in self.lines.iter().zip(lines) {
            bar.set_message(line.clone());
        }
        self.overall.set_length(millis(overall.elapsed + overall.left));
        self.overall.set_position(millis(overall.elapsed));
        self.overall.set_message(overall.text.clone());
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
