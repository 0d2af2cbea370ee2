//! What a resource type says about itself: the calls it makes and when, nothing about scheduling,
//! retries, journals or printing.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::{NameRule, short_hash};
use crate::{Address, CallError, Class, Outputs, Shared};

/// Tags, by key.
pub type Tags = BTreeMap<String, String>;

/// The result of a call.
pub type CallResult<T> = Result<T, CallError>;

/// A resource type of the cloud `C`. The value itself is the desired state.
///
/// Inside every method, all [`Input`](crate::Input)s of `self` are known. Methods neither wait nor retry.
pub trait Resource<C>: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The type's name, as in `ec2:Vpc`.
    const TYPE: &'static str;
    /// What holds for every resource of the type.
    const FACTS: Facts;
    /// What the type answers.
    type Outputs: Outputs;

    /// What a change of the argument `name` (the field's serialised name) means. The default: in place, at once.
    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        let _ = (name, old, new);
        Argument::InPlace(Effect::AtOnce)
    }

    /// What is lost when the resource is deleted, if it holds data.
    fn loss(&self) -> Option<String> {
        None
    }

    /// Checks what AWS would refuse, before any call; unknown inputs are passed over.
    fn check(&self) -> Result<(), crate::Invalid> {
        Ok(())
    }

    /// Makes the resource and returns as soon as AWS has accepted. A create of several calls is a list of
    /// steps that can be repeated: recovery runs it again from the first, with the same intent.
    fn create(
        &self,
        cloud: &C,
        intent: &Intent,
    ) -> impl Future<Output = CallResult<Made<Self::Outputs>>> + Send;

    /// Reads many resources in as few calls as AWS allows, one answer for each, in order.
    fn read(
        cloud: &C,
        wanted: &[Recorded<Self, Self::Outputs>],
    ) -> impl Future<Output = CallResult<Vec<Live<Self, Self::Outputs>>>> + Send
    where
        Self: Sized;

    /// How many calls [`Resource::read`] needs for these resources when every answer fits one page.
    fn read_calls(wanted: &[Recorded<Self, Self::Outputs>]) -> usize
    where
        Self: Sized,
    {
        let _ = wanted;
        1
    }

    /// Brings what `old` recorded to the state of `self`, in place. The default is for types of which nothing
    /// changes in place but tags.
    fn update(
        &self,
        cloud: &C,
        old: &Recorded<Self, Self::Outputs>,
        intent: &Intent,
    ) -> impl Future<Output = CallResult<Made<Self::Outputs>>> + Send {
        let _ = (cloud, intent);
        std::future::ready(Ok(Made::ready(old.outputs.clone())))
    }

    /// What an update from `old` to `self` does one after the other, with waits in between, where that is more than
    /// one call ([`Made::step`]); in the words of the plan. References may not be known yet. The default: one step.
    fn steps(&self, old: &Self) -> Vec<String> {
        let _ = old;
        Vec::new()
    }

    /// What is lost when this resource is changed in place to `to`, as by a retention of 0. References may not be
    /// known yet. The default: nothing.
    fn loss_by(&self, to: &Self) -> Option<String> {
        let _ = to;
        None
    }

    /// Which turn this resource takes among those that are changed one after the other
    /// ([`Stack::in_turn`](crate::Stack::in_turn)), as it was read while planning: lower first. The default: all alike.
    fn turn(of: &Recorded<Self, Self::Outputs>) -> u32
    where
        Self: Sized,
    {
        let _ = of;
        0
    }

    /// Sets and removes tags. Called for types whose [`Facts::tags`] is true.
    fn tag(
        cloud: &C,
        of: &Recorded<Self, Self::Outputs>,
        set: &Tags,
        unset: &[String],
    ) -> impl Future<Output = CallResult<()>> + Send
    where
        Self: Sized,
    {
        let _ = (cloud, of, set, unset);
        std::future::ready(Ok(()))
    }

    /// Deletes up to [`Facts::delete_batch`] resources. Deleting what is gone is success.
    fn delete(
        cloud: &C,
        gone: &[Recorded<Self, Self::Outputs>],
    ) -> impl Future<Output = CallResult<Removal>> + Send
    where
        Self: Sized;

    /// What a delete of each of these leaves on purpose, such as a final snapshot or backups, as the plan shows and
    /// the run reports it. It only reads. The default: nothing.
    fn keeps(
        cloud: &C,
        going: &[Recorded<Self, Self::Outputs>],
    ) -> impl Future<Output = CallResult<Vec<Vec<Kept>>>> + Send
    where
        Self: Sized,
    {
        let _ = cloud;
        std::future::ready(Ok(vec![Vec::new(); going.len()]))
    }

    /// Looks for what this intent may already have made: by token, unique name, or the create call's tags.
    fn find(
        &self,
        cloud: &C,
        intent: &Intent,
    ) -> impl Future<Output = CallResult<Found<Self::Outputs>>> + Send;

    /// Whether a create that AWS refused with this error has made nothing: what was refused is the first of its
    /// calls that changes anything. The default, no, costs the next run a look for what may be there.
    fn made_nothing(refusal: &CallError) -> bool {
        let _ = refusal;
        false
    }

    /// Refines the class of an error for this type, such as a code that here means "not yet".
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let _ = operation;
        error.class
    }
}

