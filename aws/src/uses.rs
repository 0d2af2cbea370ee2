//! What a program gets of what it uses, such as a database: the way there, permissions, settings and secrets, all at once.
//!
//! A component that runs programs takes [`Usable`]s and [`Mountable`]s; what stores offer implements them. Neither knows
//! the other.

use std::collections::BTreeMap;

use globecart_engine::{Address, Addressed, Input, Invalid};

use crate::policy::Statement;
use crate::{AccessPointId, Client, FileSystemId, KeyArn, SecretArn, Stack};

/// Something that programs connect to.
pub trait Usable {
    /// Lets a program connect, by rules in the component that is being declared, and says what else it gets.
    ///
    /// # Errors
    /// When the program is let in twice, or what is used does not fit it.
    fn grant(&self, stack: &mut Stack, client: &Client) -> Result<Grant, Invalid>;
}

/// Directories that programs mount.
pub trait Mountable {
    /// Lets a program mount them, and says what is mounted where.
    ///
    /// # Errors
    /// When the program has no role, is let in twice, or there is no such directory.
    fn grant_mounts(&self, stack: &mut Stack, client: &Client) -> Result<Vec<Mounted>, Invalid>;
}

/// What a program gets of something that it uses.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// Settings, by the names under which the program finds them; nothing secret.
    pub settings: BTreeMap<String, Input<String>>,
    /// Secrets, by name.
    pub secrets: BTreeMap<String, GrantedSecret>,
    /// What the program's own role may do with it.
    pub may: Vec<Statement>,
    /// What must be ready before the program starts, and stays until it is gone.
    pub after: Vec<Address>,
}

/// A secret that a program gets.
#[derive(Debug, Clone)]
pub struct GrantedSecret {
    /// The secret; where it is rotated, once the first rotation is done.
    pub secret: Input<SecretArn>,
    /// The key of its JSON; without one the whole value.
    pub key: Option<String>,
    /// The KMS key that encrypts it; none where AWS's own does.
    pub kms_key: Option<Input<KeyArn>>,
}

/// A directory that a program mounts.
#[derive(Debug, Clone)]
pub struct Mounted {
    /// What it is called: letters, digits, hyphens and underscores.
    pub name: String,
    /// Where the program finds it: an absolute path.
    pub path: String,
    /// The file system.
    pub file_system: Input<FileSystemId>,
    /// The access point, the only way in.
    pub access_point: Input<AccessPointId>,
    /// Whether it can only be read.
    pub read_only: bool,
    /// What must be ready before the program starts, and stays until it is gone.
    pub after: Vec<Address>,
}

impl Grant {
    /// The same with a setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Input<String>>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// The same, but not before this is ready.
    #[must_use]
    pub fn after(mut self, earlier: &impl Addressed) -> Self {
        self.after.push(earlier.address().clone());
        self
    }
}

/// A resource of which only the address is known.
#[derive(Debug)]
pub struct Known<'a>(pub &'a Address);

impl Addressed for Known<'_> {
    fn address(&self) -> &Address {
        self.0
    }
}
