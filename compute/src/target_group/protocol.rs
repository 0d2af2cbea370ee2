//! How a load balancer speaks to targets.

use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
use serde::{Deserialize, Serialize};

/// How requests are sent to targets. Their certificate is not looked at: one that they signed themselves will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetProtocol {
    /// HTTP/1.1 over TLS.
    #[default]
    Https,
    /// HTTP/2 over TLS.
    Http2OverTls,
    /// HTTP/1.1 in plain text.
    Http,
}

impl TargetProtocol {
    pub(super) fn in_api(self) -> ProtocolEnum {
        if self == Self::Http { ProtocolEnum::Http } else { ProtocolEnum::Https }
    }

    pub(super) fn version(self) -> &'static str {
        if self == Self::Http2OverTls { "HTTP2" } else { "HTTP1" }
    }

    pub(super) fn described(secure: bool, version: &str) -> Self {
        match (secure, version) {
            (true, "HTTP2") => Self::Http2OverTls,
            (true, _) => Self::Https,
            (false, _) => Self::Http,
        }
    }
}
