//! Running functions: those that a request waits for, and those that are queued.

use super::Cloud;
use super::perform::Outcome;
use crate::call::Call;
use crate::services::lambda::{self, Invocation, Job, Ran};
use serde_json::Value;
use std::sync::Arc;

#[cfg(test)]
pub(crate) type StandIn = Box<dyn Fn(&Cloud, &Invocation) -> Ran + Send>;

impl Cloud {
    /// Lets the function run that an answer waits for, and answers with what it says.
    pub(super) fn run_invoked(&self, outcome: &mut Outcome) {
        let waited_for = outcome.output.as_ref().ok().and_then(lambda::waited_for);
        if let Some(invocation) = waited_for {
            let ran = run_now(self, &invocation);
            self.in_lambda(&invocation, |call| lambda::note(call, &invocation, &ran));
            outcome.output = Ok(lambda::answer(&invocation, &ran));
        }
    }

    /// Does what is queued.
    pub(super) fn dispatch(&self) {
        while let Some(job) = self.next_job() {
            let ran = run_now(self, &job.invocation);
            self.finish(&job, &ran);
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut state = self.inner.state();
        let job = lambda::next(&state.store, |id| state.under_way.contains(id))?;
        state.under_way.insert(job.id.clone());
        Some(job)
    }

    fn finish(&self, job: &Job, ran: &Ran) {
        self.in_lambda(&job.invocation, |call| lambda::done(call, job, ran));
        self.inner.state().under_way.remove(&job.id);
    }

    /// Lets something of a test stand in for every function.
    #[cfg(test)]
    pub(crate) fn stand_in(&self, run: impl Fn(&Self, &Invocation) -> Ran + Send + 'static) {
        *self.inner.stand_in.lock().unwrap() = Some(Box::new(run));
    }

    /// Answers a request at once, for what stands in for a function.
    #[cfg(test)]
    pub(crate) fn ask_now(
        &self,
        request: &http::Request<bytes::Bytes>,
    ) -> Result<Value, crate::fault::Fault> {
        self.perform(&crate::protocol::route(request), &[], self.now()).output
    }

    /// A transaction of Lambda itself, in the region of an invocation.
    fn in_lambda(&self, invocation: &Invocation, act: impl FnOnce(&mut Call)) {
        let now = self.now();
        let mut state = self.inner.state();
        let state = &mut *state;
        let about = ("lambda", "Ran", invocation.region.as_str());
        let tables = (&mut state.store, &mut state.stale, &self.inner.options);
        let mut call = Call::new(tables.0, tables.1, tables.2, about, Arc::new(Value::Null), now);
        act(&mut call);
        // What cannot be put on file now is put there with the next request, or that one is refused.
        let _ = state.store.commit(now);
    }
}

#[cfg(not(test))]
fn run_now(_: &Cloud, _: &Invocation) -> Ran {
    cannot_run()
}

#[cfg(test)]
fn run_now(cloud: &Cloud, invocation: &Invocation) -> Ran {
    let stand_in = cloud.inner.stand_in.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    stand_in.as_ref().map_or_else(cannot_run, |stand_in| stand_in(cloud, invocation))
}

/// The end of every run where functions are not run.
fn cannot_run() -> Ran {
    Ran::unhandled(
        "GlobeCart.FunctionsDoNotRun",
        "This embedded AWS keeps functions and does not run them.",
    )
}
