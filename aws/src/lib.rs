//! The AWS session, the typed ids, the shared resource types and the vocabulary of the GlobeCart components.

pub use access::{ClientRules, StoreAccess};
pub use alerts::{Alerts, AlertsOutputs};
pub use encryption::{EncryptionKey, KeyUse, StoreKey};
pub use error::{Doing, absent_is_fine, absent_is_none, classify};
pub use globecart_engine as engine;
pub use ids::*;
pub use kinds::kinds;
pub use recover::recover;
pub use session::{Aws, Options, Server, SessionError, http_client};
pub use uses::{Grant, GrantedSecret, Known, Mountable, Mounted, Usable};
pub use vocabulary::{AlertRoute, Client, Environment, Waived};

/// A stack of AWS resources.
pub type Stack = globecart_engine::Stack<Aws>;

mod access;
mod alerts;
pub mod cloudwatch;
pub mod database;
pub mod ec2;
mod encryption;
mod error;
pub mod eventbridge;
pub mod found;
pub mod iam;
mod ids;
pub mod kept;
mod kinds;
pub mod kms;
pub mod lambda;
pub mod lists;
pub mod logs;
pub mod network;
mod no_answer;
mod pacing;
pub mod policy;
mod quota;
mod recover;
pub mod s3;
mod session;
pub mod sns;
mod tagging;
pub mod tags;
mod uses;
mod vocabulary;

#[cfg(test)]
mod tests;
