//! createSecret: a new password in the pending version.

use super::{Outcome, Work};
use crate::error::{Error, Kind};
use crate::password::generate;
use crate::secret::Login;
use crate::secrets_manager::{Put, SecretsManager, Version};

pub(super) async fn run<S: SecretsManager>(work: &Work<'_, S>) -> Result<Outcome, Error> {
    let current = work.current().await?;
    let doing = "looking for a pending value";
    match work.value(doing, Version::Pending(&work.event.token)).await {
        Ok(_) => return Ok(Outcome::Nothing("the version has a value already")),
        // RotateSecret makes the version without a value.
        Err(refusal) if refusal.is("ResourceNotFoundException") => {}
        Err(refusal) => return Err(refusal.while_doing(doing, super::READ)),
    }
    let next = Login { user: current.next_user(work.strategy()), password: generate()? };
    let value = current.with_login(&next)?;
    let put = Put {
        secret: &work.event.secret,
        token: &work.event.token,
        value: &value,
        rotation_token: work.event.rotation_token.as_ref(),
    };
    let doing = "writing the pending value";
    let answer = work.around(doing, work.rotation.secrets.put(put)).await;
    answer.map_err(|refusal| {
        if refusal.is("ResourceExistsException") {
            let cause = "another invocation has written the pending value meanwhile";
            return Error::new(Kind::State, cause, "nothing is wrong: the rotation is tried again");
        }
        let needed =
            "secretsmanager:PutSecretValue on the secret and kms:GenerateDataKey on its key";
        refusal.while_doing(doing, needed)
    })?;
    Ok(Outcome::Done)
}
