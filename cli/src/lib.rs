//! The command line that any stack gets.
//!
//! A program declares its stack in one function and hands it over; `up`, `plan`, `destroy`, `status`, `output` and
//! `serve`, the settings file, the embedded AWS and a real account come with it:
//!
//! ```no_run
//! use globecart_cli::{Invalid, Stack};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(default)]
//! struct Config {
//!     zones: u8,
//! }
//!
//! impl Default for Config {
//!     fn default() -> Self {
//!         Self { zones: 3 }
//!     }
//! }
//!
//! fn shop(config: &Config, stack: &mut Stack) -> Result<(), Invalid> {
//!     stack.tag("Zones", &config.zones.to_string())
//!     // stack.component("network", ...)?
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     globecart_cli::run("shop", shop)
//! }
//! ```
//!
//! Results go to standard output, everything else to standard error; `--json` prints events, which `docs/events.md`
//! describes. Exit codes: 0 done, 1 failed, 2 wrong usage or settings (nothing was changed), 3 `plan --exit-code`
//! found changes, 130 interrupted.

use std::process::ExitCode;

use globecart_engine::apply::Report;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use crate::args::{Args, Verb};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::Job;
use crate::screen::Screen;
use crate::settings::Settings;

pub use globecart_aws::Stack;
pub use globecart_engine::Invalid;
pub use globecart_local_aws::Cloud;

pub use crate::settings::settings;

mod args;
mod command;
mod failure;
mod interrupt;
mod job;
mod page;
mod postgres;
mod progress;
mod screen;
mod session;
mod settings;
mod show;

/// Runs the command line of the stack `name`, which `define` declares from its settings, and answers the exit code.
///
/// The name is 1 to 32 lower-case letters, digits and hyphens, a letter first; it stands in the tags and names of
/// everything that the stack makes, so it stays the same. `Config` is what the settings file holds; a stack without
/// settings takes `()`. Settings that the type does not know are refused; `region` and `environment` are known to
/// every stack, and `Config` gets them where it has such fields.
pub fn run<Config: DeserializeOwned>(
    name: &str,
    define: impl Fn(&Config, &mut Stack) -> Result<(), Invalid>,
) -> ExitCode {
    run_prepared(name, define, |_| {})
}

/// As [`run`], but hands the embedded AWS to `prepare` before anything is asked of it: a program that tries how its
/// stack fares when calls fail, answers are lost or the process dies puts its fault rules there.
///
/// It is not called for a real account, nor for an embedded AWS that another process serves.
pub fn run_prepared<Config: DeserializeOwned>(
    name: &str,
    define: impl Fn(&Config, &mut Stack) -> Result<(), Invalid>,
    prepare: impl Fn(&Cloud),
) -> ExitCode {
    let args = match Args::read(name) {
        Ok(args) => args,
        Err(error) => {
            // Whoever closed the stream does not want to read it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let screen = Screen::new(&args, variable("NO_COLOR").is_some());
    let code = start(name, &args, screen, define, &prepare).unwrap_or_else(|failure| {
        screen.must_say(|page| show::problem::failure(page, &failure));
        failure.code()
    });
    ExitCode::from(code)
}

fn start<Config: DeserializeOwned>(
    name: &str,
    args: &Args,
    screen: Screen,
    define: impl Fn(&Config, &mut Stack) -> Result<(), Invalid>,
    prepare: &dyn Fn(&Cloud),
) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::Io { doing: "start".to_owned(), source })?;
    let code = runtime.block_on(async {
        let interrupt = Interrupt::listen();
        let interrupt = interrupt
            .map_err(|source| Failure::Io { doing: "listen for signals".to_owned(), source })?;
        let settings = settings_of(args)?;
        let config: Config = settings.config()?;
        let bare = program();
        let job = Job {
            name,
            args,
            settings: &settings,
            screen,
            interrupt,
            define: &|stack| define(&config, stack),
            prepare,
            bare: &bare,
            program: &format!("{bare}{}", args.again()),
            session: OnceCell::new(),
        };
        let done = command::run(&job).await;
        if let Err(failure) = &done {
            ended(&job, failure);
        }
        done
    });
    // A question that nobody answered is still being asked by a thread.
    runtime.shutdown_background();
    code
}

fn settings_of(args: &Args) -> Result<Settings, Failure> {
    let (path, required) = args.settings();
    let mut settings = Settings::read(path, required)?;
    if let Some(environment) = &args.environment {
        settings.set_environment(environment);
    }
    Ok(settings)
}

/// Every run's last event says how it ended, also where it did not come to an apply.
fn ended(job: &Job<'_>, failure: &Failure) {
    if matches!(job.args.verb(), Verb::Up { .. } | Verb::Plan { .. } | Verb::Destroy { .. }) {
        let outcome =
            if matches!(failure, Failure::Interrupted) { "interrupted" } else { "failed" };
        job.finished(outcome, &Report::default());
    }
}

/// The program as the user called it.
fn program() -> String {
    match variable("CARGO_PKG_NAME") {
        Some(package) => format!("cargo run -p {package} --"),
        None => std::env::args().next().unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned()),
    }
}

/// A variable of the environment, unless it is empty.
fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line is where the environment is read"
    )]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
