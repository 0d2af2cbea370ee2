//! The end-to-end tests, one binary.

mod slice;
mod world;
