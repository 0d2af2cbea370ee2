//! What a user reads who wires resources wrongly.

use declared::{Subnet, Vpc, VpcId, stack};
use globecart_engine::Invalid;

#[path = "support/declared.rs"]
mod declared;

#[test]
fn wrong_wiring_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
fn right_wiring_does() -> Result<(), Invalid> {
    let mut stack = stack();
    let vpc = stack.add("vpc", Vpc::builder().cidr("10.0.0.0/16").build())?;
    let subnet = stack.add("a", Subnet::builder().vpc(&vpc.id).cidr("10.0.0.0/24").build())?;
    stack.add(
        "b",
        Subnet::builder().vpc(vpc.id.accepted()).cidr("10.0.1.0/24").public(true).build(),
    )?;
    let existing = VpcId("vpc-1".to_owned());
    stack.add("c", Subnet::builder().vpc(existing).cidr("10.0.2.0/24").build())?;
    stack.export("table", &vpc.main_table)?;
    stack.export("subnet", &subnet.id)?;
    stack.check()
}
