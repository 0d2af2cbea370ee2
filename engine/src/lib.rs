//! Plans, applies and destroys a graph of typed resources, and survives being killed at any moment.
//!
//! The engine knows no cloud: it is generic over one. A program declares [`Resource`]s on a [`Stack`].

pub use address::{Address, NameRule};
pub use clock::Clock;
pub use document::{Document, Shared};
pub use error::{CallError, Class, Invalid};
pub use event::{Event, Events, Stamped};
pub use input::{Early, Input, Part, Reference, When};
pub use kind::Kind;
pub use outputs::{Addressed, Origin, Outputs};
pub use rebuild::{Listed, is_lacking, rebuild};
pub use recover::recover;
pub use resource::{
    Actions, Argument, CallResult, Effect, Facts, Found, Intent, Kept, Live, Made, Operation,
    Order, Recorded, Removal, Resource, Tags,
};
pub use stack::{Component, Place, Stack, Zone};
pub use state::{Desired, Entry, Life, Record, State, Status, Waiver};

mod address;
pub mod apply;
mod clock;
mod document;
mod error;
mod event;
mod graph;
mod input;
mod journal;
mod kind;
mod operations;
mod outputs;
pub mod plan;
mod rebuild;
mod recover;
mod resource;
mod retry;
mod stack;
mod state;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
