//! Planning: desired × recorded × live, and what follows for every resource.
//!
//! Invariant: planning only reads. A plan is plain data, so it can be printed, saved and compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::LiveJson;
use crate::resource::{Effect, Live, Order};
use crate::stack::Declared;
use crate::state::{Entry, Life, State, Status};
use crate::{Address, CallError, Document, Invalid, Kind, Place, Stack};

pub use estimate::Estimate;

mod diff;
mod estimate;
mod live;

pub use live::lower_bound;

pub(crate) use diff::{desired_tags, name_hash};
pub(crate) use live::kind;

/// What a run is going to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this form.
    pub version: u32,
    /// The stack's name.
    pub stack: String,
    /// Where it is deployed.
    pub place: Place,
    /// Whether everything is to go.
    pub destroy: bool,
    /// One step for every resource, needed ones first, deletes last.
    pub steps: Vec<Step>,
    /// Outputs that have become known, or changed, since they were recorded.
    pub learned: Vec<(Address, Life, Document)>,
    /// Renames that keep the resource.
    pub moves: Vec<(Address, Address)>,
    /// The exports, with references.
    pub exports: BTreeMap<String, Value>,
    /// What the user should know besides.
    pub notices: Vec<String>,
    /// The usual time of the whole, from the usual time of each operation.
    pub estimate: Estimate,
}

/// What happens to one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The resource.
    pub address: Address,
    /// Its type, as in `ec2:Vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The recorded life that the step is about; `None` for a new resource.
    pub life: Option<Life>,
    /// What is done.
    pub action: Action,
    /// Why, where the fields do not say it.
    pub why: Option<String>,
    /// The fields that are set or change.
    pub fields: Vec<Field>,
    /// What is lost, if the step deletes data.
    pub loss: Option<String>,
    /// Whether it is still being made or changed, so that this is waited for first.
    pub pending: bool,
    /// Whether what is recorded does not exist any more, so that no call deletes it.
    pub gone: bool,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    Keep,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// A new one takes its place.
    Replace(Order),
    /// It is deleted.
    Delete,
}

/// One field of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The argument, or `tags`.
    pub name: String,
    /// The live value; null where there is none.
    pub old: Value,
    /// The declared value; references in it are not known yet.
    pub new: Value,
    /// When the change takes effect; `None` where it forces a replacement, or for a new resource.
    pub effect: Option<Effect>,
    /// Whether this field forces the replacement.
    pub replaces: bool,
    /// Whether somebody else changed it: it was recorded as it is declared.
    pub drifted: bool,
}

/// Which part of a stack a run is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Addresses of resources or components; empty for the whole stack.
    pub only: Vec<String>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The declaration cannot be right.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A read failed.
    #[error("cannot read what exists")]
    Read(#[source] CallError),
    /// Something is recorded of a type that the program does not know.
    #[error(
        "{address} is recorded as {kind}, a type that this program does not know; so that it can be deleted, \
         make the type known with `stack.knows(…)`"
    )]
    UnknownType {
        /// The resource.
        address: Address,
        /// Its type.
        kind: String,
    },
    /// What is recorded is not what the record says.
    #[error(
        "what is recorded as {address} ({kind}) exists without this stack's tags: the record was altered, or the \
         tags were removed; nothing was changed. Put the tags `globecart:stack` = `{stack}` and `globecart:life` \
         = `{life}` back, or correct the record"
    )]
    NotOurs {
        /// The resource.
        address: Address,
        /// Its type.
        kind: String,
        /// The stack's name.
        stack: String,
        /// The value of the missing tag.
        life: String,
    },
    /// A protected resource would go.
    #[error("{address} is protected and would be {what}; remove `protect` in a run of its own first")]
    Protected {
        /// The resource.
        address: Address,
        /// `deleted` or `replaced`.
        what: &'static str,
    },
    /// `--only` names nothing.
    #[error("nothing is declared or recorded at `{0}`")]
    NothingThere(String),
}

