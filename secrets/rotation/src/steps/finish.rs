//! finishSecret: the pending version becomes the current one, in a single call; Secrets Manager moves the other stages.

use super::{Outcome, Work, admits};
use crate::error::{Error, Kind};
use crate::secrets_manager::{CURRENT, SecretsManager};

pub(super) async fn run<S: SecretsManager>(work: &Work<'_, S>) -> Result<Outcome, Error> {
    // A version without a value, or for another user, must not become what the application reads.
    let current = work.current().await?;
    work.pending(&current).await?;
    let from = work.versions.with_stage(CURRENT).ok_or_else(|| {
        let cause = "the secret has no current version";
        Error::new(Kind::State, cause, "write a first value into the secret")
    })?;
    let (secret, to) = (&*work.event.secret, &*work.event.token);
    let doing = "making the pending version the current one";
    let answer = work.around(doing, work.rotation.secrets.move_current(secret, from, to)).await;
    let Err(refusal) = answer else { return Ok(Outcome::Done) };
    // The SDK repeats a call whose answer was lost, and the second finds the stage moved.
    let versions = work.rotation.describe(secret).await?;
    if !admits(&versions, to)? {
        return Ok(Outcome::Done);
    }
    let needed = "secretsmanager:UpdateSecretVersionStage on the secret";
    Err(refusal.while_doing(doing, needed))
}
