//! The commands.

use crate::args::Verb;
use crate::failure::Failure;
use crate::job::Job;

mod change;
mod look;
mod plan;
mod rotate;
mod saved;
mod serve;

/// Does what the command line asks for, and answers the exit code.
pub(crate) async fn run(job: &Job<'_>) -> Result<u8, Failure> {
    match job.args.verb() {
        Verb::Up { plan } => change::up(job, plan.as_deref()).await,
        Verb::Destroy { kept: false } => change::destroy(job).await,
        Verb::Destroy { kept: true } => change::kept::remove(job).await,
        Verb::Plan { out, exit_code } => plan::plan(job, out.as_deref(), exit_code).await,
        Verb::Status => look::status(job).await,
        Verb::Output { name } => look::output(job, name.as_deref()).await,
        Verb::Rotate { name, clear_pending: false } => rotate::now(job, &name).await,
        Verb::Rotate { name, clear_pending: true } => rotate::clear_pending(job, &name).await,
        Verb::Serve { port } => serve::serve(job, port).await,
    }
}
