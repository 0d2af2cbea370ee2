//! Waiting by reading: one batched read per type and tick.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Applying;
use super::call::Answer;
use crate::kind::RecordedJson;
use crate::resource::Operation;

/// How long a resource that was accepted may be invisible to reads.
pub(super) const VISIBLE_WITHIN: Duration = Duration::from_mins(2);

/// How long reads may go on failing before what they wait for counts as failed.
pub(super) const UNREAD_FOR: Duration = Duration::from_mins(15);

/// Everything that is being waited for.
#[derive(Default)]
pub(super) struct Polls {
    pub(super) items: BTreeMap<usize, Item>,
    /// For each type, when the next read is due, if one is scheduled.
    wakes: BTreeMap<&'static str, Duration>,
}

/// One resource that is being waited for.
pub(super) struct Item {
    pub(super) kind: &'static str,
    pub(super) until: Until,
    pub(super) recorded: RecordedJson,
    pub(super) since: Duration,
    pub(super) due: Duration,
    /// Whether a read of it is under way.
    pub(super) reading: bool,
    pub(super) usual: Duration,
    /// What AWS reported last, so that only news is told.
    pub(super) progress: String,
    /// Since when every read has failed.
    pub(super) unread_since: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    Ready,
    Gone,
}

impl Item {
    /// When it is to be read next: after half a second, up to the larger of a second and a hundredth of the
    /// usual duration, and at the usual moment itself.
    pub(super) fn next(&self, now: Duration) -> Duration {
        let most = Duration::from_secs(1).max(self.usual / 100);
        let regular =
            now + (now.saturating_sub(self.since) / 10).clamp(Duration::from_millis(500), most);
        let usually = self.since + self.usual;
        if usually > now { regular.min(usually) } else { regular }
    }

    /// How long it is waited for at most; the next run goes on.
    pub(super) fn patience(&self) -> Duration {
        (self.usual * 10).max(Duration::from_mins(30))
    }
}

impl<C: Send + Sync + 'static> Applying<'_, C> {
    /// Waits for an operation whose call was accepted.
    pub(super) fn poll(&mut self, op: usize, until: Until, recorded: RecordedJson) {
        let (kind, facts) = (self.kind(op).name(), *self.kind(op).facts());
        let operation =
            if until == Until::Gone { Operation::Delete } else { self.ops[op].what.operation() };
        let now = self.clock.elapsed();
        let item = Item {
            kind,
            until,
            recorded,
            since: now,
            due: now,
            reading: false,
            usual: facts.usual(operation),
            progress: String::new(),
            unread_since: None,
        };
        let due = item.next(now);
        self.polls.items.insert(op, Item { due, ..item });
    }

    /// Schedules the next read of every type that is waited for, unless one comes earlier.
    pub(super) fn wake(&mut self) {
        let now = self.clock.elapsed();
        let mut next: BTreeMap<&'static str, Duration> = BTreeMap::new();
        for item in self.polls.items.values().filter(|item| !item.reading) {
            let due = next.entry(item.kind).or_insert(item.due);
            *due = (*due).min(item.due);
        }
        for (kind, due) in next {
            if self.polls.wakes.get(kind).is_none_or(|wake| *wake > due) {
                self.polls.wakes.insert(kind, due);
                let clock = self.clock;
                self.push(async move {
                    clock.sleep(due.saturating_sub(now)).await;
                    Answer::Woke { kind, due }
                });
            }
        }
    }

    /// Reads everything of a type that is waited for and not being read, if the read is really due.
    pub(super) fn woke(&mut self, kind: &'static str, due: Duration) {
        // A clock that runs at a rate may show a little less than what was slept for.
        let now = self.clock.elapsed().max(due);
        if self.polls.wakes.get(kind).is_some_and(|wake| *wake <= now) {
            self.polls.wakes.remove(kind);
        }
        let items =
            self.polls.items.iter_mut().filter(|(_, item)| item.kind == kind && !item.reading);
        let items: Vec<_> = items.collect();
        if !items.iter().any(|(_, item)| item.due <= now) {
            return;
        }
        let (mut ops, mut wanted) = (Vec::new(), Vec::new());
        for (op, item) in items {
            item.reading = true;
            ops.push(*op);
            wanted.push(item.recorded.clone());
        }
        let with = self.with(self.kind(ops[0]).clone());
        self.push(with.read(ops, wanted));
    }
}
