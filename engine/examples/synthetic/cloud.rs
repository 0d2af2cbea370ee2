//! A cloud whose calls answer at once, kept in a file from one phase to the next.
//!
//! An effect is appended to the file before it is answered, so a killed phase loses nothing that was acknowledged.
//! The time that all of this takes is counted apart: it is no cost of the engine.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use globecart_engine::{CallError, CallResult, Class, Intent, Live, Tags};
use serde::{Deserialize, Serialize};

use crate::measure::{cpu_time, now};
use crate::node::{Node, NodeOutputs};

/// The cloud.
pub(crate) struct Cloud(Mutex<Held>);

/// What the cloud holds.
pub(crate) struct Held {
    file: File,
    /// By id, as JSON, because the memory that they take would count as the engine's.
    objects: BTreeMap<String, Box<str>>,
    /// Ids by the token of the create call.
    tokens: BTreeMap<String, String>,
    /// How many objects refer to an id.
    users: BTreeMap<String, usize>,
    made: u64,
    calls: BTreeMap<&'static str, u64>,
    spent: Duration,
}

/// One resource.
#[derive(Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) node: Node,
    pub(crate) tags: Tags,
    token: String,
}

/// What a line of the file has where something is gone; otherwise it has what is.
const GONE: &str = "-";

/// A call about one resource that takes longer was interrupted, and the processor was somebody else's.
const UNDISTURBED: Duration = Duration::from_micros(100);

/// What a call does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Create,
    Read,
    Update,
    Tag,
    Delete,
    Find,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Tag => "tag",
            Self::Delete => "delete",
            Self::Find => "find",
        }
    }
}

impl Cloud {
    /// The cloud in this file, empty where there is none.
    pub(crate) fn open(file: &Path) -> io::Result<Self> {
        let since = cpu_time();
        let text = match std::fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        let mut held = Held {
            file: OpenOptions::new().create(true).append(true).open(file)?,
            objects: BTreeMap::new(),
            tokens: BTreeMap::new(),
            users: BTreeMap::new(),
            made: 0,
            calls: BTreeMap::new(),
            spent: Duration::ZERO,
        };
        for line in text.lines() {
            let (id, is) = line.split_once(' ').unwrap_or_default();
            held.take(id, is);
        }
        held.spent = cpu_since(since);
        Ok(Self(Mutex::new(held)))
    }

    /// Sends a call, whose answer comes at once.
    pub(crate) fn call<T>(
        &self,
        verb: Verb,
        effect: impl FnOnce(&mut Held) -> CallResult<T>,
    ) -> CallResult<T> {
        let mut held = self.lock();
        *held.calls.entry(verb.name()).or_default() += 1;
        // A read takes the longer the more there is, so that the system's own account is worth its price.
        let (answer, spent) = if verb == Verb::Read {
            let since = cpu_time();
            (effect(&mut held), cpu_since(since))
        } else {
            let since = now();
            (effect(&mut held), since.elapsed().min(UNDISTURBED))
        };
        held.spent += spent;
        answer
    }

    /// How often each call was sent.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, u64> {
        self.lock().calls.clone()
    }

    /// The processor time that the cloud itself took.
    pub(crate) fn spent(&self) -> Duration {
        self.lock().spent
    }

    /// How many resources exist.
    pub(crate) fn len(&self) -> usize {
        self.lock().objects.len()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    pub(crate) fn create(&mut self, node: &Node, intent: &Intent) -> CallResult<String> {
        if let Some(id) = self.made_by(intent) {
            return Ok(id);
        }
        if let Some(missing) = ids(node).find(|id| !self.objects.contains_key(*id)) {
            return Err(refused(Class::NotFound, format!("{missing} does not exist")));
        }
        let id = format!("node-{:017x}", self.made + 1);
        let (tags, token) = (intent.tags().clone(), intent.token().to_owned());
        self.put(&id, Some(&Object { node: node.clone(), tags, token }))?;
        Ok(id)
    }

    pub(crate) fn made_by(&self, intent: &Intent) -> Option<String> {
        self.tokens.get(intent.token()).cloned()
    }

    pub(crate) fn live(&self, id: &str) -> Live<Node, NodeOutputs> {
        let live = |Object { node, tags, .. }: Object| {
            let outputs = NodeOutputs { id: id.to_owned() };
            Live::Ready { args: node, outputs, tags }
        };
        self.object(id).map_or(Live::Absent, live)
    }

    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Object)) -> CallResult<()> {
        let missing = || refused(Class::NotFound, format!("{id} does not exist"));
        let mut object = self.object(id).ok_or_else(missing)?;
        change(&mut object);
        self.put(id, Some(&object))
    }

    pub(crate) fn delete(&mut self, id: &str) -> CallResult<()> {
        match self.users.get(id) {
            Some(users) if *users > 0 => {
                Err(refused(Class::Dependency, format!("{users} refer to {id}")))
            }
            _ if self.objects.contains_key(id) => self.put(id, None),
            _ => Err(refused(Class::NotFound, format!("{id} does not exist"))),
        }
    }

    fn object(&self, id: &str) -> Option<Object> {
        self.objects.get(id).map(|text| read(text))
    }

    /// Writes down what something is from now on; then it is so.
    fn put(&mut self, id: &str, is: Option<&Object>) -> CallResult<()> {
        let text = is.map(|object| serde_json::to_string(object).expect("a node is plain data"));
        let text = text.as_deref().unwrap_or(GONE);
        let wrote = self.file.write_all(format!("{id} {text}\n").as_bytes());
        wrote.map_err(|error| refused(Class::Other, error.to_string()))?;
        self.take(id, text);
        Ok(())
    }

    fn take(&mut self, id: &str, text: &str) {
        if let Some(was) = self.objects.remove(id) {
            let was = read(&was);
            self.tokens.remove(&was.token);
            for need in ids(&was.node) {
                if let Some(users) = self.users.get_mut(need) {
                    *users -= 1;
                }
            }
        } else if text != GONE {
            self.made += 1;
        }
        if text == GONE {
            return;
        }
        let Object { node, token, .. } = read(text);
        for need in ids(&node) {
            *self.users.entry(need.to_owned()).or_default() += 1;
        }
        self.tokens.insert(token, id.to_owned());
        self.objects.insert(id.to_owned(), text.into());
    }
}

fn cpu_since(since: Option<Duration>) -> Duration {
    cpu_time().zip(since).map_or(Duration::ZERO, |(now, since)| now.saturating_sub(since))
}

fn read(object: &str) -> Object {
    serde_json::from_str(object).expect("the cloud's file has what the cloud wrote")
}

fn ids(node: &Node) -> impl Iterator<Item = &str> {
    node.deps.iter().map(|id| id.known().as_str())
}

fn refused(class: Class, message: String) -> CallError {
    CallError::new(class, "changing the synthetic cloud", message)
}
