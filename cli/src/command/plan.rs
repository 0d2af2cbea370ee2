//! `plan`: what `up` would do. It takes no lock and writes nothing but the file that is asked for.

use std::path::Path;

use globecart_aws::recover;
use globecart_engine::apply::Report;
use globecart_engine::plan::{Action, Plan};
use globecart_engine::store::{Directory, Store};

use super::saved;
use crate::failure::Failure;
use crate::job::Job;
use crate::show;

/// The exit code for a plan with changes, where that is asked for.
const CHANGES: u8 = 3;

pub(super) async fn plan(
    job: &Job<'_>,
    out: Option<&Path>,
    exit_code: bool,
) -> Result<u8, Failure> {
    let session = job.connect().await?;
    let stack = job.settle(session)?;
    let store = Store::open(Directory::peek(job.stack_folder()), &stack).await?;
    let mut state = store.state().clone();
    let events = job.events(session);
    let found = recover(&session.aws, &stack, &state, &session.clock, &events);
    for record in job.interrupt.or(found).await? {
        state.apply(&record);
    }
    let scope = job.scope();
    let planned =
        globecart_engine::plan::plan(&session.aws, &stack, &state, &session.clock, &scope);
    let plan = job.interrupt.or(planned).await?;
    job.screen.result(|page| show::plan::plan(page, &plan, job.args.verbose));
    if job.screen.is_json() {
        job.planned(session, &plan);
    }
    if let Some(path) = out {
        saved::save(path, &scope, &plan)?;
        job.screen.say(|page| {
            page.line(format_args!(
                "saved; `{} up {}` applies exactly this",
                job.program,
                path.display()
            ));
        });
    }
    session.save()?;
    job.finished(if plan.is_empty() { "no_changes" } else { "planned" }, &would_be(&plan));
    Ok(if exit_code && !plan.is_empty() { CHANGES } else { 0 })
}

/// The counts of a run that carries out the plan.
fn would_be(plan: &Plan) -> Report {
    Report {
        created: plan.count(|action| action == Action::Create),
        updated: plan.count(|action| action == Action::Update),
        replaced: plan.count(|action| matches!(action, Action::Replace(_))),
        deleted: plan.count(|action| action == Action::Delete),
        unchanged: plan.count(|action| action == Action::Keep),
        ..Report::default()
    }
}
