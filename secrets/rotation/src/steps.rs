//! The four steps of a rotation. Each can end anywhere and be run again: Secrets Manager repeats all four, with the same
//! token.

use secrecy::SecretString;

use crate::boundary::Boundaries;
use crate::contract::Strategy;
use crate::database::{self, Session};
use crate::error::{Error, Kind};
use crate::event::{Event, Step};
use crate::secret::{Login, Secret};
use crate::secrets_manager::{CURRENT, Description, PENDING, Refusal, SecretsManager, Version};
use crate::target::Target;
use crate::tls::Network;

mod create;
mod finish;
mod set;
mod test;

/// What the function works on and with.
#[derive(Clone)]
pub struct Rotation<S> {
    target: Target,
    secrets: S,
    network: Network,
    boundaries: Boundaries,
}

/// How a step ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work.
    Done,
    /// There was nothing to do, and why.
    Nothing(&'static str),
}

/// One invocation.
struct Work<'a, S> {
    rotation: &'a Rotation<S>,
    event: &'a Event,
    /// The secret's versions when it began.
    versions: Description,
}

const READ: &str = "secretsmanager:GetSecretValue on the secret and kms:Decrypt on its key, and the \
    secret's resource policy must not deny it";

impl<S: SecretsManager> Rotation<S> {
    /// Puts together what an invocation needs.
    pub fn new(target: Target, secrets: S, network: Network) -> Self {
        Self { target, secrets, network, boundaries: Boundaries::default() }
    }

    /// The same, ending where a test wants it to.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_boundaries(self, boundaries: Boundaries) -> Self {
        Self { boundaries, ..self }
    }

    /// Does one step.
    pub async fn invoke(&self, event: &Event) -> Result<Outcome, Error> {
        let versions = self.describe(&event.secret).await?;
        if !admits(&versions, &event.token)? {
            return Ok(Outcome::Nothing("the version is the current one already"));
        }
        let work = Work { rotation: self, event, versions };
        match event.step {
            Step::Create => create::run(&work).await,
            Step::Set => set::run(&work).await,
            Step::Test => test::run(&work).await,
            Step::Finish => finish::run(&work).await,
        }
    }

    async fn describe(&self, secret: &str) -> Result<Description, Error> {
        let doing = "reading the secret's versions";
        let answer = self.boundaries.around(doing, self.secrets.describe(secret)).await;
        answer.map_err(|refusal| {
            refusal.while_doing(doing, "secretsmanager:DescribeSecret on the secret")
        })
    }
}

/// Whether there is anything to do for the version; an error if it is not being made.
fn admits(versions: &Description, token: &str) -> Result<bool, Error> {
    let refused = |cause: &str, help: &str| Err(Error::new(Kind::State, cause, help));
    if !versions.rotation_enabled {
        return refused("rotation is not enabled for the secret", "give it a rotation schedule");
    }
    if !versions.stages.contains_key(token) {
        let cause = "the secret has no version with the event's ClientRequestToken";
        return refused(cause, "rotate by RotateSecret, which makes it");
    }
    if versions.has(token, CURRENT) {
        return Ok(false);
    }
    if !versions.has(token, PENDING) {
        let cause = "AWSPENDING is not on the version that is to be made";
        return refused(cause, "it was taken off, so that this rotation is over: start another");
    }
    Ok(true)
}

impl<S: SecretsManager> Work<'_, S> {
    fn strategy(&self) -> Strategy {
        self.rotation.target.strategy
    }

    /// Makes a call between its boundaries.
    async fn around<T>(&self, doing: &str, call: impl Future<Output = T>) -> T {
        self.rotation.boundaries.around(doing, call).await
    }

    async fn value(&self, doing: &str, version: Version<'_>) -> Result<SecretString, Refusal> {
        self.around(doing, self.rotation.secrets.get(&self.event.secret, version)).await
    }

    /// The version in use, if it is for the function's target.
    async fn current(&self) -> Result<Secret, Error> {
        let doing = "reading the current version";
        let value = self.value(doing, Version::Current).await;
        let value = value.map_err(|refusal| {
            if refusal.is("ResourceNotFoundException") {
                let cause = "the secret has no current version";
                return Error::new(Kind::State, cause, "write a first value into the secret");
            }
            refusal.while_doing(doing, READ)
        })?;
        Secret::read("current", value, &self.rotation.target)
    }

    /// The version that is being made, if it is for the same target and the next user.
    async fn pending(&self, current: &Secret) -> Result<Secret, Error> {
        let doing = "reading the pending version";
        let value = self.value(doing, Version::Pending(&self.event.token)).await;
        let value = value.map_err(|refusal| {
            if refusal.is("ResourceNotFoundException") {
                let cause = "the pending version has no value";
                let help = "createSecret has not run for it; the rotation is tried again";
                return Error::new(Kind::State, cause, help);
            }
            refusal.while_doing(doing, READ)
        })?;
        let pending = Secret::read("pending", value, &self.rotation.target)?;
        pending.follows(current, self.strategy())?;
        Ok(pending)
    }

    /// Logs in; none if the password is wrong.
    async fn login(&self, doing: &str, login: &Login) -> Result<Option<Session<'_>>, Error> {
        let Rotation { target, network, boundaries, .. } = self.rotation;
        // It is by far the largest of the futures, and every step would carry it several times.
        let call = Box::pin(database::login(target, network, boundaries, login));
        self.around(doing, call).await
    }
}

#[cfg(test)]
mod tests;
