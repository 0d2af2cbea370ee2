//! New passwords, and what the database gets in their place.

use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Kind};

/// 64 characters that need no quoting in an address, a shell or a configuration file.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 240 bits: what a verifier tells cannot be guessed back.
const LENGTH: usize = 40;

/// A password that there was not before, from the system's random source.
pub(crate) fn generate() -> Result<SecretString, Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| {
        let cause = format!("the system gives no random bytes: {error}");
        Error::new(Kind::Configuration, cause, "the rotation is tried again")
    })?;
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 64)]);
    Ok(SecretString::from(bytes.iter().map(letter).collect::<String>()))
}

/// What the database stores to check a login by SCRAM-SHA-256: the only form in which a password is sent to it, because
/// statements are logged.
pub(crate) fn verifier(password: &SecretString) -> String {
    scram_sha_256(password.expose_secret().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn passwords_are_long_plain_and_different() {
        let made: BTreeSet<String> =
            (0..100).map(|_| generate().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(made.len(), 100);
        for password in made {
            assert_eq!(password.len(), LENGTH);
            assert!(password.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
    }

    #[test]
    fn a_verifier_tells_nothing_of_the_password() {
        let password = SecretString::from("it's \"quoted\"; \\ and more");
        let verifier = verifier(&password);
        let (method, rest) = verifier.split_once('$').unwrap();
        assert_eq!(method, "SCRAM-SHA-256");
        assert_eq!(rest.matches(['$', ':']).count(), 3, "iterations, salt, two keys: {rest}");
        assert!(!verifier.contains("quoted"));
        assert!(!verifier.contains(['\'', '\\']), "nothing that needs quoting");
    }
}
