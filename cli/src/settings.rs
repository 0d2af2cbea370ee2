//! The settings: a TOML file that becomes the program's own configuration type.
//!
//! `region` and `environment` may stand in every settings file, whether or not that type has such a field.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use globecart_engine::Invalid;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

mod read;

pub(crate) use read::Problem;

/// Reads settings from TOML exactly as [`run`](crate::run) does, for tests of a stack and of its example settings.
///
/// # Errors
/// When the text is no TOML, or says something that `Config` does not know or take.
pub fn settings<Config: DeserializeOwned>(toml: &str) -> Result<Config, Invalid> {
    let read = Settings::parse(Path::new("settings"), toml).and_then(|settings| settings.config());
    read.map_err(|error| Invalid::new("settings", error.to_string()))
}

/// What every settings file may say.
const COMMON: [&str; 2] = ["region", "environment"];

/// A settings file, as it was read.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    table: Table,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("cannot read the settings in {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
    #[error("{} is not valid TOML: line {line}, column {column}: {message}", path.display())]
    Syntax { path: PathBuf, line: usize, column: usize, message: String },
    #[error("{}: {problem}", path.display())]
    Setting { path: PathBuf, problem: Problem },
}

impl Settings {
    /// Reads a file; one that need not exist reads as empty.
    pub(crate) fn read(path: &Path, required: bool) -> Result<Self, SettingsError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !required => String::new(),
            other => other.map_err(|error| SettingsError::Io(path.to_owned(), error))?,
        };
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let table = text.parse().map_err(|error| syntax(path, text, &error))?;
        Ok(Self { path: path.to_owned(), table })
    }

    /// Sets `environment`, whatever the file says.
    pub(crate) fn set_environment(&mut self, name: &str) {
        self.table.insert("environment".to_owned(), Value::String(name.to_owned()));
    }

    /// The region, if the file says one.
    pub(crate) fn region(&self) -> Result<Option<String>, SettingsError> {
        match self.table.get("region") {
            None => Ok(None),
            Some(Value::String(region)) => Ok(Some(region.clone())),
            Some(_) => {
                Err(self
                    .wrong(Problem::new("must be a text, such as \"eu-central-1\"").at("region")))
            }
        }
    }

    /// The settings as the program's own type.
    pub(crate) fn config<Config: DeserializeOwned>(&self) -> Result<Config, SettingsError> {
        read::read(&self.table, &COMMON).map_err(|problem| self.wrong(problem))
    }

    fn wrong(&self, problem: Problem) -> SettingsError {
        SettingsError::Setting { path: self.path.clone(), problem }
    }
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    SettingsError::Syntax {
        path: path.to_owned(),
        line,
        column,
        message: error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests;
