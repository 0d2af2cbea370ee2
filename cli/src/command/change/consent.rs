//! What the user must agree to before anything changes.

use std::io::{self, BufRead};

use globecart_engine::plan::Plan;

use crate::args::Target;
use crate::failure::Failure;
use crate::job::Job;
use crate::page::Style;
use crate::session::Session;

/// Refuses unconfirmed losses of data, and asks where it matters: on a real account, and before a destroy.
pub(super) async fn obtain(job: &Job<'_>, session: &Session, plan: &Plan) -> Result<(), Failure> {
    if plan.is_empty() {
        return Ok(());
    }
    losses(job, plan)?;
    if job.args.yes || !(plan.destroy || job.args.target == Target::Aws) {
        return Ok(());
    }
    let (what, verb) = if plan.destroy {
        (format!("deletes the stack `{}`", plan.stack), "destroy")
    } else {
        ("changes a real account".to_owned(), "up")
    };
    ask(job, session, &what, verb).await
}

/// Asks whether to go on with what the user has just read.
pub(in crate::command) async fn ask(
    job: &Job<'_>,
    session: &Session,
    what: &str,
    verb: &str,
) -> Result<(), Failure> {
    let place = session.aws.place();
    if !job.screen.asks() {
        return Err(Failure::Usage {
            problem: format!(
                "this {what}, and there is no terminal to ask on; nothing was changed"
            ),
            help: format!("look at the plan above, then: `{} {verb} --yes`", job.program),
        });
    }
    job.screen.must_say(|page| {
        page.put(Style::Strong, "Go on")
            .plain(format_args!(" in account {}, {}? [y/N] ", place.account, place.region));
    });
    if job.interrupt.or(answer()).await? {
        return Ok(());
    }
    Err(Failure::Usage {
        problem: "not confirmed; nothing was changed".to_owned(),
        help: "answer `y`, or give --yes".to_owned(),
    })
}

/// Refuses to lose data that is not named, and says what to type.
fn losses(job: &Job<'_>, plan: &Plan) -> Result<(), Failure> {
    let losses = plan.unconfirmed(&job.args.confirm_data_loss);
    if losses.is_empty() {
        return Ok(());
    }
    let verb = if plan.destroy { "destroy" } else { "up" };
    let yes = if job.args.yes || !job.screen.asks() { " --yes" } else { "" };
    let command = format!("{} {verb}{yes} --confirm-data-loss {}", job.program, plan.stack);
    Err(Failure::DataLoss { losses, help: format!("to lose all of it: `{command}`") })
}

async fn answer() -> Result<bool, Failure> {
    let read = || {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    };
    let read =
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other).and_then(|line| line);
    let line =
        read.map_err(|source| Failure::Io { doing: "read the answer".to_owned(), source })?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
