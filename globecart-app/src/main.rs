//! The GlobeCart high-availability e-commerce platform.
fn main() {}
