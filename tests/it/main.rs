//! The end-to-end tests, one binary.

mod binary;
mod by_hand;
mod command_line;
mod emulator;
mod interrupt;
mod lifecycle;
mod network;
mod readme;
mod served;
mod slice;
mod world;
