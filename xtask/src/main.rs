//! The developer commands of the workspace: cargo xtask.
fn main() {}
