//! The PostgreSQL that databases of the embedded AWS are made on, as the environment names it. Never an argument: the URL
//! holds a password, and arguments can be read by every process of the machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use globecart_local_aws::Postgres;

use crate::failure::Failure;
use crate::variable;

/// The variable with its URL.
pub(crate) const URL: &str = "GLOBECART_POSTGRES_URL";
const FILE: &str = "GLOBECART_POSTGRES_URL_FILE";

/// The PostgreSQL of `GLOBECART_POSTGRES_URL`, or of the file that `GLOBECART_POSTGRES_URL_FILE` names; none without either.
pub(crate) fn named() -> Result<Option<Postgres>, Failure> {
    chosen(variable(URL), variable(FILE))
}

fn chosen(url: Option<String>, file: Option<String>) -> Result<Option<Postgres>, Failure> {
    let (source, url) = match (url, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let problem = format!("{URL} and {FILE} are both set");
            return Err(refused(problem, "set one of them"));
        }
        (Some(url), None) => (URL.to_owned(), url),
        (None, Some(file)) => (file.clone(), read(Path::new(&file))?),
    };
    let parsed = Postgres::parse(&url);
    parsed.map(Some).map_err(|error| {
        let help = "give postgres://USER:PASSWORD@HOST:PORT/postgres?sslmode=verify-full&sslrootcert=FILE, USER being a superuser";
        refused(format!("{source} names no PostgreSQL that can be used: {error}"), help)
    })
}

/// The text of a file that only its owner can read.
fn read(file: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::Io {
        doing: format!("read {}, which {FILE} names", file.display()),
        source,
    };
    let mode = fs::metadata(file).map_err(failed)?.mode();
    if mode & 0o077 != 0 {
        let problem = format!("{} can be read by others, and holds a password", file.display());
        return Err(refused(problem, &format!("chmod 600 {}", file.display())));
    }
    fs::read_to_string(file).map_err(failed)
}

fn refused(problem: String, help: &str) -> Failure {
    Failure::Usage { problem, help: help.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const GOOD: &str = "postgres://boss:hidden@localhost/postgres?sslmode=disable";

    #[test]
    fn one_source_names_it() {
        assert_eq!(chosen(None, None).unwrap(), None);
        assert!(chosen(Some(GOOD.to_owned()), None).unwrap().is_some());
        let both = chosen(Some(GOOD.to_owned()), Some("/none".to_owned()));
        assert!(matches!(both, Err(Failure::Usage { .. })));
    }

    #[test]
    fn a_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, format!("{GOOD}\n")).unwrap();
        let of_file = || chosen(None, Some(file.display().to_string()));
        for (mode, taken) in [(0o644, false), (0o640, false), (0o600, true)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(of_file().is_ok(), taken, "{mode:o}");
        }
    }

    #[test]
    fn a_refusal_shows_nothing_of_the_url() {
        let wrong = "postgres://boss:hidden@db.example/postgres";
        let refused = chosen(Some(wrong.to_owned()), None).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hidden"), "{refused}");
    }
}
