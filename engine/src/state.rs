//! What is recorded of a stack, and the records that change it.
//!
//! Invariant: the state is a function of the records alone, so replaying a journal gives the same state as the
//! run that wrote it. No secret is in either: values that are secret have no type that could be recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::{Operation, Recorded, Tags};
use crate::{Address, Document, Place, Shared};

/// One life of an address: a replacement at the same address is another life.
pub type Life = u64;

/// How far the lives of a rebuilt state are from those that were found.
const LEAP: Life = 1 << 16;

/// Everything recorded of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The stack's name.
    pub stack: String,
    /// The account that the resources are in.
    pub account: String,
    /// The region that the resources are in.
    pub region: String,
    /// The life of the newest resource. It starts at random, so that a lost state does not repeat names.
    pub lives: Life,
    /// How many records have been applied since the stack was new.
    pub serial: u64,
    /// The exported outputs, as declared by the last complete run.
    pub exports: BTreeMap<String, Value>,
    /// The controls that the declaration of the last complete run did without.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub waivers: BTreeSet<Waiver>,
    /// The resources, by address and life.
    pub entries: BTreeMap<Address, BTreeMap<Life, Entry>>,
}

/// A control that is not applied on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiver {
    /// The component that does without it, or the stack.
    pub at: Address,
    /// The control, as in `sending alarms to somebody`.
    pub control: String,
    /// Why.
    pub reason: String,
}

/// One recorded resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The resource type, as in `ec2:Vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How far it is.
    pub status: Status,
    /// The arguments, all inputs known.
    pub args: Document,
    /// The outputs; null until the create call was accepted.
    pub outputs: Document,
    /// The tags that it was given.
    pub tags: Shared<Tags>,
    /// Keys of tags that an update under way removes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
    /// What it was declared to need; what is deleted after it.
    pub needs: Vec<Address>,
    /// The token of the intent in flight; empty where none is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
}

/// How far a recorded resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The create call may or may not have been sent.
    Creating,
    /// The create call was accepted.
    Accepted,
    /// It can be used.
    Ready,
    /// An update may or may not have been sent, or is under way.
    Updating,
    /// A delete may or may not have been sent, or is under way.
    Deleting,
    /// AWS reported that it will never be usable.
    Broken,
    /// It was found when nothing was recorded, and has not been compared yet.
    Adopted,
}

/// One change of the state, as the journal holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A mutating call is about to be sent. Durable before it is.
    Intent {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
        /// What the call does.
        operation: Operation,
        /// What changes of the entry; `None` for a delete.
        desired: Option<Box<Desired>>,
        /// The client token, fresh for every intent.
        token: String,
    },
    /// AWS accepted the call.
    Accepted {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
        /// What AWS answered; `None` where nothing new is known.
        outputs: Option<Document>,
    },
    /// The resource can be used.
    Ready {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
        /// What is known now; `None` where nothing new is.
        outputs: Option<Document>,
    },
    /// The call had no effect, for certain.
    Refused {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
        /// What the call would have done.
        operation: Operation,
        /// The entry as it was before the intent; `None` for a create.
        before: Option<Box<Entry>>,
    },
    /// AWS accepted the call and reports that the resource will never be usable.
    Broken {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
    },
    /// The resource does not exist any more.
    Gone {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
    },
    /// The resource is declared under another address now.
    Moved {
        /// Its old address.
        from: Address,
        /// Its new address.
        to: Address,
    },
    /// It was found when nothing was recorded.
    Adopted {
        /// The resource.
        address: Address,
        /// Which life of it.
        life: Life,
        /// What it is declared to be; the plan compares this with what it is.
        desired: Box<Desired>,
        /// What is known of it.
        outputs: Document,
    },
    /// What other resources need changed, without any call.
    Needs {
        /// The resource.
        address: Address,
        /// What it needs now.
        needs: Vec<Address>,
    },
    /// The exported outputs, with references.
    Exports {
        /// By name.
        exports: BTreeMap<String, Value>,
    },
    /// The controls that are waived, all of them.
    Waivers {
        /// In order.
        waivers: BTreeSet<Waiver>,
    },
}

/// What an intent wants a resource to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Desired {
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The arguments, all inputs known.
    pub args: Document,
    /// The tags.
    pub tags: Shared<Tags>,
    /// What it needs.
    pub needs: Vec<Address>,
}

impl State {
    /// The state of a stack that has nothing yet; `lives` is random.
    pub fn new(stack: &str, place: &Place, lives: Life) -> Self {
        Self {
            stack: stack.to_owned(),
            account: place.account.clone(),
            region: place.region.clone(),
            lives,
            serial: 0,
            exports: BTreeMap::new(),
            waivers: BTreeSet::new(),
            entries: BTreeMap::new(),
        }
    }

    /// The newest life at an address.
    pub fn current(&self, address: &Address) -> Option<(Life, &Entry)> {
        self.entries.get(address)?.last_key_value().map(|(life, entry)| (*life, entry))
    }

    /// One life at an address.
    pub fn entry(&self, address: &Address, life: Life) -> Option<&Entry> {
        self.entries.get(address)?.get(&life)
    }

    /// Every recorded resource, older lives before newer ones.
    pub fn all(&self) -> impl Iterator<Item = (&Address, Life, &Entry)> {
        self.entries.iter().flat_map(|(address, lives)| {
            lives.iter().map(move |(life, entry)| (address, *life, entry))
        })
    }

