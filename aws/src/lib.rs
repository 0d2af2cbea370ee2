//! The AWS session, the typed ids, the shared resource types and the vocabulary of the GlobeCart components.

pub use error::{Doing, absent_is_fine, classify};
pub use globecart_engine as engine;
pub use ids::*;
pub use session::{Aws, Options, SessionError};

/// A stack of AWS resources.
pub type Stack = globecart_engine::Stack<Aws>;

pub mod ec2;
mod error;
pub mod found;
mod ids;
mod pacing;
mod quota;
mod session;
pub mod tags;
