//! Why a command ended without doing what it was asked to, and what the user can do about it.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use globecart_aws::SessionError;
use globecart_engine::apply::ApplyError;
use globecart_engine::plan::PlanError;
use globecart_engine::store::StoreError;
use globecart_engine::{Address, CallError, Class, Invalid};
use globecart_local_aws::OpenError;

use crate::interrupt::INTERRUPTED;
use crate::settings::SettingsError;

/// The exit code of a run in which something failed.
pub(crate) const FAILED: u8 = 1;

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line lacks something; nothing was changed.
    #[error("{problem}")]
    Usage { problem: String, help: String },
    #[error("data would be lost; nothing was changed")]
    DataLoss { losses: Vec<(Address, String)>, help: String },
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the stack cannot be declared like this")]
    Invalid(#[from] Invalid),
    #[error("cannot open the embedded AWS")]
    Cloud(#[from] OpenError),
    #[error("cannot open a session with AWS")]
    Session(#[from] SessionError),
    #[error("there is no plan")]
    Plan(#[from] PlanError),
    #[error("cannot use the state")]
    Store(#[from] StoreError),
    #[error("the run was stopped")]
    Apply(#[from] ApplyError),
    #[error("cannot {doing}")]
    Io { doing: String, source: io::Error },
    #[error("cannot list what is kept")]
    Kept(#[source] CallError),
    #[error("cannot rotate the secret")]
    Rotation(#[source] CallError),
    #[error("the rotation of {name} is not finished: {step} was not seen to succeed")]
    Unrotated { name: String, step: &'static str, function: String, give_up: String },
    #[error("the plan in {} cannot be used: {why}", path.display())]
    SavedPlan { path: PathBuf, why: String },
}

impl Failure {
    /// The process's exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::DataLoss { .. } | Self::Settings(_) => 2,
            Self::Interrupted => INTERRUPTED,
            _ => FAILED,
        }
    }

    /// What the message above does not say yet: the chain of causes.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next: Option<&dyn Error> = self.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }

    /// What became of things.
    pub(crate) fn state(&self) -> Option<&'static str> {
        match self {
            Self::Interrupted => {
                Some("what was answered is recorded, and what was under way is in the journal")
            }
            Self::Apply(ApplyError::Store(_)) => Some("what was recorded before is in the journal"),
            Self::Unrotated { .. } => Some(
                "the current login is what it was; Secrets Manager tries again by itself, with the same new value",
            ),
            _ => None,
        }
    }

    /// What the user can do.
    pub(crate) fn help(&self) -> Option<String> {
        let help = match self {
            Self::Usage { help, .. } | Self::DataLoss { help, .. } => return Some(help.clone()),
            Self::Interrupted => "run the same command again: it goes on where this one stopped",
            Self::Session(SessionError::Call(error)) | Self::Plan(PlanError::Read(error)) => {
                read_help(error)
            }
            Self::Unrotated { function, give_up, .. } => {
                return Some(format!(
                    "look in the log of {function} for the cause; `{give_up}` gives it up"
                ));
            }
            Self::Kept(error) | Self::Rotation(error) => error.help(),
            Self::SavedPlan { .. } => "make a new one with `plan --out FILE`",
            Self::Store(StoreError::Foreign { .. }) => {
                "keep one `--state` folder for each account and region"
            }
            Self::Store(StoreError::Held { .. }) => {
                "wait until it is done, or stop it; nothing was changed"
            }
            _ => return None,
        };
        Some(help.to_owned())
    }
}

/// What to do about a read that failed: it can have had no effect.
fn read_help(error: &CallError) -> &'static str {
    match error.class {
        Class::Ambiguous => "run it again; nothing was changed",
        _ => error.help(),
    }
}
