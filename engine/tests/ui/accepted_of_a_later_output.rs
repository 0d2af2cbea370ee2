#[path = "../support/declared.rs"]
mod declared;

use declared::{Vpc, stack};

fn main() {
    let vpc = stack().add("vpc", Vpc::builder().cidr("10.0.0.0/16").build()).unwrap();
    let _ = vpc.id.accepted();
    let _ = vpc.main_table.accepted();
}
