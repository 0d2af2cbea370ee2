//! What stands between the SDK and the wire: request rates, counting, and which calls the SDK may repeat.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_ec2::config::interceptors::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    FinalizerInterceptorContextRef,
};
use aws_sdk_ec2::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents as Components;
use aws_smithy_types::retry::RetryConfig;
use globecart_engine::Clock;

use crate::classify;
use crate::no_answer::NoAnswer;
use crate::quota::{Rate, is_read, rate};

/// The counters and buckets of one session.
#[derive(Debug)]
pub(crate) struct Pacing {
    clock: Clock,
    buckets: Mutex<BTreeMap<CallName, Bucket>>,
    calls: AtomicU64,
    mutations: AtomicU64,
}

/// A service and one of its operations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct CallName {
    service: String,
    operation: String,
}

/// A token bucket; `level` may be negative, which is the queue that has formed.
#[derive(Debug)]
struct Bucket {
    rate: Rate,
    level: f64,
    filled_at: Duration,
    /// Halves with every throttled answer, and recovers with time.
    share: f64,
}

impl Pacing {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        let (calls, mutations) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { clock, buckets: Mutex::default(), calls, mutations })
    }

    /// Calls sent so far, and how many of them could change something.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.calls.load(Ordering::Relaxed), self.mutations.load(Ordering::Relaxed))
    }

    /// Takes one token, and says how long to wait for it.
    fn take(&self, call: &CallName) -> Duration {
        let now = self.clock.elapsed();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(call.clone()).or_insert_with(|| Bucket::full(call, now));
        bucket.fill(now);
        bucket.level -= 1.0;
        let missing = (-bucket.level).max(0.0);
        Duration::from_secs_f64(missing / (bucket.rate.per_second * bucket.share))
    }

    /// Waits for a token, and counts the call.
    async fn wait_for_turn(&self, call: &CallName) {
        let wait = self.take(call);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        if !is_read(&call.operation) {
            self.mutations.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn throttled(&self, call: &CallName) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(call) {
            bucket.share = (bucket.share / 2.0).max(1.0 / 16.0);
            bucket.level = bucket.level.min(0.0);
        }
    }
}

impl Bucket {
    fn full(call: &CallName, now: Duration) -> Self {
        let rate = rate(&call.service, &call.operation);
        Self { rate, level: rate.burst, filled_at: now, share: 1.0 }
    }

    fn fill(&mut self, now: Duration) {
        let seconds = now.saturating_sub(self.filled_at).as_secs_f64();
        self.level =
            (self.level + seconds * self.rate.per_second * self.share).min(self.rate.burst);
        self.share = (self.share + seconds / 60.0).min(1.0);
        self.filled_at = now;
    }
}

/// The interceptor that every client of the session carries.
#[derive(Debug, Clone)]
pub(crate) struct Watch(pub(crate) Arc<Pacing>);

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "globecart"
    }

    /// The SDK repeats reads. What changes something is repeated by the engine alone, which knows whether
    /// the call is safe to repeat and looks for its effect first where it is not. Before this hook, a client's
    /// interceptors do not know the operation.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let reads = cfg.load::<Metadata>().is_some_and(|metadata| is_read(metadata.name()));
        let retries = if reads {
            RetryConfig::standard().with_max_attempts(4)
        } else {
            RetryConfig::disabled()
        };
        cfg.interceptor_state().store_put(retries);
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = call_name(cfg) {
            context.request_mut().add_extension(call);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(response) =
            context.response().filter(|response| response.status().as_u16() >= 400)
        else {
            return Ok(());
        };
        let body = response.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let status = response.status().as_u16();
        let throttled =
            status == 429 || classify(&body, &body, None) == globecart_engine::Class::Throttled;
        if let Some(call) = call_name(cfg).filter(|_| throttled) {
            self.0.throttled(&call);
        }
        Ok(())
    }
}

fn call_name(cfg: &ConfigBag) -> Option<CallName> {
    let metadata = cfg.load::<Metadata>()?;
    Some(CallName { service: metadata.service().to_owned(), operation: metadata.name().to_owned() })
}

/// An HTTP client that waits for a token before every call.
#[derive(Debug)]
pub(crate) struct PacedClient {
    pub(crate) inner: SharedHttpClient,
    pub(crate) pacing: Arc<Pacing>,
}

impl HttpClient for PacedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &Components,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(PacedConnector { inner, pacing: Arc::clone(&self.pacing) })
    }
}

#[derive(Debug)]
struct PacedConnector {
    inner: SharedHttpConnector,
    pacing: Arc<Pacing>,
}

impl HttpConnector for PacedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, pacing) = (self.inner.clone(), Arc::clone(&self.pacing));
        HttpConnectorFuture::new(async move {
            // Calls of the credential chain carry no name; they are neither paced nor counted.
            if let Some(call) = request.extension::<CallName>().cloned() {
                pacing.wait_for_turn(&call).await;
            }
            let url = request.uri().to_owned();
            inner.call(request).await.map_err(|error| NoAnswer::told(error, &url))
        })
    }
}
