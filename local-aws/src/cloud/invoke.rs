//! Running functions: those that a request waits for, and those that are queued.

use super::perform::Outcome;
use super::{Cloud, Inner};
use crate::call::Call;
use crate::services::lambda::{self, Invocation, Job, Plan, Ran};
use serde_json::Value;
use std::sync::{Arc, Weak};

#[cfg(unix)]
use crate::runner::{Given, Running};

#[cfg(test)]
pub(crate) type StandIn = Box<dyn Fn(&Cloud, &Invocation) -> Ran + Send>;

/// How a run goes on.
enum Begun {
    Ended(Ran),
    #[cfg(unix)]
    Running(Running),
}

impl Cloud {
    /// Lets the function run that an answer waits for, and answers with what it says.
    pub(super) async fn run_invoked(&self, outcome: &mut Outcome) {
        let waited_for = outcome.output.as_ref().ok().and_then(lambda::waited_for);
        if let Some(invocation) = waited_for {
            let ran = self.run(&invocation).await;
            outcome.output = lambda::answer(&invocation, &ran);
        }
    }

    /// Runs a function to its end, also when nobody waits any more, and notes what became of it.
    async fn run(&self, invocation: &Invocation) -> Ran {
        if self.inner.options.functions {
            let run = run_to_end(Arc::downgrade(&self.inner), invocation.clone());
            return tokio::spawn(run).await.unwrap_or_else(|_| lost());
        }
        let ran = stood_in(self, invocation);
        self.in_lambda(invocation, |call| lambda::note(call, invocation, &ran));
        ran
    }

    /// Does what is queued: at once where functions do not run, else in the background.
    pub(super) fn dispatch(&self) {
        #[cfg(all(unix, feature = "postgres"))]
        self.dispatch_databases();
        while let Some(job) = self.next_job() {
            if self.inner.options.functions {
                tokio::spawn(work(Arc::downgrade(&self.inner), job));
            } else {
                let ran = stood_in(self, &job.invocation);
                self.finish(&job, &ran);
            }
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

    /// Starts a run.
    async fn begin(&self, invocation: &Invocation) -> Begun {
        match self.in_lambda(invocation, |call| lambda::plan(call, invocation)) {
            Ok(plan) => self.start(&plan, invocation).await,
            Err(ran) => Begun::Ended(ran),
        }
    }

    #[cfg(not(unix))]
    async fn start(&self, _: &Plan, _: &Invocation) -> Begun {
        Begun::Ended(cannot_run())
    }

    #[cfg(unix)]
    async fn start(&self, plan: &Plan, invocation: &Invocation) -> Begun {
        let runner = &self.inner.runner;
        if !runner.admit(plan) {
            return Begun::Ended(Ran::throttled());
        }
        let request_id = self.in_lambda(invocation, |call| call.new_uuid("lambda.request"));
        if let Some(running) = runner.resume(plan, &request_id, &invocation.payload).await {
            return Begun::Running(running);
        }
        let begun = match self.given(plan, invocation).await {
            Ok(given) => runner.begin(plan, given, &request_id, &invocation.payload).await,
            Err(_) => None,
        };
        begun.map_or_else(
            || {
                runner.count_down(&plan.function_arn);
                let message = "The embedded AWS cannot listen on the loopback interface.";
                Begun::Ended(Ran::unhandled("Runtime.Unknown", message))
            },
            Begun::Running,
        )
    }

    /// What a new environment is given.
    #[cfg(unix)]
    async fn given(&self, plan: &Plan, invocation: &Invocation) -> std::io::Result<Given> {
        let id = self.in_lambda(invocation, |call| call.new_hex("lambda.environment", 32));
        let day = crate::protocol::timestamp(self.now(), crate::model::TimestampFormat::Iso8601);
        let day = day[..10].replace('-', "/");
        #[cfg(feature = "postgres")]
        let (variables, held) = self.database_for(plan, &invocation.region).await?;
        #[cfg(not(feature = "postgres"))]
        let (variables, held) = (Vec::new(), Vec::new());
        Ok(Given {
            stream: format!("{day}/[{}]{id}", plan.version),
            id,
            region: invocation.region.clone(),
            endpoint: self.endpoint().await?,
            variables,
            held,
        })
    }

    /// A transaction of Lambda itself, in the region of an invocation.
    fn in_lambda<T>(&self, invocation: &Invocation, act: impl FnOnce(&mut Call) -> T) -> T {
        let now = self.now();
        let mut state = self.inner.state();
        let state = &mut *state;
        let about = ("lambda", "Ran", invocation.region.as_str());
        let tables = (&mut state.store, &mut state.stale, &self.inner.options);
        let mut call = Call::new(tables.0, tables.1, tables.2, about, Arc::new(Value::Null), now);
        let done = act(&mut call);
        // What cannot be put on file now is put there with the next request, or that one is refused.
        let _ = state.store.commit(now);
        done
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
}

/// Does one thing that is queued.
async fn work(cloud: Weak<Inner>, job: Job) {
    let ran = begin_and_end(&cloud, &job.invocation).await;
    if let Some(cloud) = upgraded(&cloud) {
        cloud.finish(&job, &ran);
        cloud.dispatch();
    }
}

/// Does one thing that somebody may wait for.
async fn run_to_end(cloud: Weak<Inner>, invocation: Invocation) -> Ran {
    let ran = begin_and_end(&cloud, &invocation).await;
    if let Some(cloud) = upgraded(&cloud) {
        cloud.in_lambda(&invocation, |call| lambda::note(call, &invocation, &ran));
    }
    ran
}

/// Runs a function. While it does, nothing here holds the cloud.
async fn begin_and_end(cloud: &Weak<Inner>, invocation: &Invocation) -> Ran {
    let begun = match upgraded(cloud) {
        Some(cloud) => cloud.begin(invocation).await,
        None => return lost(),
    };
    match begun {
        Begun::Ended(ran) => ran,
        #[cfg(unix)]
        Begun::Running(mut running) => {
            let ran = running.ended().await;
            if let Some(cloud) = upgraded(cloud) {
                cloud.inner.runner.end(running);
            }
            ran
        }
    }
}

fn lost() -> Ran {
    Ran::unhandled("Runtime.Unknown", "The embedded AWS ended before the function.")
}

fn upgraded(cloud: &Weak<Inner>) -> Option<Cloud> {
    cloud.upgrade().map(|inner| Cloud { inner })
}

#[cfg(not(test))]
fn stood_in(_: &Cloud, _: &Invocation) -> Ran {
    cannot_run()
}

#[cfg(test)]
fn stood_in(cloud: &Cloud, invocation: &Invocation) -> Ran {
    let stand_in = cloud.inner.stand_in.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    stand_in.as_ref().map_or_else(cannot_run, |stand_in| stand_in(cloud, invocation))
}

/// The end of every run where functions are not run.
fn cannot_run() -> Ran {
    Ran::unhandled(
        "GlobeCart.FunctionsDoNotRun",
        "This embedded AWS keeps functions and does not run them: it was opened without that option, or not on Unix.",
    )
}
