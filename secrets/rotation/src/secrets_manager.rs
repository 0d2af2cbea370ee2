//! What the function asks of Secrets Manager, whoever answers.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;

use crate::error::{Error, Kind};

pub use aws::AwsSecretsManager;

mod aws;

/// Of the four API calls, what the steps need.
pub trait SecretsManager: Sync {
    /// [DescribeSecret](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html).
    fn describe(&self, secret: &str) -> impl Future<Output = Result<Description, Refusal>> + Send;

    /// [GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
    fn get(
        &self,
        secret: &str,
        version: Version<'_>,
    ) -> impl Future<Output = Result<SecretString, Refusal>> + Send;

    /// [PutSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html), with the
    /// stage `AWSPENDING`.
    fn put(&self, put: Put<'_>) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// [UpdateSecretVersionStage](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html)
    /// of `AWSCURRENT`.
    fn move_current(
        &self,
        secret: &str,
        from: &str,
        to: &str,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// The stage of the version that is in use.
pub const CURRENT: &str = "AWSCURRENT";
/// The stage of the version that a rotation is making.
pub const PENDING: &str = "AWSPENDING";
/// The stage of the version that was in use before.
pub const PREVIOUS: &str = "AWSPREVIOUS";

/// Which version's value is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version<'a> {
    /// The one in use.
    Current,
    /// The one that was in use before.
    Previous,
    /// The one of this id, if it is pending.
    Pending(&'a str),
}

/// What is known of a secret without its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// Whether it has a rotation schedule.
    pub rotation_enabled: bool,
    /// The stages of each version that has any.
    pub stages: BTreeMap<String, BTreeSet<String>>,
}

impl Description {
    /// The id of the version with that stage.
    pub fn with_stage(&self, stage: &str) -> Option<&str> {
        let found = self.stages.iter().find(|(_, stages)| stages.contains(stage));
        found.map(|(version, _)| version.as_str())
    }

    pub(crate) fn has(&self, version: &str, stage: &str) -> bool {
        self.stages.get(version).is_some_and(|stages| stages.contains(stage))
    }
}

/// A value to be written into a pending version.
#[derive(Debug)]
pub struct Put<'a> {
    /// The secret.
    pub secret: &'a str,
    /// The version's id.
    pub token: &'a str,
    /// Its value.
    pub value: &'a SecretString,
    /// What the event carries for it.
    pub rotation_token: Option<&'a SecretString>,
}

/// Why a call did not succeed, as the service says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error's code, or none if there was no answer.
    pub code: Option<String>,
    /// What the service, or the connection to it, says.
    pub message: String,
}

impl Refusal {
    /// A refusal by the service.
    pub fn new(code: &str, message: &str) -> Self {
        Self { code: Some(code.to_owned()), message: message.to_owned() }
    }

    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The error to report, for an action that needs these permissions.
    pub(crate) fn while_doing(self, doing: &str, permissions: &str) -> Error {
        let Some(code) = &self.code else {
            let cause = format!("{doing}: Secrets Manager does not answer: {}", self.message);
            let help = "the function's subnets must reach Secrets Manager, by a NAT gateway or an \
                interface endpoint, and its security group must allow that";
            return Error::new(Kind::SecretsManager, cause, help);
        };
        let cause = format!("{doing}: {code}: {}", self.message);
        match code.as_str() {
            "AccessDeniedException"
            | "AccessDenied"
            | "DecryptionFailure"
            | "EncryptionFailure" => {
                let help = format!("the function's role needs {permissions}");
                Error::new(Kind::Denied, cause, help)
            }
            "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "RequestLimitExceeded" => {
                Error::new(Kind::Throttled, cause, "Secrets Manager repeats the rotation by itself")
            }
            "InternalServiceError" | "InternalServiceErrorException" => {
                let help = "Secrets Manager repeats the rotation by itself";
                Error::new(Kind::SecretsManager, cause, help)
            }
            _ => Error::new(Kind::SecretsManager, cause, "see the service's message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_what_to_do() {
        let check = |refusal: Refusal, kind: Kind, expected: &str| {
            let error = refusal.while_doing("reading the current version", "kms:Decrypt");
            assert_eq!(error.kind(), kind);
            let text = error.to_string();
            assert!(text.starts_with("reading the current version: "), "{text}");
            assert!(text.contains(expected), "{text}");
        };
        let denied = Refusal::new("AccessDeniedException", "Access to KMS is not allowed");
        check(denied, Kind::Denied, "Access to KMS is not allowed; the function's role needs kms:");
        let throttled = Refusal::new("ThrottlingException", "Rate exceeded");
        check(throttled, Kind::Throttled, "repeats the rotation");
        let silent = Refusal { code: None, message: "connect timed out".to_owned() };
        check(silent, Kind::SecretsManager, "NAT gateway or an interface endpoint");
        check(Refusal::new("Odd", "odd"), Kind::SecretsManager, "Odd: odd");
    }
}
