//! Plans, applies and destroys a graph of typed resources, and survives being killed at any moment.
//!
//! The engine knows no cloud: it is generic over one. A program declares [`Resource`]s on a [`Stack`].

pub use address::{Address, NameRule};
pub use clock::Clock;
pub use error::{CallError, Class, Invalid};
pub use input::{Early, Input, Part, Reference, When};
pub use kind::Kind;
pub use outputs::{Addressed, Origin, Outputs};
pub use resource::{
    Actions, Argument, CallResult, Effect, Facts, Found, Intent, Live, Made, Operation, Order, Recorded,
    Removal, Resource, Tags,
};
pub use stack::{Component, Place, Stack, Zone};

mod address;
mod clock;
mod error;
mod graph;
mod input;
mod kind;
mod outputs;
mod resource;
mod stack;
