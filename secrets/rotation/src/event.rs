//! What Secrets Manager invokes the function with:
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html>.

use secrecy::SecretString;
use serde_json::Value;

use crate::error::{Error, Kind};

/// One of the four steps of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Writes a new password into the pending version.
    Create,
    /// Gives the database the pending version's password.
    Set,
    /// Logs in with the pending version.
    Test,
    /// Makes the pending version the current one.
    Finish,
}

impl Step {
    /// The four, in the order in which Secrets Manager calls them.
    pub const ALL: [Self; 4] = [Self::Create, Self::Set, Self::Test, Self::Finish];

    /// The step's name in the event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test => "testSecret",
            Self::Finish => "finishSecret",
        }
    }
}

/// One invocation of the function.
#[derive(Debug, Clone)]
pub struct Event {
    /// What is to be done.
    pub step: Step,
    /// The ARN of the secret that is rotated.
    pub secret: String,
    /// The id of the version that is to become the current one: `ClientRequestToken`.
    pub token: String,
    /// What proves to Secrets Manager that a call belongs to the rotation, where it gives one.
    pub rotation_token: Option<SecretString>,
}

impl Event {
    /// Reads the event.
    pub fn read(event: &Value) -> Result<Self, Error> {
        let optional = |name: &str| event.get(name).and_then(Value::as_str);
        let required = |name: &str| {
            let value = optional(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| foreign(format!("the event has no `{name}`")))
        };
        let name = required("Step")?;
        let step = Step::ALL.into_iter().find(|step| step.as_str() == name);
        Ok(Self {
            step: step.ok_or_else(|| foreign("the event's `Step` is none of the four"))?,
            secret: required("SecretId")?.to_owned(),
            token: required("ClientRequestToken")?.to_owned(),
            rotation_token: optional("RotationToken").map(SecretString::from),
        })
    }
}

fn foreign(cause: impl Into<String>) -> Error {
    Error::new(Kind::Event, cause, "the function is for Secrets Manager alone: use RotateSecret")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    #[test]
    fn events_of_secrets_manager_are_read() {
        for step in Step::ALL {
            let event =
                json!({"Step": step.as_str(), "SecretId": "arn", "ClientRequestToken": "t"});
            let event = Event::read(&event).unwrap();
            assert_eq!((event.step, &*event.secret, &*event.token), (step, "arn", "t"));
            assert!(event.rotation_token.is_none());
        }
        let event = json!({"Step": "setSecret", "SecretId": "arn", "ClientRequestToken": "t",
            "RotationToken": "of-the-rotation"});
        let event = Event::read(&event).unwrap();
        assert!(!format!("{event:?}").contains("of-the-rotation"));
        let token = event.rotation_token.unwrap();
        assert_eq!(token.expose_secret(), "of-the-rotation");
    }

    #[test]
    fn other_events_are_refused_by_what_they_lack() {
        let check = |event: Value, expected: &str| {
            let error = Event::read(&event).unwrap_err();
            assert_eq!(error.kind(), Kind::Event);
            assert!(error.to_string().contains(expected), "{error}");
        };
        check(json!({}), "no `Step`");
        check(json!([]), "no `Step`");
        check(json!({"Step": "dropSecret"}), "none of the four");
        check(json!({"Step": "setSecret"}), "no `SecretId`");
        check(json!({"Step": "setSecret", "SecretId": ""}), "no `SecretId`");
        check(json!({"Step": "setSecret", "SecretId": "arn"}), "no `ClientRequestToken`");
    }
}
