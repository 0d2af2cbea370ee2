//! The Python environment of the end-to-end tests: boto3, the AWS command line, and an emulator that others wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// What the emulator needs at least.
const OLDEST: (u32, u32) = (3, 10);

const INSTALL: &str = "install Python 3.10 or newer with its venv module \
    (Debian and Ubuntu: `apt-get install python3-venv`; Fedora: `dnf install python3`; \
    macOS: `brew install python3`) and run this again";

/// An environment with everything that `tests/python/requirements.txt` pins.
pub(crate) struct Python {
    programs: PathBuf,
}

impl Python {
    /// Makes the environment under the target folder, or takes the one that is there if the requirements are the same.
    pub(crate) fn set_up(workspace: &Workspace) -> Result<Self, Failure> {
        let interpreter = Interpreter::find()?;
        let requirements = workspace.read(REQUIREMENTS)?;
        let folder = workspace.target_directory.join("python");
        let stamp = folder.join("made-from");
        let made_from = format!("{}\n{requirements}", interpreter.about);
        if fs::read_to_string(&stamp).is_ok_and(|before| before == made_from) {
            return Ok(Self { programs: folder.join("bin") });
        }
        let made = interpreter.make(&folder, &workspace.root.join(REQUIREMENTS))?;
        fs::write(&stamp, made_from)
            .map_err(|error| Failure::while_doing(stamp.display(), error))?;
        Ok(made)
    }

    /// The variables by which the tests find the environment; tests that need Python run only where they are set.
    pub(crate) fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("GLOBECART_TEST_PYTHON", self.programs.join("python")),
            ("GLOBECART_TEST_MINISTACK", self.programs.join("ministack")),
        ]
    }
}

struct Interpreter {
    program: &'static str,
    /// Version and place: another one needs another environment.
    about: String,
}

impl Interpreter {
    /// The first that is new enough and can make environments.
    fn find() -> Result<Self, Failure> {
        let mut seen = Vec::new();
        for program in [
            "python3",
            "python3.14",
            "python3.13",
            "python3.12",
            "python3.11",
            "python3.10",
            "python",
        ] {
            match Self::look_at(program) {
                Look::Usable(about) => return Ok(Self { program, about }),
                Look::Unusable(why) => seen.push(format!("{program} {why}")),
                Look::Absent => {}
            }
        }
        let seen = if seen.is_empty() { "no Python was found".to_owned() } else { seen.join(", ") };
        Err(Failure::new(format!("the tests that use Python cannot run: {seen}; {INSTALL}")))
    }

    fn look_at(program: &str) -> Look {
        let version = "import sys; print(sys.version_info[0], sys.version_info[1], sys.base_prefix, sys.version)";
        let Ok(answer) = Command::new(program).args(["-c", version]).output() else {
            return Look::Absent;
        };
        let about = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        let Some(found) = version_of(&about) else {
            return Look::Unusable("does not tell its version".to_owned());
        };
        if found < OLDEST {
            return Look::Unusable(format!("is version {}.{}", found.0, found.1));
        }
        // Debian ships `venv` without `ensurepip`, which it cannot work without.
        if !command::works(Command::new(program).args(["-c", "import venv, ensurepip"])) {
            return Look::Unusable("has no venv module".to_owned());
        }
        Look::Usable(about)
    }

    fn make(&self, folder: &Path, requirements: &Path) -> Result<Python, Failure> {
        command::run(Command::new(self.program).args(["-m", "venv", "--clear"]).arg(folder))?;
        let programs = folder.join("bin");
        let pip = || {
            let mut pip = Command::new(programs.join("python"));
            pip.args(["-m", "pip", "--disable-pip-version-check"]);
            pip
        };
        // Only what is pinned, nothing that would have to be compiled; then whether the pins are complete.
        let exactly = ["install", "--quiet", "--no-deps", "--only-binary=:all:", "--requirement"];
        command::run(pip().args(exactly).arg(requirements))?;
        command::run(pip().arg("check"))?;
        Ok(Python { programs })
    }
}

enum Look {
    Usable(String),
    Unusable(String),
    Absent,
}

fn version_of(about: &str) -> Option<(u32, u32)> {
    let mut words = about.split_whitespace();
    let mut number = || words.next()?.parse().ok();
    Some((number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, version_of};

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version_of("3 11 /usr 3.11.2 (main)"), Some((3, 11)));
        assert!(version_of("3 9 /usr 3.9.2").is_some_and(|version| version < OLDEST));
        assert!(version_of("3 14 /usr 3.14.0").is_some_and(|version| version > OLDEST));
        assert_eq!(version_of("pyenv: no version is set"), None);
    }
}
