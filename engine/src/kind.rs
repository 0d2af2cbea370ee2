//! Resource types with the Rust type taken away, so that the engine can hold many of them.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::resource::{
    Argument, Facts, Found, Intent, Kept, Live, Made, Operation, Recorded, Removal, Tags,
};
use crate::{CallError, CallResult, Class, Document, Resource};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = CallResult<T>> + Send + 'a>>;

/// A recorded resource as the engine holds it: arguments and outputs in JSON.
pub(crate) type RecordedJson = Recorded<Document, Document>;

/// A live resource in JSON.
pub(crate) type LiveJson = Live<Value, Value>;

/// What is live, for whoever does not wait for it: what failed to change is what it was.
pub(crate) fn as_it_is(live: LiveJson) -> LiveJson {
    match live {
        Live::Reverted { args, outputs, tags, .. } => Live::Ready { args, outputs, tags },
        other => other,
    }
}

/// A resource type of the cloud `C`, to be named where a stack must know it without declaring one.
pub struct Kind<C>(pub(crate) Arc<dyn Erased<C>>);

impl<C> Clone for Kind<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Send + Sync + 'static> Kind<C> {
    /// The kind of the resource type `R`.
    pub fn of<R: Resource<C>>() -> Self {
        Self(Arc::new(Typed::<R>(PhantomData)))
    }
}

impl<C> Kind<C> {
    /// The type's name, as in `ec2:Vpc`.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// What holds for every resource of the type.
    pub fn facts(&self) -> &Facts {
        self.0.facts()
    }
}

/// [`Resource`], over JSON.
pub(crate) trait Erased<C>: Send + Sync {
    fn name(&self) -> &'static str;
    fn facts(&self) -> &Facts;
    fn argument(&self, name: &str, old: &Value, new: &Value) -> Argument;
    fn loss(&self, args: &Value) -> Option<String>;
    fn loss_by(&self, old: &Value, new: &Value) -> Option<String>;
    fn steps(&self, old: &Value, new: &Value) -> Vec<String>;
    fn turn(&self, of: &RecordedJson) -> u32;
    fn read_calls(&self, wanted: &[RecordedJson]) -> usize;
    fn made_nothing(&self, refusal: &CallError) -> bool;
    fn class_of(&self, error: &CallError, operation: Operation) -> Class;
    fn create<'a>(
        &'a self,
        cloud: &'a C,
        args: &'a Value,
        intent: &'a Intent,
    ) -> Boxed<'a, Made<Value>>;
    fn read<'a>(&'a self, cloud: &'a C, wanted: &'a [RecordedJson]) -> Boxed<'a, Vec<LiveJson>>;
    fn update<'a>(
        &'a self,
        cloud: &'a C,
        args: &'a Value,
        old: &'a RecordedJson,
        intent: &'a Intent,
    ) -> Boxed<'a, Made<Value>>;
    fn tag<'a>(
        &'a self,
        cloud: &'a C,
        of: &'a RecordedJson,
        set: &'a Tags,
        unset: &'a [String],
    ) -> Boxed<'a, ()>;
    fn delete<'a>(&'a self, cloud: &'a C, gone: &'a [RecordedJson]) -> Boxed<'a, Removal>;
    fn keeps<'a>(&'a self, cloud: &'a C, going: &'a [RecordedJson]) -> Boxed<'a, Vec<Vec<Kept>>>;
    fn find<'a>(
        &'a self,
        cloud: &'a C,
        args: &'a Value,
        intent: &'a Intent,
    ) -> Boxed<'a, Found<Value>>;
}

struct Typed<R>(PhantomData<fn() -> R>);

