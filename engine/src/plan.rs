//! Planning: desired × recorded × live, and what follows for every resource.
//!
//! Invariant: planning only reads. A plan is plain data, so it can be printed, saved and compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::LiveJson;
use crate::resource::{Effect, Kept, Live, Order};
use crate::state::{Life, State, Status};
use crate::{Address, Clock, Document, Kind, Place, Stack};
use compare::Planning;

pub use error::PlanError;
pub use estimate::Estimate;
pub use live::lower_bound;
pub use scope::Scope;

mod compare;
mod diff;
mod error;
mod estimate;
mod keeps;
mod live;
mod scope;
mod turns;

pub(crate) use diff::{desired_tags, fields, life_of, name_hash, tags};
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
    /// What is lost, if the step loses data.
    pub loss: Option<String>,
    /// What a delete leaves on purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<Kept>,
    /// What an update of several steps does, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// Which turn it has among resources that are changed one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
    /// Whether it is still being made or changed, so that this is waited for first.
    pub pending: bool,
    /// Whether what is recorded does not exist any more, so that no call deletes it.
    pub gone: bool,
}

/// A turn among resources that are changed one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Which one, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
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

impl Plan {
    /// Whether there is anything to do. An empty plan is worth applying all the same: without any call, it
    /// records what was learned and what is exported.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.steps.iter().all(Step::is_nothing)
    }

    /// How many steps have an action.
    pub fn count(&self, action: impl Fn(Action) -> bool) -> usize {
        self.steps.iter().filter(|step| action(step.action)).count()
    }

    /// The steps that lose data, and what is lost.
    pub fn losses(&self) -> impl Iterator<Item = (&Address, &str)> {
        self.steps.iter().filter_map(|step| Some((&step.address, step.loss.as_deref()?)))
    }

    /// The losses that none of these names covers: the stack's, or that of the resource or of a component
    /// that it belongs to.
    pub fn unconfirmed(&self, names: &[String]) -> Vec<(Address, String)> {
        let covers =
            |name: &String, address: &Address| *name == self.stack || address.is_within(name);
        let open =
            self.losses().filter(|(address, _)| !names.iter().any(|name| covers(name, address)));
        open.map(|(address, what)| (address.clone(), what.to_owned())).collect()
    }

    /// The addresses at which `other` would do something else.
    pub fn differences(&self, other: &Self) -> BTreeSet<Address> {
        let by_life = |plan: &'_ Self| -> BTreeMap<(Address, Option<Life>), Step> {
            plan.steps
                .iter()
                .map(|step| ((step.address.clone(), step.life), step.clone()))
                .collect()
        };
        let (ours, theirs) = (by_life(self), by_life(other));
        let keys = ours.keys().chain(theirs.keys());
        keys.filter(|key| ours.get(key) != theirs.get(key))
            .map(|(address, _)| address.clone())
            .collect()
    }

    /// Why this saved plan must not be applied, where `fresh` was planned just now: what of it has changed.
    /// `None` where nothing has; `fresh` is then what to apply.
    pub fn outdated(&self, fresh: &Self) -> Option<String> {
        let about = |plan: &Self| {
            let Place { account, region, .. } = &plan.place;
            let what = if plan.destroy { "the destruction of " } else { "" };
            format!("{what}stack `{}` in account {account}, {region}", plan.stack)
        };
        if self.version != fresh.version {
            return Some(format!(
                "it has form {}, this version uses {}",
                self.version, fresh.version
            ));
        }
        if about(self) != about(fresh) {
            return Some(format!("it is for {}, this run is for {}", about(self), about(fresh)));
        }
        let differ: Vec<String> = self.differences(fresh).iter().map(Address::to_string).collect();
        if !differ.is_empty() {
            return Some(format!("since it was made, this has changed: {}", differ.join(", ")));
        }
        let same = (&self.moves, &self.exports) == (&fresh.moves, &fresh.exports);
        (!same).then(|| {
            "since it was made, the renames or the exported outputs have changed".to_owned()
        })
    }
}

impl Step {
    /// Whether the resource itself is left on purpose, marked as kept, where it would otherwise be deleted.
    pub fn is_kept(&self) -> bool {
        self.keeps.iter().any(|kept| kept.itself)
    }

    /// Whether nothing is done and nothing is waited for.
    pub fn is_nothing(&self) -> bool {
        self.action == Action::Keep && !self.pending
    }
}

