//! Changing a secret, and what its value says of what is declared.

use globecart_aws::engine::{CallResult, Intent, Made};
use globecart_aws::{Aws, Doing};
use secrecy::{ExposeSecret, SecretString};

use super::{FIELDS, Secret, SecretOutputs, Was};
use crate::answer;

impl Secret {
    pub(super) async fn change(
        &self,
        aws: &Aws,
        old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<SecretOutputs>> {
        let told = |secret: &Self| (secret.description.clone(), secret.kms_key.clone());
        if told(self) != told(&old.args) {
            let call = (aws.secretsmanager().update_secret())
                .secret_id(old.outputs.arn.as_str())
                .description(&self.description)
                .kms_key_id(self.kms_key.as_ref().map_or("", |key| key.known().as_str()));
            call.send().await.doing("changing the secret")?;
        }
        if self.fields != old.args.fields {
            self.change_fields(aws, old, intent).await?;
            let tag = [(FIELDS.to_owned(), self.fields_hash())].into();
            answer::retag(aws, &old.outputs.arn, &tag, &[]).await?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    /// A new version of the current value: whoever reads it meanwhile gets either.
    async fn change_fields(&self, aws: &Aws, old: &Was, intent: &Intent) -> CallResult<()> {
        let id = old.outputs.arn.as_str();
        let call = aws.secretsmanager().get_secret_value().secret_id(id);
        let value = call.send().await.doing("reading the secret's value")?.secret_string;
        let value = SecretString::from(value.unwrap_or_default());
        let Some(merged) = self.merged(&old.args, value.expose_secret())? else { return Ok(()) };
        let call = (aws.secretsmanager().put_secret_value())
            .secret_id(id)
            .client_request_token(intent.token())
            .secret_string(merged.expose_secret());
        call.send().await.map(|_| ()).doing("changing fields of the secret")
    }
}
