//! GlobeCart as a stack: the composition, and the settings that it takes.
//!
//! The program of the same name is this stack with the command line of `globecart-cli`, and nothing else.

pub use config::Config;
pub use stack::globecart;

mod config;
mod stack;
