#[path = "../support/declared.rs"]
mod declared;

use declared::Subnet;

fn main() {
    Subnet::builder().vpc("vpc-1").cidr("10.0.0.0/24").build();
}
