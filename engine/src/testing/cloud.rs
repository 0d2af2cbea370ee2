//! The synthetic cloud as its callers see it: calls that take time, fail, and are written down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

use super::Boundaries;
use super::world::World;
use crate::{CallError, CallResult, Class, Clock, Facts, Operation};

/// A cloud in memory. A clone is the same cloud; it outlives the runs that use it.
#[derive(Debug, Clone)]
pub struct Cloud {
    clock: Clock,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    world: World,
    sent: Vec<Sent>,
    faults: Vec<Fault>,
    latency: Duration,
    boundaries: Boundaries,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Makes a resource.
    Create,
    /// Does the second step of a create.
    Configure,
    /// Reads any number of resources.
    Read,
    /// Changes a resource.
    Update,
    /// Sets or removes tags.
    Tag,
    /// Deletes one or several resources.
    Delete,
    /// Looks for a resource.
    Find,
}

impl Verb {
    /// Whether the call changes anything.
    pub fn mutates(self) -> bool {
        !matches!(self, Self::Read | Self::Find)
    }
}

/// A call that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When it was sent, on the cloud's clock.
    pub at: Duration,
    /// What it does.
    pub verb: Verb,
    /// The type that it is about.
    pub kind: &'static str,
    /// The resources that it is about, as their creators named them.
    pub addresses: Vec<String>,
}

/// Calls that fail.
#[derive(Debug, Clone)]
pub struct Fault {
    verb: Verb,
    address: String,
    class: Class,
    lost: bool,
    times: u32,
}

impl Fault {
    /// The next call of this kind about this resource (`*`: about any) is refused.
    pub fn new(verb: Verb, address: &str, class: Class) -> Self {
        Self { verb, address: address.to_owned(), class, lost: false, times: 1 }
    }

    /// Not the next call alone but the next few.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The call has its effect, and its answer is lost.
    #[must_use]
    pub fn lost(mut self) -> Self {
        self.lost = true;
        self
    }

    fn hits(&self, verb: Verb, addresses: &[String]) -> bool {
        self.times > 0
            && self.verb == verb
            && (self.address == "*" || addresses.contains(&self.address))
    }
}

impl Cloud {
    /// An empty cloud on this clock, whose calls answer at once.
    pub fn new(clock: Clock) -> Self {
        let inner = Inner {
            world: World::default(),
            sent: Vec::new(),
            faults: Vec::new(),
            latency: Duration::ZERO,
            boundaries: Boundaries::new(),
        };
        Self { clock, inner: Arc::new(Mutex::new(inner)) }
    }

    /// What every call takes from now on; its effect comes half-way.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    /// How long what was just made stays invisible to reads and looks.
    pub fn set_lag(&self, lag: Duration) {
        self.lock().world.lag = lag;
    }

    /// What an operation on a resource (`*`: on every one) takes, instead of its type's usual time.
    pub fn set_duration(&self, address: &str, operation: Operation, duration: Duration) {
        self.lock().world.durations.insert((address.to_owned(), operation), duration);
    }

    /// The resource will never be ready, and why.
    pub fn breaks(&self, address: &str, why: &str) {
        self.lock().world.breaks.insert(address.to_owned(), why.to_owned());
    }

    /// The resource can be made again.
    pub fn mends(&self, address: &str) {
        self.lock().world.breaks.remove(address);
    }

