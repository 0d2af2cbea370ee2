#[path = "../support/declared.rs"]
mod declared;

use declared::{Vpc, VpcId, stack};

fn main() {
    let vpc = stack().add("vpc", Vpc::builder().cidr("10.0.0.0/16").build()).unwrap();
    let _: VpcId = vpc.id;
}
