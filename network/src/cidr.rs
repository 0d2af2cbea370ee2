//! Arithmetic of address ranges: how one range is carved into subnets.
//!
//! Invariant: the range of a subnet follows from the VPC's range, the tiers' sizes and the zone's own id alone,
//! so a zone that is added moves nothing.

use globecart_aws::engine::Invalid;
use globecart_aws::network::Tier;
use ipnet::Ipv4Net;

/// How many zones a tier has room for. It is a power of two, so that a tier is one range.
const SLOTS: u8 = 8;
const SLOT_BITS: u8 = 3;

/// The prefix lengths that a VPC or a subnet can have:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
const SHORTEST: u8 = 16;
const LONGEST: u8 = 28;

/// One range, carved into tiers, and those into a slot for every zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    tiers: Vec<(Tier, Ipv4Net, u8)>,
}

impl Layout {
    /// Carves `cidr`; `prefixes` are the prefix lengths of the subnets of each tier, /16 to /28.
    pub(crate) fn new(cidr: Ipv4Net, prefixes: &[(Tier, u8)]) -> Result<Self, Invalid> {
        check_block("cidr", cidr)?;
        for (tier, prefix) in prefixes {
            if !(SHORTEST..=LONGEST).contains(prefix) {
                let problem =
                    format!("/{prefix} must be {SHORTEST} to {LONGEST}: AWS has no other subnets");
                return Err(Invalid::new(format!("{tier}_prefix"), problem));
            }
        }
        let needed: u64 = prefixes.iter().map(|(_, prefix)| size(prefix - SLOT_BITS)).sum();
        if needed > size(cidr.prefix_len()) {
            return Err(Invalid::new("cidr", too_small(cidr, prefixes, needed)));
        }
        // The largest first: then every tier starts at a multiple of its own size.
        let mut order = prefixes.to_vec();
        order.sort_by_key(|(tier, prefix)| (*prefix, *tier));
        let mut next = u64::from(u32::from(cidr.network()));
        let tiers = order.into_iter().map(|(tier, prefix)| {
            let block = range(next, prefix - SLOT_BITS);
            next += size(block.prefix_len());
            (tier, block, prefix)
        });
        Ok(Self { tiers: tiers.collect() })
    }

    /// The range of a tier, which holds the subnets of all its slots.
    pub(crate) fn tier(&self, tier: Tier) -> Ipv4Net {
        self.find(tier).0
    }

    /// The range of the subnet of a tier in a slot.
    pub(crate) fn subnet(&self, tier: Tier, slot: u8) -> Ipv4Net {
        let (block, prefix) = self.find(tier);
        range(u64::from(u32::from(block.network())) + u64::from(slot) * size(prefix), prefix)
    }

    fn find(&self, tier: Tier) -> (Ipv4Net, u8) {
        let found = self.tiers.iter().find(|(other, ..)| *other == tier);
        found.map(|(_, block, prefix)| (*block, *prefix)).expect("a layout has every tier")
    }
}

/// The slot of a zone, from the number at the end of its id, as in `euc1-az2`.
pub(crate) fn slot(zone_id: &str) -> Result<u8, Invalid> {
    let number = zone_id.rsplit_once("-az").and_then(|(_, number)| number.parse::<u8>().ok());
    let slot = number.filter(|number| (1..=SLOTS).contains(number)).map(|number| number - 1);
    let problem = || format!("the zone id `{zone_id}` does not end in `-az1` to `-az{SLOTS}`");
    slot.ok_or_else(|| Invalid::new("zones", problem()))
}

/// Checks that a range is one that AWS takes for a VPC or a subnet.
pub(crate) fn check_block(field: &str, range: Ipv4Net) -> Result<(), Invalid> {
    if !(SHORTEST..=LONGEST).contains(&range.prefix_len()) {
        return Err(Invalid::new(
            field,
            format!("{range} must be a /{SHORTEST} to /{LONGEST} range"),
        ));
    }
    if range.trunc() != range {
        let problem = format!("{range} has host bits set; the range is {}", range.trunc());
        return Err(Invalid::new(field, problem));
    }
    Ok(())
}

/// Whether two ranges have an address in common.
pub(crate) fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

