//! The Lambda function that rotates the password of a PostgreSQL user in Secrets Manager.
//!
//! Secrets Manager invokes it four times a rotation. [`Rotation::invoke`] does one [`Step`]; any of them can end at any point
//! and be run again.
//!
//! - **Target**: the function's own [environment] says which database it works on. A secret that names another is refused
//!   before any login.
//! - **Proof**: the database proves by its certificate that it is the one of that name, against RDS's authorities of the
//!   region; there is no fallback. A user's password is changed only if the secret knows the one before.
//! - **Passwords** are made here and sent to the database only as SCRAM-SHA-256 verifiers, because statements are logged.
//!   Channel binding is not asked for: TLS may end before the database, and the certificate has been verified.
//! - **Roles**: the first rotation makes the application's user, its clone (for [`Strategy::AlternatingUsers`]) and the role
//!   that owns their objects, if none of them is there.
//!
//! Without the feature `lambda` (on by default) this crate is only what the function and whoever deploys it must agree on:
//! the names of its [environment variables](environment), what its [packages](Package) are called and say about
//! themselves, and the [hash of its sources](SOURCE_HASH). It then has no dependency.

pub use contract::{
    CLONE_SUFFIX, LONGEST_USER, OWNER_SUFFIX, REGIONS, SOURCE_HASH, Strategy, UnknownStrategy,
    environment,
};
pub use package::{Package, Place};

#[cfg(feature = "lambda")]
pub use {
    boundary::{Boundaries, Side},
    error::{Error, Kind},
    event::{Event, Step},
    function::run,
    secrets_manager::{
        AwsSecretsManager, CURRENT, Description, PENDING, PREVIOUS, Put, Refusal, SecretsManager,
        Version,
    },
    steps::{Outcome, Rotation},
    target::Target,
    tls::Network,
};

mod contract;
mod package;

#[cfg(feature = "lambda")]
mod boundary;
#[cfg(feature = "lambda")]
mod database;
#[cfg(feature = "lambda")]
mod error;
#[cfg(feature = "lambda")]
mod event;
#[cfg(feature = "lambda")]
mod function;
#[cfg(feature = "lambda")]
mod password;
#[cfg(feature = "lambda")]
mod roles;
#[cfg(feature = "lambda")]
mod secret;
#[cfg(feature = "lambda")]
mod secrets_manager;
#[cfg(feature = "lambda")]
mod sql;
#[cfg(feature = "lambda")]
mod steps;
#[cfg(feature = "lambda")]
mod target;
#[cfg(feature = "lambda")]
mod tls;

#[cfg(feature = "testing")]
pub mod testing;