    /// How many resources are recorded.
    pub fn len(&self) -> usize {
        self.entries.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The exported outputs; null where something is not known yet.
    pub fn outputs(&self) -> BTreeMap<String, Value> {
        let known = |reference: &crate::Reference| {
            self.current(&reference.address)?.1.outputs.get(&reference.output).cloned()
        };
        let resolved = self.exports.iter().map(|(name, value)| {
            let mut value = value.clone();
            let known = crate::input::resolve(&mut value, &known);
            (name.clone(), if known { value } else { Value::Null })
        });
        resolved.collect()
    }

    /// Applies a record. A record about what is not there changes nothing.
    pub fn apply(&mut self, record: &Record) {
        self.serial += 1;
        match record {
            Record::Intent { address, life, operation, desired, token } => {
                self.intend(address, *life, *operation, desired.as_deref(), token);
            }
            Record::Accepted { address, life, outputs } => self.change(address, *life, |entry| {
                if entry.status == Status::Creating {
                    entry.status = Status::Accepted;
                }
                entry.learn(outputs.as_ref());
            }),
            Record::Ready { address, life, outputs } => self.change(address, *life, |entry| {
                entry.status = Status::Ready;
                entry.dropped.clear();
                // Nothing is asked with it again, and it would be a tenth of what is kept.
                entry.token = String::new();
                entry.learn(outputs.as_ref());
            }),
            Record::Refused { address, life, before, .. } => match before {
                Some(before) => self.change(address, *life, |entry| *entry = (**before).clone()),
                None => self.remove(address, *life),
            },
            Record::Broken { address, life } => {
                self.change(address, *life, |entry| entry.status = Status::Broken);
            }
            Record::Gone { address, life } => self.remove(address, *life),
            Record::Adopted { address, life, desired, outputs } => {
                self.adopt(address, *life, desired, outputs);
            }
            Record::Moved { from, to } => self.rename(from, to),
            Record::Needs { address, needs } => {
                if let Some(mut current) =
                    self.entries.get_mut(address).and_then(BTreeMap::last_entry)
                {
                    current.get_mut().needs.clone_from(needs);
                }
            }
            Record::Exports { exports } => self.exports.clone_from(exports),
            Record::Waivers { waivers } => self.waivers.clone_from(waivers),
        }
    }

    fn intend(
        &mut self,
        address: &Address,
        life: Life,
        operation: Operation,
        desired: Option<&Desired>,
        token: &str,
    ) {
        self.lives = self.lives.max(life);
        match (operation, desired) {
            (Operation::Create, Some(desired)) => {
                let entry = Entry::new(desired, Status::Creating, token);
                self.entries.entry(address.clone()).or_default().insert(life, entry);
            }
            (_, desired) => self.change(address, life, |entry| {
                token.clone_into(&mut entry.token);
                match desired {
                    None => entry.status = Status::Deleting,
                    Some(desired) => {
                        entry.status = Status::Updating;
                        entry.args = desired.args.clone();
                        let tags = std::mem::replace(&mut entry.tags, desired.tags.clone());
                        let dropped = tags.keys().filter(|key| !entry.tags.contains_key(*key));
                        entry.dropped.extend(dropped.cloned());
                        entry.needs.clone_from(&desired.needs);
                    }
                }
            }),
        }
    }

    /// The lives of a lost state may have left names behind that nobody found: none of them comes again.
    fn adopt(&mut self, address: &Address, life: Life, desired: &Desired, outputs: &Document) {
        self.lives = self.lives.max(life + LEAP);
        let entry = Entry { outputs: outputs.clone(), ..Entry::new(desired, Status::Adopted, "") };
        self.entries.entry(address.clone()).or_default().insert(life, entry);
    }

    fn change(&mut self, address: &Address, life: Life, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(address).and_then(|lives| lives.get_mut(&life)) {
            change(entry);
        }
    }

    fn remove(&mut self, address: &Address, life: Life) {
        if let Some(lives) = self.entries.get_mut(address) {
            lives.remove(&life);
            if lives.is_empty() {
                self.entries.remove(address);
            }
        }
    }

    fn rename(&mut self, from: &Address, to: &Address) {
        if let Some(lives) = self.entries.remove(from) {
            self.entries.entry(to.clone()).or_default().extend(lives);
        }
        for entry in self.entries.values_mut().flat_map(BTreeMap::values_mut) {
            for need in entry.needs.iter_mut().filter(|need| *need == from) {
                *need = to.clone();
            }
        }
    }
}

impl Entry {
    fn new(desired: &Desired, status: Status, token: &str) -> Self {
        Self {
            kind: desired.kind.clone(),
            status,
            args: desired.args.clone(),
            outputs: Document::default(),
            tags: desired.tags.clone(),
            dropped: Vec::new(),
            needs: desired.needs.clone(),
            token: token.to_owned(),
        }
    }

    /// Arguments and outputs, as a resource type's methods take them.
    pub(crate) fn recorded(&self) -> Recorded<Document, Document> {
        Recorded { args: self.args.clone(), outputs: self.outputs.clone() }
    }

    fn learn(&mut self, outputs: Option<&Document>) {
        if let Some(outputs) = outputs {
            self.outputs = outputs.clone();
        }
    }
}
