//! Failing availability zones, for tests of what survives that.

use super::Cloud;
use crate::{call, zone};
use std::io;

/// There is no availability zone with this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no availability zone {0}")]
pub struct UnknownZone(String);

/// Why a zone could not be failed or brought back.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// There is no such zone.
    #[error(transparent)]
    Unknown(#[from] UnknownZone),
    /// The change could not be put on file.
    #[error("the embedded cloud cannot write its file")]
    File(#[from] io::Error),
}

impl Cloud {
    /// Lets an availability zone fail, by its id such as `use1-az1`: what services run there is gone, and they fail over
    /// as AWS does, until [`Cloud::restore_zone`].
    ///
    /// # Errors
    /// There is no such zone, or the change could not be put on file.
    pub fn fail_zone(&self, id: &str) -> Result<(), ZoneError> {
        self.set_zone(id, true)
    }

    /// Brings a failed zone back. What runs there starts again.
    ///
    /// # Errors
    /// There is no such zone, or the change could not be put on file.
    pub fn restore_zone(&self, id: &str) -> Result<(), ZoneError> {
        self.set_zone(id, false)
    }

    /// The ids of the zones that have failed.
    pub fn failed_zones(&self) -> Vec<String> {
        zone::failed(&self.inner.state().store)
    }

    fn set_zone(&self, id: &str, fails: bool) -> Result<(), ZoneError> {
        let region = zone::region_of(id).ok_or_else(|| UnknownZone(id.to_owned()))?;
        let now = self.now();
        let mut state = self.inner.state();
        let state = &mut *state;
        call::run_due(&mut state.store, &mut state.stale, &self.inner.options, now)?;
        let tables = (&mut state.store, &mut state.stale, &self.inner.options);
        zone::set(tables, (region, id), fails, now);
        Ok(state.store.commit(now)?)
    }
}
