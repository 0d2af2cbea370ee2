//! Giving a secret back that has the name and was deleted by an earlier life of the same address.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use globecart_aws::engine::{CallError, CallResult, Class, Found, Intent, Made};
use globecart_aws::{Aws, Doing, found};
use secrecy::ExposeSecret;

use super::{Secret, SecretOutputs, has_value, outputs_of};
use crate::answer;

/// The step of a create in which a restored secret gets its value.
const VALUE: &str = "value";

impl Secret {
    /// Restores the secret that has the name, if it was this address's, and gives it a new value; the tags of this life
    /// come last, so that one that has them is complete.
    pub(super) async fn take_over(
        &self,
        aws: &Aws,
        intent: &Intent,
        taken: CallError,
    ) -> CallResult<Made<SecretOutputs>> {
        let name = self.named(intent);
        // Deleted without recovery, and the name is not free yet.
        let Some(there) = answer::described(aws, &name).await? else { return Err(taken) };
        let tags = answer::from_api(there.tags());
        let outputs = outputs_of(there.arn.clone(), there.name.clone(), &taken.doing)?;
        let Found::Ours(outputs) = found::claim(intent, &name, &tags, outputs) else {
            return Err(CallError { class: Class::AlreadyExists, ..taken });
        };
        let deleted = there.deleted_date().is_some();
        if !deleted && has_value(&there) && found::is_made_by(intent, &tags) {
            // An earlier attempt of this very create made it: it is taken as it is.
            return Ok(Made::pending(outputs));
        }
        if deleted {
            let call = aws.secretsmanager().restore_secret().secret_id(&name);
            call.send().await.doing("restoring the secret")?;
        }
        self.renew(aws, intent, &there, &outputs).await?;
        Ok(Made::ready(outputs))
    }

    async fn renew(
        &self,
        aws: &Aws,
        intent: &Intent,
        there: &DescribeSecretOutput,
        of: &SecretOutputs,
    ) -> CallResult<()> {
        let token = intent.step_token(VALUE);
        let has = there.version_ids_to_stages().is_some_and(|stages| stages.contains_key(&token));
        if !has {
            let value = self.first_value()?;
            let call = (aws.secretsmanager().update_secret())
                .secret_id(of.arn.as_str())
                .client_request_token(token)
                .description(&self.description)
                .kms_key_id(self.kms_key.as_ref().map_or("", |key| key.known().as_str()))
                .secret_string(value.expose_secret());
            call.send().await.doing("giving the restored secret a value")?;
        }
        answer::retag(aws, &of.arn, &self.tagged(intent), &[]).await
    }
}
