//! setSecret: the database takes the pending version's password.
//!
//! One transaction makes or changes the roles. So at any moment either nothing has changed, or the pending version logs in
//! and the step has nothing left to do.

use tokio_postgres::types::Type;

use super::{Outcome, Rotation, Work, admits};
use crate::contract::Strategy;
use crate::database::{Session, read_only};
use crate::error::{Error, Kind};
use crate::roles::{Roles, open_database};
use crate::secret::{Login, Secret, base};
use crate::secrets_manager::{SecretsManager, Version};

pub(super) async fn run<S: SecretsManager>(work: &Work<'_, S>) -> Result<Outcome, Error> {
    let current = work.current().await?;
    let pending = work.pending(&current).await?;
    if work.login("logging in with the pending version", &pending.login).await?.is_some() {
        return Ok(Outcome::Nothing("the pending version logs in already"));
    }
    let proven = proves(work, &current).await?;
    let session = superuser(work, &pending).await?;
    begin(&session, &current.login.user).await?;
    still_pending(work).await?;
    let roles = Roles::read(&session, &current, &pending).await?;
    let statements = roles.changes(work.strategy(), &current, &pending, proven)?;
    for (doing, statement) in statements {
        session.execute(doing, &statement).await?;
    }
    if roles.lack_owner(work.strategy()) {
        open_database(&session, &current.login.user, &work.rotation.target.database).await?;
    }
    session.execute("committing", "COMMIT").await?;
    Ok(Outcome::Done)
}

/// Whether the secret knows a password of the user: otherwise anyone who may write a secret could have the superuser change
/// any user's.
async fn proves<S: SecretsManager>(work: &Work<'_, S>, current: &Secret) -> Result<bool, Error> {
    if work.login("logging in with the current version", &current.login).await?.is_some() {
        return Ok(true);
    }
    if work.strategy() == Strategy::AlternatingUsers {
        return Ok(false);
    }
    // The database may have been restored to a time before the last rotation.
    let doing = "reading the previous version";
    let value = match work.value(doing, Version::Previous).await {
        Ok(value) => value,
        Err(refusal) if refusal.is("ResourceNotFoundException") => return Ok(false),
        Err(refusal) => return Err(refusal.while_doing(doing, super::READ)),
    };
    // A previous value for another target or user proves nothing, and is sent nowhere.
    let Ok(previous) = Secret::read("previous", value, &work.rotation.target) else {
        return Ok(false);
    };
    if previous.login.user != current.login.user {
        return Ok(false);
    }
    Ok(work.login("logging in with the previous version", &previous.login).await?.is_some())
}

async fn superuser<'a, S: SecretsManager>(
    work: &'a Work<'_, S>,
    pending: &Secret,
) -> Result<Session<'a>, Error> {
    let Rotation { target, secrets, .. } = work.rotation;
    let doing = "reading the superuser's secret";
    let value = work.around(doing, secrets.get(&target.superuser, Version::Current)).await;
    let value = value.map_err(|refusal| {
        let needed =
            "secretsmanager:GetSecretValue on the superuser's secret and kms:Decrypt on its key";
        refusal.while_doing(doing, needed)
    })?;
    let login = Login::read("superuser's", &value)?;
    if base(&login.user) == base(&pending.login.user) {
        let cause = "the secret is for the superuser itself";
        let help = "RDS rotates that one by itself; rotate a user of the application";
        return Err(Error::new(Kind::Mismatch, cause, help));
    }
    let session = work.login("logging in as the superuser", &login).await?;
    session.ok_or_else(|| {
        let cause = format!("the database refuses the password of the superuser `{}`", login.user);
        let help = "nothing was changed; while RDS rotates it, its secret may be behind for a \
            minute, and the rotation is tried again";
        Error::new(Kind::Login, cause, help)
    })
}

/// Begins the transaction, alone among the invocations for this user.
async fn begin(session: &Session<'_>, user: &str) -> Result<(), Error> {
    session.execute("beginning", "BEGIN").await?;
    // So that whoever holds a lock makes the step fail with its reason before Lambda ends it without one.
    let patience = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '10s'";
    session.execute("limiting the wait", patience).await?;
    let asked = "SELECT current_setting('transaction_read_only') = 'on'";
    if session.row("asking whether it takes changes", asked, &[]).await?.get(0) {
        return Err(read_only("the database takes no changes".to_owned()));
    }
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    let name = format!("globecart-rotation {}", base(user));
    session.row("waiting for other invocations", lock, &[(&name, Type::TEXT)]).await.map(drop)
}

/// Whoever waited for long must not write over what a later rotation has set.
async fn still_pending<S: SecretsManager>(work: &Work<'_, S>) -> Result<(), Error> {
    let versions = work.rotation.describe(&work.event.secret).await?;
    if admits(&versions, &work.event.token)? {
        return Ok(());
    }
    let cause = "another invocation has finished the rotation meanwhile";
    Err(Error::new(Kind::State, cause, "nothing is wrong, and nothing was changed"))
}
