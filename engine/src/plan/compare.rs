//! What becomes of each resource: declared × recorded × live.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::{Action, Field, PlanError, Step, diff, live};
use crate::kind::LiveJson;
use crate::resource::{Argument, Live, Order, Tags};
use crate::stack::Declared;
use crate::state::{Entry, Life, State, Status};
use crate::{Address, Document, Stack};

/// What planning has found so far.
pub(super) struct Planning<'a, C> {
    stack: &'a Stack<C>,
    state: &'a State,
    live: &'a BTreeMap<(Address, Life), LiveJson>,
    pub(super) steps: Vec<Step>,
    /// The outputs of what stays.
    known: IndexMap<Address, Document>,
}

/// A declared resource, its references resolved as far as they are known.
struct Wanted<'a, C> {
    address: &'a Address,
    declared: &'a Declared<C>,
    desired: &'a Value,
}

impl<C> Wanted<'_, C> {
    fn step(&self, life: Option<Life>, action: Action, fields: Vec<Field>) -> Step {
        Step {
            address: self.address.clone(),
            kind: self.declared.kind.name().to_owned(),
            life,
            action,
            why: None,
            fields,
            loss: None,
            keeps: Vec::new(),
            steps: Vec::new(),
            turn: None,
            pending: false,
            gone: false,
        }
    }

    /// A resource that is made with these arguments.
    fn made(&self, life: Option<Life>, why: Option<&str>) -> Step {
        let fields = self.desired.as_object().into_iter().flatten();
        let field = |(name, new): (&String, &Value)| Field {
            name: name.clone(),
            old: Value::Null,
            new: new.clone(),
            effect: None,
            replaces: false,
            drifted: false,
        };
        let fields = fields.filter(|(_, value)| !value.is_null()).map(field).collect();
        Step { why: why.map(str::to_owned), ..self.step(life, Action::Create, fields) }
    }
}

