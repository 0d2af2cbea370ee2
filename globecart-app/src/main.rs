//! The GlobeCart high-availability e-commerce platform.

use std::process::ExitCode;

fn main() -> ExitCode {
    globecart_cli::run("globecart", globecart_app::globecart)
}
