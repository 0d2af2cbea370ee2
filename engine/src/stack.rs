//! Declaring: a stack of resources, the components that add to it, and what must hold of a declaration.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::{NameRule, short_hash};
use crate::document::Compact;
use crate::input::{self, Input, Reference, When};
use crate::outputs::Origin;
use crate::resource::Tags;
use crate::state::{State, Waiver};
use crate::{Address, Addressed, Invalid, Kind, Outputs, Resource};

/// Where a stack is deployed: known before anything is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The partition, as in `aws`.
    pub partition: String,
    /// The account's 12 digits.
    pub account: String,
    /// The region, as in `eu-central-1`.
    pub region: String,
    /// The region's availability zones, in the order of their ids.
    pub zones: Vec<Zone>,
}

/// An availability zone. Names differ between accounts, ids do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Zone {
    /// The name in this account, as in `eu-central-1a`.
    pub name: String,
    /// The id that is the same for every account, as in `euc1-az2`.
    pub id: String,
}

/// A group of resources that belong together and are declared together.
///
/// Declaring is pure: no call, no clock, no environment.
pub trait Component<C> {
    /// What other components use of it.
    type Outputs;

    /// Adds the resources to the stack. Errors are in terms of the component's own fields.
    fn declare(self, stack: &mut Stack<C>) -> Result<Self::Outputs, Invalid>;
}

/// Everything a program declares.
pub struct Stack<C> {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) tags: Tags,
    pub(crate) nodes: IndexMap<Address, Declared<C>>,
    pub(crate) exports: IndexMap<String, Value>,
    pub(crate) moves: Vec<(Address, Address)>,
    pub(crate) protected: BTreeSet<Address>,
    pub(crate) kinds: BTreeMap<&'static str, Kind<C>>,
    pub(crate) notices: Vec<String>,
    pub(crate) waivers: BTreeSet<Waiver>,
    pub(crate) turns: Vec<Turns>,
    open: Vec<Settle<C>>,
    scope: Vec<String>,
    scopes: IndexMap<String, &'static Location<'static>>,
    id: u64,
}

/// What settles a part of the declaration once the cloud is known.
type Settle<C> = Box<dyn FnOnce(&mut Stack<C>, &C) -> Result<(), Invalid> + Send + Sync>;

/// Resources that are changed one after the other: those of one type that need the same host.
#[derive(Debug)]
pub(crate) struct Turns {
    pub(crate) kind: &'static str,
    pub(crate) host: Address,
}

/// One declared resource.
pub(crate) struct Declared<C> {
    pub(crate) kind: Kind<C>,
    /// The arguments, with references.
    pub(crate) args: Compact,
    /// What it waits for: through references, and by [`Stack::after`].
    pub(crate) needs: BTreeMap<Address, When>,
    pub(crate) at: &'static Location<'static>,
}