/// What holds for every resource of a type. Spell out what differs: `Facts { name, ..Facts::DEFAULT }`.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// How physical names are formed; `None` for types that AWS names by id.
    pub name: Option<NameRule>,
    /// Whether the create call takes tags, and a read returns them.
    pub tags: bool,
    /// Usual seconds from the create call to ready.
    pub create_secs: u32,
    /// Usual seconds from an update to ready.
    pub update_secs: u32,
    /// Usual seconds from the delete call to gone.
    pub delete_secs: u32,
    /// How many resources one delete call takes.
    pub delete_batch: usize,
    /// How long one create may be looked for before it is sent again after a lost answer; zero where a token or a
    /// unique name makes that harmless. The run after a killed one looks for 30 s at least.
    pub find_window: Duration,
    /// The default quota, in its published unit, and its name.
    pub quota: Option<(&'static str, usize)>,
    /// Whether somebody may make again what was deleted ([`Removal::Again`]): a delete that was interrupted is
    /// then sent again although nothing is there.
    pub comes_back: bool,
    /// What is left after a delete on purpose, for the user to know, as in `scheduled for deletion in 30 days`.
    pub remains: Option<&'static str>,
    /// IAM actions by operation.
    pub actions: Actions,
}

/// The IAM actions that a type's operations need.
#[derive(Debug, Clone, Copy)]
pub struct Actions {
    /// For create, `find` included.
    pub create: &'static [&'static str],
    /// For read.
    pub read: &'static [&'static str],
    /// For update and tag.
    pub update: &'static [&'static str],
    /// For delete.
    pub delete: &'static [&'static str],
}

impl Facts {
    /// Named by id, tagged, one second for everything, deleted one by one, found at once.
    pub const DEFAULT: Self = Self {
        name: None,
        tags: true,
        create_secs: 1,
        update_secs: 1,
        delete_secs: 1,
        delete_batch: 1,
        find_window: Duration::ZERO,
        quota: None,
        comes_back: false,
        remains: None,
        actions: Actions { create: &[], read: &[], update: &[], delete: &[] },
    };

    /// The usual time of an operation.
    pub fn usual(&self, operation: Operation) -> Duration {
        let secs = match operation {
            Operation::Create => self.create_secs,
            Operation::Update => self.update_secs,
            Operation::Delete => self.delete_secs,
        };
        Duration::from_secs(secs.into())
    }
}

/// What a change of an argument means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// Changed in place.
    InPlace(Effect),
    /// Needs a new resource.
    Replace(Order),
    /// Used at creation only; a later change is ignored, and it is never drift.
    Initial,
    /// Belongs to somebody else once set (a scaler, a rotation): changed when the declaration changes,
    /// never drift, never reset.
    Owned(Effect),
}

/// When a change in place takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// With the call.
    AtOnce,
    /// One part after the other, without an outage.
    Rolling,
    /// At the next reboot.
    AtReboot,
    /// In the maintenance window.
    InWindow,
}

/// The order of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The new one is made first, so that there is no gap.
    CreateFirst,
    /// The old one goes first, because it holds a name or a place that only one can have.
    DeleteFirst,
}

/// An operation on a resource.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it.
    Delete,
}

/// What one journalled intent carries into its call: written before the call, the same for every repeat.
#[derive(Debug, Clone)]
pub struct Intent {
    pub(crate) stack: String,
    pub(crate) address: Address,
    pub(crate) token: String,
    pub(crate) hash: String,
    pub(crate) tags: Shared<Tags>,
    pub(crate) repeats: u32,
}

impl Intent {
    /// The address of the resource.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The client token: 32 lower-case hexadecimal digits, random for every intent.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The client token of one step of a create of several calls.
    pub fn step_token(&self, step: &str) -> String {
        short_hash(&[&self.token, step], 32)
    }

    /// Whether this intent may have had an effect before: its call was sent once already, by this run or by
    /// one that was killed. A create without a token or a unique name looks for that effect first.
    pub fn repeated(&self) -> bool {
        self.repeats > 0
    }

