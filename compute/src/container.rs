//! A container of a task.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>

use std::collections::{BTreeMap, BTreeSet};

use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{LogGroupName, SecretArn};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use crate::image::Image;

/// A container. Its root file system is read-only, its user is not root, and it has no capabilities, unless it says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Container {
    /// Its name: letters, digits, hyphens and underscores.
    #[builder(setter(into))]
    pub name: String,
    /// What it runs.
    pub image: Image,
    /// The TCP ports that it listens on. Default: none.
    #[builder(default)]
    pub ports: BTreeSet<u16>,
    /// Settings, in plain text for everybody who may describe the task definition: no secret has a type that fits.
    /// Default: none.
    #[builder(default)]
    pub environment: BTreeMap<String, Input<String>>,
    /// Secrets, which are fetched when a task starts. Default: none.
    #[builder(default)]
    pub secrets: BTreeMap<String, SecretReference>,
    /// Whether the task ends with it. Default: yes.
    #[builder(default = true)]
    pub essential: bool,
    /// What it runs in place of the image's own command. Default: the image's.
    #[builder(default)]
    pub command: Vec<String>,
    /// User and group, as in `1000:1000`. Default: `1000:1000`.
    #[builder(default = "1000:1000".to_owned(), setter(into))]
    pub user: String,
    /// Whether it cannot write but into volumes. Default: yes.
    #[builder(default = true)]
    pub read_only: bool,
    /// Linux capabilities that it does without. Default: all.
    #[builder(default = ["ALL".to_owned()].into())]
    pub drop_capabilities: BTreeSet<String>,
    /// Whether a small init process passes on signals and reaps children. Default: yes.
    #[builder(default = true)]
    pub init: bool,
    /// Where volumes of the task appear. Default: nowhere.
    #[builder(default)]
    pub mounts: Vec<MountPoint>,
    /// How it is found out whether it is well. Default: not at all.
    #[builder(default, setter(strip_option))]
    pub health_check: Option<ContainerHealthCheck>,
    /// Where its output goes. Default: nowhere.
    #[builder(default, setter(strip_option))]
    pub logs: Option<ContainerLogs>,
    /// How long it has to end when it is told to, at most 120 seconds. Default: 30.
    #[builder(default = 30)]
    pub stop_timeout_secs: u16,
}

/// A secret that a container gets under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecretReference {
    /// The secret.
    pub secret: Input<SecretArn>,
    /// The key of its JSON; without one the whole value.
    pub key: Option<String>,
}

/// A volume in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountPoint {
    /// The volume's name.
    pub volume: String,
    /// Where it appears: an absolute path.
    pub path: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// A command by which a container says whether it is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypedBuilder)]
pub struct ContainerHealthCheck {
    /// The command: `CMD` and its arguments, or `CMD-SHELL` and a line for the image's shell.
    pub command: Vec<String>,
    /// Seconds between checks, 5 to 300. Default: 10.
    #[builder(default = 10)]
    pub interval_secs: u16,
    /// Seconds that a check has, 2 to 60. Default: 5.
    #[builder(default = 5)]
    pub timeout_secs: u16,
    /// How many must fail in a row, 1 to 10. Default: 3.
    #[builder(default = 3)]
    pub retries: u16,
    /// Seconds after the start in which failures do not count, 0 to 300. Default: 30.
    #[builder(default = 30)]
    pub start_secs: u16,
}

/// Where a container's output goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ContainerLogs {
    /// The log group, which must be there.
    #[builder(setter(into))]
    pub group: Input<LogGroupName>,
    /// What its streams begin with.
    #[builder(setter(into))]
    pub prefix: String,
    /// Whether nothing may be lost: the container then waits while CloudWatch Logs does not keep up. Default: no,
    /// up to 25 MiB are held back and then dropped.
    #[builder(default)]
    pub blocking: bool,
}

impl SecretReference {
    /// A whole secret.
    pub fn whole(secret: impl Into<Input<SecretArn>>) -> Self {
        Self { secret: secret.into(), key: None }
    }

    /// One key of a secret whose value is JSON.
    pub fn key(secret: impl Into<Input<SecretArn>>, key: impl Into<String>) -> Self {
        Self { secret: secret.into(), key: Some(key.into()) }
    }
}

impl ContainerHealthCheck {
    /// A program and its arguments, without a shell.
    pub fn program(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let words = words.into_iter().map(Into::into);
        let command = std::iter::once("CMD".to_owned()).chain(words).collect();
        Self::builder().command(command).build()
    }

    fn check(&self) -> Result<(), Invalid> {
        let within = |name: &str, value: u16, least: u16, most: u16| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            let problem = format!("{name} must be {least} to {most}, not {value}");
            Err(Invalid::new("health_check", problem))
        };
        within("interval_secs", self.interval_secs, 5, 300)?;
        within("timeout_secs", self.timeout_secs, 2, 60)?;
        within("retries", self.retries, 1, 10)?;
        within("start_secs", self.start_secs, 0, 300)?;
        match self.command.first().map(String::as_str) {
            Some("CMD" | "CMD-SHELL") if self.command.len() > 1 => Ok(()),
            _ => Err(Invalid::new("health_check", "must begin with `CMD` or `CMD-SHELL`")),
        }
    }
}

impl Container {
    /// Refuses what ECS would refuse, whatever else the task has.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > 255 || !self.name.chars().all(fits) {
            let problem = format!("`{}` must be 1 to 255 letters, digits, - and _", self.name);
            return Err(Invalid::new("name", problem));
        }
        self.image.check("image")?;
        if self.stop_timeout_secs > 120 {
            let problem = format!("must be at most 120 on Fargate, not {}", self.stop_timeout_secs);
            return Err(Invalid::new("stop_timeout_secs", problem));
        }
        if self.user.is_empty() {
            return Err(Invalid::new(
                "user",
                "must not be empty: that would be the image's, often root",
            ));
        }
        if let Some(name) = self.environment.keys().find(|name| self.secrets.contains_key(*name)) {
            let problem = format!("`{name}` is a setting already");
            return Err(Invalid::new("secrets", problem));
        }
        if let Some(mount) = self.mounts.iter().find(|mount| !mount.path.starts_with('/')) {
            let problem = format!("`{}` must begin with /", mount.path);
            return Err(Invalid::new("mounts", problem));
        }
        self.health_check.as_ref().map_or(Ok(()), ContainerHealthCheck::check)
    }
}
