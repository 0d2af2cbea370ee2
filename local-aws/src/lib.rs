//! An AWS that runs inside the process: the wire protocols, the states over time and the errors, without an account.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use globecart_local_aws::{Cloud, Options, serve};
//!
//! let cloud = Cloud::in_memory(Options { rate: 60.0, ..Options::default() });
//! let server = serve(cloud, 0).await?;
//! println!("listening on http://{}", server.address());
//! server.run_until(async { /* a signal */ }).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A request goes through `protocol` (which service, which operation, which members), `model` (are they allowed), a
//! handler in `services` (what they mean), and back through `protocol`. A handler works on tables; all it changes is
//! one transaction in `store`, on file before the answer. Nothing but `clock` sleeps or reads the time.

mod call;
mod clock;
mod cloud;
#[cfg(all(unix, feature = "postgres"))]
mod database;
mod fault;
mod fields;
mod filter;
mod latency;
mod model;
mod options;
mod page;
mod protocol;
mod record;
mod region;
mod rules;
#[cfg(unix)]
mod runner;
#[cfg(feature = "sdk")]
mod sdk;
mod serve;
mod service;
mod services;
mod stale;
mod store;
mod tags;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod zone;

pub use crate::call::ACCOUNT;
pub use crate::cloud::{
    Checkpoint, Cloud, ConnectionLost, OpenError, Opened, Row, TaskError, UnknownZone, ZoneError,
};
#[cfg(all(unix, feature = "postgres"))]
pub use crate::database::{BadPostgres, EmbeddedDatabase, Postgres};
pub use crate::options::Options;
pub use crate::record::{CallRecord, Transition};
pub use crate::rules::{Action, CallInfo, Hook, Point, Rule, Then};
#[cfg(feature = "sdk")]
pub use crate::sdk::SdkClient;
pub use crate::serve::{Server, serve};
pub use crate::services::ecs::{ContainerFailure, UnknownTask};
pub use crate::services::efs::{Mount, MountRefused, Mounted};
pub use crate::store::LoadError;
