//! What was kept on purpose, and what became of it.

use globecart_engine::{CallError, Kept};

use crate::page::{Page, Style, count};

/// Shows what is kept.
pub(crate) fn kept(page: &mut Page, kept: &[Kept]) {
    if kept.is_empty() {
        page.line("nothing is kept");
        return;
    }
    page.line(format_args!("{} kept on purpose:", count(kept.len(), "thing")));
    for Kept { what, id, .. } in kept {
        page.plain(format_args!("  {what} {id}")).end();
    }
}

/// Shows how many of them are gone.
pub(crate) fn removed(page: &mut Page, removed: &[Kept]) {
    let keys = removed.iter().any(|kept| kept.what == "KMS key");
    page.put(Style::Good, "removed").plain(format_args!(": {}", removed.len()));
    page.line(if keys { "; keys can be brought back for 30 days" } else { "" });
}

/// Shows what could not be removed, and why.
pub(crate) fn failed(page: &mut Page, failed: &[(Kept, CallError)]) {
    for (Kept { what, id, .. }, error) in failed {
        page.put(Style::Bad, "error: ").plain(format_args!("cannot remove {what} {id}")).end();
        page.plain(format_args!("  cause: {error}")).end();
        page.plain(format_args!("  help:  {}", error.help())).end();
    }
}
