//! An execution environment: the function's process, its runtime API, and what it writes.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
//!
//! Invariant: the process ends with the environment's task. A process whose cloud was killed loses the connection to its
//! runtime API, and ends by that.

use super::api::{Api, Event, Said};
use super::package::{self, Folder};
use crate::clock;
use crate::services::lambda::{End, Plan, Ran};
use bytes::Bytes;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

/// Real time that a runtime may take until it asks for its first event, besides the function's own time.
const BEGINNING: Duration = Duration::from_secs(10);

/// Real time after which an environment that nobody uses ends.
const IDLE: Duration = Duration::from_mins(5);

/// Real time that what was written last has to arrive.
const LAST_WORDS: Duration = Duration::from_millis(5);

/// Tries to start a file that another process still holds open, as one that was just forked does.
const BUSY_TRIES: usize = 50;

/// What a new environment needs besides the function.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) stream: String,
    /// Variables of Lambda's own.
    pub(super) variables: Vec<(String, String)>,
    /// What lasts as long as the environment.
    pub(super) held: Vec<tokio::task::JoinHandle<()>>,
}

/// One event to be done.
pub(super) struct Work {
    pub(super) request_id: String,
    pub(super) payload: String,
    pub(super) answer: oneshot::Sender<Ran>,
}

/// A process that is there.
struct Process {
    child: Child,
    events: mpsc::Sender<Event>,
    said: mpsc::UnboundedReceiver<Said>,
    lines: mpsc::UnboundedReceiver<String>,
    plan: Plan,
    stream: String,
    /// Real time at which it was started, until its first event is taken.
    began: Option<Instant>,
    _folder: Folder,
    _tasks: JoinSet<()>,
}

/// Lives as long as there is work, or somebody who may bring some.
pub(super) async fn live(plan: Plan, place: Place, mut work: mpsc::Receiver<Work>) {
    let held = place.held.iter().map(tokio::task::JoinHandle::abort_handle).collect();
    let _held = Held(held);
    let stream = place.stream.clone();
    let mut process = match Process::start(plan, place).await {
        Ok(process) => process,
        Err(error) => {
            if let Some(first) = work.recv().await {
                let _ = first.answer.send(cannot_start(&first.request_id, &error, &stream));
            }
            return;
        }
    };
    while let Ok(Some(one)) = timeout(IDLE, work.recv()).await {
        let (ran, goes_on) = process.run(&one.request_id, one.payload).await;
        if !goes_on {
            // Nobody may get this environment once the answer is known.
            work.close();
        }
        let _ = one.answer.send(ran);
        if !goes_on {
            return;
        }
    }
}

