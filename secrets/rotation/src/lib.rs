//! The Lambda function that rotates the password of a PostgreSQL user in Secrets Manager.
//!
//! Without the feature `lambda` (on by default) this crate is only what the function and whoever deploys it must agree on:
//! the names of its [environment variables](environment), what its [packages](Package) are called and say about
//! themselves, and the [hash of its sources](SOURCE_HASH). It then has no dependency.

pub use contract::{
    CLONE_SUFFIX, LONGEST_USER, OWNER_SUFFIX, REGIONS, SOURCE_HASH, Strategy, UnknownStrategy,
    environment,
};
pub use package::{Package, Place};

mod contract;
mod package;
