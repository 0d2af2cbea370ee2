//! What the program uses, mounts and is given, put together.

use std::collections::BTreeMap;

use globecart_aws::engine::{Address, Input, Invalid};
use globecart_aws::policy::Statement;
use globecart_aws::{Client, KeyArn, Mounted, SecretArn, Stack};

use super::Service;
use crate::SecretReference;

/// All grants of a service.
#[derive(Debug, Default)]
pub(super) struct Granted {
    pub(super) settings: BTreeMap<String, Input<String>>,
    pub(super) secrets: BTreeMap<String, SecretReference>,
    /// The keys that encrypt those secrets.
    pub(super) keys: Vec<Input<KeyArn>>,
    pub(super) may: Vec<Statement>,
    pub(super) mounted: Vec<Mounted>,
    pub(super) after: Vec<Address>,
}

impl Granted {
    /// The secrets, each once.
    pub(super) fn distinct(&self) -> Vec<Input<SecretArn>> {
        let mut all: Vec<Input<SecretArn>> = Vec::new();
        for reference in self.secrets.values() {
            if !all.contains(&reference.secret) {
                all.push(reference.secret.clone());
            }
        }
        all
    }

    fn set(&mut self, name: &str, value: Input<String>) -> Result<(), Invalid> {
        if self.settings.insert(name.to_owned(), value).is_some() {
            return Err(twice("settings", name));
        }
        Ok(())
    }

    fn give(&mut self, name: &str, secret: SecretReference) -> Result<(), Invalid> {
        if self.secrets.insert(name.to_owned(), secret).is_some() {
            return Err(twice("secrets", name));
        }
        Ok(())
    }
}

fn twice(field: &str, name: &str) -> Invalid {
    Invalid::new(field, format!("`{name}` is given twice"))
}

impl Service<'_> {
    /// Lets the program in everywhere, and gathers what it gets.
    pub(super) fn granted(&self, stack: &mut Stack, client: &Client) -> Result<Granted, Invalid> {
        let mut all = Granted { settings: self.settings.clone(), ..Granted::default() };
        for (name, secret) in &self.secrets {
            all.give(name, secret.clone())?;
        }
        for used in &self.uses {
            let grant = used.grant(stack, client)?;
            for (name, value) in grant.settings {
                all.set(&name, value)?;
            }
            for (name, secret) in grant.secrets {
                all.keys.extend(secret.kms_key);
                all.give(&name, SecretReference { secret: secret.secret, key: secret.key })?;
            }
            all.may.extend(grant.may);
            all.after.extend(grant.after);
        }
        for mount in &self.mounts {
            for mounted in mount.grant_mounts(stack, client)? {
                all.after.extend(mounted.after.iter().cloned());
                all.mounted.push(mounted);
            }
        }
        Ok(all)
    }
}
