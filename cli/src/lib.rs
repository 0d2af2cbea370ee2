//! The command line that any stack gets.
