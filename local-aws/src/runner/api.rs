//! The API that a function's runtime speaks to: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! Each environment has one of its own, on a port of the loopback interface.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// Bytes of an answer, with some room so that its runtime learns what is wrong.
const MOST: usize = 7 * 1024 * 1024;

const ROOT: &str = "/2018-06-01/runtime/";

/// One event for the function.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) request_id: String,
    pub(super) function_arn: String,
    /// When it must be done, in milliseconds of the system's time.
    pub(super) deadline_ms: u128,
    pub(super) payload: String,
}

/// What the runtime said.
#[derive(Debug)]
pub(super) enum Said {
    /// It took the event.
    Took,
    /// It answered.
    Answered(String, Bytes),
    /// The function failed.
    Failed(String, Bytes),
    /// The runtime could not begin.
    CannotBegin(Bytes),
}

/// Both ends of the API.
pub(super) struct Api {
    events: Mutex<mpsc::Receiver<Event>>,
    said: mpsc::UnboundedSender<Said>,
}

impl Api {
    pub(super) fn new(events: mpsc::Receiver<Event>, said: mpsc::UnboundedSender<Said>) -> Self {
        Self { events: Mutex::new(events), said }
    }

    /// Answers the runtime until the future is dropped.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(Arc::clone(&self).connection(stream));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(move |request| {
            let api = Arc::clone(&self);
            async move { Ok::<_, Infallible>(api.answer(request).await) }
        });
        // An error here is a runtime that went away.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default().to_owned();
        if parts.method == Method::GET && path == "invocation/next" {
            return self.next().await;
        }
        let Ok(body) = Limited::new(body, MOST).collect().await else {
            return plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "{\"errorType\":\"RequestEntityTooLarge\"}",
            );
        };
        let body = body.to_bytes();
        let pieces: Vec<&str> = path.split('/').collect();
        let said = match pieces[..] {
            ["invocation", id, "response"] => Said::Answered(id.to_owned(), body),
            ["invocation", id, "error"] => Said::Failed(id.to_owned(), body),
            ["init", "error"] => Said::CannotBegin(body),
            _ => return plain(StatusCode::NOT_FOUND, "{\"errorType\":\"NotFound\"}"),
        };
        let _ = self.said.send(said);
        plain(StatusCode::ACCEPTED, "{\"status\":\"OK\"}")
    }

    /// Waits for the next event.
    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(event) = self.events.lock().await.recv().await else {
            return plain(StatusCode::GONE, "{\"errorType\":\"Shutdown\"}");
        };
        let _ = self.said.send(Said::Took);
        let mut response = plain(StatusCode::OK, &event.payload);
        let trace = format!("Root=1-{};Sampled=0", event.request_id);
        for (name, value) in [
            ("lambda-runtime-aws-request-id", &event.request_id),
            ("lambda-runtime-deadline-ms", &event.deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", &event.function_arn),
            ("lambda-runtime-trace-id", &trace),
        ] {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

fn plain(status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(body.as_bytes())));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
