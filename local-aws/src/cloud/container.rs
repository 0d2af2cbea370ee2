//! Containers that fail, for tests of what their services do then.

use super::Cloud;
use crate::call::{self, Call};
use crate::services::ecs::{self, ContainerFailure, UnknownTask};
use serde_json::Value;
use std::io;
use std::sync::Arc;

/// Why a task could not be made to fail.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// There is no such task that runs.
    #[error(transparent)]
    Unknown(#[from] UnknownTask),
    /// The change could not be put on file.
    #[error("the embedded cloud cannot write its file")]
    File(#[from] io::Error),
}

impl Cloud {
    /// Lets the containers of an ECS task fail, by the task's ARN. Its service acts as AWS's does.
    ///
    /// # Errors
    /// There is no such task that runs, or the change could not be put on file.
    pub fn fail_task(&self, arn: &str, failure: ContainerFailure) -> Result<(), TaskError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        Ok(self.in_region(region, |call| ecs::fail_task(call, arn, failure))??)
    }

    /// Lets every container that starts from an image from now on fail, whatever its region; `None` ends that.
    ///
    /// # Errors
    /// The change could not be put on file.
    pub fn fail_image(&self, image: &str, failure: Option<ContainerFailure>) -> io::Result<()> {
        self.in_region("us-east-1", |call| ecs::fail_image(call, image, failure))
    }

    /// Changes the tables of a region as a service would.
    fn in_region<T>(&self, region: &str, act: impl FnOnce(&mut Call) -> T) -> io::Result<T> {
        let (options, now) = (&self.inner.options, self.now());
        let mut state = self.inner.state();
        let state = &mut *state;
        call::run_due(&mut state.store, &mut state.stale, options, now)?;
        let about = ("ecs", "Change", region);
        let input = Arc::new(Value::Null);
        let mut call = Call::new(&mut state.store, &mut state.stale, options, about, input, now);
        let done = act(&mut call);
        state.store.commit(now)?;
        Ok(done)
    }
}
