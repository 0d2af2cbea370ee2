//! The function as Lambda runs it.

use std::sync::Arc;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};

use crate::contract::SOURCE_HASH;
use crate::error::Error;
use crate::event::Event;
use crate::secrets_manager::AwsSecretsManager;
use crate::steps::{Outcome, Rotation};
use crate::target::Target;
use crate::tls::Network;

/// What the sources of a built function are found by, in the file itself: `cargo xtask lambda` puts it into the package.
const SOURCE: &str = concat!("globecart-rotation source=", env!("GLOBECART_ROTATION_SOURCE"));

/// Answers invocations until Lambda ends the process.
///
/// What the environment lacks is the answer to every invocation, where it is seen, and not an end of the process.
pub async fn run(variable: impl Fn(&str) -> Option<String>) -> Result<(), lambda_runtime::Error> {
    log(&json!({"level": "INFO", "message": "started", "built_from": SOURCE}));
    let rotation = Arc::new(set_up(variable));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let rotation = Arc::clone(&rotation);
        async move { answer((*rotation).as_ref(), &event.payload).await }
    }))
    .await
}

fn set_up(variable: impl Fn(&str) -> Option<String>) -> Result<Rotation<AwsSecretsManager>, Error> {
    let target = Target::of_environment(&variable)?;
    let network = Network::of_environment(&target.region, &variable)?;
    let secrets = AwsSecretsManager::of_environment(&variable)?;
    Ok(Rotation::new(target, secrets, network))
}

async fn answer(
    rotation: Result<&Rotation<AwsSecretsManager>, &Error>,
    event: &Value,
) -> Result<Value, Error> {
    let event = Event::read(event);
    let ended = match (rotation, &event) {
        (Ok(rotation), Ok(event)) => Box::pin(rotation.invoke(event)).await,
        (Err(error), _) | (_, Err(error)) => Err(error.clone()),
    };
    log(&line(event.as_ref().ok(), &ended));
    ended.map(|_| Value::Null)
}

/// One line for each invocation, for whoever looks for a rotation in the log.
fn line(event: Option<&Event>, ended: &Result<Outcome, Error>) -> Value {
    let (level, message) = match ended {
        Ok(Outcome::Done) => ("INFO", "done".to_owned()),
        Ok(Outcome::Nothing(why)) => ("INFO", format!("nothing to do: {why}")),
        Err(error) => ("ERROR", error.to_string()),
    };
    json!({
        "level": level,
        "message": message,
        "kind": ended.as_ref().err().map(|error| error.kind().to_string()),
        "step": event.map(|event| event.step.as_str()),
        "secret": event.map(|event| &event.secret),
        "version": event.map(|event| &event.token),
        "source": &SOURCE_HASH[..12],
    })
}

#[expect(clippy::print_stderr, reason = "Lambda takes the log from there")]
fn log(line: &Value) {
    eprintln!("{line}");
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self { error_type: error.kind().to_string(), error_message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[tokio::test]
    async fn what_is_not_set_up_is_the_answer_to_every_invocation() {
        let rotation = set_up(|_| None);
        let event = json!({"Step": "setSecret", "SecretId": "arn", "ClientRequestToken": "t"});
        let error = answer(rotation.as_ref(), &event).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        let told = Diagnostic::from(error);
        assert_eq!(told.error_type, "Configuration");
        assert!(told.error_message.contains("environment variable"), "{}", told.error_message);
    }

    #[test]
    fn a_line_names_step_secret_and_version() {
        let event = json!({"Step": "testSecret", "SecretId": "arn", "ClientRequestToken": "t",
            "RotationToken": "canary"});
        let event = Event::read(&event).unwrap();
        let line = line(Some(&event), &Ok(Outcome::Nothing("it is done")));
        assert_eq!((&line["step"], &line["secret"]), (&json!("testSecret"), &json!("arn")));
        assert_eq!((&line["version"], &line["level"]), (&json!("t"), &json!("INFO")));
        assert_eq!(line["message"], json!("nothing to do: it is done"));
        assert!(!line.to_string().contains("canary"));
    }
}
