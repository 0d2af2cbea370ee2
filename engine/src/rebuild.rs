//! What a stack has in the cloud and not in its record, because the state was lost, or its end was.
//!
//! Invariant: this only reads, and adopts nothing that the cloud does not show as this stack's: by its tags, or by
//! its key where what it belongs to is this stack's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::Value;

use crate::event::{Event, Events};
use crate::input::resolve;
use crate::kind::{LiveJson, RecordedJson, as_it_is};
use crate::plan::{PlanError, desired_tags, life_of, name_hash, needed_first};
use crate::resource::{Found, Intent, Live, Tags};
use crate::stack::Declared;
use crate::state::{Desired, Life, Record, State};
use crate::{Address, Clock, Document, Stack};

/// How long the pause is before what is busy is looked at again.
const PAUSE: Duration = Duration::from_secs(2);

/// How long something busy may hide its tags.
const PATIENCE: Duration = Duration::from_mins(30);

/// How many lives are tried for one name that no listing knows.
const NAMES: usize = 64;

/// One resource that a listing shows as this stack's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is, as in its ARN.
    pub what: String,
    /// All its tags.
    pub tags: Tags,
}

/// Whether listings are worth asking: something is declared that is not recorded.
pub fn is_lacking<C>(stack: &Stack<C>, state: &State) -> bool {
    stack.nodes.keys().any(|address| state.current(address).is_none())
}

/// Finds what exists of a stack and is not recorded, and answers records that adopt it.
///
/// `listed` is what listings show as the stack's. They may lag, so absence is never concluded from them: what has
/// no name is looked for by its tags besides, and what has a name and no tags by its key. Where nothing was ever
/// recorded, what has both is looked for by the names that its neighbours' lives would give it, what has neither by
/// its key, and what is listed and not recognised is told as a notice.
pub async fn rebuild<C: Send + Sync + 'static>(
    cloud: &C,
    stack: &Stack<C>,
    state: &State,
    listed: &[Listed],
    clock: &Clock,
    events: &Events,
) -> Result<Vec<Record>, PlanError> {
    let mut rebuilding = Rebuilding::new(cloud, stack, state, listed, clock);
    let mut left = needed_first(stack);
    while !left.is_empty() {
        let waiting: BTreeSet<&Address> = left.iter().collect();
        let free = |address: &Address| {
            !stack.nodes[address].needs.keys().any(|need| waiting.contains(need))
        };
        let (now, later): (Vec<Address>, Vec<Address>) =
            left.iter().cloned().partition(|address| free(address));
        let looks = now.iter().map(|address| rebuilding.look(address));
        let found = try_join_all(looks).await?;
        for (address, found) in now.into_iter().zip(found) {
            rebuilding.take(address, found);
        }
        left = later;
    }
    rebuilding.tell(listed, events);
    Ok(rebuilding.records())
}

/// The address and the life that these tags name, if they are this stack's.
fn of_stack<C>(stack: &Stack<C>, tags: &Tags) -> Option<(Address, Life)> {
    if tags.get("globecart:stack")? != &stack.name || tags.contains_key("globecart:kept") {
        return None;
    }
    Some((Address::new(tags.get("globecart:resource")?), life_of(tags)?))
}

struct Rebuilding<'a, C> {
    cloud: &'a C,
    stack: &'a Stack<C>,
    state: &'a State,
    clock: &'a Clock,
    /// Which lives of an address listings show that are not recorded.
    lives: BTreeMap<Address, BTreeSet<Life>>,
    found: BTreeMap<Address, BTreeMap<Life, Adopted>>,
    /// Lives that tags name.
    tagged: BTreeSet<Life>,
    /// The newest life given to what carries none.
    fresh: Life,
}

/// Something found, in its recorded form.
struct Adopted {
    args: Document,
    outputs: Document,
}

