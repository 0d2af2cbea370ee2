//! A synthetic resource: every kind of argument there is.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cloud::{Cloud, Verb};
use super::flavor::{Flavor, Identity};
use super::world::Wish;
use crate::resource::{
    Argument, CallResult, Effect, Facts, Found, Intent, Kept, Live, Made, Order, Recorded, Removal,
    Resource, Tags,
};
use crate::{CallError, Input, Invalid};

/// A synthetic resource of the type `F`. Its cloud refuses to make it before what it needs is there, and to
/// delete it while something refers to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Thing<F: Flavor> {
    /// Changed in place, at once; at least 1.
    pub size: u32,
    /// Changed in place, rolling. A call of its own sets it after the create call.
    pub note: Option<String>,
    /// A change replaces the resource, the new one first.
    pub shape: String,
    /// A change replaces the resource, the old one first: one resource of a type has a slot at a time.
    pub slot: Option<String>,
    /// Belongs to somebody else once set.
    pub scale: u32,
    /// Used at creation only.
    pub seed: u32,
    /// Whether deleting it loses data.
    pub data: bool,
    /// Ids of what must be ready before; changed in place.
    pub needs: Vec<Input<String>>,
    /// Ids of what must at least exist before; changed in place.
    pub early: Vec<Input<String>>,
    /// The id of what it lives in; a change replaces it, the new one first.
    pub host: Option<Input<String>>,
    /// The type.
    #[serde(skip)]
    pub flavor: PhantomData<fn() -> F>,
}

crate::outputs! {
    /// What the synthetic cloud answers.
    pub struct ThingOutputs => ThingRefs {
        /// Its id, in the answer of the create call.
        accepted id: String,
        /// Where it listens, once it is ready.
        endpoint: String,
    }
}

impl<F: Flavor> Thing<F> {
    /// Of size 1, and needing nothing.
    pub fn new() -> Self {
        Self {
            size: 1,
            note: None,
            shape: String::new(),
            slot: None,
            scale: 1,
            seed: 0,
            data: false,
            needs: Vec::new(),
            early: Vec::new(),
            host: None,
            flavor: PhantomData,
        }
    }

    /// The size that the next step brings it to, and whether another one follows.
    fn next_size(&self, old: u32) -> (u32, bool) {
        if !F::STEPPED || old == self.size {
            return (self.size, false);
        }
        if self.note.as_deref() == Some("stuck") {
            return (old, true);
        }
        let next = if old < self.size { old + 1 } else { old - 1 };
        (next, next != self.size)
    }

    fn wish(&self, intent: &Intent) -> Wish {
        let args = serde_json::to_value(Self { note: None, ..self.clone() })
            .expect("a thing is plain data");
        let facts = &F::FACTS;
        Wish {
            kind: F::TYPE,
            facts: *facts,
            address: intent.address().to_string(),
            token: (F::IDENTITY == Identity::Token).then(|| intent.token().to_owned()),
            name: facts.name.map(|rule| intent.name(&rule)),
            tags: if facts.tags { intent.tags().clone() } else { Tags::new() },
            args,
        }
    }
}

impl<F: Flavor> Default for Thing<F> {
    fn default() -> Self {
        Self::new()
    }
}

fn made(outputs: ThingOutputs) -> Made<ThingOutputs> {
    if outputs.endpoint.is_some() { Made::ready(outputs) } else { Made::pending(outputs) }
}

fn ids<F: Flavor>(of: &[Recorded<Thing<F>, ThingOutputs>]) -> Vec<String> {
    of.iter().map(|one| one.outputs.id.clone()).collect()
}

impl<F: Flavor> Resource<Cloud> for Thing<F> {
    const TYPE: &'static str = F::TYPE;
    const FACTS: Facts = F::FACTS;
    type Outputs = ThingOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "shape" | "host" => Argument::Replace(Order::CreateFirst),
            "slot" => Argument::Replace(Order::DeleteFirst),
            "scale" => Argument::Owned(Effect::AtOnce),
            "seed" => Argument::Initial,
            "note" => Argument::InPlace(Effect::Rolling),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn loss(&self) -> Option<String> {
        self.data.then(|| format!("{} rows", self.size))
    }

    fn loss_by(&self, to: &Self) -> Option<String> {
        let fewer = self.size.saturating_sub(to.size);
        (self.data && fewer > 0).then(|| format!("{fewer} rows"))
    }