    /// Makes calls fail. The fault that was put last is looked at first.
    pub fn fault(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Ends all faults, and says whether every one of them hit as often as it was meant to.
    pub fn clear_faults(&self) -> bool {
        let faults = std::mem::take(&mut self.lock().faults);
        faults.iter().all(|fault| fault.times == 0)
    }

    /// Passes these boundaries from now on: before a mutating call has its effect, and before it is answered.
    pub fn watch(&self, boundaries: &Boundaries) {
        self.lock().boundaries = boundaries.clone();
    }

    /// Changes an argument of a resource, as somebody else would.
    pub fn meddle(&self, address: &str, argument: &str, value: impl Into<Value>) {
        let (mut inner, value) = (self.lock(), value.into());
        for id in inner.world.ids_at(address) {
            let set = Map::from_iter([(argument.to_owned(), value.clone())]);
            inner.world.set(&id, set).expect("it is there");
        }
    }

    /// Sets or removes a tag of a resource, as somebody else would.
    pub fn meddle_with_tag(&self, address: &str, key: &str, value: Option<&str>) {
        let mut inner = self.lock();
        for object in inner.world.objects.values_mut().filter(|object| object.address == address) {
            match value {
                Some(value) => object.tags.insert(key.to_owned(), value.to_owned()),
                None => object.tags.remove(key),
            };
        }
    }

    /// Deletes a resource, as somebody else would.
    pub fn vanish(&self, address: &str) {
        let mut inner = self.lock();
        for id in inner.world.ids_at(address) {
            inner.world.remove(&id);
        }
    }

    /// Begins to delete a resource, as somebody else would.
    pub fn begin_delete(&self, address: &str) {
        let mut inner = self.lock();
        inner.world.advance(self.clock.elapsed());
        let ids = inner.world.ids_at(address);
        let facts = Facts { delete_secs: 5, ..Facts::DEFAULT };
        // What is in use stays.
        inner.world.delete(&ids, &facts).ok();
    }

    /// Makes the resource at `address` somebody else's: it loses its tags.
    pub fn disown(&self, address: &str) {
        let mut inner = self.lock();
        for object in inner.world.objects.values_mut().filter(|object| object.address == address) {
            object.tags.clear();
            object.address = format!("somebody's {address}");
        }
    }

    /// Everything that was sent.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// Forgets what was sent.
    pub fn forget_sent(&self) {
        self.lock().sent.clear();
    }

    /// What exists, one line each, ids replaced by addresses: two clouds with the same lines hold the same.
    pub fn inventory(&self) -> Vec<String> {
        let now = self.clock.elapsed();
        self.lock().world.inventory(now)
    }

    /// How many resources have ever been made.
    pub fn made(&self) -> u64 {
        self.lock().world.made
    }

    /// The ids of what exists, by address; several where an address has several.
    pub fn ids(&self) -> Vec<(String, String)> {
        let now = self.clock.elapsed();
        let mut inner = self.lock();
        inner.world.advance(now);
        inner
            .world
            .objects
            .values()
            .map(|object| (object.address.clone(), object.id.clone()))
            .collect()
    }

    pub(super) async fn call<T>(
        &self,
        verb: Verb,
        kind: &'static str,
        addresses: &[String],
        effect: impl FnOnce(&mut World) -> CallResult<T>,
    ) -> CallResult<T> {
        let at = self.clock.elapsed();
        let (latency, fault, boundaries) = {
            let mut inner = self.lock();
            inner.sent.push(Sent { at, verb, kind, addresses: addresses.to_vec() });
            let fault = inner.faults.iter_mut().rev().find(|fault| fault.hits(verb, addresses));
            let fault = fault.map(|fault| {
                fault.times -= 1;
                fault.clone()
            });
            (inner.latency, fault, inner.boundaries.clone())
        };
        let what = format!("{verb:?} {}", addresses.join(" ")).to_lowercase();
        if verb.mutates() {
            boundaries.pass(format!("{what}: before the call")).await;
        }
        self.travel(latency / 2).await;
        let failed = fault.as_ref().map(|fault| {
            let error = CallError::new(fault.class, format!("sending {what}"), "as told");
            error.with_code(format!("{:?}", fault.class))
        });
        if let Some(error) = failed.clone().filter(|_| fault.is_some_and(|fault| !fault.lost)) {
            return Err(error);
        }
        let result = {
            let mut inner = self.lock();
            inner.world.advance(self.clock.elapsed());
            effect(&mut inner.world)
        };
        if verb.mutates() {
            boundaries.pass(format!("{what}: before the answer")).await;
        }
        self.travel(latency / 2).await;
        failed.map_or(result, Err)
    }

    async fn travel(&self, latency: Duration) {
        if !latency.is_zero() {
            self.clock.sleep(latency).await;
        }
    }

    pub(super) async fn call_by_id<T>(
        &self,
        verb: Verb,
        kind: &'static str,
        ids: &[String],
        effect: impl FnOnce(&mut World) -> CallResult<T>,
    ) -> CallResult<T> {
        let address = |id: &String| {
            let inner = self.lock();
            inner.world.objects.get(id).map_or_else(|| id.clone(), |object| object.address.clone())
        };
        let addresses: Vec<String> = ids.iter().map(address).collect();
        self.call(verb, kind, &addresses, effect).await
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