impl<C: Send + Sync + 'static, R: Resource<C>> Erased<C> for Typed<R> {
    fn name(&self) -> &'static str {
        R::TYPE
    }

    fn facts(&self) -> &Facts {
        &R::FACTS
    }

    fn argument(&self, name: &str, old: &Value, new: &Value) -> Argument {
        R::argument(name, old, new)
    }

    fn loss(&self, args: &Value) -> Option<String> {
        typed::<R>(args).ok()?.loss()
    }

    fn loss_by(&self, old: &Value, new: &Value) -> Option<String> {
        typed::<R>(old).ok()?.loss_by(&typed(new).ok()?)
    }

    fn steps(&self, old: &Value, new: &Value) -> Vec<String> {
        match (typed::<R>(old), typed::<R>(new)) {
            (Ok(old), Ok(new)) => new.steps(&old),
            _ => Vec::new(),
        }
    }

    fn turn(&self, of: &RecordedJson) -> u32 {
        one::<C, R>(of).map_or(0, |of| R::turn(&of))
    }

    fn read_calls(&self, wanted: &[RecordedJson]) -> usize {
        recorded::<C, R>(wanted).map_or(0, |wanted| R::read_calls(&wanted))
    }

    fn made_nothing(&self, refusal: &CallError) -> bool {
        R::made_nothing(refusal)
    }

    fn class_of(&self, error: &CallError, operation: Operation) -> Class {
        R::class_of(error, operation)
    }

    fn create<'a>(
        &'a self,
        cloud: &'a C,
        args: &'a Value,
        intent: &'a Intent,
    ) -> Boxed<'a, Made<Value>> {
        Box::pin(async move {
            let made = typed::<R>(args)?.create(cloud, intent).await?;
            Ok(Made { outputs: json(&made.outputs), then: made.then })
        })
    }

    fn read<'a>(&'a self, cloud: &'a C, wanted: &'a [RecordedJson]) -> Boxed<'a, Vec<LiveJson>> {
        Box::pin(async move {
            let wanted = recorded::<C, R>(wanted)?;
            let live = R::read(cloud, &wanted).await?;
            // A missing answer must not pass for a missing resource.
            if live.len() != wanted.len() {
                let message = format!("{} answers for {} resources", live.len(), wanted.len());
                return Err(CallError::new(Class::Other, format!("reading {}", R::TYPE), message));
            }
            Ok(live.into_iter().map(live_json).collect())
        })
    }

    fn update<'a>(
        &'a self,
        cloud: &'a C,
        args: &'a Value,
        old: &'a RecordedJson,
        intent: &'a Intent,
    ) -> Boxed<'a, Made<Value>> {
        Box::pin(async move {
            let old = one::<C, R>(old)?;
            let made = typed::<R>(args)?.update(cloud, &old, intent).await?;
            Ok(Made { outputs: json(&made.outputs), then: made.then })
        })
    }

    fn tag<'a>(
        &'a self,
        cloud: &'a C,
        of: &'a RecordedJson,
        set: &'a Tags,
        unset: &'a [String],
    ) -> Boxed<'a, ()> {
        Box::pin(async move { R::tag(cloud, &one::<C, R>(of)?, set, unset).await })
    }

    fn delete<'a>(&'a self, cloud: &'a C, gone: &'a [RecordedJson]) -> Boxed<'a, Removal> {
        Box::pin(async move { R::delete(cloud, &recorded::<C, R>(gone)?).await })
    }

    fn keeps<'a>(&'a self, cloud: &'a C, going: &'a [RecordedJson]) -> Boxed<'a, Vec<Vec<Kept>>> {
        Box::pin(async move { R::keeps(cloud, &recorded::<C, R>(going)?).await })
    }

    fn find<'a>(
        &'a self,
        cloud: &'a C,
        args: &'a Value,
        intent: &'a Intent,
    ) -> Boxed<'a, Found<Value>> {
        Box::pin(async move {
            Ok(match typed::<R>(args)?.find(cloud, intent).await? {
                Found::Nothing => Found::Nothing,
                Found::Ours(outputs) => Found::Ours(json(&outputs)),
                Found::Foreign(what) => Found::Foreign(what),
            })
        })
    }
}

fn typed<T: serde::de::DeserializeOwned>(json: &Value) -> CallResult<T> {
    T::deserialize(json).map_err(|error| {
        let message = format!("the recorded form does not fit this version of the type: {error}");
        CallError::new(Class::Invalid, "reading the record", message)
    })
}

fn one<C, R: Resource<C>>(of: &RecordedJson) -> CallResult<Recorded<R, R::Outputs>> {
    Ok(Recorded { args: typed(&of.args)?, outputs: typed(&of.outputs)? })
}

fn recorded<C, R: Resource<C>>(of: &[RecordedJson]) -> CallResult<Vec<Recorded<R, R::Outputs>>> {
    of.iter().map(one::<C, R>).collect()
}

fn live_json<R: serde::Serialize, O: serde::Serialize>(live: Live<R, O>) -> LiveJson {
    match live {
        Live::Absent => Live::Absent,
        Live::Pending(progress) => Live::Pending(progress),
        Live::Failed(why) => Live::Failed(why),
        Live::Reverted { args, outputs, tags, why } => {
            Live::Reverted { args: json(&args), outputs: json(&outputs), tags, why }
        }
        Live::Ready { args, outputs, tags } => {
            Live::Ready { args: json(&args), outputs: json(&outputs), tags }
        }
    }
}

fn json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("arguments and outputs are plain data that JSON can hold")
}

#[cfg(test)]
mod tests;