impl<'a, C: Send + Sync + 'static> Rebuilding<'a, C> {
    fn new(
        cloud: &'a C,
        stack: &'a Stack<C>,
        state: &'a State,
        listed: &[Listed],
        clock: &'a Clock,
    ) -> Self {
        let mut lives: BTreeMap<Address, BTreeSet<Life>> = BTreeMap::new();
        let ours = listed.iter().filter_map(|listed| of_stack(stack, &listed.tags));
        for (address, life) in ours.filter(|(at, life)| state.entry(at, *life).is_none()) {
            lives.entry(address).or_default().insert(life);
        }
        let tagged = lives.values().flatten().copied().collect();
        let (found, fresh) = (BTreeMap::new(), state.lives);
        Self { cloud, stack, state, clock, lives, found, tagged, fresh }
    }

    /// Whether nothing was ever recorded.
    fn is_new(&self) -> bool {
        self.state.serial == 0
    }

    /// What exists at an address and is not recorded, by life; `None` for the life of what carries none.
    async fn look(&self, address: &Address) -> Result<Vec<(Option<Life>, Adopted)>, PlanError> {
        let declared = &self.stack.nodes[address];
        let Some(args) = self.resolved(declared) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for life in self.lives.get(address).into_iter().flatten() {
            let ours = self.find(address, &args, self.intent(address, Some(*life))).await?;
            if let Some(ours) = ours
                && self.has_life(address, &ours, *life).await?
            {
                found.push((Some(*life), ours));
            }
        }
        if !found.is_empty() || self.state.current(address).is_some() {
            return Ok(found);
        }
        let facts = declared.kind.facts();
        let unlisted = match (facts.tags, facts.name) {
            (true, None) => self.by_tags(address, &args).await?,
            (true, Some(_)) if self.is_new() => self.by_names(address, &args).await?,
            // A join that is there already is met by its create call; a name would be another one.
            (false, name) if name.is_some() || self.is_new() => {
                let ours = self.find(address, &args, self.intent(address, None)).await?;
                ours.map(|ours| (None, ours))
            }
            _ => None,
        };
        Ok(unlisted.into_iter().collect())
    }

    /// What carries stack and address in its tags, whichever life they name.
    async fn by_tags(
        &self,
        address: &Address,
        args: &Value,
    ) -> Result<Option<(Option<Life>, Adopted)>, PlanError> {
        let ours = self.find(address, args, self.intent(address, None)).await?;
        let Some(ours) = ours else { return Ok(None) };
        Ok(self.life(address, &ours).await?.map(|life| (Some(life), ours)))
    }

    /// What has one of the names that it would have if it was made in the same run as what was found.
    async fn by_names(
        &self,
        address: &Address,
        args: &Value,
    ) -> Result<Option<(Option<Life>, Adopted)>, PlanError> {
        for life in self.neighbours() {
            let ours = self.find(address, args, self.intent(address, Some(life))).await?;
            if let Some(ours) = ours {
                let life = self.life(address, &ours).await?.unwrap_or(life);
                return Ok(Some((Some(life), ours)));
            }
        }
        Ok(None)
    }

    async fn find(
        &self,
        address: &Address,
        args: &Value,
        intent: Intent,
    ) -> Result<Option<Adopted>, PlanError> {
        let kind = &self.stack.nodes[address].kind;
        let found = kind.0.find(self.cloud, args, &intent).await.map_err(PlanError::Read)?;
        Ok(match found {
            Found::Ours(outputs) => {
                Some(Adopted { args: args.clone().into(), outputs: outputs.into() })
            }
            Found::Nothing | Found::Foreign(_) => None,
        })
    }

    async fn read(&self, address: &Address, of: &Adopted) -> Result<Option<LiveJson>, PlanError> {
        let kind = &self.stack.nodes[address].kind;
        let wanted = [RecordedJson { args: of.args.clone(), outputs: of.outputs.clone() }];
        let live = kind.0.read(self.cloud, &wanted).await.map_err(PlanError::Read)?;
        Ok(live.into_iter().next().map(as_it_is))
    }

    /// Whether what was found is of this life, and not another of the same name or content. What is busy does not
    /// tell; it is the only one, or stays.
    async fn has_life(
        &self,
        address: &Address,
        of: &Adopted,
        life: Life,
    ) -> Result<bool, PlanError> {
        let only = self.state.current(address).is_none() && self.lives[address].len() == 1;
        Ok(match self.read(address, of).await? {
            Some(Live::Ready { tags, .. }) => {
                of_stack(self.stack, &tags) == Some((address.clone(), life))
            }
            Some(_) => only,
            None => false,
        })
    }

    /// The life that the tags of something found name. What is busy may not show them yet.
    async fn life(&self, address: &Address, of: &Adopted) -> Result<Option<Life>, PlanError> {
        let since = self.clock.elapsed();
        loop {
            match self.read(address, of).await? {
                Some(Live::Ready { tags, .. }) => {
                    let ours = of_stack(self.stack, &tags).filter(|(at, _)| at == address);
                    return Ok(ours.map(|(_, life)| life));
                }
                Some(Live::Pending(_)) if self.clock.elapsed().saturating_sub(since) < PATIENCE => {
                    self.clock.sleep(PAUSE).await;
                }
                _ => return Ok(None),
            }
        }
    }

    /// Lives that no tag names, nearest to those that tags do: of what was made in the same runs.
    fn neighbours(&self) -> Vec<Life> {
        let mut lives = Vec::new();
        let far = self.stack.nodes.len() as u64;
        for distance in 1..=far {
            let near = self
                .tagged
                .iter()
                .flat_map(|life| [life.saturating_sub(distance), life.saturating_add(distance)]);
            let new: BTreeSet<Life> = near.filter(|life| !self.tagged.contains(life)).collect();
            lives.extend(new.into_iter().filter(|life| !lives.contains(life)).collect::<Vec<_>>());
            if lives.len() >= NAMES {
                break;
            }
        }
        lives.truncate(NAMES);
        lives
    }

    /// The declared arguments, if what they refer to is recorded or was found.
    fn resolved(&self, declared: &Declared<C>) -> Option<Value> {
        let mut args = declared.args.read();
        let known = resolve(&mut args, &|reference| {
            let found = self.found.get(&reference.address).and_then(BTreeMap::last_key_value);
            let recorded = self.state.current(&reference.address);
            let outputs = match (found, recorded) {
                (Some((life, found)), Some((newest, _))) if *life > newest => &found.outputs,
                (_, Some((_, entry))) => &entry.outputs,
                (Some((_, found)), None) => &found.outputs,
                (None, None) => return None,
            };
            outputs.get(&reference.output).filter(|output| !output.is_null()).cloned()
        });
        known.then_some(args)
    }

    /// The intent that may have made what is looked for, of any life where none is given.
    fn intent(&self, address: &Address, life: Option<Life>) -> Intent {
        let mut tags = desired_tags(self.stack, address, life.unwrap_or_default());
        if life.is_none() {
            tags.remove("globecart:life");
        }
        Intent {
            stack: self.stack.name.clone(),
            address: address.clone(),
            token: String::new(),
            hash: name_hash(self.stack, address, life.unwrap_or_default()),
            tags: tags.into(),
            repeats: 1,
        }
    }

    fn take(&mut self, address: Address, found: Vec<(Option<Life>, Adopted)>) {
        for (life, adopted) in found {
            self.tagged.extend(life);
            let life = life.unwrap_or_else(|| {
                self.fresh += 1;
                self.fresh
            });
            self.found.entry(address.clone()).or_default().insert(life, adopted);
        }
    }

    /// Says what was found, and what is listed and was not.
    fn tell(&self, listed: &[Listed], events: &Events) {
        for address in self.found.keys() {
            events.send(Event::Recovered { address: address.clone(), found: true });
        }
        for Listed { what, tags } in listed.iter().filter(|_| self.is_new()) {
            let Some((address, life)) = of_stack(self.stack, tags) else { continue };
            if !self.found.get(&address).is_some_and(|lives| lives.contains_key(&life)) {
                let text = format!(
                    "{what} carries this stack's tags (as {address}) and fits nothing that is declared; it was \
                     left alone"
                );
                events.send(Event::Notice { text });
            }
        }
    }

    fn records(&self) -> Vec<Record> {
        let adopted = self.found.iter().flat_map(|(address, lives)| {
            lives.iter().map(move |(life, adopted)| (address, *life, adopted))
        });
        let record = |(address, life, adopted): (&Address, Life, &Adopted)| {
            let declared = &self.stack.nodes[address];
            let tagged = declared.kind.facts().tags;
            let tags = if tagged { desired_tags(self.stack, address, life) } else { Tags::new() };
            let desired = Desired {
                kind: declared.kind.name().to_owned(),
                args: adopted.args.clone(),
                tags: tags.into(),
                needs: declared.needs.keys().cloned().collect(),
            };
            let (address, outputs) = (address.clone(), adopted.outputs.clone());
            Record::Adopted { address, life, desired: Box::new(desired), outputs }
        };
        adopted.map(record).collect()
    }
}
