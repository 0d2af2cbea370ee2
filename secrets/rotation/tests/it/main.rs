//! Rotations on a real PostgreSQL, with a Secrets Manager in memory.
//!
//! Where no PostgreSQL is installed they say so and test nothing, unless `GLOBECART_TEST_POSTGRES` is set.

#![expect(clippy::unwrap_used, reason = "all of this is tests")]
#![expect(clippy::print_stdout, reason = "how much was tried is said there")]

mod cases;
mod kills;
mod logs;
mod proofs;
mod stage;
