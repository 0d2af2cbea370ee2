//! What the synthetic cloud holds, and what its calls do to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::thing::ThingOutputs;
use crate::resource::{Facts, Found, Live, Operation, Removal, Tags};
use crate::{CallError, CallResult, Class};

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) objects: BTreeMap<String, Object>,
    pub(super) durations: BTreeMap<(String, Operation), Duration>,
    pub(super) breaks: BTreeMap<String, String>,
    pub(super) lag: Duration,
    /// Who refers to an id.
    users: BTreeMap<String, BTreeSet<String>>,
    /// When the next of those that are being deleted is gone.
    next_gone: Option<Duration>,
    /// What every token was used for, remembered beyond the life of what it made.
    tokens: BTreeMap<String, (String, Value, Tags)>,
    pub(super) made: u64,
    now: Duration,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) address: String,
    pub(super) name: Option<String>,
    pub(super) tags: Tags,
    pub(super) args: Value,
    made_at: Duration,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Being made or changed; can be used from then on.
    Until(Duration, &'static str),
    Broken(String),
    /// Being deleted; not there from then on.
    Going(Duration),
}

/// What a create call carries.
pub(super) struct Wish {
    pub(super) kind: &'static str,
    pub(super) facts: Facts,
    pub(super) address: String,
    pub(super) token: Option<String>,
    pub(super) name: Option<String>,
    pub(super) tags: Tags,
    pub(super) args: Value,
}

impl World {
    pub(super) fn advance(&mut self, now: Duration) {
        self.now = now;
        if self.next_gone.is_none_or(|next| next > now) {
            return;
        }
        let going = |object: &Object| match object.phase {
            Phase::Going(until) => Some(until),
            _ => None,
        };
        let gone =
            self.objects.values().filter(|object| going(object).is_some_and(|until| until <= now));
        for id in gone.map(|object| object.id.clone()).collect::<Vec<_>>() {
            self.remove(&id);
        }
        self.next_gone = self.objects.values().filter_map(going).min();
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.unlink(id);
        self.objects.remove(id);
    }

    /// Takes a resource out of the users of what it refers to.
    fn unlink(&mut self, id: &str) {
        for (need, _) in self.objects.get(id).into_iter().flat_map(|object| needs(&object.args)) {
            if let Some(users) = self.users.get_mut(need) {
                users.remove(id);
            }
        }
    }

    fn link(&mut self, id: &str) {
        for (need, _) in self.objects.get(id).into_iter().flat_map(|object| needs(&object.args)) {
            self.users.entry(need.to_owned()).or_default().insert(id.to_owned());
        }
    }

    pub(super) fn create(&mut self, wish: Wish) -> CallResult<ThingOutputs> {
        if let Some((id, args, tags)) = wish.token.as_ref().and_then(|token| self.tokens.get(token))
        {
            let same = *args == wish.args && *tags == wish.tags;
            return match self.objects.get(id) {
                Some(object) if same => Ok(self.outputs(object)),
                Some(_) => Err(refused(
                    Class::Invalid,
                    "TokenOfOther",
                    "the token was used for something else",
                )),
                None => Err(refused(
                    Class::Invalid,
                    "TokenOfDeleted",
                    "what the token made was deleted",
                )),
            };
        }
        self.possible(&wish)?;
        self.made += 1;
        let id = format!("{}-{}", wish.kind.trim_start_matches("test:").to_lowercase(), self.made);
        let takes = self.takes(&wish.address, Operation::Create, &wish.facts);
        let phase = match self.breaks.get(&wish.address) {
            Some(why) => Phase::Broken(why.clone()),
            None => Phase::Until(self.now + takes, "creating"),
        };
        if let Some(token) = wish.token {
            self.tokens.insert(token, (id.clone(), wish.args.clone(), wish.tags.clone()));
        }
        let Wish { kind, address, name, tags, args, .. } = wish;
        let object =
            Object { id: id.clone(), kind, address, name, tags, args, made_at: self.now, phase };
        let outputs = self.outputs(&object);
        self.objects.insert(id.clone(), object);
        self.link(&id);
        Ok(outputs)
    }

