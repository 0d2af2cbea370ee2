//! A Secrets Manager in memory, with the contract of rotations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use secrecy::{ExposeSecret, SecretString};

use crate::secrets_manager::{
    CURRENT, Description, PENDING, PREVIOUS, Put, Refusal, SecretsManager, Version,
};

/// Secrets by name; clones share them.
#[derive(Clone, Default)]
pub struct Memory {
    secrets: Arc<Mutex<BTreeMap<String, Held>>>,
    refusals: Arc<Mutex<Vec<(&'static str, Refusal)>>>,
}

#[derive(Default)]
struct Held {
    rotation_enabled: bool,
    versions: BTreeMap<String, HeldVersion>,
    rotation_tokens: Vec<Option<String>>,
}

#[derive(Default)]
struct HeldVersion {
    value: Option<String>,
    stages: BTreeSet<String>,
}

impl Memory {
    /// Writes a secret whose only version is the current one. Rotation is enabled for it.
    pub fn create(&self, secret: &str, version: &str, value: &str) {
        let stages = BTreeSet::from([CURRENT.to_owned()]);
        let first = HeldVersion { value: Some(value.to_owned()), stages };
        let versions = BTreeMap::from([(version.to_owned(), first)]);
        let held = Held { rotation_enabled: true, versions, rotation_tokens: Vec::new() };
        self.lock().insert(secret.to_owned(), held);
    }

    /// `RotateSecret`, up to the first invocation: the version gets `AWSPENDING` and no value.
    pub fn rotate(&self, secret: &str, token: &str) -> Result<(), Refusal> {
        self.with(secret, |held| {
            if held.is_pending() {
                let message =
                    "A previous rotation isn't complete. That rotation will be reattempted.";
                return Err(Refusal::new("InvalidRequestException", message));
            }
            held.take_off(PENDING);
            held.versions.entry(token.to_owned()).or_default().stages.insert(PENDING.to_owned());
            Ok(())
        })
    }

    /// `CancelRotateSecret`.
    pub fn disable_rotation(&self, secret: &str) -> Result<(), Refusal> {
        self.with(secret, |held| {
            held.rotation_enabled = false;
            Ok(())
        })
    }

    /// `UpdateSecretVersionStage` by which an operator takes `AWSPENDING` off.
    pub fn clear_pending(&self, secret: &str) -> Result<(), Refusal> {
        self.with(secret, |held| {
            held.take_off(PENDING);
            Ok(())
        })
    }

    /// Puts another value in the place of a version's, as nobody can on AWS.
    pub fn falsify(&self, secret: &str, version: &str, value: &str) -> Result<(), Refusal> {
        self.with(secret, |held| {
            held.versions.entry(version.to_owned()).or_default().value = Some(value.to_owned());
            Ok(())
        })
    }

    /// Refuses the next call of that operation, such as `GetSecretValue`.
    pub fn refuse_next(&self, operation: &'static str, refusal: Refusal) {
        self.refusals.lock().expect("nothing fails with it").push((operation, refusal));
    }

    /// The value of the version with that stage.
    pub fn value(&self, secret: &str, stage: &str) -> Option<String> {
        let secrets = self.lock();
        let held = secrets.get(secret)?;
        held.versions.values().find(|version| version.stages.contains(stage))?.value.clone()
    }

    /// The stages of every version that has any.
    pub fn stages(&self, secret: &str) -> BTreeMap<String, BTreeSet<String>> {
        self.lock().get(secret).map(Held::stages).unwrap_or_default()
    }

    /// The rotation tokens that came with values, in order.
    pub fn rotation_tokens(&self, secret: &str) -> Vec<Option<String>> {
        self.lock().get(secret).map(|held| held.rotation_tokens.clone()).unwrap_or_default()
    }

