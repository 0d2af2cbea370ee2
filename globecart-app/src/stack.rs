//! The composition: which components GlobeCart is made of, and what they use of each other.

use globecart_cli::{Invalid, Stack};
use globecart_network::Vpc;

use crate::config::Config;

/// Declares GlobeCart.
pub(crate) fn globecart(config: &Config, stack: &mut Stack) -> Result<(), Invalid> {
    for (key, value) in &config.tags {
        stack.tag(key, value)?;
    }
    let vpc =
        stack.add("vpc", Vpc::builder().cidr("10.0.0.0/16".parse().expect("a CIDR")).build())?;
    stack.export("vpc_id", &vpc.id)
}
