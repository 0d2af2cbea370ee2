//! One request from its bytes to its answer.

use super::{Cloud, ConnectionLost, State};
use crate::call::{self, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::model;
use crate::options::Options;
use crate::page::{self, Sizes};
use crate::protocol::{Asked, Envelope, refusal, route, seconds, timestamp};
use crate::record::{CallRecord, Transition};
use crate::rules::{Action, CallInfo, Point, Then};
use crate::service::Service;
use crate::tags;
use bytes::Bytes;
use http::header::{DATE, HeaderValue};
use http::{Request, Response};
use serde_json::Value;
use std::future::pending;
use std::sync::Arc;

/// How far a signature's time may be from the service's clock, in seconds.
const MAX_SKEW: f64 = 300.0;

/// What an operation came to.
struct Outcome {
    output: Result<Value, Fault>,
    ids: Vec<String>,
    transitions: Vec<Transition>,
}

impl Outcome {
    fn refused(fault: Fault) -> Self {
        Self { output: Err(fault), ids: Vec::new(), transitions: Vec::new() }
    }
}

impl Cloud {
    /// Answers a request of any AWS client.
    ///
    /// # Errors
    /// A fault rule made the connection break.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionLost> {
        let started = self.now();
        let asked = route(&request);
        let (info, actions) = self.arrive(&asked);
        let delays = actions
            .iter()
            .map(|action| if let Action::Delay(seconds) = action { *seconds } else { 0.0 });
        let delay: f64 = delays.sum();
        let half = self.inner.options.api_seconds / 2.0;
        let mut record = CallRecord {
            number: info.number,
            service: info.service,
            operation: info.operation.clone(),
            region: info.region.clone(),
            started,
            finished: started,
            status: 0,
            code: None,
            ids: Vec::new(),
            address: info.address.clone(),
            latency: delay + 2.0 * half,
            transitions: Vec::new(),
        };
        self.inner.clock.sleep(half + delay).await;
        let before = self.hooks(&info, &actions, Point::BeforeCall).await;
        if before.is_err() || actions.iter().any(|action| matches!(action, Action::LoseBefore)) {
            return self.lost(record);
        }
        let outcome = self.perform(&asked, &actions);
        record.ids = outcome.ids;
        record.transitions = outcome.transitions;
        let after = self.hooks(&info, &actions, Point::AfterEffect).await;
        self.inner.clock.sleep(half).await;
        if after.is_err() || actions.iter().any(|action| matches!(action, Action::LoseAfter)) {
            return self.lost(record);
        }
        record.code = outcome.output.as_ref().err().map(|fault| fault.code.clone());
        let response = self.render(&asked, &info, &outcome.output);
        record.status = response.status().as_u16();
        self.finish(record);
        Ok(response)
    }

    fn lost(&self, record: CallRecord) -> Result<Response<Bytes>, ConnectionLost> {
        self.finish(record);
        Err(ConnectionLost)
    }

    fn finish(&self, mut record: CallRecord) {
        record.finished = self.now();
        self.inner.state().records.push(record);
    }

    /// Numbers a call and looks up what goes wrong with it.
    fn arrive(&self, asked: &Asked) -> (CallInfo, Vec<Action>) {
        let mut state = self.inner.state();
        state.calls += 1;
        let info = CallInfo {
            number: state.calls,
            service: asked.service.map_or("", |service| service.name),
            operation: asked.operation.clone(),
            region: asked.region.clone(),
            address: asked.input.as_ref().ok().and_then(|(input, _)| address(&state, input)),
        };
        let actions = state.rules.actions(&info);
        (info, actions)
    }

    async fn hooks(
        &self,
        info: &CallInfo,
        actions: &[Action],
        point: Point,
    ) -> Result<(), ConnectionLost> {
        for action in actions {
            let Action::Hook(at, hook) = action else { continue };
            if *at != point {
                continue;
            }
            match hook.run(info) {
                Then::Continue => {}
                Then::Hang => pending().await,
                Then::Lose => return Err(ConnectionLost),
            }
        }
        Ok(())
    }

    /// Lets the operation have its effect and puts it on file.
    fn perform(&self, asked: &Asked, actions: &[Action]) -> Outcome {
        let now = self.now();
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

    fn render(
        &self,
        asked: &Asked,
        info: &CallInfo,
        output: &Result<Value, Fault>,
    ) -> Response<Bytes> {
        let request_id = call::uuid(&call::digest(&format!(
            "{}/request/{}",
            self.inner.options.seed, info.number
        )));
        let envelope = Envelope {
            wire: asked.wire,
            service: asked.service,
            operation: &asked.operation,
            request_id: &request_id,
        };
        let mut response = match output {
            Ok(output) => envelope.answer(output),
            Err(fault) => envelope.error(fault),
        };
        let now = self.now() + self.inner.state().skew.unwrap_or_default();
        if let Ok(date) = HeaderValue::try_from(timestamp(now, model::TimestampFormat::Rfc822)) {
            response.headers_mut().insert(DATE, date);
        }
        response
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
            let before = state.store.changed();
            if state.store.commit(now).is_err() {
                return Outcome::refused(disk_full());
            }
            state.stale.wrote(before, options.stale_reads);
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

/// The `globecart:resource` tag in a request, or on a row that it names.
fn address(state: &State, input: &Value) -> Option<String> {
    tagged(input).or_else(|| {
        let mut texts = Vec::new();
        collect_texts(input, &mut texts);
        let mut rows = texts.iter().flat_map(|text| state.store.everywhere(text));
        rows.find_map(|row| tags::value(row, tags::ADDRESS)).map(str::to_owned)
    })
}

fn tagged(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            let key = value.opt("Key").or_else(|| value.opt("TagKey"));
            if key == Some(tags::ADDRESS) {
                return value.opt("Value").or_else(|| value.opt("TagValue")).map(str::to_owned);
            }
            let in_map = members.get(tags::ADDRESS).and_then(Value::as_str).map(str::to_owned);
            in_map.or_else(|| members.values().find_map(tagged))
        }
        Value::Array(elements) => elements.iter().find_map(tagged),
        _ => None,
    }
}

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Object(members) => members.values().for_each(|value| collect_texts(value, texts)),
        Value::Array(elements) => elements.iter().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}
