//! Secrets Manager by the SDK.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Region};
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use secrecy::{ExposeSecret, SecretString};

use super::{CURRENT, Description, PENDING, PREVIOUS, Put, Refusal, SecretsManager, Version};
use crate::error::{Error, Kind, chain};

/// How long a connection may take: a subnet without a way out swallows it.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call may take, its repeats included.
const CALL: Duration = Duration::from_secs(15);

/// Secrets Manager in the function's region, or at `AWS_ENDPOINT_URL`.
#[derive(Debug, Clone)]
pub struct AwsSecretsManager {
    client: Client,
}

impl AwsSecretsManager {
    /// Takes credentials, region and endpoint from the function's environment, as Lambda sets it.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let required = |name: &str| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| {
                let cause = format!("the environment variable {name} is missing");
                Error::new(Kind::Configuration, cause, "Lambda sets it: run the function there")
            })
        };
        let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
        let session = variable("AWS_SESSION_TOKEN").filter(|token| !token.is_empty());
        let ring = Provider::Rustls(CryptoMode::Ring);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(CALL);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(required("AWS_REGION")?))
            .credentials_provider(Credentials::new(id, secret, session, None, "environment"))
            .http_client(aws_smithy_http_client::Builder::new().tls_provider(ring).build_https())
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts.build());
        let mut config = config.build().to_builder();
        config.set_endpoint_url(endpoint(variable)?);
        Ok(Self { client: Client::from_conf(config.build()) })
    }
}

/// Values of secrets travel there: without TLS only inside this machine.
fn endpoint(variable: impl Fn(&str) -> Option<String>) -> Result<Option<String>, Error> {
    let names = ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"];
    let set = |name: &str| variable(name).filter(|url| !url.is_empty());
    let Some(url) = names.into_iter().find_map(set) else { return Ok(None) };
    let is_safe =
        url.starts_with("https://") || url.strip_prefix("http://").is_some_and(is_loopback);
    if is_safe {
        return Ok(Some(url));
    }
    let cause = "AWS_ENDPOINT_URL is neither HTTPS nor an address of this machine";
    Err(Error::new(Kind::Configuration, cause, "leave it out on AWS"))
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((host, _)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return host == "::1";
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
}

impl SecretsManager for AwsSecretsManager {
    async fn describe(&self, secret: &str) -> Result<Description, Refusal> {
        let answer = self.client.describe_secret().secret_id(secret).send().await;
        let answer = answer.map_err(refusal)?;
        let stages = answer.version_ids_to_stages.unwrap_or_default().into_iter();
        Ok(Description {
            rotation_enabled: answer.rotation_enabled.unwrap_or_default(),
            stages: stages.map(|(id, stages)| (id, stages.into_iter().collect())).collect(),
        })
    }

    async fn get(&self, secret: &str, version: Version<'_>) -> Result<SecretString, Refusal> {
        let call = self.client.get_secret_value().secret_id(secret);
        let call = match version {
            Version::Current => call.version_stage(CURRENT),
            Version::Previous => call.version_stage(PREVIOUS),
            Version::Pending(token) => call.version_id(token).version_stage(PENDING),
        };
        let answer = call.send().await.map_err(refusal)?;
        let binary = || Refusal::new("BinarySecret", "the version has no SecretString");
        answer.secret_string.map(SecretString::from).ok_or_else(binary)
    }

    async fn put(&self, put: Put<'_>) -> Result<(), Refusal> {
        let rotation_token = put.rotation_token.map(|token| token.expose_secret().to_owned());
        let call = (self.client.put_secret_value())
            .secret_id(put.secret)
            .client_request_token(put.token)
            .secret_string(put.value.expose_secret())
            .version_stages(PENDING)
            .set_rotation_token(rotation_token);
        call.send().await.map(drop).map_err(|error| without_parameters(refusal(error)))
    }

    async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), Refusal> {
        let call = (self.client.update_secret_version_stage())
            .secret_id(secret)
            .version_stage(CURRENT)
            .remove_from_version_id(from)
            .move_to_version_id(to);
        call.send().await.map(drop).map_err(refusal)
    }
}

fn refusal<E, R>(error: SdkError<E, R>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error.as_service_error() {
        Some(said) => Refusal::new(
            said.code().unwrap_or("unknown error"),
            said.message().unwrap_or("no message"),
        ),
        None => Refusal { code: None, message: chain(&error) },
    }
}

/// What refuses a parameter may quote it, and here one is the new value.
fn without_parameters(refusal: Refusal) -> Refusal {
    match refusal.code.as_deref() {
        Some("ValidationException" | "InvalidParameterException") => {
            Refusal { message: "a parameter is refused".to_owned(), ..refusal }
        }
        _ => refusal,
    }
}

#[cfg(test)]
mod tests;
