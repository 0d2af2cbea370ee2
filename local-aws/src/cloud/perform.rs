//! The effect of a request: one transaction, on file before anybody is told.

use super::{Cloud, State};
use crate::call::{self, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::model;
use crate::options::Options;
use crate::page::{self, Sizes};
use crate::protocol::{Asked, refusal, seconds};
use crate::record::Transition;
use crate::rules::Action;
use crate::service::Service;
use crate::services::tagging;
use serde_json::Value;
use std::sync::Arc;

/// How far a signature's time may be from the service's clock, in seconds.
const MAX_SKEW: f64 = 300.0;

/// What an operation came to.
pub(super) struct Outcome {
    pub(super) output: Result<Value, Fault>,
    pub(super) ids: Vec<String>,
    pub(super) transitions: Vec<Transition>,
}

impl Outcome {
    fn refused(fault: Fault) -> Self {
        Self { output: Err(fault), ids: Vec::new(), transitions: Vec::new() }
    }
}

impl Cloud {
    /// Lets what has become due happen; what cannot be put on file is put there by the next request, or refused.
    pub(super) fn catch_up(&self) {
        let now = self.now();
        let mut state = self.inner.state();
        let state = &mut *state;
        let _ = call::run_due(&mut state.store, &mut state.stale, &self.inner.options, now);
    }

    /// Lets the operation have its effect and puts it on file.
    pub(super) fn perform(&self, asked: &Asked, actions: &[Action], now: f64) -> Outcome {
        let mut state = self.inner.state();
        let state = &mut *state;
        let (service, input) = match ready(asked, actions) {
            Ok(ready) => ready,
            Err(fault) => return Outcome::refused(fault),
        };
        if let Some(fault) = skewed(state, asked, actions, now) {
            return Outcome::refused(fault);
        }
        if call::run_due(&mut state.store, &mut state.stale, &self.inner.options, now).is_err() {
            return Outcome::refused(disk_full());
        }
        let outcome = operate(state, &self.inner.options, service, asked, input, actions, now);
        state.stale.request_done();
        outcome
    }
}

/// The service and the checked members of a request that can be carried out.
fn ready(asked: &Asked, actions: &[Action]) -> Result<(&'static Service, Arc<Value>), Fault> {
    let not_routed = || Fault::not_implemented("this request");
    if let Some(service) = asked.service
        && let Some(fault) = actions.iter().find_map(|action| action.refusal(&service.style))
    {
        return Err(fault);
    }
    let (input, problems) = asked.input.as_ref().map_err(Clone::clone)?;
    let service = asked.service.ok_or_else(not_routed)?;
    let operation = service.model.operations.get(&asked.operation).ok_or_else(not_routed)?;
    let mut problems = problems.clone();
    problems.extend(model::check(&service.model, operation.input.as_ref(), input));
    match refusal(service, &problems) {
        Some(fault) => Err(fault),
        None => Ok((service, Arc::new(input.clone()))),
    }
}

fn operate(
    state: &mut State,
    options: &Options,
    service: &'static Service,
    asked: &Asked,
    input: Arc<Value>,
    actions: &[Action],
    now: f64,
) -> Outcome {
    let handler = service.operations.iter().find(|(name, _)| *name == asked.operation);
    let Some((_, handler)) = handler else {
        return Outcome::refused(Fault::not_implemented(&format!(
            "{} {}",
            service.name, asked.operation
        )));
    };
    if service.name == "ec2" && input.flag("DryRun") {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Outcome::refused(Fault::new("DryRunOperation", message).with_status(412));
    }
    let about = (service.name, asked.operation.as_str(), asked.region.as_str());
    let mut call =
        Call::new(&mut state.store, &mut state.stale, options, about, Arc::clone(&input), now);
    call.access_key.clone_from(&asked.access_key);
    let output = handler(&mut call);
    if output.is_ok() {
        tagging::note(&mut call);
    }
    let (page_size, ids, transitions) =
        (call.page_size, call.touched.into_iter().collect(), call.transitions);
    let sizes = Sizes {
        default: page_size.or(service.style.page_size),
        limit: actions.iter().find_map(|action| {
            if let Action::PageSize(size) = action { Some(*size) } else { None }
        }),
        empty_between: actions.iter().any(|action| matches!(action, Action::EmptyPages)),
    };
    match output.and_then(|output| paged(service, &asked.operation, &input, output, sizes)) {
        Ok(output) => {
            let before = (options.stale_reads > 0).then(|| state.store.changed());
            if state.store.commit(now).is_err() {
                return Outcome::refused(disk_full());
            }
            state.stale.wrote(before.unwrap_or_default(), options.stale_reads);
            Outcome { output: Ok(output), ids, transitions }
        }
        Err(fault) => {
            state.store.rollback();
            Outcome::refused(fault)
        }
    }
}

fn paged(
    service: &Service,
    operation: &str,
    input: &Value,
    output: Value,
    sizes: Sizes,
) -> Result<Value, Fault> {
    let model = &service.model;
    let (Some(rule), Some(modelled)) =
        (model.pagination.get(operation), model.operations.get(operation))
    else {
        return Ok(output);
    };
    let shape = model.side(modelled.output.as_ref());
    let refused =
        |_| Fault::new(service.style.bad_page_token, "The token for the next page is not valid.");
    page::cut(rule, shape, input, output, sizes).map_err(refused)
}

fn disk_full() -> Fault {
    Fault::new("InternalFailure", "the embedded cloud cannot write its file").with_status(500)
}

/// The error for a call whose signature is too far from the service's skewed clock.
fn skewed(state: &mut State, asked: &Asked, actions: &[Action], now: f64) -> Option<Fault> {
    let ahead = actions.iter().find_map(|action| {
        if let Action::ClockSkew(ahead) = action { Some(*ahead) } else { None }
    })?;
    let signed = asked.signed_at.as_deref().and_then(seconds)?;
    // The client's clock need not be ours, so the skew is one against the client's: its first signature tells its time.
    let off = *state.skew.get_or_insert(signed - now + ahead);
    ((signed - now - off).abs() > MAX_SKEW).then(|| {
        Fault::new(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .with_status(403)
    })
}
