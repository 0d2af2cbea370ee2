//! AWS Key Management Service.

pub use alias::{Alias, AliasOutputs, AliasRefs};
pub use key::{Key, KeyOutputs, KeyRefs};

mod alias;
pub(crate) mod key;
