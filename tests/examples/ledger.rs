//! A development database that pauses while nobody uses it, in a project that depends on the command line, the network and
//! the database alone.

use std::process::ExitCode;

use globecart_cli::{Invalid, Stack};
use globecart_database::{Acu, Capacity, Database, Environment};
use globecart_network::{Nat, Network};

#[derive(serde::Deserialize)]
#[serde(default)]
struct Config {
    environment: Environment,
}

impl Default for Config {
    fn default() -> Self {
        Self { environment: Environment::Development }
    }
}

fn ledger(config: &Config, stack: &mut Stack) -> Result<(), Invalid> {
    let network = stack.component("network", Network::builder().zones(2).nat(Nat::None).build())?;
    let database = Database::builder()
        .network(&network)
        .environment(config.environment)
        .capacity(Capacity::pausing(Acu::whole(2)))
        .build();
    let database = stack.component("ledger", database)?;
    stack.export("writer_endpoint", &database.writer_endpoint)?;
    stack.export("secret_arn", &database.master_secret)
}

fn main() -> ExitCode {
    globecart_cli::run("ledger", ledger)
}
