//! The GlobeCart high-availability e-commerce platform.

use std::process::ExitCode;

mod config;
mod stack;

fn main() -> ExitCode {
    globecart_cli::run("globecart", stack::globecart)
}
