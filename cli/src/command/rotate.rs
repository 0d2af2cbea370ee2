//! `rotate`: has a secret rotated now, or gives up a rotation that is stuck; by Secrets Manager's API alone.

use std::io;
use std::time::Duration;

use globecart_aws::{Doing, absent_is_none};
use globecart_engine::store::{Directory, Store};
use globecart_engine::{CallError, CallResult, Class, State};
use serde_json::json;

use super::change::consent;
use crate::args::Target;
use crate::failure::Failure;
use crate::job::Job;
use crate::session::Session;
use crate::show;
use crate::show::rotation::Step;

/// The type of secrets in the record.
const SECRET: &str = "secretsmanager:Secret";

/// The label of a value that a rotation is preparing.
const PENDING: &str = "AWSPENDING";

/// The label of the value that is in use.
const CURRENT: &str = "AWSCURRENT";

/// For how long a rotation is watched: a minute by the user's clock, and five by the cloud's.
const WATCHED_SECS: (f64, f64) = (60.0, 300.0);

/// How often it is looked at, likewise.
const LOOK_SECS: (f64, f64) = (0.2, 2.0);

/// A secret as Secrets Manager describes it.
struct Secret {
    arn: String,
    name: String,
    function: Option<String>,
    /// When anything of it changed last, in seconds since 1970.
    changed: f64,
    /// The labels of each version.
    versions: Vec<(String, Vec<String>)>,
}

/// Rotates a secret and shows how far that is.
pub(super) async fn now(job: &Job<'_>, name: &str) -> Result<u8, Failure> {
    let (session, secret) = found(job, name).await?;
    let Some(function) = secret.function.clone() else {
        return Err(Failure::Usage {
            problem: format!("nothing rotates {}", secret.name),
            help: "attach it to a database, or set a rotation schedule".to_owned(),
        });
    };
    agreed(job, session, &format!("rotate {name}"), "rotates a secret of a real account").await?;
    let version = job.interrupt.or(asked(session, name, &secret)).await?;
    job.screen.say(|page| show::rotation::asked(page, &secret.name, &version));
    let reached = job.interrupt.or(watched(job, session, name, (&secret.arn, &version))).await;
    session.save()?;
    let reached = reached?;
    if job.screen.is_json() {
        let steps: Vec<&str> = Step::ALL.into_iter().take(reached).map(Step::name).collect();
        job.screen.json(&json!({ "secret": secret.arn, "version": version, "steps": steps }));
    }
    match Step::ALL.get(reached) {
        None => Ok(0),
        Some(step) => Err(Failure::Unrotated {
            name: secret.name,
            step: step.name(),
            function,
            give_up: format!("{} rotate {name} --clear-pending", job.program),
        }),
    }
}

/// Takes its label from a value that a rotation has prepared and never finished.
pub(super) async fn clear_pending(job: &Job<'_>, name: &str) -> Result<u8, Failure> {
    let (session, secret) = found(job, name).await?;
    let Some(version) = secret.pending() else {
        job.screen
            .result(|page| _ = page.line(format_args!("nothing of {} is pending", secret.name)));
        return Ok(0);
    };
    let verb = format!("rotate {name} --clear-pending");
    agreed(job, session, &verb, "gives up a rotation of a real account").await?;
    let call = (session.aws.secretsmanager().update_secret_version_stage())
        .secret_id(&secret.arn)
        .version_stage(PENDING)
        .remove_from_version_id(version);
    let cleared = async {
        call.send().await.doing("clearing what is pending").map_err(|error| failed(name, error))
    };
    let cleared = job.interrupt.or(cleared).await;
    session.save()?;
    cleared?;
    if job.screen.is_json() {
        job.screen.json(&json!({ "secret": secret.arn, "cleared": version }));
    }
    job.screen.result(|page| show::rotation::cleared(page, &secret.name, version));
    Ok(0)
}

impl Secret {
    fn has(&self, version: &str, label: &str) -> bool {
        let labels = self.versions.iter().find(|(id, _)| id == version).map(|(_, labels)| labels);
        labels.is_some_and(|labels| labels.iter().any(|known| known == label))
    }

    /// The version that a rotation has not finished.
    fn pending(&self) -> Option<&str> {
        let ids = self.versions.iter().map(|(id, _)| id.as_str());
        ids.into_iter().find(|id| self.has(id, PENDING) && !self.has(id, CURRENT))
    }
}

