#[path = "../support/declared.rs"]
mod declared;

use declared::Subnet;

fn main() {
    Subnet::builder().cidr("10.0.0.0/24").build();
}
