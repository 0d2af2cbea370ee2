//! The key that encrypts what a store holds.

use globecart_engine::{Input, Invalid};
use typed_builder::TypedBuilder;

use crate::kms::{Alias, Key, KeyRefs};
use crate::policy::{PolicyDocument, Statement};
use crate::{KeyArn, Stack, Waived};

/// Which key encrypts what a store holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum EncryptionKey {
    /// A key of the store's own: rotating, with an alias, and a policy that only the services in question can use.
    #[default]
    Own,
    /// A key that is there already. Its policy must let the store's services use it, which is not checked.
    Given(Input<KeyArn>),
    /// The key that AWS manages for the service, and why: nobody can limit its use, rotate it at will or disable it.
    AwsManaged(Waived),
}

/// What a store uses its key for.
#[derive(Debug, TypedBuilder)]
pub struct KeyUse {
    /// What is encrypted, as in `The orders`.
    #[builder(setter(into))]
    description: String,
    /// The services through which the account's identities use it, as in `rds`.
    through: Vec<&'static str>,
    /// What else its policy allows, such as [`Statement::logs_may_use`]. Default: nothing.
    #[builder(default)]
    statements: Vec<Statement>,
    /// Whether a destroy keeps something that only this key can read. Default: no.
    #[builder(default)]
    outlives_stack: bool,
}

/// The key of a store.
#[derive(Debug, Clone)]
pub struct StoreKey {
    /// Its ARN; `None` stands for the key that AWS manages.
    pub arn: Option<Input<KeyArn>>,
    /// What was declared, where the store has a key of its own.
    pub own: Option<KeyRefs>,
}

impl EncryptionKey {
    /// Declares the key in the component that is being declared, as `key` and `key-alias`, where it is to have one.
    ///
    /// # Errors
    /// When it is waived without a reason.
    pub fn declare(&self, stack: &mut Stack, uses: KeyUse) -> Result<StoreKey, Invalid> {
        match self {
            Self::Own => own(stack, uses),
            Self::Given(arn) => Ok(StoreKey { arn: Some(arn.clone()), own: None }),
            Self::AwsManaged(waived) => {
                waived.apply(stack, "encryption_key", "encrypting with a key of one's own")?;
                Ok(StoreKey { arn: None, own: None })
            }
        }
    }
}

impl StoreKey {
    /// Adds a statement to the policy of the store's own key. A key that is there already stays as it is.
    ///
    /// # Errors
    /// When the policy then is one that AWS refuses.
    pub fn allow(&self, stack: &mut Stack, statement: Statement) -> Result<(), Invalid> {
        match &self.own {
            Some(key) => stack.amend::<Key>(key, |key| key.allow(statement)),
            None => Ok(()),
        }
    }
}

fn own(stack: &mut Stack, uses: KeyUse) -> Result<StoreKey, Invalid> {
    let place = stack.place().clone();
    let through = uses.through.iter().flat_map(|service| Statement::used_through(service, &place));
    let key = Key::builder()
        .description(uses.description)
        .policy(PolicyDocument::for_key(&place, through.chain(uses.statements)))
        .outlives_stack(uses.outlives_stack)
        .build();
    let key = stack.add("key", key)?;
    stack.add("key-alias", Alias::builder().key(&key.id).build())?;
    Ok(StoreKey { arn: Some((&key.arn).into()), own: Some(key) })
}
