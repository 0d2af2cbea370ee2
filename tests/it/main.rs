//! The end-to-end tests, one binary.

mod binary;
mod command_line;
mod emulator;
mod interrupt;
mod lifecycle;
mod network;
mod readme;
mod served;
mod slice;
mod world;
