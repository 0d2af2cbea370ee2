//! The process that dies.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use globecart_tests::{Boundary, HALT, HALTED};

use super::Signal;
use crate::binary::Folder;

/// Longer than any run takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(2);

/// A run that will come to a boundary.
pub(super) struct Dying {
    child: Child,
    hit: Receiver<()>,
}

impl Dying {
    /// Starts a run with the cloud in its process, which halts at the boundary.
    pub(super) fn within(folder: &Folder, verb: &[&str], boundary: &Boundary) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_halting"));
        command.args(verb).arg("--json").current_dir(folder.path()).env_clear();
        command.env("HOME", folder.path()).env(HALT, serde_json::to_string(boundary).unwrap());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (halted, hit) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            // Read to its end, so that the program never waits for us.
            for line in lines.map_while(Result::ok).filter(|line| line == HALTED) {
                assert_eq!(line, HALTED);
                _ = halted.send(());
            }
        });
        Self { child, hit }
    }

    /// Starts a run that talks to a server, which tells when the boundary is hit.
    pub(super) fn alone(folder: &Folder, verb: &[&str], hit: Receiver<()>) -> Self {
        let mut command = folder.command(verb);
        command.arg("--json").stdout(Stdio::null()).stderr(Stdio::null());
        Self { child: command.spawn().unwrap(), hit }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has come to the boundary.
    pub(super) fn wait_for_hit(&mut self, what: &str) {
        if self.hit.recv_timeout(PATIENCE).is_err() {
            _ = self.child.kill();
            let ended = self.child.wait();
            panic!("{what}: the run did not come there: {ended:?}");
        }
    }

    /// Sends the signal, and answers how the process ended and how long that took from then on.
    #[expect(clippy::disallowed_methods, reason = "the promise is about real time")]
    pub(super) fn end(&mut self, signal: Signal) -> (ExitStatus, Duration) {
        match signal {
            Signal::Kill => self.child.kill().unwrap(),
            Signal::Interrupt => send("INT", self.id()),
            Signal::Terminate => send("TERM", self.id()),
        }
        let since = Instant::now();
        (self.child.wait().unwrap(), since.elapsed())
    }

    /// Waits for a process that something else ends.
    pub(super) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// Whether so much else runs on this machine that a process gets no processor for a while.
pub(super) fn is_crowded() -> bool {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Option<f64> = load.split(' ').next().and_then(|load| load.parse().ok());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    load.is_some_and(|load| load > 3.0 * f64::from(u16::try_from(processors).unwrap_or(u16::MAX)))
}

pub(super) fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "cannot send {signal}");
}

/// Lets a process die by the next byte that it adds to a file: it gets the answers that are on their way, and cannot
/// record them. Stops it until it is told to go on.
pub(super) fn starve(process: u32, file: &Path) {
    send("STOP", process);
    let full = file.metadata().unwrap().len();
    let limits = [format!("--pid={process}"), format!("--fsize={full}"), "--core=0".to_owned()];
    let set = Command::new("prlimit").args(limits).status();
    assert!(set.is_ok_and(|status| status.success()), "cannot limit the size of files");
}
