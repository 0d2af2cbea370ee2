//! A program of somebody else's, measured from outside.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// The unit in which Linux tells processor time, for every architecture that it shows to programs.
const TICKS_A_SECOND: f64 = 100.0;

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What a program took; processor time and memory are none where the system does not tell.
#[derive(Debug)]
pub(crate) struct Took {
    pub(crate) wall: Duration,
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) peak_memory_bytes: Option<u64>,
    /// None where it was given up.
    pub(crate) succeeded: Option<bool>,
}

/// Runs a program, and ends it when its time is over. Only one child may be under way.
pub(crate) fn measured(command: &mut Command, limit: Duration) -> Result<Took, Failure> {
    let program = command.get_program().display().to_string();
    let failed = |error| Failure::while_doing(&program, error);
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (began, before) = (now(), children_cpu());
    let mut child = quiet.spawn().map_err(failed)?;
    let mut peak = None;
    let succeeded = loop {
        peak = peak_memory(child.id()).or(peak);
        if let Some(status) = child.try_wait().map_err(failed)? {
            break Some(status.success());
        }
        if began.elapsed() > limit {
            child.kill().and_then(|()| child.wait()).map_err(failed)?;
            break None;
        }
        pause();
    };
    let cpu = children_cpu().zip(before).map(|(now, before)| now - before);
    Ok(Took { wall: began.elapsed(), cpu_seconds: cpu, peak_memory_bytes: peak, succeeded })
}

/// The processor time of all children that have ended.
fn children_cpu() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold anything; the two fields are the 14th and 15th after it.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / TICKS_A_SECOND)
}

fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[expect(clippy::disallowed_methods, reason = "measures real work; no clock to simulate here")]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "waits for another program; no clock to simulate here"
)]
fn pause() {
    std::thread::sleep(LOOK);
}
