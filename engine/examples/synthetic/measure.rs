//! What a process costs: time, processor time and memory, from the system's own accounts.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Measures a phase in parts that follow one another.
pub(crate) struct Meter {
    parts: Vec<(&'static str, Duration, Option<Duration>)>,
    since: (Instant, Option<Duration>),
    began: Instant,
}

impl Meter {
    pub(crate) fn start() -> Self {
        let began = now();
        // The processor time from the program's start is its own.
        Self { parts: Vec::new(), since: (began, Some(Duration::ZERO)), began }
    }

    /// The part that ends here.
    pub(crate) fn part(&mut self, name: &'static str) {
        let (wall, cpu) = self.since;
        let here = (now(), cpu_time());
        let spent = here.1.zip(cpu).map(|(now, then)| now.saturating_sub(then));
        self.parts.push((name, here.0.duration_since(wall), spent));
        self.since = here;
    }

    /// The time since the start.
    pub(crate) fn wall(&self) -> Duration {
        self.began.elapsed()
    }

    /// Every part's time and processor time, in seconds.
    pub(crate) fn parts(&self) -> Vec<Value> {
        let one = |(name, wall, cpu): &(&str, Duration, Option<Duration>)| json!({ "part": name, "wall_seconds": seconds(*wall), "cpu_seconds": cpu.map(seconds) });
        self.parts.iter().map(one).collect()
    }
}

/// Seconds, to the microsecond.
pub(crate) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e6
}

/// The processor time of this process; none where the system does not tell.
pub(crate) fn cpu_time() -> Option<Duration> {
    // The system brings its account up to date when a thread gives way.
    std::thread::yield_now();
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    let of_task = |task: fs::DirEntry| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse().ok()
    };
    let nanos: Vec<u64> = tasks.filter_map(Result::ok).filter_map(of_task).collect();
    (!nanos.is_empty()).then(|| Duration::from_nanos(nanos.iter().sum()))
}

/// The most memory that this process has ever had, in bytes; none where the system does not tell.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[expect(clippy::disallowed_methods, reason = "measures real work; no clock to simulate here")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