    fn possible(&self, wish: &Wish) -> CallResult<()> {
        let of_kind = || self.objects.values().filter(|object| object.kind == wish.kind);
        if wish.name.is_some() && of_kind().any(|object| object.name == wish.name) {
            return Err(refused(Class::AlreadyExists, "NameTaken", "the name is taken"));
        }
        let slot = &wish.args["slot"];
        if !slot.is_null() && of_kind().any(|object| object.args["slot"] == *slot) {
            return Err(refused(Class::Invalid, "SlotTaken", "another one has the slot"));
        }
        for (id, early) in needs(&wish.args) {
            match self.objects.get(id) {
                Some(_) if early => {}
                Some(object) if self.is_ready(object) => {}
                Some(_) => {
                    return Err(refused(Class::Invalid, "NotReady", &format!("{id} is not ready")));
                }
                None => {
                    return Err(refused(
                        Class::Invalid,
                        "NoSuchThing",
                        &format!("{id} does not exist"),
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn set(&mut self, id: &str, args: Map<String, Value>) -> CallResult<()> {
        self.unlink(id);
        let object = self.object(id)?;
        for (name, value) in args {
            object.args[name] = value;
        }
        self.link(id);
        Ok(())
    }

    pub(super) fn update(
        &mut self,
        id: &str,
        args: Map<String, Value>,
        facts: &Facts,
    ) -> CallResult<ThingOutputs> {
        self.set(id, args)?;
        let address = self.objects[id].address.clone();
        let until = self.now + self.takes(&address, Operation::Update, facts);
        self.object(id)?.phase = Phase::Until(until, "updating");
        Ok(self.outputs(&self.objects[id]))
    }

    pub(super) fn tag(&mut self, id: &str, set: &Tags, unset: &[String]) -> CallResult<()> {
        let object = self.object(id)?;
        object.tags.extend(set.clone());
        if let Some(address) = set.get("globecart:resource") {
            object.address.clone_from(address);
        }
        object.tags.retain(|key, _| !unset.contains(key));
        Ok(())
    }

    pub(super) fn delete(&mut self, ids: &[String], facts: &Facts) -> CallResult<Removal> {
        let there: Vec<&String> = ids.iter().filter(|id| self.objects.contains_key(*id)).collect();
        if there.len() < ids.len() && facts.delete_batch > 1 {
            return Err(refused(Class::NotFound, "NoSuchThing", "one of them does not exist"));
        }
        for id in &there {
            let mut users =
                self.users.get(*id).into_iter().flatten().filter(|user| !ids.contains(user));
            if let Some(user) = users.next() {
                return Err(refused(Class::Dependency, "InUse", &format!("{user} uses {id}")));
            }
        }
        let mut removal = Removal::Gone;
        for id in
            ids.iter().filter(|id| self.objects.contains_key(*id)).cloned().collect::<Vec<_>>()
        {
            let takes = self.takes(&self.objects[&id].address, Operation::Delete, facts);
            if takes.is_zero() {
                self.remove(&id);
            } else {
                let until = self.now + takes;
                self.next_gone = Some(self.next_gone.map_or(until, |next| next.min(until)));
                let going = Phase::Going(until);
                let object = self.object(&id)?;
                if !matches!(object.phase, Phase::Going(_)) {
                    object.phase = going;
                }
                removal = Removal::Pending;
            }
        }
        Ok(removal)
    }

    pub(super) fn live<R: DeserializeOwned>(&self, id: &str) -> Live<R, ThingOutputs> {
        let Some(object) = self.objects.get(id).filter(|object| self.is_visible(object)) else {
            return Live::Absent;
        };
        match &object.phase {
            Phase::Until(until, doing) if *until > self.now => Live::Pending((*doing).to_owned()),
            Phase::Going(_) => Live::Pending("deleting".to_owned()),
            Phase::Broken(why) => Live::Failed(why.clone()),
            Phase::Until(..) => Live::Ready {
                args: serde_json::from_value(object.args.clone())
                    .expect("what was declared reads back"),
                outputs: self.outputs(object),
                tags: object.tags.clone(),
            },
        }
    }

    pub(super) fn find(&self, wish: &Wish) -> Found<ThingOutputs> {
        let same = |object: &Object, keys: &[&str]| {
            keys.iter().all(|key| object.tags.get(*key) == wish.tags.get(*key))
        };
        let found = self.objects.values().find(|object| {
            object.kind == wish.kind
                && self.is_visible(object)
                && match &wish.name {
                    Some(_) => object.name == wish.name,
                    None => same(object, &["globecart:stack", "globecart:life"]),
                }
        });
        match found {
            None => Found::Nothing,
            Some(object) if same(object, &["globecart:stack", "globecart:resource"]) => {
                Found::Ours(self.outputs(object))
            }
            Some(object) => Found::Foreign(format!("{} {}", object.kind, object.id)),
        }
    }

    pub(super) fn inventory(&mut self, now: Duration) -> Vec<String> {
        self.advance(now);
        let address = |id: &str| {
            self.objects.get(id).map_or_else(|| id.to_owned(), |of| format!("<{}>", of.address))
        };
        let mut lines: Vec<String> = Vec::new();
        for object in self.objects.values() {
            let mut args = object.args.clone();
            for list in ["needs", "early"] {
                for id in args[list].as_array_mut().into_iter().flatten() {
                    *id = address(id.as_str().unwrap_or_default()).into();
                }
            }
            if let Some(host) = args["host"].as_str() {
                args["host"] = address(host).into();
            }
            let tags = object.tags.iter().filter(|(key, _)| *key != "globecart:life");
            let tags: Vec<String> = tags.map(|(key, value)| format!("{key}={value}")).collect();
            let phase = match &object.phase {
                Phase::Until(until, _) if *until <= now => "ready",
                Phase::Until(_, doing) => doing,
                Phase::Going(_) => "deleting",
                Phase::Broken(_) => "broken",
            };
            lines.push(format!(
                "{} {} {phase} {args} {}",
                object.kind,
                object.address,
                tags.join(",")
            ));
        }
        lines.sort();
        lines
    }

    pub(super) fn ids_at(&self, address: &str) -> Vec<String> {
        let at = self.objects.values().filter(|object| object.address == address);
        at.map(|object| object.id.clone()).collect()
    }

    fn takes(&self, address: &str, operation: Operation, facts: &Facts) -> Duration {
        let told = |address: &str| self.durations.get(&(address.to_owned(), operation)).copied();
        told(address).or_else(|| told("*")).unwrap_or_else(|| facts.usual(operation))
    }

    fn object(&mut self, id: &str) -> CallResult<&mut Object> {
        let missing = || refused(Class::NotFound, "NoSuchThing", &format!("{id} does not exist"));
        self.objects.get_mut(id).ok_or_else(missing)
    }

    fn is_ready(&self, object: &Object) -> bool {
        matches!(object.phase, Phase::Until(until, _) if until <= self.now)
    }

    fn is_visible(&self, object: &Object) -> bool {
        object.made_at + self.lag <= self.now
    }

    fn outputs(&self, object: &Object) -> ThingOutputs {
        let endpoint = self.is_ready(object).then(|| format!("{}.test", object.id));
        ThingOutputs { id: object.id.clone(), endpoint }
    }
}

/// The ids that arguments refer to, and whether it is enough that they exist.
fn needs(args: &Value) -> impl Iterator<Item = (&str, bool)> {
    let list = |name: &str| args[name].as_array().into_iter().flatten().filter_map(Value::as_str);
    let ready = list("needs").chain(args["host"].as_str());
    ready.map(|id| (id, false)).chain(list("early").map(|id| (id, true)))
}

fn refused(class: Class, code: &str, message: &str) -> CallError {
    CallError::new(class, "changing the synthetic cloud", message).with_code(code)
}
