//! Functions that really run: environments, warm ones first.
//!
//! A function is a process of this machine: it can do what this process can. It gets made-up credentials, and the
//! address of this cloud in place of AWS's. Its time-out is in real seconds, however fast the cloud's clock runs.

mod api;
mod environment;
mod package;
#[cfg(test)]
mod tests;

use self::environment::{Place, Work};
use self::package::Folder;
use crate::services::lambda::{Plan, Ran};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::{fs, io};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// The folder below the cloud's.
const FOLDER: &str = "functions";

/// All environments of a cloud.
#[derive(Debug)]
pub(crate) struct Runner {
    /// The cloud's folder, if it has one.
    cloud: Option<PathBuf>,
    /// Where functions are unpacked, once one has run.
    folder: OnceLock<Folder>,
    pool: Mutex<Pool>,
}

#[derive(Debug, Default)]
struct Pool {
    /// Environments that wait for work, by what they have in common.
    idle: BTreeMap<String, Vec<Environment>>,
    /// How many invocations of a function are under way, by its ARN.
    running: BTreeMap<String, usize>,
}

#[derive(Debug)]
struct Environment {
    work: mpsc::Sender<Work>,
}

/// An invocation under way.
pub(crate) struct Running {
    key: String,
    function_arn: String,
    environment: Environment,
    answer: oneshot::Receiver<Ran>,
}

/// What a new environment is given besides its function.
pub(crate) struct Given {
    /// What tells environments apart: 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) stream: String,
    pub(crate) region: String,
    /// Where this cloud answers.
    pub(crate) endpoint: SocketAddr,
    /// Further variables.
    pub(crate) variables: Vec<(String, String)>,
    /// Tasks that end with the environment.
    pub(crate) held: Vec<JoinHandle<()>>,
}

impl Runner {
    /// Unpacks functions below the cloud's folder; without one in the system's folder for temporary files.
    pub(crate) fn new(cloud: Option<&Path>) -> Self {
        if let Some(cloud) = cloud {
            // Left by a process that was killed: the cloud is ours now.
            let _ = fs::remove_dir_all(cloud.join(FOLDER));
        }
        Self { cloud: cloud.map(Path::to_owned), folder: OnceLock::new(), pool: Mutex::default() }
    }

    pub(crate) fn folder(&self) -> io::Result<&Path> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder.path());
        }
        let made = match &self.cloud {
            Some(cloud) => Folder::make(cloud.join(FOLDER))?,
            None => Folder::temporary()?,
        };
        // Whoever was faster has made the one that counts.
        Ok(self.folder.get_or_init(|| made).path())
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an invocation, unless as many as are allowed are under way.
    pub(crate) fn admit(&self, plan: &Plan) -> bool {
        let mut pool = self.pool();
        let running = pool.running.entry(plan.function_arn.clone()).or_default();
        let admitted = *running < plan.most_at_once;
        if admitted {
            *running += 1;
        }
        admitted
    }

    /// Starts an admitted invocation, in an environment that waits for one.
    pub(crate) async fn resume(&self, plan: &Plan, id: &str, payload: &str) -> Option<Running> {
        while let Some(environment) = self.idle(plan) {
            if let Some(running) = begin(environment, plan, id, payload).await {
                return Some(running);
            }
        }
        None
    }

    fn idle(&self, plan: &Plan) -> Option<Environment> {
        let mut pool = self.pool();
        let own = format!("{}/", plan.function_arn);
        // What the function was before a change is not used any more.
        pool.idle.retain(|key, _| {
            *key == plan.key || !key.starts_with(&own) || !key.contains("/$LATEST/")
        });
        pool.idle.get_mut(&plan.key)?.pop()
    }

    /// Starts an admitted invocation in a new environment.
    pub(crate) async fn begin(
        &self,
        plan: &Plan,
        given: Given,
        request_id: &str,
        payload: &str,
    ) -> Option<Running> {
        let (work, waiting) = mpsc::channel(1);
        let folder = self.folder().ok()?;
        let place = Place {
            folder: folder.join(format!("{}-{}", plan.name, &given.id)),
            stream: given.stream.clone(),
            variables: variables(plan, &given),
            held: given.held,
        };
        tokio::spawn(environment::live(plan.clone(), place, waiting));
        begin(Environment { work }, plan, request_id, payload).await
    }

    /// Takes an environment back, if it can be used again.
    pub(crate) fn end(&self, running: Running) {
        self.count_down(&running.function_arn);
        if !running.environment.work.is_closed() {
            self.pool().idle.entry(running.key).or_default().push(running.environment);
        }
    }

    /// Counts an invocation that could not be started, or is over.
    pub(crate) fn count_down(&self, function_arn: &str) {
        if let Some(running) = self.pool().running.get_mut(function_arn) {
            *running = running.saturating_sub(1);
        }
    }
}

async fn begin(
    environment: Environment,
    plan: &Plan,
    request_id: &str,
    payload: &str,
) -> Option<Running> {
    let (answer, waiting) = oneshot::channel();
    let work = Work { request_id: request_id.to_owned(), payload: payload.to_owned(), answer };
    environment.work.send(work).await.ok()?;
    Some(Running {
        key: plan.key.clone(),
        function_arn: plan.function_arn.clone(),
        environment,
        answer: waiting,
    })
}

impl Running {
    /// Waits for the end.
    pub(crate) async fn ended(&mut self) -> Ran {
        let lost = || Ran::unhandled("Runtime.Unknown", "The execution environment is gone.");
        (&mut self.answer).await.unwrap_or_else(|_| lost())
    }
}

/// The variables that Lambda sets: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
fn variables(plan: &Plan, given: &Given) -> Vec<(String, String)> {
    let endpoint = format!("http://{}", given.endpoint);
    let key = format!("ASIA{}", given.id[..16].to_uppercase());
    let memory = plan.memory_mb.to_string();
    let own = [
        ("AWS_ACCESS_KEY_ID", key.as_str()),
        ("AWS_SECRET_ACCESS_KEY", given.id.as_str()),
        ("AWS_SESSION_TOKEN", given.id.as_str()),
        ("AWS_REGION", given.region.as_str()),
        ("AWS_DEFAULT_REGION", given.region.as_str()),
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_LAMBDA_FUNCTION_NAME", plan.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory.as_str()),
        ("AWS_LAMBDA_FUNCTION_VERSION", plan.version.as_str()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", plan.log_group.as_str()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", given.stream.as_str()),
        ("_HANDLER", plan.handler.as_str()),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
    ];
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    own.chain(given.variables.iter().cloned()).collect()
}