impl Plan {
    /// Whether there is anything to do.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.steps.iter().all(|step| step.action == Action::Keep && !step.pending)
    }

    /// How many steps have an action.
    pub fn count(&self, action: impl Fn(Action) -> bool) -> usize {
        self.steps.iter().filter(|step| action(step.action)).count()
    }

    /// The steps that lose data, and what is lost.
    pub fn losses(&self) -> impl Iterator<Item = (&Address, &str)> {
        self.steps.iter().filter_map(|step| Some((&step.address, step.loss.as_deref()?)))
    }

    /// The addresses at which `other` would do something else.
    pub fn differences(&self, other: &Self) -> BTreeSet<Address> {
        let one_way = |one: &Self, other: &Self| -> Vec<Address> {
            let differs = one.steps.iter().filter(|step| !other.steps.contains(step));
            differs.map(|step| step.address.clone()).collect()
        };
        one_way(self, other).into_iter().chain(one_way(other, self)).collect()
    }
}

/// Plans what makes the cloud as the stack declares it. Recovery has been done before.
pub async fn plan<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    scope: &Scope,
) -> Result<Plan, PlanError> {
    stack.check()?;
    let moves = moves(stack, state);
    let mut state = state.clone();
    for (from, to) in &moves {
        state.apply(&crate::Record::Moved { from: from.clone(), to: to.clone() });
    }
    let live = live::read(cloud, stack, &state).await?;
    let order = needed_first(stack);
    let mut planning = Planning { stack, state: &state, live: &live, steps: Vec::new(), known: BTreeMap::new() };
    for address in &order {
        planning.declared(address);
    }
    planning.undeclared()?;
    planning.delete_first();
    let mut steps = planning.steps;
    select(&mut steps, stack, &state, scope, false)?;
    protected(stack, &steps)?;
    Ok(Plan {
        version: 1,
        stack: stack.name.clone(),
        place: stack.place.clone(),
        destroy: false,
        learned: learned(&state, &live),
        estimate: estimate::estimate(stack, &state, &steps),
        steps,
        moves,
        exports: stack.exports.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        notices: stack.notices.iter().cloned().chain(estimate::quotas(stack)).collect(),
    })
}

/// Plans the deletion of everything that is recorded.
pub async fn plan_destroy<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    scope: &Scope,
) -> Result<Plan, PlanError> {
    let live = live::read(cloud, stack, state).await?;
    let mut planning = Planning { stack, state, live: &live, steps: Vec::new(), known: BTreeMap::new() };
    for (address, life, entry) in state.all() {
        planning.delete(address, life, entry, None)?;
    }
    let mut steps = planning.steps;
    select(&mut steps, stack, state, scope, true)?;
    protected(stack, &steps)?;
    Ok(Plan {
        version: 1,
        stack: stack.name.clone(),
        place: stack.place.clone(),
        destroy: true,
        learned: Vec::new(),
        estimate: estimate::estimate(stack, state, &steps),
        steps,
        moves: Vec::new(),
        exports: BTreeMap::new(),
        notices: Vec::new(),
    })
}

/// What planning has found so far.
struct Planning<'a, C> {
    stack: &'a Stack<C>,
    state: &'a State,
    live: &'a BTreeMap<(Address, Life), LiveJson>,
    steps: Vec<Step>,
    /// The outputs of what stays.
    known: BTreeMap<Address, Document>,
}

impl<C: Send + Sync + 'static> Planning<'_, C> {
    fn declared(&mut self, address: &Address) {
        let declared = &self.stack.nodes[address];
        let mut desired = declared.args.clone();
        crate::input::resolve(&mut desired, &|reference| {
            self.known.get(&reference.address)?.get(&reference.output).cloned()
        });
        let step = match self.state.current(address) {
            None => new_step(address, declared, &desired, None, None),
            Some((life, entry)) => self.recorded(address, declared, &desired, life, entry),
        };
        // What is made anew has no outputs yet; everything else keeps them.
        if matches!(step.action, Action::Keep | Action::Update) {
            if let Some((life, entry)) = self.state.current(address) {
                let outputs = match self.live.get(&(address.clone(), life)) {
                    Some(Live::Ready { outputs, .. }) => outputs.clone().into(),
                    _ => entry.outputs.clone(),
                };
                self.known.insert(address.clone(), outputs);
            }
        }
        self.steps.push(step);
    }

