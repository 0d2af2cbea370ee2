//! A stack of its own, in a project that depends on the command line and the components it uses.

use std::process::ExitCode;

use globecart_cli::{Invalid, Stack};
use globecart_network::{Nat, Network};

#[derive(serde::Deserialize)]
#[serde(default)]
struct Config {
    zones: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self { zones: 2 }
    }
}

fn billing(config: &Config, stack: &mut Stack) -> Result<(), Invalid> {
    let network = Network::builder().zones(config.zones).nat(Nat::Single).build();
    let network = stack.component("network", network)?;
    stack.export("vpc_id", &network.vpc)
}

fn main() -> ExitCode {
    globecart_cli::run("billing", billing)
}
