//! What the function and whoever deploys it must agree on.

use std::fmt;
use std::str::FromStr;

/// The hash of the sources that this crate was built from: SHA-256, 64 hexadecimal digits.
///
/// A package built from the same sources carries the same ([`Package::source`](crate::Package::source)).
pub const SOURCE_HASH: &str = env!("GLOBECART_ROTATION_SOURCE");

/// The names of the environment variables that tell a function what it works on.
///
/// They pin its target: a secret that names another one is refused before any login. Besides these the function needs what
/// Lambda sets itself, `AWS_REGION` above all.
pub mod environment {
    /// The name of the database's writer endpoint, which its certificate must carry.
    pub const DATABASE_HOST: &str = "DATABASE_HOST";
    /// Its port: 1 to 65535.
    pub const DATABASE_PORT: &str = "DATABASE_PORT";
    /// The name of the database inside the cluster.
    pub const DATABASE_NAME: &str = "DATABASE_NAME";
    /// The ARN of the secret with the superuser's `username` and `password`.
    pub const SUPERUSER_SECRET_ARN: &str = "SUPERUSER_SECRET_ARN";
    /// A [`Strategy`](super::Strategy).
    pub const ROTATION_STRATEGY: &str = "ROTATION_STRATEGY";

    /// What the name of the database's endpoint resolves to, as `127.0.0.1:PORT`: set by the runtime of the embedded AWS,
    /// and read only by a function built for it.
    pub const EMBEDDED_DATABASE_ADDRESS: &str = "GLOBECART_EMBEDDED_DATABASE_ADDRESS";
    /// A PEM file with the certificate authority of the embedded AWS's databases, in place of RDS's: as above.
    pub const EMBEDDED_DATABASE_CA: &str = "GLOBECART_EMBEDDED_DATABASE_CA";
}

/// The regions whose database certificates the function can verify.
///
/// In any other it answers every invocation with an error, so a deployment there is refused early.
pub const REGIONS: [&str; 27] = [
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-central-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// What follows the application user's name in that of its clone.
pub const CLONE_SUFFIX: &str = "_clone";

/// What follows the application user's name in that of the role that owns its objects.
pub const OWNER_SUFFIX: &str = "_owner";

/// The longest name of an application user, in bytes: its clone's must fit into PostgreSQL's 63.
pub const LONGEST_USER: usize = 63 - CLONE_SUFFIX.len();

/// Whose password a rotation changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The one user's. Whoever still holds the old password is refused at its next login.
    SingleUser,
    /// The user's and its clone's in turn: the old login works until the next rotation.
    AlternatingUsers,
}

impl Strategy {
    /// The value of [`environment::ROTATION_STRATEGY`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleUser => "single-user",
            Self::AlternatingUsers => "alternating-users",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(text: &str) -> Result<Self, UnknownStrategy> {
        let all = [Self::SingleUser, Self::AlternatingUsers];
        all.into_iter().find(|strategy| strategy.as_str() == text).ok_or(UnknownStrategy)
    }
}

/// The text is no [`Strategy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownStrategy;

impl fmt::Display for UnknownStrategy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("neither `single-user` nor `alternating-users`")
    }
}

impl std::error::Error for UnknownStrategy {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_are_read_as_they_are_written() {
        for strategy in [Strategy::SingleUser, Strategy::AlternatingUsers] {
            assert_eq!(strategy.to_string().parse(), Ok(strategy));
        }
        assert_eq!("Single-User".parse::<Strategy>(), Err(UnknownStrategy));
    }

    #[test]
    fn the_source_hash_is_a_sha_256() {
        assert_eq!(SOURCE_HASH.len(), 64);
        assert!(SOURCE_HASH.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
