//! One request from its bytes to its answer.

use super::{Cloud, ConnectionLost, address};
use crate::call;
use crate::fault::Fault;
use crate::model::TimestampFormat;
use crate::protocol::{Asked, Envelope, route, timestamp};
use crate::record::CallRecord;
use crate::rules::{Action, CallInfo, Point, Then};
use bytes::Bytes;
use http::header::{DATE, HeaderValue};
use http::{Request, Response};
use serde_json::Value;
use std::future::pending;

impl Cloud {
    /// Answers a request of any AWS client.
    ///
    /// # Errors
    /// A fault rule made the connection break.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionLost> {
        self.go_on();
        let asked = route(&request);
        let (info, actions) = self.arrive(&asked);
        let half = self.inner.options.api_seconds / 2.0;
        let answered = self.answer(&asked, &info, &actions, half).await;
        let status = answered.as_ref().map_or(0, |response| response.status().as_u16());
        self.note(&info, |record, now| {
            record.finished = now;
            record.status = status;
        });
        answered
    }

    async fn answer(
        &self,
        asked: &Asked,
        info: &CallInfo,
        actions: &[Action],
        half: f64,
    ) -> Result<Response<Bytes>, ConnectionLost> {
        self.inner.clock.sleep(half + delay(actions)).await;
        self.hooks(info, actions, Point::BeforeCall).await?;
        if actions.iter().any(|action| matches!(action, Action::LoseBefore)) {
            return Err(ConnectionLost);
        }
        let mut outcome = self.perform(asked, actions, self.now());
        self.run_invoked(&mut outcome).await;
        self.dispatch();
        self.note(info, |record, now| {
            record.effect = outcome.output.is_ok().then_some(now);
            record.code = outcome.output.as_ref().err().map(|fault| fault.code.clone());
            record.ids = outcome.ids;
            record.transitions = outcome.transitions;
        });
        self.hooks(info, actions, Point::AfterEffect).await?;
        self.inner.clock.sleep(half).await;
        if actions.iter().any(|action| matches!(action, Action::LoseAfter)) {
            return Err(ConnectionLost);
        }
        self.hooks(info, actions, Point::Answered).await?;
        Ok(self.render(asked, info, &outcome.output))
    }

    /// Adds to the record of a call, unless the records were cleared meanwhile.
    fn note(&self, info: &CallInfo, add: impl FnOnce(&mut CallRecord, f64)) {
        let now = self.now();
        let mut state = self.inner.state();
        let mine = state.records.iter_mut().rev().find(|record| record.number == info.number);
        if let Some(record) = mine {
            add(record, now);
        }
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
            address: (asked.input.as_ref().ok())
                .and_then(|(input, _)| address::of_request(&state, input)),
        };
        let actions = state.rules.actions(&info);
        let latency = self.inner.options.api_seconds + delay(&actions);
        state.records.push(CallRecord::new(&info, self.now(), latency));
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
        if let Ok(date) = HeaderValue::try_from(timestamp(now, TimestampFormat::Rfc822)) {
            response.headers_mut().insert(DATE, date);
        }
        response
    }
}

/// The seconds by which rules delay a call.
fn delay(actions: &[Action]) -> f64 {
    let seconds =
        |action: &Action| if let Action::Delay(seconds) = action { *seconds } else { 0.0 };
    actions.iter().map(seconds).sum()
}
