//! What tests of a rotation need: a Secrets Manager in memory, a PostgreSQL, and invocations that are ended.

pub use authority::Authority;
pub use killed::{Ended, until_boundary};
pub use memory::Memory;
pub use postgres::{Installation, Postgres};

mod authority;
mod killed;
mod memory;
mod postgres;
