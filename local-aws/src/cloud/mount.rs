//! Mounting file systems, for tests of who can.

use super::Cloud;
use crate::call::{self, Call};
use crate::services::efs::{self, Mount, MountRefused, Mounted};
use serde_json::Value;
use std::sync::Arc;

impl Cloud {
    /// Whether a client in a region could mount an EFS file system, and by which mount target.
    ///
    /// # Errors
    /// It could not, and why.
    pub fn mount(&self, region: &str, wanted: &Mount) -> Result<Mounted, MountRefused> {
        let (options, now) = (&self.inner.options, self.now());
        let mut state = self.inner.state();
        let state = &mut *state;
        // What cannot be put on file is put there by the next request, or refused.
        let _ = call::run_due(&mut state.store, &mut state.stale, options, now);
        let about = ("efs", "Mount", region);
        let call = Call::new(
            &mut state.store,
            &mut state.stale,
            options,
            about,
            Arc::new(Value::Null),
            now,
        );
        efs::mount(&call, wanted)
    }
}