    fn steps(&self, old: &Self) -> Vec<String> {
        let (from, to) = (old.size.min(self.size), old.size.max(self.size));
        let mut sizes: Vec<u32> = (from..=to).filter(|size| *size != old.size).collect();
        if self.size < old.size {
            sizes.reverse();
        }
        let steps = sizes.into_iter().map(|size| format!("size {size}"));
        if F::STEPPED { steps.collect() } else { Vec::new() }
    }

    fn turn(of: &Recorded<Self, ThingOutputs>) -> u32 {
        of.args.scale
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.size == 0 { Err(Invalid::new("size", "must be at least 1")) } else { Ok(()) }
    }

    async fn create(&self, cloud: &Cloud, intent: &Intent) -> CallResult<Made<ThingOutputs>> {
        if F::IDENTITY == Identity::Tags
            && intent.repeated()
            && let Found::Ours(outputs) = self.find(cloud, intent).await?
        {
            return Ok(made(outputs));
        }
        let wish = self.wish(intent);
        let address = [wish.address.clone()];
        let outputs =
            cloud.call(Verb::Create, F::TYPE, &address, |world| world.create(wish)).await?;
        if let Some(note) = &self.note {
            let set = serde_json::Map::from_iter([("note".to_owned(), note.as_str().into())]);
            let id = outputs.id.clone();
            cloud.call(Verb::Configure, F::TYPE, &address, |world| world.set(&id, set)).await?;
        }
        Ok(made(outputs))
    }

    async fn read(
        cloud: &Cloud,
        wanted: &[Recorded<Self, ThingOutputs>],
    ) -> CallResult<Vec<Live<Self, ThingOutputs>>> {
        let ids = ids(wanted);
        cloud
            .call_by_id(Verb::Read, F::TYPE, &ids, |world| {
                Ok(ids.iter().map(|id| world.live(id)).collect())
            })
            .await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        old: &Recorded<Self, ThingOutputs>,
        _intent: &Intent,
    ) -> CallResult<Made<ThingOutputs>> {
        let json = |thing: &Self| serde_json::to_value(thing).expect("a thing is plain data");
        let (before, mut set) =
            (json(&old.args), json(self).as_object().cloned().unwrap_or_default());
        set.retain(|name, value| {
            ["size", "note", "scale", "needs", "early"].contains(&name.as_str())
                && before[name] != *value
        });
        let (size, more) = self.next_size(old.args.size);
        if let Some(to) = set.get_mut("size") {
            *to = size.into();
        }
        let id = [old.outputs.id.clone()];
        let update = cloud
            .call_by_id(Verb::Update, F::TYPE, &id, |world| world.update(&id[0], set, &F::FACTS));
        let outputs = update.await?;
        Ok(if more { Made::step(outputs) } else { made(outputs) })
    }

    async fn tag(
        cloud: &Cloud,
        of: &Recorded<Self, ThingOutputs>,
        set: &Tags,
        unset: &[String],
    ) -> CallResult<()> {
        let id = [of.outputs.id.clone()];
        cloud.call_by_id(Verb::Tag, F::TYPE, &id, |world| world.tag(&id[0], set, unset)).await
    }

    async fn delete(cloud: &Cloud, gone: &[Recorded<Self, ThingOutputs>]) -> CallResult<Removal> {
        let ids = ids(gone);
        cloud.call_by_id(Verb::Delete, F::TYPE, &ids, |world| world.delete(&ids, &F::FACTS)).await
    }

    /// What has data and a note leaves a copy of it.
    async fn keeps(
        _cloud: &Cloud,
        going: &[Recorded<Self, ThingOutputs>],
    ) -> CallResult<Vec<Vec<Kept>>> {
        let kept = |one: &Recorded<Self, ThingOutputs>| {
            let note = one.args.note.as_deref().filter(|_| one.args.data);
            note.map(|note| Kept::new("copy", format!("{note} of {}", one.outputs.id)))
        };
        Ok(going.iter().map(|one| kept(one).into_iter().collect()).collect())
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing.starts_with("sending create")
    }

    async fn find(&self, cloud: &Cloud, intent: &Intent) -> CallResult<Found<ThingOutputs>> {
        let wish = self.wish(intent);
        let address = [wish.address.clone()];
        cloud.call(Verb::Find, F::TYPE, &address, |world| Ok(world.find(&wish))).await
    }
}
