//! For the tests of services: calls by operation name, through the whole path from HTTP request to HTTP answer.

pub(crate) mod client;
#[cfg(unix)]
pub(crate) mod live;

use crate::cloud::Cloud;
use crate::options::Options;
use crate::services;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The start of the simulated time: 2026-01-01T00:00:00Z.
pub(crate) const START: f64 = 1_767_225_600.0;

/// A cloud in memory, on paused time, and how to call it.
pub(crate) struct Probe {
    pub(crate) cloud: Cloud,
    runtime: Runtime,
    region: String,
}

impl Probe {
    /// A cloud in memory with seed 0 that starts at [`START`]; calls take no time.
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    /// The same, for calls to another region.
    pub(crate) fn in_region(region: &str) -> Self {
        Self { region: region.to_owned(), ..Self::new() }
    }

    /// The same, with options; calls take no time and the start is [`START`] nevertheless.
    pub(crate) fn with(options: Options) -> Self {
        let options = Options { start: Some(START), api_seconds: 0.0, ..options };
        Self::over(|| Cloud::in_memory(options))
    }

    /// A cloud that is made on the paused clock.
    pub(crate) fn over(make: impl FnOnce() -> Cloud) -> Self {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        let cloud = runtime.block_on(async { make() });
        Self { cloud, runtime, region: "us-east-1".to_owned() }
    }

    /// The members of a successful answer.
    #[track_caller]
    pub(crate) fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        match self.call(service, operation, &input) {
            Ok(output) => output,
            Err((code, message)) => panic!("{operation}: {code}: {message}"),
        }
    }

    /// The code of a refusal.
    #[track_caller]
    pub(crate) fn err(&self, service: &str, operation: &str, input: Value) -> String {
        match self.call(service, operation, &input) {
            Ok(output) => panic!("{operation} succeeded: {output}"),
            Err((code, _)) => code,
        }
    }

    /// The members of the answer, or code and message of the refusal.
    pub(crate) fn call(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, (String, String)> {
        let response =
            self.send(self.request(service, operation, input)).expect("the connection holds");
        client::read(services::named(service).unwrap(), operation, &response)
    }

    /// Whether the connection is lost instead of an answer.
    pub(crate) fn lost(&self, service: &str, operation: &str, input: &Value) -> bool {
        self.send(self.request(service, operation, input)).is_none()
    }

    /// The request for an operation.
    pub(crate) fn request(&self, service: &str, operation: &str, input: &Value) -> Request<Bytes> {
        client::request(services::named(service).unwrap(), operation, &self.region, input)
    }

    /// The answer to a raw request; `None` if the connection was lost.
    pub(crate) fn send(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        self.runtime.block_on(self.cloud.handle(request)).ok()
    }

    /// Simulated seconds since 1970.
    pub(crate) fn now(&self) -> f64 {
        let _paused = self.runtime.enter();
        self.cloud.now()
    }

    /// Uses the cloud itself, on its clock.
    pub(crate) fn in_cloud<T>(&self, act: impl FnOnce(&Cloud) -> T) -> T {
        let _paused = self.runtime.enter();
        act(&self.cloud)
    }

    /// Looks at the cloud itself, on its paused time.
    pub(crate) fn within<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        let _paused = self.runtime.enter();
        look(&self.cloud)
    }

    /// Lets simulated seconds pass.
    pub(crate) fn pass(&self, seconds: f64) {
        let real = Duration::from_secs_f64(seconds / self.cloud.rate());
        self.runtime.block_on(tokio::time::advance(real));
    }
}
