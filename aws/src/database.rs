//! What a database offers to the component that rotates the passwords of its users.

use globecart_engine::{Address, Addressed, Input};

use crate::{DbClusterArn, DbClusterId, SecretArn, Stack, StoreAccess, StoreKey, WriterEndpoint};

/// An Aurora PostgreSQL cluster whose master password RDS keeps in Secrets Manager.
#[derive(Debug, Clone)]
pub struct DatabaseTarget {
    /// The cluster's ARN.
    pub arn: Input<DbClusterArn>,
    /// The cluster's identifier.
    pub id: Input<DbClusterId>,
    /// The host name that always leads to the writer, known before anybody answers there.
    pub endpoint: Input<WriterEndpoint>,
    /// Its port.
    pub port: u16,
    /// The database to connect to.
    pub name: String,
    /// The secret with the master user's name and password, which RDS itself changes.
    pub master_secret: Input<SecretArn>,
    /// The security group, and the way in.
    pub access: StoreAccess,
    /// The key of the master secret.
    pub key: StoreKey,
    /// The resources of this stack that must be ready before it answers. Default: none, it does.
    pub ready_with: Vec<Address>,
}

impl DatabaseTarget {
    /// Makes `later` wait until the database answers, and keeps it so until `later` is gone.
    pub fn wait_until_it_answers(&self, stack: &mut Stack, later: &impl Addressed) {
        for part in &self.ready_with {
            stack.after(later, &Part(part));
        }
    }
}

/// A resource of which only the address is known.
struct Part<'a>(&'a Address);

impl Addressed for Part<'_> {
    fn address(&self) -> &Address {
        self.0
    }
}
