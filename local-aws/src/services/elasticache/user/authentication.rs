//! How users prove who they are. Passwords are counted, never kept.

use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::kind::{invalid_combination, invalid_value};
use serde_json::{Value, json};

/// An authentication mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authentication {
    /// By so many passwords.
    Passwords(usize),
    /// None is asked for.
    None,
    /// By IAM.
    Iam,
}

impl Authentication {
    /// What a request says, in the old parameters or in `AuthenticationMode`; `None` if it says nothing.
    pub(super) fn of_request(input: &Value) -> Result<Option<Self>, Fault> {
        let mode = &input["AuthenticationMode"];
        let passwords = [input.texts("Passwords"), mode.texts("Passwords")].concat();
        check_passwords(&passwords)?;
        if input.has("AuthenticationMode")
            && (input.has("Passwords") || input.has("NoPasswordRequired"))
        {
            return Err(invalid_combination(
                "AuthenticationMode cannot be used together with Passwords or NoPasswordRequired.",
            ));
        }
        let with_passwords = !passwords.is_empty();
        let kind = match mode.opt("Type") {
            Some(kind) => kind,
            None if input.flag("NoPasswordRequired") => "no-password-required",
            None if with_passwords => "password",
            None => return Ok(None),
        };
        match (kind, with_passwords) {
            ("password", true) => Ok(Some(Self::Passwords(passwords.len()))),
            ("password", false) => Err(invalid_combination(
                "Passwords must be given for the authentication type: password",
            )),
            (_, true) => Err(invalid_combination(format!(
                "Passwords cannot be given for the authentication type: {kind}"
            ))),
            ("iam", false) => Ok(Some(Self::Iam)),
            (_, false) => Ok(Some(Self::None)),
        }
    }

    /// What a row says.
    pub(super) fn of_row(row: &Value) -> Self {
        let described = &row["Authentication"];
        match described.text("Type") {
            "iam" => Self::Iam,
            "password" => Self::Passwords(
                described
                    .int("PasswordCount")
                    .and_then(|count| usize::try_from(count).ok())
                    .unwrap_or(1),
            ),
            _ => Self::None,
        }
    }

    /// Refuses what the engine or IAM does not allow.
    pub(super) fn check(self, engine: &str, id: &str, name: &str) -> Result<(), Fault> {
        if self == Self::Iam && id != name {
            return Err(invalid_combination(
                "User Id and User name must be same for authentication type: iam",
            ));
        }
        if self == Self::None && engine == "valkey" {
            return Err(invalid_combination(
                "Users of the engine valkey need a password or IAM authentication.",
            ));
        }
        Ok(())
    }

    /// The oldest version that such users work with.
    pub(super) fn least_version(self, engine: &str) -> &'static str {
        match (engine, self) {
            ("valkey", _) => "7.2",
            (_, Self::Iam) => "7.0",
            _ => "6.0",
        }
    }

    /// As users describe it.
    pub(super) fn described(self) -> Value {
        match self {
            Self::Passwords(count) => json!({"Type": "password", "PasswordCount": count}),
            Self::None => json!({"Type": "no-password"}),
            Self::Iam => json!({"Type": "iam"}),
        }
    }
}

fn check_passwords(passwords: &[&str]) -> Result<(), Fault> {
    if passwords.len() > 2 {
        return Err(invalid_value("A user can have at most two passwords."));
    }
    let long_enough = |password: &&str| (16..=128).contains(&password.chars().count());
    if !passwords.iter().all(long_enough) {
        return Err(invalid_value("Passwords must have 16 to 128 characters."));
    }
    if passwords.len() == 2 && passwords[0] == passwords[1] {
        return Err(invalid_value("The two passwords of a user must differ."));
    }
    Ok(())
}
