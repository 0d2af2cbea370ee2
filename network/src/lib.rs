//! A multi-AZ VPC with public, private and isolated subnets.

pub use vpc::{Vpc, VpcOutputs, VpcRefs};

mod vpc;
