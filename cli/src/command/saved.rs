//! Saved plans: applied exactly, or refused if anything they relied on has changed.

use std::fs;
use std::path::Path;

use globecart_engine::plan::{Plan, Scope};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The form of a saved plan that this version writes and reads.
const FORMAT: u32 = 1;

/// A plan, and which part of the stack it was made for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    format: u32,
    scope: Scope,
    plan: Plan,
}

/// Writes a plan to a file.
pub(super) fn save(path: &Path, scope: &Scope, plan: &Plan) -> Result<(), Failure> {
    let saved = Saved { format: FORMAT, scope: scope.clone(), plan: plan.clone() };
    let text = serde_json::to_string_pretty(&saved).expect("a plan is plain data");
    let written = fs::write(path, format!("{text}\n"));
    written.map_err(|source| Failure::Io {
        doing: format!("save the plan in {}", path.display()),
        source,
    })
}

impl Saved {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path);
        let text = text
            .map_err(|source| Failure::Io { doing: format!("read {}", path.display()), source })?;
        let saved: Result<Self, _> = serde_json::from_str(&text);
        match saved {
            Ok(saved) if saved.format == FORMAT => Ok(saved),
            Ok(saved) => Err(refused(
                path,
                format!("it has format {}, and this version reads {FORMAT}", saved.format),
            )),
            Err(error) => Err(refused(path, format!("it is not a saved plan: {error}"))),
        }
    }

    pub(super) fn scope(&self) -> Scope {
        self.scope.clone()
    }

    /// Refuses unless a plan made now would do exactly the same.
    pub(super) fn still_holds(&self, path: &Path, now: &Plan) -> Result<(), Failure> {
        match self.plan.outdated(now) {
            None => Ok(()),
            Some(why) => Err(refused(path, why)),
        }
    }
}

fn refused(path: &Path, why: String) -> Failure {
    Failure::SavedPlan { path: path.to_owned(), why }
}