    /// How often this intent's call was sent before, as far as this run knows; one, where it follows up a run that was
    /// killed. For what a server may show late or never.
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// The tags to set in the create call itself: the user's, and `globecart:stack`, `globecart:resource` (the
    /// address) and `globecart:life`, by which one life of an address is told from the next.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The physical name by `rule`: stack and address, cut, and a hash of account, region, address and life.
    pub fn name(&self, rule: &NameRule) -> String {
        rule.name(&self.stack, &self.address, &self.hash)
    }

    /// Whether `name` is the physical name by `rule`: the one of this intent or, where a lost state leaves open
    /// which life is looked for, that of any life of the address.
    pub fn is_name(&self, rule: &NameRule, name: &str) -> bool {
        let ours = self.name(rule);
        if self.tags.contains_key("globecart:life") {
            return name == ours;
        }
        let (stem, hash) = ours.split_at(ours.len() - self.hash.len());
        name.strip_prefix(stem).is_some_and(|rest| {
            rest.len() == hash.len() && rest.chars().all(|c| c.is_ascii_hexdigit())
        })
    }
}

/// An accepted create or update.
#[derive(Debug, Clone)]
pub struct Made<O> {
    pub(crate) outputs: O,
    pub(crate) then: Then,
}

/// What comes after an accepted call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing.
    Ready,
    /// Reads tell when it is ready.
    Wait,
    /// Reads tell when it is ready, and then the next step of an update comes.
    Step,
}

impl<O> Made<O> {
    /// AWS said in its answer that the resource can be used.
    pub fn ready(outputs: O) -> Self {
        Self { outputs, then: Then::Ready }
    }

    /// AWS accepted, and reads tell when the resource can be used.
    pub fn pending(outputs: O) -> Self {
        Self { outputs, then: Then::Wait }
    }

    /// AWS accepted one step of an update of several. Once reads show the resource ready, `update` is called again
    /// for what then still differs, with the live resource as `old`; so it decides by what it finds, not by what it
    /// has done. A run that is killed in between leaves the rest to the next one, which sees the same difference.
    pub fn step(outputs: O) -> Self {
        Self { outputs, then: Then::Step }
    }
}

/// Something that a delete leaves on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub struct Kept {
    /// What it is, as in `RDS cluster snapshot`.
    pub what: String,
    /// Its ARN or id.
    pub id: String,
    /// Whether it is the resource itself, which then is marked as kept and not deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub itself: bool,
}

impl Kept {
    /// Something that the resource leaves.
    pub fn new(what: impl Into<String>, id: impl Into<String>) -> Self {
        Self { what: what.into(), id: id.into(), itself: false }
    }

    /// The resource itself.
    pub fn itself(what: impl Into<String>, id: impl Into<String>) -> Self {
        Self { itself: true, ..Self::new(what, id) }
    }
}

/// An accepted delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Gone,
    /// Reads tell when it is gone.
    Pending,
    /// It is gone, and a service that still writes to it may make it again by itself: it is deleted once more
    /// after this time.
    Again(Duration),
}

/// What recovery found of an intent.
#[derive(Debug, Clone)]
pub enum Found<O> {
    /// Nothing.
    Nothing,
    /// What the intent made; it is adopted.
    Ours(O),
    /// Something of the same name that is not ours: described, never touched.
    Foreign(String),
}

/// A resource as it was recorded.
#[derive(Debug, Clone, Default)]
pub struct Recorded<R, O> {
    /// The arguments, all inputs known.
    pub args: R,
    /// The outputs.
    pub outputs: O,
}

/// The live state of a resource.
#[derive(Debug, Clone)]
pub enum Live<R, O> {
    /// It does not exist, or is as good as gone.
    Absent,
    /// It is being made, changed or deleted; the text says what AWS reports.
    Pending(String),
    /// It can be used. `args` are read back field by field; what AWS never tells is copied from the record.
    Ready {
        /// The arguments that the live resource has.
        args: R,
        /// The outputs, complete.
        outputs: O,
        /// All its tags; empty for types without.
        tags: Tags,
    },
    /// It can be used as it is, but what was asked of it last has failed, such as a rollout that was rolled back. A
    /// run that waits for it fails with `why`; a plan takes it as it is.
    Reverted {
        /// The arguments that the live resource has.
        args: R,
        /// The outputs, complete.
        outputs: O,
        /// All its tags.
        tags: Tags,
        /// Why it failed.
        why: String,
    },
    /// It will never be usable, and why.
    Failed(String),
}
