#[path = "../support/declared.rs"]
mod declared;

use declared::{Subnet, Vpc, stack};

fn main() {
    let mut stack = stack();
    let vpc = stack.add("vpc", Vpc::builder().cidr("10.0.0.0/16").build()).unwrap();
    let first = stack.add("a", Subnet::builder().vpc(&vpc.id).cidr("10.0.0.0/24").build()).unwrap();
    stack.add("b", Subnet::builder().vpc(&first.id).cidr("10.0.1.0/24").build()).unwrap();
}