impl<C: Send + Sync + 'static> Stack<C> {
    /// An empty stack. The name is 1 to 32 lower-case letters, digits and hyphens, and starts with a letter.
    pub fn new(name: impl Into<String>, place: Place) -> Result<Self, Invalid> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = name.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts || name.len() > 32 || !name.chars().all(plain) {
            let rule = "1 to 32 lower-case letters, digits and hyphens, a letter first";
            return Err(Invalid::new("stack name", format!("`{name}` must be {rule}")));
        }
        Ok(Self {
            name,
            place,
            tags: Tags::new(),
            nodes: IndexMap::new(),
            exports: IndexMap::new(),
            moves: Vec::new(),
            protected: BTreeSet::new(),
            kinds: BTreeMap::new(),
            notices: Vec::new(),
            waivers: BTreeSet::new(),
            turns: Vec::new(),
            open: Vec::new(),
            scope: Vec::new(),
            scopes: IndexMap::new(),
            id: NEXT.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// The stack's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Account, region and zones.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The types of the declared resources, and those made known besides.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.keys().copied()
    }

    /// What each declared resource waits for, and until when of it; in the order of declaration.
    pub fn needs(&self) -> impl Iterator<Item = (&Address, &BTreeMap<Address, When>)> {
        self.nodes.iter().map(|(address, node)| (address, &node.needs))
    }

    /// The address of the component that is being declared, as in `shop/database`; the stack's name outside of any.
    pub fn scope(&self) -> String {
        if self.scope.is_empty() { self.name.clone() } else { self.scope.join("/") }
    }

    /// A physical name by `rule` for the resource `name` of the component that is being declared, the same for
    /// every life of it: for a name that must be known before the resource is made, because something that is made
    /// first has it inside, such as a log group that a service would make itself.
    ///
    /// Two lives cannot have it at once, so what has such a name is replaced by deleting it first.
    pub fn fixed_name(&self, name: &str, rule: &NameRule) -> Result<String, Invalid> {
        let address = self.address_of(name)?;
        let Place { account, region, .. } = &self.place;
        let hash = short_hash(&[account, region, &self.name, address.as_str()], 8);
        Ok(rule.name(&self.name, &address, &hash))
    }

    /// Puts a tag on every resource that takes tags: at most 40, keys of 1 to 128 and values of up to 256
    /// characters that AWS allows, not starting with `aws:` or `globecart:`.
    pub fn tag(&mut self, key: &str, value: &str) -> Result<(), Invalid> {
        check_tag(key, value)?;
        self.tags.insert(key.to_owned(), value.to_owned());
        if self.tags.len() > 40 {
            return Err(Invalid::new(
                "tags",
                "a stack takes at most 40 tags; AWS allows 50 in all",
            ));
        }
        Ok(())
    }

    /// Adds a resource under `name`, which is unique in its component, and returns the references to it.
    #[track_caller]
    pub fn add<R: Resource<C>>(
        &mut self,
        name: impl AsRef<str>,
        resource: R,
    ) -> Result<<R::Outputs as Outputs>::Refs, Invalid> {
        let address = self.address_of(name.as_ref())?;
        let declared_at = Location::caller();
        self.unused(address.as_str(), declared_at)?;
        resource.check().map_err(|error| error.within(address.as_str()))?;
        let kind = Kind::of::<R>();
        let node = self.declared(&address, kind.clone(), &resource, declared_at)?;
        self.kinds.insert(R::TYPE, kind);
        self.nodes.insert(address.clone(), node);
        Ok(R::Outputs::refs(Origin { address, stack: self.id }))
    }

    /// Declares a component; the names of what it adds start with `name/`.
    #[track_caller]
    pub fn component<K: Component<C>>(
        &mut self,
        name: impl AsRef<str>,
        component: K,
    ) -> Result<K::Outputs, Invalid> {
        let declared_at = Location::caller();
        let scope = self.address_of(name.as_ref())?.to_string();
        self.unused(&scope, declared_at)?;
        self.scopes.insert(scope.clone(), declared_at);
        self.scope.push(name.as_ref().to_owned());
        let outputs = component.declare(self);
        self.scope.pop();
        let inside = |error: &Invalid| Address::new(error.at.as_str()).is_within(&scope);
        outputs.map_err(|error| if inside(&error) { error } else { error.within(&scope) })
    }

    /// Changes a resource that was added before: for documents with many contributors.
    pub fn amend<R: Resource<C>>(
        &mut self,
        added: &impl Addressed,
        change: impl FnOnce(&mut R),
    ) -> Result<(), Invalid> {
        let address = added.address();
        let node = self.nodes.get(address).filter(|node| node.kind.name() == R::TYPE);
        let Some(node) = node else {
            let problem = format!("is no {} of this stack, so it cannot be amended", R::TYPE);
            return Err(Invalid::new(address.as_str(), problem));
        };
        let mut resource: R = serde_json::from_value(node.args.read())
            .expect("a declared resource reads back from its own JSON");
        change(&mut resource);
        resource.check().map_err(|error| error.within(address.as_str()))?;
        let (kind, declared_at) = (node.kind.clone(), node.at);
        let explicit = node.needs.clone();
        let mut amended = self.declared(address, kind, &resource, declared_at)?;
        for (need, when) in explicit {
            wait_for(&mut amended.needs, need, when);
        }
        self.nodes.insert(address.clone(), amended);
        Ok(())
    }

    /// Leaves a part of the declaration open until the cloud is known ([`Stack::settle`]): for what neither a setting
    /// nor a reference can tell, such as which file of this machine is uploaded to a real account. `settle` amends
    /// what was added before, and only reads.
    pub fn leave_open(
        &mut self,
        settle: impl FnOnce(&mut Self, &C) -> Result<(), Invalid> + Send + Sync + 'static,
    ) {
        self.open.push(Box::new(settle));
    }

    /// Settles what was left open. It comes before a plan is made; deleting everything needs it not.
    pub fn settle(&mut self, cloud: &C) -> Result<(), Invalid> {
        let open = std::mem::take(&mut self.open);
        open.into_iter().try_for_each(|settle| settle(self, cloud))
    }

    /// Makes `later` wait for `earlier` although no reference says so; on destroy the other way round.
    pub fn after(&mut self, later: &impl Addressed, earlier: &impl Addressed) {
        if let Some(node) = self.nodes.get_mut(later.address()) {
            wait_for(&mut node.needs, earlier.address().clone(), When::Ready);
        }
    }

    /// Changes the resources of the type `R` that need `host` one after the other, such as the instances of a
    /// cluster: those that are new come first, then each change or replacement in the order of
    /// [`Resource::turn`], and those that are no longer declared go last. If one fails, the rest is left as it is.
    /// What only gets other tags does not wait for its turn.
    pub fn in_turn<R: Resource<C>>(&mut self, host: &impl Addressed) {
        self.turns.push(Turns { kind: R::TYPE, host: host.address().clone() });
    }

    /// Says that what was recorded as `from` is now declared as `to`, so that it is kept, not replaced.
    pub fn moved(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.moves.push((Address::new(from), Address::new(to)));
    }

    /// Refuses every plan that would delete or replace this resource.
    pub fn protect(&mut self, resource: &impl Addressed) {
        self.protected.insert(resource.address().clone());
    }

    /// Makes resource types known that may be recorded but are no longer declared, so that they can be deleted.
    pub fn knows(&mut self, kinds: impl IntoIterator<Item = Kind<C>>) {
        for kind in kinds {
            self.kinds.insert(kind.name(), kind);
        }
    }

    /// Records that the component that is being declared, or the stack itself, does without `control`, and why:
    /// the plan says so, and the state lists it for as long as it is declared.
    pub fn waive(&mut self, control: impl Into<String>, reason: impl Into<String>) {
        let at = Address::new(self.scope());
        let waiver = Waiver { at, control: control.into(), reason: reason.into() };
        self.notice(format!("waived: {} ({})", waiver.control, waiver.reason));
        self.waivers.insert(waiver);
    }

    /// Says something in the plan that the user should know.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.notices.push(text.into());
    }

    /// Exports an output of the stack under `name`.
    pub fn export<T: Serialize>(
        &mut self,
        name: impl Into<String>,
        value: &Input<T>,
    ) -> Result<(), Invalid> {
        let name = name.into();
        let mut value = to_json(value, &name)?;
        self.own_references(&name, &mut value)?;
        match self.exports.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => {
                Err(Invalid::new(name, "is exported twice; every output needs a name of its own"))
            }
        }
    }

    /// Checks what only the whole declaration can tell: that nothing waits for itself, or for something that
    /// is not declared.
    pub fn check(&self) -> Result<(), Invalid> {
        for (address, node) in &self.nodes {
            if let Some(need) = node.needs.keys().find(|need| !self.nodes.contains_key(*need)) {
                let problem = format!(
                    "({}) waits for {need}, which is not a resource of this stack",
                    node.at
                );
                return Err(Invalid::new(address.as_str(), problem));
            }
        }
        // What is in a circle, or needs something that is, has no place in the order.
        if crate::plan::needed_first(self).len() == self.nodes.len() {
            return Ok(());
        }
        let needs =
            |address: &Address| self.nodes.get(address).into_iter().flat_map(|n| n.needs.keys());
        let Some(cycle) = crate::graph::cycle(self.nodes.keys(), needs) else { return Ok(()) };
        let places = cycle.iter().map(|address| format!("{address} ({})", self.nodes[address].at));
        let chain = places.collect::<Vec<_>>().join(" needs ");
        Err(Invalid::new(cycle[0].as_str(), format!("waits for itself: {chain}")))
    }

    /// Names are unique in their scope, whether they are a resource's or a component's.
    fn unused(&self, address: &str, here: &Location<'_>) -> Result<(), Invalid> {
        let resource = self.nodes.get(address).map(|node| node.at);
        match resource.or_else(|| self.scopes.get(address).copied()) {
            None => Ok(()),
            Some(other) => {
                Err(Invalid::new(address, format!("declared twice: at {other} and at {here}")))
            }
        }
    }

    fn declared<R: Resource<C>>(
        &self,
        address: &Address,
        kind: Kind<C>,
        resource: &R,
        declared_at: &'static Location<'static>,
    ) -> Result<Declared<C>, Invalid> {
        let mut args = to_json(resource, address.as_str())?;
        let placed = |error: Invalid| Invalid {
            problem: format!("({declared_at}) {}", error.problem),
            ..error
        };
        let needs = self.own_references(address.as_str(), &mut args).map_err(placed)?;
        Ok(Declared { kind, args: Compact::of(args), needs, at: declared_at })
    }

    /// The references of a document, all of them to resources of this very stack.
    fn own_references(
        &self,
        at: &str,
        document: &mut Value,
    ) -> Result<BTreeMap<Address, When>, Invalid> {
        if let Some(key) = input::stray_key(document) {
            let problem = format!(
                "holds a map with the key `{key}`; keys that start with `$` stand for references"
            );
            return Err(Invalid::new(at, problem));
        }
        let mut needs = BTreeMap::new();
        let mut foreign = None;
        input::each_reference(document, &mut |Reference { address, when, stack, .. }| {
            if (stack != 0 && stack != self.id) || !self.nodes.contains_key(&address) {
                foreign.get_or_insert(address);
            } else {
                wait_for(&mut needs, address, when);
            }
        });
        if let Some(address) = foreign {
            let stack = &self.name;
            let problem =
                format!("refers to {address}, which is not a resource of this stack `{stack}`");
            return Err(Invalid::new(at, problem));
        }
        input::forget_stack(document);
        Ok(needs)
    }

    fn address_of(&self, name: &str) -> Result<Address, Invalid> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            let at = if self.scope.is_empty() { "name".to_owned() } else { self.scope.join("/") };
            let problem =
                format!("`{name}` must be letters, digits, `-`, `_` and `.`, at least one");
            return Err(Invalid::new(at, problem));
        }
        let parts = self.scope.iter().map(String::as_str).chain([name]);
        Ok(Address::new(parts.collect::<Vec<_>>().join("/")))
    }
}

