//! How far a rotation is.

use crate::page::{Page, Style};

/// A step of a rotation, in the words of Secrets Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Create,
    Set,
    Test,
    Finish,
}

impl Step {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 4] = [Self::Create, Self::Set, Self::Test, Self::Finish];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test => "testSecret",
            Self::Finish => "finishSecret",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Create => "there is a new value",
            Self::Set => "the database takes it",
            Self::Test => "a login with it works",
            Self::Finish => "it is the current one",
        }
    }
}

/// Shows that a rotation was asked for.
pub(crate) fn asked(page: &mut Page, name: &str, version: &str) {
    page.plain(format_args!("rotating {name} to the version {version}")).end();
}

/// Shows a step that is done.
pub(crate) fn done(page: &mut Page, step: Step) {
    page.put(Style::Good, format_args!("{:<13}", step.name())).plain(step.meaning()).end();
}

/// Shows that nothing is pending any more, and what that can mean.
pub(crate) fn cleared(page: &mut Page, name: &str, version: &str) {
    page.line(format_args!("the version {version} of {name} is not pending any more"));
    page.line(
        "Where a single user is rotated, the database may have its password already: rotate again.",
    );
}
