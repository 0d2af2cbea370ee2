//! A multi-AZ VPC with public, private and isolated subnets.