    /// Every value that any version has.
    pub fn values(&self) -> Vec<String> {
        let secrets = self.lock();
        let versions = secrets.values().flat_map(|held| held.versions.values());
        versions.filter_map(|version| version.value.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.secrets.lock().expect("nothing fails with it")
    }

    fn with<T>(
        &self,
        secret: &str,
        work: impl FnOnce(&mut Held) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        match self.lock().get_mut(secret) {
            Some(held) => work(held),
            None => Err(not_found("Secrets Manager can't find the specified secret.")),
        }
    }

    fn call<T>(
        &self,
        operation: &str,
        secret: &str,
        work: impl FnOnce(&mut Held) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut refusals = self.refusals.lock().expect("nothing fails with it");
        let refused = refusals.iter().position(|(refused, _)| *refused == operation);
        match refused {
            Some(refused) => Err(refusals.remove(refused).1),
            None => self.with(secret, work),
        }
    }
}

impl Held {
    /// `AWSPENDING` on a version that is not the current one.
    fn is_pending(&self) -> bool {
        let pending = |version: &&HeldVersion| version.stages.contains(PENDING);
        self.versions
            .values()
            .find(pending)
            .is_some_and(|version| !version.stages.contains(CURRENT))
    }

    fn take_off(&mut self, stage: &str) {
        for version in self.versions.values_mut() {
            version.stages.remove(stage);
        }
        // Versions without a stage are gone, sooner or later.
        self.versions.retain(|_, version| !version.stages.is_empty());
    }

    fn stages(&self) -> BTreeMap<String, BTreeSet<String>> {
        let versions = self.versions.iter();
        versions.map(|(id, version)| (id.clone(), version.stages.clone())).collect()
    }

    fn find(&self, version: Version<'_>) -> Option<&HeldVersion> {
        let of_stage =
            |stage: &str| self.versions.values().find(|version| version.stages.contains(stage));
        match version {
            Version::Current => of_stage(CURRENT),
            Version::Previous => of_stage(PREVIOUS),
            Version::Pending(token) => {
                self.versions.get(token).filter(|version| version.stages.contains(PENDING))
            }
        }
    }

    fn put(&mut self, put: &Put<'_>) -> Result<(), Refusal> {
        self.rotation_tokens.push(put.rotation_token.map(|token| token.expose_secret().to_owned()));
        let value = put.value.expose_secret();
        match self.versions.get(put.token).and_then(|version| version.value.as_deref()) {
            Some(same) if same == value => return Ok(()),
            Some(_) => {
                let message = "You can't use ClientRequestToken for another value.";
                return Err(Refusal::new("ResourceExistsException", message));
            }
            None => {}
        }
        for version in self.versions.values_mut() {
            version.stages.remove(PENDING);
        }
        let version = self.versions.entry(put.token.to_owned()).or_default();
        version.value = Some(value.to_owned());
        version.stages.insert(PENDING.to_owned());
        Ok(())
    }

    /// Moves `AWSCURRENT`; `AWSPREVIOUS` follows, and `AWSPENDING` goes.
    fn move_current(&mut self, from: &str, to: &str) -> Result<(), Refusal> {
        let is_current = |held: &Self, id: &str| {
            held.versions.get(id).is_some_and(|version| version.stages.contains(CURRENT))
        };
        if !is_current(self, from) || !self.versions.contains_key(to) {
            let message = "The parameter RemoveFromVersionId isn't valid.";
            return Err(Refusal::new("InvalidParameterException", message));
        }
        for (id, version) in &mut self.versions {
            version.stages.remove(PREVIOUS);
            if id == from {
                version.stages.remove(CURRENT);
                version.stages.insert(PREVIOUS.to_owned());
            }
            if id == to {
                version.stages.remove(PENDING);
                version.stages.insert(CURRENT.to_owned());
            }
        }
        self.versions.retain(|_, version| !version.stages.is_empty());
        Ok(())
    }
}

fn not_found(message: &str) -> Refusal {
    Refusal::new("ResourceNotFoundException", message)
}

impl SecretsManager for Memory {
    async fn describe(&self, secret: &str) -> Result<Description, Refusal> {
        self.call("DescribeSecret", secret, |held| {
            let rotation_enabled = held.rotation_enabled;
            Ok(Description { rotation_enabled, stages: held.stages() })
        })
    }

    async fn get(&self, secret: &str, version: Version<'_>) -> Result<SecretString, Refusal> {
        self.call("GetSecretValue", secret, |held| {
            let value = held.find(version).and_then(|version| version.value.clone());
            let missing = || not_found("Secrets Manager can't find the specified secret value.");
            value.map(SecretString::from).ok_or_else(missing)
        })
    }

    async fn put(&self, put: Put<'_>) -> Result<(), Refusal> {
        self.call("PutSecretValue", put.secret, |held| held.put(&put))
    }

    async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), Refusal> {
        self.call("UpdateSecretVersionStage", secret, |held| held.move_current(from, to))
    }
}
