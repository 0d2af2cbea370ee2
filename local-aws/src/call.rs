//! What a handler works with: the request, the tables, time, ids, and work for later.

mod idempotency;
mod rows;
mod schedule;

pub(crate) use self::rows::Resource;
pub(crate) use self::schedule::{Step, run_due};

use crate::latency;
use crate::options::Options;
use crate::record::Transition;
use crate::region;
use crate::stale::Stale;
use crate::store::{Key, Store};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The account that all credentials belong to.
pub const ACCOUNT: &str = "123456789012";

/// Hours for which AWS remembers an idempotency token, in seconds.
const TOKEN_SECONDS: f64 = 24.0 * 3600.0;

const COUNTER: &str = "_counter";

/// One request, as its handler sees it.
pub(crate) struct Call<'c> {
    pub(super) store: &'c mut Store,
    pub(super) stale: &'c mut Stale,
    pub(super) options: &'c Options,
    pub(super) service: &'static str,
    pub(super) operation: String,
    pub(super) region: String,
    pub(super) access_key: Option<String>,
    pub(super) input: Arc<Value>,
    pub(super) now: f64,
    pub(super) page_size: Option<usize>,
    /// Ids of the rows that were written.
    pub(super) touched: BTreeSet<String>,
    pub(super) transitions: Vec<Transition>,
}

impl<'c> Call<'c> {
    pub(super) fn new(
        store: &'c mut Store,
        stale: &'c mut Stale,
        options: &'c Options,
        (service, operation, region): (&'static str, &str, &str),
        input: Arc<Value>,
        now: f64,
    ) -> Self {
        Self {
            store,
            stale,
            options,
            service,
            operation: operation.to_owned(),
            region: region.to_owned(),
            access_key: None,
            input,
            now,
            page_size: None,
            touched: BTreeSet::new(),
            transitions: Vec::new(),
        }
    }

    /// The request's members, validated; a shared handle, so that tables can be changed while it is read.
    pub(crate) fn input(&self) -> Arc<Value> {
        Arc::clone(&self.input)
    }

    /// The name of the operation.
    pub(crate) fn operation(&self) -> &str {
        &self.operation
    }

    /// The region that the request was signed for.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The id of the access key that signed the request, if one did.
    pub(crate) fn access_key(&self) -> Option<&str> {
        self.access_key.as_deref()
    }

    /// Simulated seconds since 1970: the form of every timestamp in rows and answers.
    pub(crate) fn now(&self) -> f64 {
        self.now
    }

    /// The ARN of a resource in this region: `arn:aws:SERVICE:REGION:ACCOUNT:REST`.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{ACCOUNT}:{rest}",
            region::partition(&self.region),
            self.region
        )
    }

    /// The ARN of a resource without a region, such as a role: `arn:aws:iam::ACCOUNT:REST`.
    pub(crate) fn global_arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}::{ACCOUNT}:{rest}", region::partition(&self.region))
    }

    /// A new id in EC2's form: the prefix, a dash, and 17 hexadecimal digits.
    pub(crate) fn new_id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.new_hex(prefix, 16))
    }

    /// New hexadecimal digits (at most 64), different for every call with the same label.
    pub(crate) fn new_hex(&mut self, label: &str, digits: usize) -> String {
        let count = self.count(label);
        let mut text = digest(&format!("{}/{label}/{count}", self.options.seed));
        text.truncate(digits);
        text
    }

    /// A new UUID, different for every call with the same label.
    pub(crate) fn new_uuid(&mut self, label: &str) -> String {
        uuid(&self.new_hex(label, 32))
    }

    /// Counts up, from 1, for a label.
    pub(crate) fn count(&mut self, label: &str) -> u64 {
        let next = self
            .store
            .get(crate::store::GLOBAL, COUNTER, label)
            .and_then(Value::as_u64)
            .unwrap_or(0)
            + 1;
        self.store.put(Key::new(crate::store::GLOBAL, COUNTER, label), Some(json!(next)));
        next
    }

    /// Simulated seconds that a phase (`create`, `update`, `delete`, ...) of a kind (`ec2.nat_gateway`) takes.
    pub(crate) fn latency(&mut self, kind: &str, phase: &str) -> f64 {
        if let Some(set) = self.options.latencies.get(&format!("{kind}.{phase}")) {
            return *set;
        }
        let Some([least, usual, most]) = latency::of(kind, phase) else { return 0.0 };
        if !self.options.jitter {
            return usual;
        }
        let digits = self.new_hex("_jitter", 8);
        let part = u32::from_str_radix(&digits, 16)
            .map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX));
        least + (most - least) * part
    }

    /// Does something in the name of another service, whose task is what is scheduled meanwhile.
    pub(crate) fn acting_as<T>(
        &mut self,
        service: &'static str,
        act: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let own = std::mem::replace(&mut self.service, service);
        let done = act(self);
        self.service = own;
        done
    }

    /// A quota by name (`ec2.vpcs`), of which AWS's default is given.
    pub(crate) fn quota(&self, name: &str, default: usize) -> usize {
        self.options.quotas.get(name).copied().unwrap_or(default)
    }

    /// Sets the page size for requests that name none; the answer then lists everything, and pages are cut from it.
    pub(crate) fn default_page_size(&mut self, size: usize) {
        self.page_size = Some(size);
    }
}

/// A text's SHA-256 as 64 hexadecimal digits.
pub(crate) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.map(|half| char::from(DIGITS[usize::from(half)])).collect()
}

/// 32 hexadecimal digits in the form of a version 4 UUID.
pub(crate) fn uuid(digits: &str) -> String {
    format!(
        "{}-{}-4{}-a{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..32]
    )
}
