//! GlobeCart as it is, on an embedded AWS in the process that never lets one call go on: for tests that kill it there.

use std::process::ExitCode;

use globecart_cli::Cloud;
use globecart_local_aws::{Hook, Then};
use globecart_tests::{Boundary, HALT, HALTED};

fn main() -> ExitCode {
    globecart_cli::run_prepared("globecart", globecart_app::globecart, halt)
}

#[expect(clippy::disallowed_methods, reason = "how a test says where to halt")]
fn halt(cloud: &Cloud) {
    let Ok(told) = std::env::var(HALT) else { return };
    let boundary: Boundary = serde_json::from_str(&told).expect("a boundary as JSON");
    cloud.add_rule(boundary.rule(Hook::new(|_| halted())));
}

#[expect(clippy::print_stderr, reason = "how the test learns of it")]
fn halted() -> Then {
    eprintln!("{HALTED}");
    Then::Hang
}