    fn recorded(
        &self,
        address: &Address,
        declared: &Declared<C>,
        desired: &Value,
        life: Life,
        entry: &Entry,
    ) -> Step {
        let new = |why: &str| new_step(address, declared, desired, Some(life), Some(why));
        let replace = |why: String| Step {
            action: Action::Replace(Order::DeleteFirst),
            loss: declared.kind.0.loss(&entry.args),
            ..new(&why)
        };
        if entry.kind != declared.kind.name() {
            return replace(format!("it was a {}", entry.kind));
        }
        match (entry.status, self.live.get(&(address.clone(), life))) {
            (Status::Creating, _) => new("an earlier run was interrupted before its answer came"),
            (Status::Deleting, Some(Live::Absent) | None) => {
                Step { gone: true, ..new("an earlier run deleted it") }
            }
            (_, Some(Live::Absent) | None) => Step { gone: true, ..new("it was deleted by somebody else") },
            (Status::Deleting, _) => replace("an earlier run began to delete it".to_owned()),
            (Status::Broken, Some(Live::Failed(why))) | (_, Some(Live::Failed(why))) => {
                replace(format!("it is unusable: {why}"))
            }
            (_, Some(Live::Pending(_))) => {
                let mut step = self.compared(address, declared, desired, life, entry, &entry.args, &entry.tags);
                step.pending = true;
                step
            }
            (_, Some(Live::Ready { args, tags, .. })) => {
                self.compared(address, declared, desired, life, entry, args, tags)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "desired, recorded and live, each with its parts")]
    fn compared(
        &self,
        address: &Address,
        declared: &Declared<C>,
        desired: &Value,
        life: Life,
        entry: &Entry,
        live: &Value,
        live_tags: &crate::Tags,
    ) -> Step {
        let kind = &declared.kind;
        let mut fields = diff::fields(kind, desired, &entry.args, live);
        if kind.facts().tags {
            let wanted = desired_tags(self.stack, address, life);
            fields.extend(diff::tags(&wanted, &entry.tags, live_tags));
        }
        let orders = fields.iter().filter(|field| field.replaces);
        let order = orders.map(|field| diff::order(kind, field)).max_by_key(|order| *order == Order::DeleteFirst);
        let action = match order {
            Some(order) => Action::Replace(order),
            None if fields.is_empty() => Action::Keep,
            None => Action::Update,
        };
        let loss = match action {
            Action::Replace(_) => kind.0.loss(&entry.args),
            _ => None,
        };
        let kind = kind.name().to_owned();
        Step { address: address.clone(), kind, life: Some(life), action, why: None, fields, loss, pending: false, gone: false }
    }

    /// What is recorded and no longer wanted: older lives, and addresses that nobody declares.
    fn undeclared(&mut self) -> Result<(), PlanError> {
        for (address, life, entry) in self.state.all() {
            let current = self.state.current(address).is_some_and(|(newest, _)| newest == life);
            if !current {
                self.delete(address, life, entry, Some("it was replaced"))?;
            } else if !self.stack.nodes.contains_key(address) {
                self.delete(address, life, entry, Some("it is no longer declared"))?;
            }
        }
        Ok(())
    }

    fn delete(
        &mut self,
        address: &Address,
        life: Life,
        entry: &Entry,
        why: Option<&str>,
    ) -> Result<(), PlanError> {
        let kind = live::kind(self.stack, address, entry)?;
        let gone = matches!(self.live.get(&(address.clone(), life)), Some(Live::Absent) | None);
        self.steps.push(Step {
            address: address.clone(),
            kind: entry.kind.clone(),
            life: Some(life),
            action: Action::Delete,
            why: if gone { Some("it is already gone".to_owned()) } else { why.map(str::to_owned) },
            fields: Vec::new(),
            loss: if gone { None } else { kind.0.loss(&entry.args) },
            pending: false,
            gone,
        });
        Ok(())
    }

    /// What hangs on something that goes before its successor comes must go even earlier.
    fn delete_first(&mut self) {
        let mut first: BTreeSet<Address> = BTreeSet::new();
        for step in &mut self.steps {
            let needs = self.state.current(&step.address).map(|(_, entry)| &entry.needs);
            let needs_first = needs.is_some_and(|needs| needs.iter().any(|need| first.contains(need)));
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

fn new_step<C: Send + Sync + 'static>(
    address: &Address,
    declared: &Declared<C>,
    desired: &Value,
    life: Option<Life>,
    why: Option<&str>,
) -> Step {
    let fields = desired.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let field = |(name, new): (&String, &Value)| Field {
        name: name.clone(),
        old: Value::Null,
        new: new.clone(),
        effect: None,
        replaces: false,
        drifted: false,
    };
    Step {
        address: address.clone(),
        kind: declared.kind.name().to_owned(),
        life,
        action: Action::Create,
        why: why.map(str::to_owned),
        fields: fields.map(field).collect(),
        loss: None,
        pending: false,
        gone: false,
    }
}

/// Declared resources, every one after what it needs.
pub(crate) fn needed_first<C>(stack: &Stack<C>) -> Vec<Address> {
    let mut waiting: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut dependents: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, node) in &stack.nodes {
        waiting.insert(address, node.needs.len());
        for need in node.needs.keys() {
            dependents.entry(need).or_default().push(address);
        }
    }
    let mut order: Vec<&Address> = stack.nodes.keys().filter(|address| waiting[*address] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for dependent in dependents.get(order[next]).into_iter().flatten() {
            let left = waiting.get_mut(*dependent).expect("every dependent is declared");
            *left -= 1;
            if *left == 0 {
                order.push(*dependent);
            }
        }
        next += 1;
    }
    order.into_iter().cloned().collect()
}

fn moves<C>(stack: &Stack<C>, state: &State) -> Vec<(Address, Address)> {
    let free = |to: &Address| state.current(to).is_none() && stack.nodes.contains_key(to);
    let wanted = stack.moves.iter().filter(|(from, to)| state.current(from).is_some() && free(to));
    wanted.filter(|(from, _)| !stack.nodes.contains_key(from)).cloned().collect()
}

fn learned(state: &State, live: &BTreeMap<(Address, Life), LiveJson>) -> Vec<(Address, Life, Document)> {
    let news = live.iter().filter_map(|((address, life), live)| match live {
        Live::Ready { outputs, .. } if *outputs != *state.entry(address, *life)?.outputs => {
            Some((address.clone(), *life, outputs.clone().into()))
        }
        _ => None,
    });
    news.collect()
}

fn protected<C>(stack: &Stack<C>, steps: &[Step]) -> Result<(), PlanError> {
    for step in steps.iter().filter(|step| stack.protected.contains(&step.address)) {
        let what = match step.action {
            Action::Delete => "deleted",
            Action::Replace(_) => "replaced",
            _ => continue,
        };
        return Err(PlanError::Protected { address: step.address.clone(), what });
    }
    Ok(())
}

/// Leaves the steps of what `scope` names, and of what that needs (or, on destroy, of what needs it).
fn select<C>(
    steps: &mut Vec<Step>,
    stack: &Stack<C>,
    state: &State,
    scope: &Scope,
    destroy: bool,
) -> Result<(), PlanError> {
    if scope.only.is_empty() {
        return Ok(());
    }
    let mut wanted = BTreeSet::new();
    for only in &scope.only {
        let within = |step: &&Step| step.address.is_within(only);
        let found: Vec<_> = steps.iter().filter(within).map(|step| step.address.clone()).collect();
        if found.is_empty() {
            return Err(PlanError::NothingThere(only.clone()));
        }
        wanted.extend(found);
    }
    let recorded = |address: &Address| state.current(address).map(|(_, entry)| entry.needs.clone());
    let declared = |address: &Address| stack.nodes.get(address).map(|node| node.needs.keys().cloned().collect());
    let mut todo: Vec<Address> = wanted.iter().cloned().collect();
    while let Some(address) = todo.pop() {
        let more: Vec<Address> = match destroy {
            true => (state.all().filter(|(_, _, entry)| entry.needs.contains(&address)))
                .map(|(dependent, _, _)| dependent.clone())
                .collect(),
            false => declared(&address).or_else(|| recorded(&address)).unwrap_or_default(),
        };
        todo.extend(more.into_iter().filter(|more| wanted.insert(more.clone())));
    }
    steps.retain(|step| wanted.contains(&step.address));
    Ok(())
}

/// The kind of a step, declared or at least known.
pub(crate) fn kind_of<'a, C>(stack: &'a Stack<C>, step: &Step) -> Option<&'a Kind<C>> {
    stack.kinds.get(step.kind.as_str())
}
