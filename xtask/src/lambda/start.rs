//! Starting a built `bootstrap` as Lambda does, to see that it starts, and how quickly.

use std::io::{self, BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How many starts are measured.
const STARTS: usize = 9;

/// The times from the start of the process to its first request for an invocation, the median and the shortest:
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
pub(super) fn cold(program: &Path) -> Result<(Duration, Duration), Failure> {
    let mut times = (0..STARTS).map(|_| one(program)).collect::<Result<Vec<_>, _>>()?;
    times.sort();
    Ok((times[STARTS / 2], times[0]))
}

fn one(program: &Path) -> Result<Duration, Failure> {
    let failure = |error: io::Error| Failure::while_doing(program.display(), error);
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failure)?;
    let address = listener.local_addr().map_err(failure)?;
    let started = now();
    let child = start(program, &address.to_string()).map_err(failure)?;
    let asked = first_line(&listener);
    let took = started.elapsed();
    drop(child);
    let asked = asked.map_err(failure)?;
    if asked.starts_with("GET /2018-06-01/runtime/invocation/next ") {
        return Ok(took);
    }
    Err(Failure::new(format!("the bootstrap asked for {asked:?}, and not for an invocation")))
}

fn first_line(listener: &TcpListener) -> io::Result<String> {
    let (stream, _) = listener.accept()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

/// A process that does not outlive its measurement.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What Lambda sets, and what a deployment does; nothing of it exists.
const ENVIRONMENT: [(&str, &str); 11] = [
    ("AWS_ACCESS_KEY_ID", "none"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_FUNCTION_NAME", "rotation"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_SECRET_ACCESS_KEY", "none"),
    ("DATABASE_HOST", "database.invalid"),
    ("DATABASE_NAME", "none"),
    ("DATABASE_PORT", "5432"),
    ("ROTATION_STRATEGY", "alternating-users"),
    ("SUPERUSER_SECRET_ARN", "none"),
];

fn start(program: &Path, address: &str) -> io::Result<Started> {
    let mut command = Command::new(program);
    command.env_clear().envs(ENVIRONMENT).env("AWS_LAMBDA_RUNTIME_API", address);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(log) = child.stderr.take() {
        knock_when_it_ends(log, address.to_owned());
    }
    Ok(Started(child))
}

/// Nobody waits for the request of a process that has ended: then a connection comes that says nothing.
fn knock_when_it_ends(mut log: ChildStderr, address: String) {
    std::thread::spawn(move || {
        io::copy(&mut log, &mut io::sink()).ok();
        TcpStream::connect(address).ok();
    });
}

#[expect(clippy::disallowed_methods, reason = "measures real work; no clock to simulate here")]
fn now() -> Instant {
    Instant::now()
}