/// The secret of this name: the address of a resource or component, or what Secrets Manager knows it by.
async fn found<'a>(job: &'a Job<'_>, name: &str) -> Result<(&'a Session, Secret), Failure> {
    let session = job.connect().await?;
    let state = Store::look(Directory::peek(job.stack_folder())).await?;
    let all = state.iter().flat_map(State::all);
    let secrets = all.filter(|(_, _, entry)| entry.kind == SECRET && !entry.outputs.is_null());
    let (mut ids, mut known) = (Vec::new(), Vec::new());
    for (address, _, entry) in secrets {
        known.push(address.to_string());
        if address.is_within(name) {
            ids.push(entry.outputs["arn"].as_str().unwrap_or_default().to_owned());
        }
    }
    let known = format!("recorded are {}", known.join(", "));
    let id = match ids.as_slice() {
        [] => name,
        [id] => id,
        _ => {
            let problem = format!("`{name}` has several secrets");
            return Err(Failure::Usage { problem, help: known });
        }
    };
    let secret = async { described(session, id).await.map_err(|error| failed(name, error)) };
    let secret = job.interrupt.or(secret).await?;
    let missing =
        || Failure::Usage { problem: format!("there is no secret `{name}`"), help: known };
    Ok((session, secret.ok_or_else(missing)?))
}

async fn described(session: &Session, id: &str) -> CallResult<Option<Secret>> {
    let answer = session.aws.secretsmanager().describe_secret().secret_id(id).send().await;
    let answer = absent_is_none(answer.doing("reading the secret"))?;
    Ok(answer.map(|secret| Secret {
        function: secret.rotation_lambda_arn.filter(|_| secret.rotation_enabled == Some(true)),
        changed: secret.last_changed_date.map_or(0.0, |date| date.as_secs_f64()),
        versions: secret.version_ids_to_stages.unwrap_or_default().into_iter().collect(),
        arn: secret.arn.unwrap_or_default(),
        name: secret.name.unwrap_or_default(),
    }))
}

/// On a real account, the user's consent.
async fn agreed(job: &Job<'_>, session: &Session, verb: &str, what: &str) -> Result<(), Failure> {
    if job.args.yes || job.args.target != Target::Aws {
        return Ok(());
    }
    consent::ask(job, session, what, verb).await
}

/// Asks for a rotation; the version that it makes.
async fn asked(session: &Session, name: &str, secret: &Secret) -> Result<String, Failure> {
    let token = token()?;
    let call = session.aws.secretsmanager().rotate_secret().secret_id(&secret.arn);
    let answer = call.client_request_token(&token).send().await.doing("rotating the secret");
    match answer {
        Ok(answer) => Ok(answer.version_id.unwrap_or(token)),
        Err(error) => Err(failed(name, error)),
    }
}

fn token() -> Result<String, Failure> {
    let random = || {
        getrandom::u64().map_err(|error| Failure::Io {
            doing: "make a random token".to_owned(),
            source: io::Error::other(error.to_string()),
        })
    };
    Ok(format!("{:016x}{:016x}", random()?, random()?))
}

/// Watches a rotation and shows its steps; how many of them are done when it ends, or when it has been watched for long.
///
/// Secrets Manager shows the first step by a change of the secret, and the last by its labels; the two in between leave no
/// trace but in the database.
async fn watched(
    job: &Job<'_>,
    session: &Session,
    name: &str,
    (arn, version): (&str, &str),
) -> Result<usize, Failure> {
    let rate = session.clock.rate();
    let by = |(users, clouds): (f64, f64)| Duration::from_secs_f64(clouds.max(users * rate));
    let (since, mut asked, mut reached) = (session.clock.elapsed(), None, 0);
    loop {
        let secret = described(session, arn).await.map_err(|error| failed(name, error))?;
        let Some(secret) = secret else { return Ok(reached) };
        let changed = secret.changed > *asked.get_or_insert(secret.changed);
        let now = match (secret.has(version, CURRENT), secret.has(version, PENDING)) {
            (true, _) => Step::ALL.len(),
            (false, true) => usize::from(changed).max(reached),
            // Somebody gave it up.
            (false, false) => return Ok(reached),
        };
        for step in &Step::ALL[reached..now] {
            job.screen.result(|page| show::rotation::done(page, *step));
        }
        reached = now;
        let watched = session.clock.elapsed().saturating_sub(since);
        if reached == Step::ALL.len() || watched > by(WATCHED_SECS) {
            return Ok(reached);
        }
        session.clock.sleep(by(LOOK_SECS)).await;
    }
}

fn failed(name: &str, source: CallError) -> Failure {
    // Secrets Manager does not say what to do about a rotation that is stuck.
    if !source.message.contains("previous rotation") {
        return Failure::Rotation(source);
    }
    let message = format!("{} `rotate {name} --clear-pending` gives it up", source.message);
    Failure::Rotation(CallError { message, class: Class::Other, ..source })
}