fn too_small(cidr: Ipv4Net, prefixes: &[(Tier, u8)], needed: u64) -> String {
    let sizes: Vec<String> =
        prefixes.iter().map(|(tier, prefix)| format!("{tier} /{prefix}")).collect();
    let sizes = sizes.join(", ");
    let smallest = (SHORTEST..=LONGEST).rev().find(|prefix| size(*prefix) >= needed);
    match smallest {
        Some(prefix) => format!(
            "{cidr} is too small for {SLOTS} zone slots of {sizes}; the smallest that works is /{prefix}, or make \
             the subnets smaller"
        ),
        None => format!(
            "{SLOTS} zone slots of {sizes} are more than the largest VPC, /{SHORTEST}, holds; make the subnets smaller"
        ),
    }
}

/// How many addresses a range of this prefix length has.
fn size(prefix: u8) -> u64 {
    1 << (32 - prefix)
}

fn range(start: u64, prefix: u8) -> Ipv4Net {
    let start = u32::try_from(start).expect("a part of a range is inside it");
    Ipv4Net::new_assert(start.into(), prefix)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layouts() -> impl Strategy<Value = (Ipv4Net, Vec<(Tier, u8)>)> {
        let prefixes = (SHORTEST..=LONGEST, SHORTEST..=LONGEST, SHORTEST..=LONGEST);
        (any::<u32>(), SHORTEST..=22_u8, prefixes).prop_map(
            |(start, prefix, (public, private, data))| {
                let cidr = Ipv4Net::new_assert(start.into(), prefix).trunc();
                (cidr, vec![(Tier::Public, public), (Tier::Private, private), (Tier::Data, data)])
            },
        )
    }

    fn subnets(layout: &Layout) -> Vec<(Tier, Ipv4Net)> {
        let slots = Tier::ALL.into_iter().flat_map(|tier| (0..SLOTS).map(move |slot| (tier, slot)));
        slots.map(|(tier, slot)| (tier, layout.subnet(tier, slot))).collect()
    }

    proptest! {
        #[test]
        fn subnets_are_aligned_inside_and_apart((cidr, prefixes) in layouts()) {
            let Ok(layout) = Layout::new(cidr, &prefixes) else { return Ok(()) };
            let subnets = subnets(&layout);
            for (index, (tier, subnet)) in subnets.iter().enumerate() {
                prop_assert_eq!(subnet.trunc(), *subnet);
                prop_assert!(prefixes.contains(&(*tier, subnet.prefix_len())));
                prop_assert!(cidr.contains(&layout.tier(*tier)));
                prop_assert!(layout.tier(*tier).contains(subnet));
                for (_, other) in &subnets[index + 1..] {
                    prop_assert!(!overlap(*subnet, *other), "{} and {}", subnet, other);
                }
            }
        }

        #[test]
        fn a_refusal_names_the_smallest_range_that_works((cidr, prefixes) in layouts()) {
            let Err(error) = Layout::new(cidr, &prefixes) else { return Ok(()) };
            let works = |prefix: u8| Layout::new(Ipv4Net::new_assert(cidr.network(), prefix).trunc(), &prefixes).is_ok();
            match error.problem.split_once("the smallest that works is /") {
                Some((_, rest)) => {
                    let prefix: u8 = rest.split(',').next().unwrap().parse().unwrap();
                    prop_assert!(works(prefix) && !works(prefix + 1));
                }
                None => prop_assert!(!works(SHORTEST)),
            }
        }
    }

    #[test]
    fn a_zone_has_the_slot_of_its_own_number() {
        let expected = [
            ("euc1-az2", Some(1)),
            ("use1-az6", Some(5)),
            ("xyz1-az8", Some(7)),
            ("xyz1-az9", None),
            ("xyz1-az0", None),
            ("use1-bos1", None),
        ];
        for (zone, slot_of_zone) in expected {
            assert_eq!(slot(zone).ok(), slot_of_zone, "{zone}");
        }
    }

    #[test]
    fn only_ranges_that_aws_takes() {
        let expected = [
            ("10.0.0.0/15", "10.0.0.0/15 must be a /16 to /28 range"),
            ("10.0.0.0/29", "10.0.0.0/29 must be a /16 to /28 range"),
            ("10.0.1.0/16", "10.0.1.0/16 has host bits set; the range is 10.0.0.0/16"),
        ];
        for (range, problem) in expected {
            let error = check_block("cidr", range.parse().unwrap()).unwrap_err();
            assert_eq!((error.at.as_str(), error.problem.as_str()), ("cidr", problem));
        }
    }
}
