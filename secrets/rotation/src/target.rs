//! What a function works on, pinned by its own environment.

use crate::contract::{Strategy, environment};
use crate::error::{Error, Kind};

/// The database whose users a function may change, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name of the writer endpoint.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The name of the database.
    pub database: String,
    /// The ARN of the secret with the superuser's `username` and `password`.
    pub superuser: String,
    /// Whose password is changed.
    pub strategy: Strategy,
    /// Whose certificate authorities are trusted.
    pub region: String,
}

impl Target {
    /// Reads the function's environment.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let required = |name: &str| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| not_set_up(name, "is missing"))
        };
        let port = required(environment::DATABASE_PORT)?;
        let port = port.parse().ok().filter(|&port| port != 0);
        let strategy = required(environment::ROTATION_STRATEGY)?.parse::<Strategy>();
        Ok(Self {
            host: required(environment::DATABASE_HOST)?,
            port: port.ok_or_else(|| not_set_up(environment::DATABASE_PORT, "is no port"))?,
            database: required(environment::DATABASE_NAME)?,
            superuser: required(environment::SUPERUSER_SECRET_ARN)?,
            strategy: strategy.map_err(|unknown| {
                not_set_up(environment::ROTATION_STRATEGY, &format!("is {unknown}"))
            })?,
            region: required("AWS_REGION")?,
        })
    }
}

fn not_set_up(name: &str, why: &str) -> Error {
    let cause = format!("the function's environment variable {name} {why}");
    Error::new(Kind::Configuration, cause, "set it on the function, as its deployment does")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Option<String> {
        let value = match name {
            "DATABASE_HOST" => "db.cluster-1.us-east-1.rds.amazonaws.com",
            "DATABASE_PORT" => "5432",
            "DATABASE_NAME" => "shop",
            "SUPERUSER_SECRET_ARN" => "arn:aws:secretsmanager:us-east-1:1:secret:master",
            "ROTATION_STRATEGY" => "alternating-users",
            "AWS_REGION" => "us-east-1",
            _ => return None,
        };
        Some(value.to_owned())
    }

    const ALL: [&str; 6] = [
        environment::DATABASE_HOST,
        environment::DATABASE_PORT,
        environment::DATABASE_NAME,
        environment::SUPERUSER_SECRET_ARN,
        environment::ROTATION_STRATEGY,
        "AWS_REGION",
    ];

    #[test]
    fn the_environment_pins_the_target() {
        let target = Target::of_environment(variable).unwrap();
        assert_eq!((target.port, target.strategy), (5432, Strategy::AlternatingUsers));
        assert_eq!((target.database.as_str(), target.region.as_str()), ("shop", "us-east-1"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for missing in ALL {
            for empty in [None, Some(String::new())] {
                let lookup = |name: &str| {
                    if name == missing { empty.clone() } else { variable(name) }
                };
                let error = Target::of_environment(lookup).unwrap_err();
                assert_eq!(error.kind(), Kind::Configuration);
                assert!(error.to_string().contains(missing), "{error}");
            }
        }
    }

    #[test]
    fn ports_and_strategies_are_checked() {
        let wrong = |name: &'static str, value: &'static str| {
            let lookup = |asked: &str| {
                if asked == name { Some(value.to_owned()) } else { variable(asked) }
            };
            Target::of_environment(lookup).unwrap_err().to_string()
        };
        for port in ["0", "65536", "-1", "postgres"] {
            assert!(wrong(environment::DATABASE_PORT, port).contains("DATABASE_PORT is no port"));
        }
        let error = wrong(environment::ROTATION_STRATEGY, "multi-user");
        assert!(error.contains("ROTATION_STRATEGY is neither `single-user` nor"), "{error}");
    }
}
