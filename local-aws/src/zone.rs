//! Availability zones that have failed: what services run there is gone until the zone is back.
//!
//! A service asks [`Call::zone_failed`] before it puts something into a zone or serves from there. One that has to act
//! when a zone fails or is back, such as to fail over, has a task named [`CHANGED`].

use crate::call::Call;
use crate::options::Options;
use crate::region;
use crate::services;
use crate::stale::Stale;
use crate::store::{Store, Table};
use serde_json::{Value, json};
use std::sync::Arc;

/// Failed zones by id, such as `use1-az1`: no members.
const FAILED: Table = Table::global("_failed_zone");

/// The task that services run when a zone fails or is back; its argument is the zone's id.
pub(crate) const CHANGED: &str = "zone_changed";

impl Call<'_> {
    /// Whether a zone of this region has failed, by its name or its id.
    pub(crate) fn zone_failed(&self, zone: &str) -> bool {
        let zones = region::zones(self.region());
        let id = zones.iter().find(|(name, _)| name == zone).map_or(zone, |(_, id)| id.as_str());
        self.get(FAILED, id).is_some()
    }
}

/// The region of a zone, by the zone's id.
pub(crate) fn region_of(zone: &str) -> Option<&'static str> {
    region::names().find(|name| region::zones(name).iter().any(|(_, id)| id == zone))
}

/// The ids of the zones that have failed.
pub(crate) fn failed(store: &Store) -> Vec<String> {
    store.rows(crate::store::GLOBAL, FAILED.name).map(|(id, _)| id.to_owned()).collect()
}

/// Lets a zone fail, or brings it back, and lets the services act. Without change nobody hears of it.
pub(crate) fn set(
    (store, stale, options): (&mut Store, &mut Stale, &Options),
    (region, zone): (&str, &str),
    fails: bool,
    now: f64,
) {
    if failed(store).iter().any(|known| known == zone) == fails {
        return;
    }
    for service in services::ALL {
        let about = (service.name, CHANGED, region);
        let mut call = Call::new(store, stale, options, about, Arc::new(Value::Null), now);
        if fails {
            call.put(FAILED, zone, json!({}));
        } else {
            call.remove(FAILED, zone);
        }
        if let Some((_, act)) = service.tasks.iter().find(|(name, _)| *name == CHANGED) {
            act(&mut call, &json!(zone));
        }
    }
}
