//! Why a call has no answer, in the words of whoever reads it: which host, and what became of the connection.

use std::error::Error;
use std::fmt;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use globecart_engine::Class;

/// How long a connection may take to come about, in real seconds.
pub(crate) const CONNECT_SECS: f64 = 10.0;

/// How long an answer may take to begin, in real seconds.
pub(crate) const ANSWER_SECS: f64 = 60.0;

/// A call that no host answered.
#[derive(Debug)]
pub(crate) struct NoAnswer {
    host: String,
    how: How,
    source: BoxError,
}

/// How far a call came, and why no further.
#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    /// There was no connection, so nothing was sent.
    Unconnected(String),
    /// The connection broke, with or without the call's effect.
    Broken(String),
    /// Nothing came in time.
    Silent,
}

impl NoAnswer {
    /// What a connector says of a request to `url`, with the host and the reason told.
    pub(crate) fn told(error: ConnectorError, url: &str) -> ConnectorError {
        if error.is_user() {
            return error;
        }
        let (timeout, kind) = (error.is_timeout(), error.as_other());
        let how = how(&error);
        let source = error.into_source();
        let told = Self { host: host(url).to_owned(), how, source }.into();
        match (timeout, kind) {
            (true, _) => ConnectorError::timeout(told),
            (false, None) => ConnectorError::io(told),
            (false, kind) => ConnectorError::other(told, kind),
        }
    }

    /// What this means for the call.
    pub(crate) fn class(&self) -> Class {
        match self.how {
            How::Unconnected(_) => Class::Unreachable,
            How::Broken(_) | How::Silent => Class::Ambiguous,
        }
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.how {
            How::Unconnected(why) => write!(f, "no connection to {host}: {why}"),
            How::Broken(why) => write!(f, "the connection to {host} broke off: {why}"),
            How::Silent => write!(f, "{host} gave no answer within {ANSWER_SECS} s"),
        }
    }
}

impl Error for NoAnswer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

fn how(error: &ConnectorError) -> How {
    let says = |start: &str| causes(error).any(|cause| cause.to_string().starts_with(start));
    let io = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
    let kind = io.map(io::Error::kind);
    let unconnected = |why: &str| How::Unconnected(why.to_owned());
    if says("HTTP connect timeout") {
        return How::Unconnected(format!("nothing there within {CONNECT_SECS} s"));
    }
    if error.is_timeout() {
        return How::Silent;
    }
    if find::<ResolveDnsError>(error).is_some() || says("dns error") {
        return unconnected("there is no host of this name");
    }
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => unconnected("it was refused"),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            unconnected("no network leads there")
        }
        // So the HTTP client calls whatever goes wrong before a request can be sent, TLS included.
        _ if says("client error (Connect)") => How::Unconnected(innermost(error)),
        _ => How::Broken(innermost(error)),
    }
}

/// What can be done about a call for which there were no credentials, and why there were none.
pub(crate) fn without_credentials(error: &(dyn Error + 'static)) -> Option<(Class, String)> {
    let unsigned = find::<CredentialsError>(error)?;
    let unanswered = find::<NoAnswer>(unsigned);
    Some(match (unsigned, unanswered) {
        (CredentialsError::CredentialsNotLoaded(_), _) => {
            (Class::Expired, "no credentials are set".to_owned())
        }
        (_, Some(unanswered)) => {
            (Class::Unreachable, format!("credentials cannot be had: {unanswered}"))
        }
        (CredentialsError::ProviderTimedOut(_), _) => {
            (Class::Expired, "credentials did not come in time".to_owned())
        }
        _ => (Class::Expired, format!("credentials cannot be had: {}", innermost(unsigned))),
    })
}

/// The first error of this type, from the outside in.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The last word of an error: what none of its causes says more exactly.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Host and port of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}
