//! Resource types that differ in how they are told apart, and in how long they take.

use std::time::Duration;

use crate::address::NameRule;
use crate::resource::Facts;

/// How a type recognises what an earlier call made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// The create call takes a client token, and remembers it for ever.
    Token,
    /// Names are unique.
    Name,
    /// By the tags alone.
    Tags,
}

/// What makes one synthetic resource type differ from another.
pub trait Flavor: Clone + std::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The type's name.
    const TYPE: &'static str;
    /// What holds for the type; its usual times are what its operations take, unless the cloud is told otherwise.
    const FACTS: Facts;
    /// How it recognises what an earlier call made.
    const IDENTITY: Identity;
    /// Whether its size changes by one at a time, a step of an update each.
    const STEPPED: bool = false;
}

macro_rules! flavor {
    ($(#[$doc:meta])* $name:ident, $type:literal, $identity:ident, $facts:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name;

        impl Flavor for $name {
            const TYPE: &'static str = $type;
            const FACTS: Facts = $facts;
            const IDENTITY: Identity = Identity::$identity;
        }
    };
}

const SOME: Facts = Facts { create_secs: 10, update_secs: 5, delete_secs: 5, ..Facts::DEFAULT };

const SLOW: Facts = Facts {
    create_secs: 600,
    update_secs: 300,
    delete_secs: 60,
    quota: Some(("Slow things per region", 5)),
    ..SOME
};

flavor!(
    /// Takes a client token.
    Plain, "test:Plain", Token, SOME
);
flavor!(
    /// Takes a client token, and its time: ten minutes to make, five to change, one to delete. Five are allowed.
    Slow, "test:Slow", Token, SLOW
);
flavor!(
    /// Has a unique name.
    Named, "test:Named", Name, Facts { name: Some(NameRule::new(40)), ..SOME }
);
flavor!(
    /// Has neither token nor name, so that only its tags tell it apart, after at most 30 s.
    Tagged, "test:Tagged", Tags, Facts { find_window: Duration::from_secs(30), ..SOME }
);
flavor!(
    /// Has a unique name and no tags, and leaves something behind.
    Untagged, "test:Untagged", Name,
    Facts { name: Some(NameRule::new(40)), tags: false, remains: Some("is kept for a week"), ..SOME }
);
flavor!(
    /// One call deletes up to three; it is refused as a whole if one of them is not there.
    Batch, "test:Batch", Token, Facts { delete_batch: 3, ..SOME }
);

/// Changes its size by one at a time, each a call of its own; one whose note is `stuck` never gets there.
#[derive(Debug, Clone, PartialEq)]
pub struct Stepped;

impl Flavor for Stepped {
    const TYPE: &'static str = "test:Stepped";
    const FACTS: Facts = SOME;
    const IDENTITY: Identity = Identity::Token;
    const STEPPED: bool = true;
}