impl<'a, C: Send + Sync + 'static> Planning<'a, C> {
    pub(super) fn new(
        stack: &'a Stack<C>,
        state: &'a State,
        live: &'a BTreeMap<(Address, Life), LiveJson>,
    ) -> Self {
        Self { stack, state, live, steps: Vec::new(), known: IndexMap::new() }
    }

    fn live(&self, address: &Address, life: Life) -> &LiveJson {
        self.live.get(&(address.clone(), life)).unwrap_or(&Live::Absent)
    }

    /// Plans a declared resource; what it needs has been planned before.
    pub(super) fn declared(&mut self, address: &Address) {
        let declared = &self.stack.nodes[address];
        let mut desired = declared.args.read();
        crate::input::resolve(&mut desired, &|reference| {
            self.known.get(&reference.address)?.get(&reference.output).cloned()
        });
        let wanted = Wanted { address, declared, desired: &desired };
        let Some((life, entry)) = self.state.current(address) else {
            self.steps.push(wanted.made(None, None));
            return;
        };
        // Another type at the same address is another resource: this one is made, and that one deleted after.
        if entry.kind != declared.kind.name() {
            self.steps.push(wanted.made(None, Some(&format!("it was a {}", entry.kind))));
            return;
        }
        let step = self.recorded(&wanted, life, entry);
        // What is made anew has no outputs yet; everything else keeps them.
        if matches!(step.action, Action::Keep | Action::Update) {
            let outputs = match self.live(address, life) {
                Live::Ready { outputs, .. } => outputs.clone().into(),
                _ => entry.outputs.clone(),
            };
            self.known.insert(address.clone(), outputs);
        }
        self.steps.push(step);
    }

    fn recorded(&self, wanted: &Wanted<'_, C>, life: Life, entry: &Entry) -> Step {
        let kind = &wanted.declared.kind;
        let replace = |order: Order, why: String| Step {
            action: Action::Replace(order),
            loss: kind.0.loss(&entry.args),
            ..wanted.made(Some(life), Some(&why))
        };
        match (entry.status, self.live(wanted.address, life)) {
            (Status::Creating, _) => wanted
                .made(Some(life), Some("an earlier run was interrupted before its answer came")),
            (status, Live::Absent) => {
                let by_us = status == Status::Deleting;
                let why = if by_us {
                    "an earlier run deleted it"
                } else {
                    "it was deleted by somebody else"
                };
                Step { gone: true, ..wanted.made(Some(life), Some(why)) }
            }
            (_, Live::Failed(why)) => {
                replace(self.unusable(wanted, entry), format!("it is unusable: {why}"))
            }
            (Status::Deleting, Live::Pending(_)) => {
                replace(Order::DeleteFirst, "an earlier run began to delete it".to_owned())
            }
            (_, Live::Pending(_)) => {
                let step = self.compared(wanted, life, entry, (&entry.args, &entry.tags));
                Step { pending: true, ..step }
            }
            (_, Live::Ready { args, tags, .. } | Live::Reverted { args, tags, .. }) => {
                self.compared(wanted, life, entry, (args, tags))
            }
        }
    }

    /// In which order something unusable is replaced: it goes first, unless something that needs it would be in
    /// the way of that, and it holds no place that its successor takes.
    fn unusable(&self, wanted: &Wanted<'_, C>, entry: &Entry) -> Order {
        let kind = &wanted.declared.kind;
        let place = |(name, value): (&String, &Value)| {
            kind.0.argument(name, value, value) == Argument::Replace(Order::DeleteFirst)
        };
        let mut given =
            entry.args.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let needed = self.state.all().any(|(_, _, other)| other.needs.contains(wanted.address));
        if needed && !given.any(place) { Order::CreateFirst } else { Order::DeleteFirst }
    }

    fn compared(
        &self,
        wanted: &Wanted<'_, C>,
        life: Life,
        entry: &Entry,
        (args, tags): (&Value, &Tags),
    ) -> Step {
        let kind = &wanted.declared.kind;
        let mut fields = diff::fields(kind, wanted.desired, entry, args);
        if kind.facts().tags {
            let desired = diff::desired_tags(self.stack, wanted.address, life);
            fields.extend(diff::tags(&desired, entry, tags));
        }
        let orders =
            fields.iter().filter(|field| field.replaces).map(|field| diff::order(kind, field));
        let action = match orders.max_by_key(|order| *order == Order::DeleteFirst) {
            Some(order) => Action::Replace(order),
            None if fields.is_empty() => Action::Keep,
            None => Action::Update,
        };
        let (loss, steps) = match action {
            Action::Replace(_) => (kind.0.loss(&entry.args), Vec::new()),
            Action::Update => {
                (kind.0.loss_by(args, wanted.desired), kind.0.steps(args, wanted.desired))
            }
            _ => (None, Vec::new()),
        };
        Step { loss, steps, ..wanted.step(Some(life), action, fields) }
    }

    /// Plans what is recorded and no longer wanted: older lives, and addresses that nobody declares, or not so.
    pub(super) fn undeclared(&mut self) -> Result<(), PlanError> {
        for (address, life, entry) in self.state.all() {
            let current = self.state.current(address).is_some_and(|(newest, _)| newest == life);
            let declared = self.stack.nodes.get(address).map(|node| node.kind.name());
            let why = match declared {
                None => "it is no longer declared".to_owned(),
                Some(kind) if kind != entry.kind => format!("it is a {kind} now"),
                Some(_) if current => continue,
                Some(_) => "it was replaced".to_owned(),
            };
            self.delete(address, life, entry, Some(&why))?;
        }
        Ok(())
    }

    pub(super) fn delete(
        &mut self,
        address: &Address,
        life: Life,
        entry: &Entry,
        why: Option<&str>,
    ) -> Result<(), PlanError> {
        let kind = live::kind(self.stack, address, entry)?;
        let back = entry.status == Status::Deleting && kind.facts().comes_back;
        let gone = matches!(self.live(address, life), Live::Absent) && !back;
        let why = if gone { Some("it is already gone") } else { why };
        self.steps.push(Step {
            address: address.clone(),
            kind: entry.kind.clone(),
            life: Some(life),
            action: Action::Delete,
            why: why.map(str::to_owned),
            fields: Vec::new(),
            loss: if gone { None } else { kind.0.loss(&entry.args) },
            keeps: Vec::new(),
            steps: Vec::new(),
            turn: None,
            pending: false,
            gone,
        });
        Ok(())
    }

    /// What hangs on something that goes before its successor comes must go even earlier.
    pub(super) fn delete_first(&mut self) {
        let mut first: BTreeSet<Address> = BTreeSet::new();
        for step in &mut self.steps {
            let needs = self.state.current(&step.address).map(|(_, entry)| &entry.needs);
            let needs_first =
                needs.is_some_and(|needs| needs.iter().any(|need| first.contains(need)));
            if let Action::Replace(order) = &mut step.action {
                if needs_first {
                    *order = Order::DeleteFirst;
                }
                if *order == Order::DeleteFirst {
                    first.insert(step.address.clone());
                }
            }
        }
    }
}
