//! `destroy --kept`: removes what earlier destroys have kept on purpose.

use globecart_aws::kept::{self, Removed};
use globecart_engine::apply::Report;
use globecart_engine::{Address, Event, Kept};

use super::consent;
use crate::failure::{FAILED, Failure};
use crate::job::Job;
use crate::session::Session;
use crate::show;

/// Lists what is kept of this stack, gets the user's consent, and removes it.
pub(in crate::command) async fn remove(job: &Job<'_>) -> Result<u8, Failure> {
    let session = job.connect().await?;
    let found = job.interrupt.or(listed(job, session)).await?;
    job.screen.result(|page| show::kept::kept(page, &found));
    if found.is_empty() {
        job.finished("no_changes", &Report::default());
        return Ok(0);
    }
    agreed(job, session, &found).await?;
    let events = job.events(session);
    let removal = kept::remove(&session.aws, job.name, &found, |kept| {
        events.send(Event::Removed { what: kept.what.clone(), id: kept.id.clone() });
    });
    let removed = job.interrupt.or(async { Ok::<_, Failure>(removal.await) }).await;
    session.save()?;
    let Removed { removed, failed } = removed?;
    job.screen.result(|page| show::kept::removed(page, &removed));
    if !failed.is_empty() {
        job.screen.must_say(|page| show::kept::failed(page, &failed));
    }
    let report = Report { deleted: removed.len(), ..Report::default() };
    job.finished(if failed.is_empty() { "done" } else { "failed" }, &report);
    Ok(if failed.is_empty() { 0 } else { FAILED })
}

async fn listed(job: &Job<'_>, session: &Session) -> Result<Vec<Kept>, Failure> {
    kept::find(&session.aws, job.name).await.map_err(Failure::Kept)
}

/// Removing what is kept loses it, so the stack must be named; and it is asked once more.
async fn agreed(job: &Job<'_>, session: &Session, found: &[Kept]) -> Result<(), Failure> {
    if !job.args.confirm_data_loss.iter().any(|name| name == job.name) {
        let losses = found.iter().map(|kept| (Address::new(&kept.id), kept.what.clone()));
        let yes = if job.args.yes || !job.screen.asks() { " --yes" } else { "" };
        let command =
            format!("{} destroy --kept{yes} --confirm-data-loss {}", job.program, job.name);
        let help = format!("to remove all of it: `{command}`");
        return Err(Failure::DataLoss { losses: losses.collect(), help });
    }
    if job.args.yes {
        return Ok(());
    }
    let what = format!("removes what was kept of the stack `{}`", job.name);
    consent::ask(job, session, &what, "destroy --kept").await
}
