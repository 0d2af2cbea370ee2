//! The end-to-end tests, one binary.

#![expect(clippy::unwrap_used, reason = "all of this is tests")]

mod binary;
mod by_hand;
mod cache;
mod command_line;
mod contents;
mod database;
mod emulator;
mod faults;
mod foreign;
mod front;
mod interrupt;
mod killed;
mod lifecycle;
mod lost;
mod matrix;
mod network;
mod readme;
mod rotation;
mod sample;
mod secrets;
mod served;
mod service;
mod slice;
mod storage;
mod threads;
mod world;
