//! Values of secrets, which exist only inside the call that needs them.

use std::collections::BTreeMap;

use globecart_aws::engine::{CallError, CallResult, Class, Input, Invalid};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use typed_builder::TypedBuilder;

use super::Secret;

/// What passwords are made of: nothing that a connection string, a shell or SQL would take for something else.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The password of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypedBuilder)]
pub struct Password {
    /// The field that holds it. Default: `password`.
    #[builder(default = "password".to_owned(), setter(into))]
    pub field: String,
    /// How many letters and digits it has, 16 to 128. Default: 32.
    #[builder(default = 32)]
    pub length: u8,
}

impl Default for Password {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Password {
    pub(super) fn check(&self, fields: &BTreeMap<String, Input<Value>>) -> Result<(), Invalid> {
        if !(16..=128).contains(&self.length) {
            let problem = format!("must have 16 to 128 characters, not {}", self.length);
            return Err(Invalid::new("password", problem));
        }
        if fields.contains_key(&self.field) {
            let problem = format!("has `{}`, which holds the password", self.field);
            return Err(Invalid::new("fields", problem));
        }
        Ok(())
    }

    fn random(&self) -> CallResult<SecretString> {
        let mut password = String::with_capacity(self.length.into());
        while password.len() < self.length.into() {
            let mut bytes = [0; 64];
            getrandom::fill(&mut bytes).map_err(|error| {
                CallError::new(Class::Other, "making a password", error.to_string())
            })?;
            // The last few values would make the first letters more likely.
            let fair = bytes.iter().filter(|byte| usize::from(**byte) < 4 * LETTERS.len());
            let letters = fair.map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
            password.extend(letters.take(usize::from(self.length) - password.len()));
        }
        Ok(password.into())
    }
}

impl Secret {
    /// The declared fields and a new password.
    pub(super) fn first_value(&self) -> CallResult<SecretString> {
        let mut value = Map::new();
        for (name, field) in &self.fields {
            value.insert(name.clone(), field.known().clone());
        }
        let password = self.password.random()?;
        value.insert(self.password.field.clone(), password.expose_secret().into());
        Ok(Value::Object(value).to_string().into())
    }

    /// A hash of the declared fields, none of which is secret.
    pub(super) fn fields_hash(&self) -> String {
        let text = serde_json::to_string(&self.fields).unwrap_or_default();
        let digits =
            Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
        digits.concat()
    }

    /// The current value with the fields as they are declared now and not as `old` declared them; none where nothing
    /// differs.
    pub(super) fn merged(&self, old: &Self, value: &str) -> CallResult<Option<SecretString>> {
        let problem = "the current value is no JSON object, so it was left alone";
        let parsed: Option<Map<String, Value>> = serde_json::from_str(value).ok();
        let mut merged = parsed.ok_or_else(|| {
            CallError::new(Class::Invalid, "changing fields of the secret", problem)
        })?;
        let before = merged.clone();
        let dropped = old.fields.keys().filter(|name| !self.fields.contains_key(*name));
        dropped.for_each(|name| _ = merged.remove(name));
        for (name, field) in &self.fields {
            if old.fields.get(name) != Some(field) {
                merged.insert(name.clone(), field.known().clone());
            }
        }
        Ok((merged != before).then(|| Value::Object(merged).to_string().into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret(fields: Value) -> Secret {
        let fields = fields.as_object().unwrap().clone().into_iter();
        let fields = fields.map(|(name, value)| (name, value.into())).collect();
        Secret::builder().fields(fields).build()
    }

    #[test]
    fn passwords_are_new_every_time() {
        let secret = secret(json!({"username": "app", "port": 5432}));
        let [one, two] = [(); 2].map(|()| secret.first_value().unwrap());
        assert_ne!(one.expose_secret(), two.expose_secret());
        let value: Value = serde_json::from_str(one.expose_secret()).unwrap();
        assert_eq!((&value["username"], &value["port"]), (&json!("app"), &json!(5432)));
        let password = value["password"].as_str().unwrap();
        assert_eq!(password.len(), 32);
        assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(!format!("{one:?}").contains(password), "it has no readable form");
    }

    #[test]
    fn only_declared_fields_that_changed_are_merged() {
        let old = secret(json!({"host": "a", "port": 5432, "gone": 1}));
        let new = secret(json!({"host": "b", "port": 5432}));
        let rotated =
            json!({"host": "a", "port": 5432, "gone": 1, "username": "app_clone", "password": "p"});
        let merged = new.merged(&old, &rotated.to_string()).unwrap().unwrap();
        let merged: Value = serde_json::from_str(merged.expose_secret()).unwrap();
        let expected = json!({"host": "b", "port": 5432, "username": "app_clone", "password": "p"});
        assert_eq!(merged, expected);
        assert!(new.merged(&new, &expected.to_string()).unwrap().is_none());
        let error = new.merged(&old, "s3cret").unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
