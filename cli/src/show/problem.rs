//! Errors: what happened, why, what it means for what exists now, and what to do.

use globecart_engine::apply::Failure as Failed;
use globecart_engine::{Operation, State, Status};

use crate::failure::Failure;
use crate::page::{Page, Style, count};

/// Shows why a command ended.
pub(crate) fn failure(page: &mut Page, failure: &Failure) {
    if matches!(failure, Failure::Interrupted) {
        page.put(Style::Change, "interrupted").end();
    } else {
        page.put(Style::Bad, "error: ").plain(failure).end();
    }
    rest(page, failure);
}

/// Shows what follows the first line.
fn rest(page: &mut Page, failure: &Failure) {
    if let Failure::DataLoss { losses, .. } = failure {
        for (address, what) in losses {
            row(page, "lost", &format!("{address}: {what}"));
        }
    }
    for cause in failure.causes() {
        row(page, "cause", &cause);
    }
    if let Some(state) = failure.state() {
        row(page, "state", state);
    }
    if let Some(help) = failure.help() {
        row(page, "help", &help);
    }
}

/// Shows what an interrupt means, after the counts of the run.
pub(crate) fn interrupted(page: &mut Page) {
    rest(page, &Failure::Interrupted);
}

/// Shows the failed operations of a run, and what was not started because of them.
pub(crate) fn failed(page: &mut Page, failed: &[Failed], skipped: usize, state: &State) {
    let ready = state.all().filter(|(_, _, entry)| entry.status == Status::Ready).count();
    let totals = format!("{ready} of {} recorded are ready", count(state.len(), "resource"));
    for Failed { address, kind, operation, error } in failed {
        let found = state.current(address).map(|(_, entry)| entry.status);
        page.put(Style::Bad, "error: ")
            .put(Style::Strong, format_args!("{} {address}", cannot(*operation)))
            .plain(format_args!(" ({kind})"));
        page.end();
        row(page, "cause", &error.to_string());
        row(page, "state", &format!("{totals}; {}", means(found)));
        row(page, "help", error.help());
    }
    if skipped > 0 {
        let what = count(skipped, "operation");
        page.plain(format_args!("{what} not started, because something needed failed")).end();
    }
}

fn row(page: &mut Page, name: &str, text: &str) {
    page.put(Style::Faint, format_args!("  {:<7}", format!("{name}:"))).plain(text).end();
}

/// What could not be done.
fn cannot(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "cannot create",
        Operation::Update => "cannot change",
        Operation::Delete => "cannot delete",
    }
}

/// What a failed resource's record means for what exists.
fn means(status: Option<Status>) -> &'static str {
    match status {
        None => "nothing of this one exists",
        Some(Status::Creating) => {
            "the next run looks up whether something of this one exists, before it goes on"
        }
        Some(Status::Accepted) => {
            "this one exists and is not ready; the next run goes on waiting for it"
        }
        Some(Status::Ready) => "this one is as it was",
        Some(Status::Updating | Status::Adopted) => {
            "this one exists; the next run compares it afresh"
        }
        Some(Status::Deleting) => "this one may still exist; the next run looks",
        Some(Status::Broken) => {
            "this one exists and will never be usable; the next run replaces it"
        }
    }
}

/// An operation that is under way.
pub(crate) fn doing(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "creating",
        Operation::Update => "changing",
        Operation::Delete => "deleting",
    }
}
