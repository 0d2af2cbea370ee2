//! IPv4 and IPv6 blocks.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An IPv4 block without host bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    first: u32,
    prefix: u32,
}

impl Block {
    /// Reads a block; host bits are cleared, as AWS does. `None` if it is not one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
        let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
        Some(Self { first: address & mask(prefix), prefix })
    }

    pub(super) fn prefix(self) -> u32 {
        self.prefix
    }

    /// How many addresses it has.
    pub(super) fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }

    pub(super) fn contains(self, other: Self) -> bool {
        other.prefix >= self.prefix && other.first & mask(self.prefix) == self.first
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    pub(super) fn holds(self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.prefix) == self.first
    }

    /// The addresses that AWS lets interfaces have: all but the first four and the last.
    pub(super) fn usable(self) -> impl Iterator<Item = Ipv4Addr> {
        let last = self.first + u32::try_from(self.size() - 1).unwrap_or(u32::MAX);
        (self.first.saturating_add(4)..last).map(Ipv4Addr::from)
    }
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

impl fmt::Display for Block {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", Ipv4Addr::from(self.first), self.prefix)
    }
}

/// An IPv6 block in its usual form, without host bits. `None` if it is not one.
pub(super) fn canonical_v6(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/')?;
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 128)?;
    let address = u128::from(address.parse::<Ipv6Addr>().ok()?);
    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
    Some(format!("{}/{prefix}", Ipv6Addr::from(address & mask)))
}
