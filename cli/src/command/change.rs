//! `up` and `destroy`: plan, show, ask where it matters, apply, and say how it ended.

use std::path::Path;
use std::time::Duration;

use globecart_aws::Stack;
use globecart_engine::apply::{Done, Report, Run, apply};
use globecart_engine::plan::{Plan, plan, plan_destroy};
use globecart_engine::store::Store;
use globecart_engine::{Event, Events, State};

use super::saved::Saved;
use crate::args::{self, Target};
use crate::failure::{FAILED, Failure};
use crate::interrupt::INTERRUPTED;
use crate::job::Job;
use crate::progress::Progress;
use crate::progress::terminal::Display;
use crate::session::Session;
use crate::show;
use crate::show::ending::Next;

pub(super) mod consent;
pub(super) mod kept;

/// Makes the cloud as the stack declares it.
pub(super) async fn up(job: &Job<'_>, saved: Option<&Path>) -> Result<u8, Failure> {
    let saved = saved.map(|path| Ok::<_, Failure>((path, Saved::read(path)?))).transpose()?;
    let session = job.connect().await?;
    let stack = job.settle(session)?;
    let store = job.store(session, &stack).await?;
    let scope = saved.as_ref().map_or_else(|| job.scope(), |(_, saved)| saved.scope());
    let planned = plan(&session.aws, &stack, store.state(), &session.clock, &scope);
    let plan = job.interrupt.or(planned).await?;
    if let Some((path, saved)) = &saved {
        saved.still_holds(path, &plan)?;
    }
    Change { job, session, stack, plan }.carry_out(store).await
}

/// Deletes everything that is recorded.
pub(super) async fn destroy(job: &Job<'_>) -> Result<u8, Failure> {
    let session = job.connect().await?;
    let stack = job.declare(session)?;
    let store = job.store(session, &stack).await?;
    let scope = job.scope();
    let planned = plan_destroy(&session.aws, &stack, store.state(), &session.clock, &scope);
    let plan = job.interrupt.or(planned).await?;
    Change { job, session, stack, plan }.carry_out(store).await
}

/// A plan that is going to be applied.
struct Change<'a> {
    job: &'a Job<'a>,
    session: &'a Session,
    stack: Stack,
    plan: Plan,
}

impl Change<'_> {
    async fn carry_out(&self, mut store: Store) -> Result<u8, Failure> {
        let Self { job, session, plan, .. } = self;
        if job.screen.is_json() {
            job.planned(session, plan);
        } else if !plan.is_empty() {
            job.screen.say(|page| show::plan::plan(page, plan, job.args.verbose));
        }
        consent::obtain(job, session, plan).await?;
        let began = session.clock.elapsed();
        let report = self.apply(&mut store).await?;
        let took = session.clock.elapsed().saturating_sub(began);
        session.save()?;
        self.tell(&report, store.state(), took);
        let outcome = match &report {
            Report { interrupted: true, .. } => "interrupted",
            Report { failed, .. } if !failed.is_empty() => "failed",
            _ if plan.is_empty() => "no_changes",
            _ => "done",
        };
        if job.screen.is_json() && !plan.destroy {
            job.events(session).send(Event::Outputs { outputs: store.state().outputs() });
        }
        job.finished(outcome, &report);
        Ok(match outcome {
            "interrupted" => INTERRUPTED,
            "failed" => FAILED,
            _ => 0,
        })
    }

    /// Applies the plan while the user looks on.
    async fn apply(&self, store: &mut Store) -> Result<Report, Failure> {
        let Self { job, session, stack, plan } = self;
        let display =
            Display::new(job.screen, session.clock, Progress::new(plan, session.clock.elapsed()));
        let events: Events =
            if job.screen.is_json() { job.events(session) } else { display.events() };
        let run = Run {
            cloud: &session.aws,
            clock: session.clock,
            store,
            events,
            done: match job.args.done {
                args::Done::Accepted => Done::Accepted,
                args::Done::Ready => Done::Ready,
            },
            confirm_data_loss: job.args.confirm_data_loss.clone(),
        };
        let interrupt = job.interrupt.clone();
        let applied = apply(run, stack, plan, async move { interrupt.wait().await });
        let report = tokio::select! {
            report = applied => report,
            never = display.tick() => match never {},
        };
        match &report {
            Ok(Report { interrupted: true, .. }) => display.leave(),
            _ => display.clear(),
        }
        Ok(report?)
    }

    fn tell(&self, report: &Report, state: &State, took: Duration) {
        let Self { job, session, plan, .. } = self;
        if !report.failed.is_empty() {
            job.screen.must_say(|page| {
                show::problem::failed(page, &report.failed, report.skipped.len(), state);
            });
        }
        job.screen.result(|page| {
            if plan.is_empty() {
                show::plan::plan(page, plan, false);
            } else {
                show::ending::counts(page, report, took, session.clock.rate());
            }
        });
        job.screen.result(|page| show::ending::remains(page, report));
        job.screen.result(|page| show::ending::kept(page, report, job.program));
        if report.interrupted {
            job.screen.must_say(show::problem::interrupted);
            return;
        }
        if report.failed.is_empty() {
            job.screen.result(|page| show::ending::under_way(page, state));
        }
        if plan.destroy {
            return self.tell_destroyed(report);
        }
        job.screen.result(|page| show::ending::outputs(page, &state.outputs()));
        if report.failed.is_empty() {
            let next = Next {
                place: &session.place,
                state: &job.args.state,
                program: job.program,
                on_aws: &format!("{} --target aws --state aws-state", job.bare),
                speed: session.clock.rate(),
            };
            job.screen.say(|page| show::ending::next(page.end(), &next));
        }
    }

    fn tell_destroyed(&self, report: &Report) {
        if report.failed.is_empty() && self.job.args.target == Target::Local {
            self.job.screen.say(|page| {
                page.line("Nothing real was touched: this was the embedded AWS.");
            });
        }
    }
}
