//! What a resource type answers: the outputs, and the typed references to them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Address;
use crate::input::{Early, Input, When};

/// The outputs of a resource type; implemented by [`outputs!`](crate::outputs).
pub trait Outputs:
    Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static
{
    /// The same fields, as references that other resources take.
    type Refs: Addressed;

    /// The references to a resource's outputs.
    #[doc(hidden)]
    fn refs(at: Origin) -> Self::Refs;
}

/// Something that stands at an address in a stack: the references that adding it returned.
pub trait Addressed {
    /// The address of the resource.
    fn address(&self) -> &Address;
}

/// Which resource, added to which stack, references are to be made for.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Origin {
    pub(crate) address: Address,
    pub(crate) stack: u64,
}

impl Origin {
    /// The address of the resource.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A reference to an output that is known when the resource is ready.
    pub fn ready<T>(&self, output: &str) -> Input<T> {
        Input::reference(self.address.clone(), output, When::Ready, self.stack)
    }

    /// A reference to an output that the create call answers.
    pub fn early<T>(&self, output: &str) -> Early<T> {
        Early::new(self.ready(output))
    }
}

/// Declares a type's outputs and the references to them.
///
/// A field marked `accepted` is answered by the create call: it is a plain value in the outputs, and its
/// reference offers `accepted()`. Any other field is an `Option`, filled when the resource is ready.
///
/// ```
/// globecart_engine::outputs! {
///     /// What a queue answers.
///     pub struct QueueOutputs => QueueRefs {
///         /// Its id.
///         accepted id: String,
///         /// Where it listens, known once it is ready.
///         endpoint: String,
///     }
/// }
/// let made = QueueOutputs { id: "q-1".into(), endpoint: None };
/// assert_eq!(made.id, "q-1");
/// ```
#[macro_export]
macro_rules! outputs {
    // A field's marker decides both of its types; the rules below take one field at a time.
    (@fields $(#[$meta:meta])* ($vis:vis) $out:ident $refs:ident
        { $($o:tt)* } { $($r:tt)* } { $($i:tt)* }
        $(#[$doc:meta])* accepted $field:ident : $type:ty, $($rest:tt)*) => {
        $crate::outputs! { @fields $(#[$meta])* ($vis) $out $refs
            { $($o)* $(#[$doc])* pub $field: $type, }
            { $($r)* $(#[$doc])* pub $field: $crate::Early<$type>, }
            { $($i)* ($field early) }
            $($rest)* }
    };
    (@fields $(#[$meta:meta])* ($vis:vis) $out:ident $refs:ident
        { $($o:tt)* } { $($r:tt)* } { $($i:tt)* }
        $(#[$doc:meta])* $field:ident : $type:ty, $($rest:tt)*) => {
        $crate::outputs! { @fields $(#[$meta])* ($vis) $out $refs
            { $($o)* $(#[$doc])* pub $field: Option<$type>, }
            { $($r)* $(#[$doc])* pub $field: $crate::Input<$type>, }
            { $($i)* ($field ready) }
            $($rest)* }
    };
    (@fields $(#[$meta:meta])* ($vis:vis) $out:ident $refs:ident
        { $($o:tt)* } { $($r:tt)* } { $(($field:ident $how:ident))* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        $vis struct $out { $($o)* }

        /// References to the outputs, for other resources to use.
        #[derive(Debug, Clone)]
        $vis struct $refs { at: $crate::Address, $($r)* }

        impl $crate::Outputs for $out {
            type Refs = $refs;

            fn refs(at: $crate::Origin) -> $refs {
                $refs { $($field: at.$how(stringify!($field)),)* at: at.address().clone() }
            }
        }

        impl $crate::Addressed for $refs {
            fn address(&self) -> &$crate::Address {
                &self.at
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $out:ident => $refs:ident { $($fields:tt)* }) => {
        $crate::outputs! { @fields $(#[$meta])* ($vis) $out $refs {} {} {} $($fields)* }
    };
}
