//! Arithmetic of address ranges.

use globecart_aws::engine::Invalid;
use ipnet::Ipv4Net;

/// The longest and shortest prefixes that a VPC or a subnet can have:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
const PREFIXES: std::ops::RangeInclusive<u8> = 16..=28;

/// Checks that a range is one that AWS takes for a VPC or a subnet.
pub(crate) fn check_block(field: &str, range: Ipv4Net) -> Result<(), Invalid> {
    if !PREFIXES.contains(&range.prefix_len()) {
        return Err(Invalid::new(field, format!("{range} must be a /16 to /28 range")));
    }
    if range.trunc() != range {
        return Err(Invalid::new(
            field,
            format!("{range} has host bits set; the range is {}", range.trunc()),
        ));
    }
    Ok(())
}

/// Whether two ranges have an address in common.
pub(crate) fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}
