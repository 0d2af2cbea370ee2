//! testSecret: the pending version logs in, and can work.

use super::{Outcome, Work};
use crate::contract::Strategy;
use crate::database::read_only;
use crate::error::{Error, Kind};
use crate::secret::owner;
use crate::secrets_manager::SecretsManager;

pub(super) async fn run<S: SecretsManager>(work: &Work<'_, S>) -> Result<Outcome, Error> {
    let current = work.current().await?;
    let pending = work.pending(&current).await?;
    let session = work.login("logging in with the pending version", &pending.login).await?;
    let session = session.ok_or_else(|| {
        let cause =
            format!("the database refuses the pending password of `{}`", pending.login.user);
        Error::new(Kind::Login, cause, "setSecret sets it when the rotation is tried again")
    })?;
    let work_done = "SELECT current_user::text, pg_is_in_recovery()";
    let row = session.row("working as the user", work_done, &[]).await?;
    let (role, is_reader): (&str, bool) = (row.get(0), row.get(1));
    if is_reader {
        return Err(read_only("the database is a reader".to_owned()));
    }
    let owner = owner(&pending.login.user);
    if work.strategy() == Strategy::AlternatingUsers && role != owner {
        let cause =
            format!("`{}` does not act as `{owner}`, which owns the objects", pending.login.user);
        let help = "setSecret grants it when the pending password is changed: take AWSPENDING off \
            (`rotate NAME --clear-pending`) and rotate again";
        return Err(Error::new(Kind::Database, cause, help));
    }
    Ok(Outcome::Done)
}