/// Plans what makes the cloud as the stack declares it. Recovery has been done before.
pub async fn plan<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    clock: &Clock,
    scope: &Scope,
) -> Result<Plan, PlanError> {
    stack.check()?;
    let moves = moves(stack, state);
    let mut state = state.clone();
    for (from, to) in &moves {
        state.apply(&crate::Record::Moved { from: from.clone(), to: to.clone() });
    }
    let live = live::read(cloud, stack, &state, clock).await?;
    let mut planning = Planning::new(stack, &state, &live);
    for address in &needed_first(stack) {
        planning.declared(address);
    }
    planning.undeclared()?;
    planning.delete_first();
    let mut steps = planning.steps;
    scope::select(&mut steps, stack, &state, scope)?;
    scope::protected(stack, &state, &steps)?;
    turns::order(stack, &state, &live, &mut steps);
    keeps::read(cloud, stack, &state, &mut steps).await?;
    Ok(Plan {
        version: 1,
        stack: stack.name.clone(),
        place: stack.place.clone(),
        destroy: false,
        learned: learned(&state, &live, &steps),
        estimate: estimate::estimate(stack, &state, &steps),
        steps,
        moves,
        exports: stack.exports.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        notices: (stack.notices.iter().cloned())
            .chain(estimate::quotas(stack))
            .chain(adopted(&state))
            .collect(),
    })
}

/// What was found when nothing was recorded, for the user to know.
fn adopted(state: &State) -> Option<String> {
    let adopted = state.all().filter(|(_, _, entry)| entry.status == Status::Adopted);
    let names: Vec<&str> = adopted.map(|(address, ..)| address.as_str()).collect();
    let what = match names.len() {
        0 => return None,
        1 => "a resource of this stack was",
        _ => "resources of this stack were",
    };
    Some(format!("nothing was recorded, and {what} found and adopted: {}", names.join(", ")))
}

/// Plans the deletion of everything that is recorded.
pub async fn plan_destroy<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    clock: &Clock,
    scope: &Scope,
) -> Result<Plan, PlanError> {
    let live = live::read(cloud, stack, state, clock).await?;
    let mut planning = Planning::new(stack, state, &live);
    for (address, life, entry) in state.all() {
        planning.delete(address, life, entry, None)?;
    }
    let mut steps = planning.steps;
    scope::select(&mut steps, stack, state, scope)?;
    scope::protected(stack, state, &steps)?;
    keeps::read(cloud, stack, state, &mut steps).await?;
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
        notices: adopted(state).into_iter().collect(),
    })
}

/// Declared resources, every one after what it needs; all of it is declared. What is in a circle, or needs something
/// that is, is left out.
pub(crate) fn needed_first<C>(stack: &Stack<C>) -> Vec<Address> {
    let mut waiting: Vec<usize> = stack.nodes.values().map(|node| node.needs.len()).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); waiting.len()];
    for (dependent, node) in stack.nodes.values().enumerate() {
        for need in node.needs.keys() {
            let need = stack.nodes.get_index_of(need).expect("what is needed is declared");
            dependents[need].push(dependent);
        }
    }
    let mut order: Vec<usize> = (0..waiting.len()).filter(|node| waiting[*node] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for dependent in &dependents[order[next]] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                order.push(*dependent);
            }
        }
        next += 1;
    }
    let address = |node: usize| stack.nodes.get_index(node).map(|(address, _)| address.clone());
    order.into_iter().filter_map(address).collect()
}

/// The renames that apply: of what is recorded and no longer declared, to what is declared and not yet recorded.
/// Renames of several versions follow one another.
fn moves<C>(stack: &Stack<C>, state: &State) -> Vec<(Address, Address)> {
    let mut moves: BTreeMap<Address, Address> = BTreeMap::new();
    for (from, _) in &stack.moves {
        let mut to = from;
        // As many steps as there are renames, so that a circle ends.
        for _ in 0..stack.moves.len() {
            let next =
                stack.moves.iter().find(|(from, _)| from == to && !stack.nodes.contains_key(from));
            to = next.map_or(to, |(_, to)| to);
        }
        // What has no outputs may not exist, and its token belongs to the old name.
        let here = state.current(from).is_some_and(|(_, entry)| !entry.outputs.is_null());
        let free = state.current(to).is_none() && !moves.values().any(|taken| taken == to);
        if here && free && stack.nodes.contains_key(to) && !stack.nodes.contains_key(from) {
            moves.insert(from.clone(), to.clone());
        }
    }
    moves.into_iter().collect()
}

/// What the live reads tell that is not recorded: outputs, and that what was under way is done.
fn learned(
    state: &State,
    live: &BTreeMap<(Address, Life), LiveJson>,
    steps: &[Step],
) -> Vec<(Address, Life, Document)> {
    let kept: BTreeSet<(&Address, Life)> = steps
        .iter()
        .filter_map(|step| (step.action == Action::Keep).then_some((&step.address, step.life?)))
        .collect();
    let news = live.iter().filter_map(|((address, life), live)| {
        let entry = state.entry(address, *life)?;
        let Live::Ready { outputs, .. } = live else { return None };
        let done = entry.status != Status::Ready && kept.contains(&(address, *life));
        (done || *outputs != *entry.outputs)
            .then(|| (address.clone(), *life, outputs.clone().into()))
    });
    news.collect()
}

/// The kind of a step, declared or at least known.
pub(crate) fn kind_of<'a, C>(stack: &'a Stack<C>, step: &Step) -> Option<&'a Kind<C>> {
    stack.kinds.get(step.kind.as_str())
}
