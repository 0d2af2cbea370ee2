//! The secret's value: a login, and the database it is for.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::contract::{CLONE_SUFFIX, LONGEST_USER, OWNER_SUFFIX, Strategy};
use crate::error::{Error, Kind};
use crate::target::Target;

const COMPLETE_IT: &str = "the value must be a JSON object with `engine`, `host`, `port`, \
    `username`, `password`, `dbname` and `masterarn`";

/// A user and its password.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: SecretString,
}

/// A version of the rotated secret.
#[derive(Debug)]
pub(crate) struct Secret {
    /// Which one, for messages.
    name: &'static str,
    whole: SecretString,
    pub(crate) login: Login,
}

impl Login {
    /// Reads `username` and `password`, all that the superuser's secret has.
    pub(crate) fn read(name: &str, value: &SecretString) -> Result<Self, Error> {
        let fields = object(name, value)?;
        Self::of(name, &fields)
    }

    fn of(name: &str, fields: &Map<String, Value>) -> Result<Self, Error> {
        let user = text(name, fields, "username")?.to_owned();
        let password = SecretString::from(text(name, fields, "password")?);
        Ok(Self { user, password })
    }
}

impl Secret {
    /// Reads a version and compares it with what the function was set up for; nothing of it is used before.
    pub(crate) fn read(
        name: &'static str,
        value: SecretString,
        target: &Target,
    ) -> Result<Self, Error> {
        let fields = object(name, &value)?;
        agrees(name, &fields, target)?;
        let login = Login::of(name, &fields)?;
        check_user(name, &login.user)?;
        Ok(Self { name, whole: value, login })
    }

    /// The user that the next version is for.
    pub(crate) fn next_user(&self, strategy: Strategy) -> String {
        match strategy {
            Strategy::SingleUser => self.login.user.clone(),
            Strategy::AlternatingUsers => alternate(&self.login.user),
        }
    }

    /// The same value with another login; whatever else it has stays.
    pub(crate) fn with_login(&self, login: &Login) -> Result<SecretString, Error> {
        let mut fields = object(self.name, &self.whole)?;
        fields.insert("username".to_owned(), Value::from(login.user.as_str()));
        fields.insert("password".to_owned(), Value::from(login.password.expose_secret()));
        Ok(SecretString::from(Value::Object(fields).to_string()))
    }

    /// Refuses a pending version that is for another user than the current one makes it.
    pub(crate) fn follows(&self, current: &Self, strategy: Strategy) -> Result<(), Error> {
        let expected = current.next_user(strategy);
        if self.login.user == expected {
            return Ok(());
        }
        let cause = format!(
            "the {} version is for another user than `{expected}`, which the current version makes it \
             ({strategy})",
            self.name
        );
        Err(Error::new(Kind::Mismatch, cause, CLEAR_IT))
    }
}

const CLEAR_IT: &str = "take AWSPENDING off that version (`rotate NAME --clear-pending`), correct \
    the secret or the function, and rotate again";

/// The application user that a user or its clone belongs to.
pub(crate) fn base(user: &str) -> &str {
    user.strip_suffix(CLONE_SUFFIX).unwrap_or(user)
}

/// The role that owns the objects of a user and its clone.
pub(crate) fn owner(user: &str) -> String {
    format!("{}{OWNER_SUFFIX}", base(user))
}

fn alternate(user: &str) -> String {
    match user.strip_suffix(CLONE_SUFFIX) {
        Some(user) => user.to_owned(),
        None => format!("{user}{CLONE_SUFFIX}"),
    }
}

/// Errors of the parser may quote the value, so that only the place is told.
fn object(name: &str, value: &SecretString) -> Result<Map<String, Value>, Error> {
    match serde_json::from_str(value.expose_secret()) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => {
            let cause = format!("the value of the {name} version is no JSON object");
            Err(Error::new(Kind::Value, cause, COMPLETE_IT))
        }
        Err(error) => {
            let cause = format!(
                "the value of the {name} version is no JSON (line {}, column {})",
                error.line(),
                error.column()
            );
            Err(Error::new(Kind::Value, cause, COMPLETE_IT))
        }
    }
}

fn text<'a>(name: &str, fields: &'a Map<String, Value>, field: &str) -> Result<&'a str, Error> {
    let value = match fields.get(field) {
        None => Err("is missing"),
        Some(value) => value.as_str().filter(|text| !text.is_empty()).ok_or("is no text"),
    };
    value.map_err(|why| malformed(name, field, why))
}

fn port(name: &str, fields: &Map<String, Value>) -> Result<u16, Error> {
    let value = fields.get("port").ok_or_else(|| malformed(name, "port", "is missing"))?;
    // Secrets Manager's own templates write a number; people also write a text.
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let port = number.and_then(|number| u16::try_from(number).ok());
    port.ok_or_else(|| malformed(name, "port", "is no port"))
}

fn malformed(name: &str, field: &str, why: &str) -> Error {
    let cause = format!("`{field}` of the {name} version {why}");
    Error::new(Kind::Value, cause, COMPLETE_IT)
}

/// A value that names another database must not make the function log in there with what it has.
fn agrees(name: &str, fields: &Map<String, Value>, target: &Target) -> Result<(), Error> {
    let engine = text(name, fields, "engine")?;
    if !matches!(engine, "postgres" | "aurora-postgresql") {
        let expected = "neither `postgres` nor `aurora-postgresql`";
        return Err(mismatch(name, "engine", &format!("is {expected}")));
    }
    let differs = |field: &str, expected: &str| {
        let why = format!("is not `{expected}`, which the function was set up for");
        Err(mismatch(name, field, &why))
    };
    if !text(name, fields, "host")?.eq_ignore_ascii_case(&target.host) {
        return differs("host", &target.host);
    }
    if port(name, fields)? != target.port {
        return differs("port", &target.port.to_string());
    }
    if text(name, fields, "dbname")? != target.database {
        return differs("dbname", &target.database);
    }
    if text(name, fields, "masterarn")? != target.superuser {
        return differs("masterarn", &target.superuser);
    }
    Ok(())
}

fn mismatch(name: &str, field: &str, why: &str) -> Error {
    let cause = format!("`{field}` of the {name} version {why}");
    Error::new(Kind::Mismatch, cause, CLEAR_IT)
}

fn check_user(name: &str, user: &str) -> Result<(), Error> {
    if base(user).is_empty() || user.contains('\0') {
        return Err(malformed(name, "username", "is no name of a user"));
    }
    if base(user).len() > LONGEST_USER {
        let why = format!(
            "is longer than {LONGEST_USER} bytes, so that `{CLONE_SUFFIX}` and `{OWNER_SUFFIX}` do \
             not fit behind it"
        );
        return Err(malformed(name, "username", &why));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