impl<C> Stack<C> {
    /// The group that a resource takes turns in, by its place in [`Stack::turns`].
    pub(crate) fn turns_of(&self, state: &State, address: &Address, kind: &str) -> Option<usize> {
        if self.turns.is_empty() {
            return None;
        }
        let node = self.nodes.get(address).filter(|node| node.kind.name() == kind);
        let entry = || state.current(address).map(|(_, entry)| entry);
        self.turns.iter().position(|turns| {
            turns.kind == kind
                && match node {
                    Some(node) => node.needs.contains_key(&turns.host),
                    None => entry().is_some_and(|entry| entry.needs.contains(&turns.host)),
                }
        })
    }
}

fn wait_for(needs: &mut BTreeMap<Address, When>, address: Address, when: When) {
    let entry = needs.entry(address).or_insert(when);
    *entry = (*entry).max(when);
}

fn to_json(value: &impl Serialize, at: &str) -> Result<Value, Invalid> {
    serde_json::to_value(value)
        .map_err(|error| Invalid::new(at, format!("is no plain data: {error}")))
}

fn check_tag(key: &str, value: &str) -> Result<(), Invalid> {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let reserved =
        ["aws:", "globecart:"].into_iter().find(|prefix| key.to_lowercase().starts_with(prefix));
    let problem = match reserved {
        Some(prefix) => format!("the key must not start with `{prefix}`"),
        None if key.is_empty() || key.chars().count() > 128 => {
            "the key must have 1 to 128 characters".into()
        }
        None if value.chars().count() > 256 => "the value must have at most 256 characters".into(),
        None if !key.chars().chain(value.chars()).all(allowed) => {
            "letters, digits, spaces and `_.:/=+-@` are allowed".into()
        }
        None => return Ok(()),
    };
    Err(Invalid::new(format!("tag `{key}`"), problem))
}

#[cfg(test)]
mod tests;
