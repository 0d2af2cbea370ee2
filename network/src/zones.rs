//! Which availability zones the network is in, and which slot each has.

use std::collections::BTreeSet;

use globecart_aws::engine::{Invalid, Place, Zone};

use crate::cidr;

/// A zone of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ZoneSlot {
    pub(crate) zone: Zone,
    pub(crate) slot: u8,
}

/// The zones with these ids, or the first `count` of the region.
pub(crate) fn choose(place: &Place, count: u8, ids: &[String]) -> Result<Vec<ZoneSlot>, Invalid> {
    let zones = if ids.is_empty() { first(place, count)? } else { named(place, ids)? };
    let with_slot = |zone: &Zone| Ok(ZoneSlot { slot: cidr::slot(&zone.id)?, zone: zone.clone() });
    let zones: Vec<ZoneSlot> = zones.into_iter().map(with_slot).collect::<Result<_, Invalid>>()?;
    let slots: BTreeSet<u8> = zones.iter().map(|zone| zone.slot).collect();
    if slots.len() < zones.len() {
        let ids: Vec<&str> = zones.iter().map(|zone| zone.zone.id.as_str()).collect();
        let problem = format!("the zone ids {} end in the same number", ids.join(", "));
        return Err(Invalid::new("zone_ids", problem));
    }
    Ok(zones)
}

fn first(place: &Place, count: u8) -> Result<Vec<&Zone>, Invalid> {
    let count = usize::from(count);
    if count == 0 {
        return Err(Invalid::new("zones", "a network needs at least one zone"));
    }
    if count > place.zones.len() {
        let (region, have) = (&place.region, place.zones.len());
        let problem = format!("{count} zones are wanted, {region} has {have}: {}", list(place));
        return Err(Invalid::new("zones", problem));
    }
    Ok(place.zones.iter().take(count).collect())
}

fn named<'a>(place: &'a Place, ids: &[String]) -> Result<Vec<&'a Zone>, Invalid> {
    let mut chosen: Vec<&Zone> = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(zone) = place.zones.iter().find(|zone| zone.id == *id) else {
            let problem = format!("{} has no zone `{id}`; it has {}", place.region, list(place));
            return Err(Invalid::new("zone_ids", problem));
        };
        if chosen.contains(&zone) {
            return Err(Invalid::new("zone_ids", format!("`{id}` is named twice")));
        }
        chosen.push(zone);
    }
    chosen.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(chosen)
}

fn list(place: &Place) -> String {
    place.zones.iter().map(|zone| zone.id.as_str()).collect::<Vec<_>>().join(", ")
}