/// Tasks that end with the environment.
struct Held(Vec<tokio::task::AbortHandle>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

fn cannot_start(request_id: &str, error: &io::Error, stream: &str) -> Ran {
    let message = format!("RequestId: {request_id} Error: {error}");
    Ran { stream: stream.to_owned(), ..Ran::unhandled("Runtime.InvalidEntrypoint", &message) }
}

impl Process {
    async fn start(plan: Plan, place: Place) -> io::Result<Self> {
        let folder = Folder::make(place.folder)?;
        let task = folder.path().join("task");
        package::unpack(&plan.zip, &task)?;
        let bootstrap = task.join("bootstrap");
        if !bootstrap.is_file() {
            let message = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mut command = Command::new(&bootstrap);
        command.env_clear().envs(plan.variables.iter().cloned()).envs(place.variables);
        command.env("AWS_LAMBDA_RUNTIME_API", address.to_string());
        command.env("LAMBDA_TASK_ROOT", &task).env("LAMBDA_RUNTIME_DIR", &task);
        command.current_dir(&task).kill_on_drop(true).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command).await?;
        let (events, waiting) = mpsc::channel(1);
        let (speaker, said) = mpsc::unbounded_channel();
        let (writer, lines) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::new(Api::new(waiting, speaker)).serve(listener));
        if let Some(out) = child.stdout.take() {
            tasks.spawn(copy_lines(out, writer.clone()));
        }
        if let Some(out) = child.stderr.take() {
            tasks.spawn(copy_lines(out, writer));
        }
        Ok(Self {
            child,
            events,
            said,
            lines,
            stream: place.stream,
            plan,
            began: Some(Instant::now()),
            _folder: folder,
            _tasks: tasks,
        })
    }

    /// Hands an event to the function and waits for the end; whether the process can be used again.
    async fn run(&mut self, request_id: &str, payload: String) -> (Ran, bool) {
        let limit = Duration::from_secs(self.plan.timeout_secs.into());
        let event = Event {
            request_id: request_id.to_owned(),
            function_arn: self.plan.function_arn.clone(),
            deadline_ms: milliseconds(clock::system_now() + limit.as_secs_f64()),
            payload,
        };
        let _ = self.events.try_send(event);
        let begun = self.began.take();
        let mut started = Instant::now();
        let mut deadline =
            started + limit + if begun.is_some() { BEGINNING } else { Duration::ZERO };
        let end = loop {
            tokio::select! {
                biased;
                Some(said) = self.said.recv() => match said {
                    Said::Took => {
                        started = Instant::now();
                        deadline = started + limit;
                    }
                    Said::Answered(id, body) if id == request_id => break Ending::Answered(body),
                    Said::Failed(id, body) if id == request_id => break Ending::Failed(body),
                    Said::CannotBegin(body) => break Ending::CannotBegin(body),
                    Said::Answered(..) | Said::Failed(..) => {}
                },
                status = self.child.wait() => break Ending::Gone(status.ok()),
                late = timeout_at(deadline, std::future::pending::<()>()) => {
                    let _ = late;
                    break Ending::TimedOut;
                }
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        let (payload, answered) = self.told(request_id, &end);
        let goes_on = matches!(end, Ending::Answered(_) | Ending::Failed(_));
        let init = begun.map(|begun| started.duration_since(begun).as_secs_f64());
        let mut log = vec![format!("START RequestId: {request_id} Version: {}", self.plan.version)];
        log.extend(self.written().await);
        log.extend(self.report(request_id, &end, seconds, init));
        let kind = if answered { End::Answered } else { End::Unhandled };
        (Ran { payload, end: kind, seconds, log, stream: self.stream.clone() }, goes_on)
    }

    /// What the caller gets, and whether that is an answer.
    fn told(&self, request_id: &str, end: &Ending) -> (String, bool) {
        let error = |kind: &str, message: String| {
            (serde_json::json!({"errorType": kind, "errorMessage": message}).to_string(), false)
        };
        match end {
            Ending::Answered(body) => match std::str::from_utf8(body) {
                Ok(text) if serde_json::from_str::<serde_json::Value>(text).is_ok() => {
                    (text.to_owned(), true)
                }
                _ => error(
                    "Runtime.InvalidResponse",
                    format!("RequestId: {request_id} Error: the response is not JSON"),
                ),
            },
            Ending::Failed(body) | Ending::CannotBegin(body) => {
                (String::from_utf8_lossy(body).into_owned(), false)
            }
            Ending::Gone(status) => error(
                "Runtime.ExitError",
                format!(
                    "RequestId: {request_id} Error: Runtime exited with error: {}",
                    words(*status)
                ),
            ),
            Ending::TimedOut => error(
                "Sandbox.Timedout",
                format!("RequestId: {request_id} Error: {}", self.timed_out()),
            ),
        }
    }

    fn timed_out(&self) -> String {
        format!("Task timed out after {}.00 seconds", self.plan.timeout_secs)
    }

    /// The lines so far, with those that are on their way.
    async fn written(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Ok(Some(line)) = timeout(LAST_WORDS, self.lines.recv()).await {
            lines.push(line);
        }
        lines
    }

    fn report(&self, id: &str, end: &Ending, seconds: f64, init: Option<f64>) -> Vec<String> {
        let milliseconds = seconds * 1000.0;
        let init = init.map_or_else(String::new, |seconds| {
            format!("\tInit Duration: {:.2} ms", seconds * 1000.0)
        });
        let late = match end {
            Ending::TimedOut => Some(format!("RequestId: {id} {}", self.timed_out())),
            _ => None,
        };
        let report = format!(
            "REPORT RequestId: {id}\tDuration: {milliseconds:.2} ms\tBilled Duration: {:.0} ms\tMemory Size: {} MB{init}",
            milliseconds.ceil(),
            self.plan.memory_mb
        );
        late.into_iter().chain([format!("END RequestId: {id}"), report]).collect()
    }
}

/// How the wait for an answer ended.
enum Ending {
    Answered(Bytes),
    Failed(Bytes),
    CannotBegin(Bytes),
    Gone(Option<ExitStatus>),
    TimedOut,
}

fn words(status: Option<ExitStatus>) -> String {
    status.map_or_else(|| "unknown".to_owned(), |status| status.to_string())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the time is after 1970"
)]
fn milliseconds(seconds: f64) -> u128 {
    (seconds * 1000.0) as u128
}

async fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 1..BUSY_TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                let _ = timeout(LAST_WORDS, std::future::pending::<()>()).await;
            }
            done => return done,
        }
    }
    command.spawn()
}

async fn copy_lines(from: impl AsyncRead + Unpin, to: mpsc::UnboundedSender<String>) {
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let _ = to.send(String::from_utf8_lossy(&line).into_owned());
    }
}
