//! A synthetic cloud, a disk in memory and a way to stop a run at any boundary: for tests and benchmarks.
//!
//! Everything here runs on the given [`Clock`](crate::Clock), so on tokio's paused time it takes no time at all.

pub use boundary::Boundaries;
pub use cloud::{Cloud, Fault, Sent, Verb};
pub use disk::{Disk, Unsynced};
pub use flavor::{Batch, Flavor, Identity, Named, Plain, Slow, Stepped, Tagged, Untagged};
pub use thing::{Thing, ThingOutputs, ThingRefs};

mod boundary;
mod cloud;
mod disk;
mod flavor;
mod thing;
mod world;
