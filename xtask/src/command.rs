//! Other programs, started from the root of the workspace.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The cargo that runs this program, so that `cargo +toolchain xtask` means one toolchain throughout.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// Runs the program on this terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| Failure::while_doing(shown(command), error))?;
    if status.success() { Ok(()) } else { Err(Failure::while_doing(shown(command), status)) }
}

/// Runs the program and returns its standard output; its standard error goes to this terminal.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String, Failure> {
    command.stderr(Stdio::inherit());
    let output = command.output().map_err(|error| Failure::while_doing(shown(command), error))?;
    if !output.status.success() {
        return Err(Failure::while_doing(shown(command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| Failure::while_doing(shown(command), error))
}

/// Runs the program and hands over each line of its standard output as it comes.
pub(crate) fn each_line(command: &mut Command, mut line: impl FnMut(&str)) -> Result<(), Failure> {
    let failure = |error: &dyn std::fmt::Display, command: &Command| {
        Failure::while_doing(shown(command), error)
    };
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| failure(&error, command))?;
    if let Some(stdout) = child.stdout.take() {
        // Tests may print what is not UTF-8; only the lines of the harness are read.
        for bytes in BufReader::new(stdout).split(b'\n') {
            let bytes = bytes.map_err(|error| failure(&error, command))?;
            line(&String::from_utf8_lossy(&bytes));
        }
    }
    let status = child.wait().map_err(|error| failure(&error, command))?;
    if status.success() { Ok(()) } else { Err(failure(&status, command)) }
}

/// True if the program can be started and reports success.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program.into()).chain(arguments).collect::<Vec<_>>().join(" ")
}
