//! What an entry of a network ACL is about: a protocol with its ports, and what happens to it.

use aws_sdk_ec2::types::{IcmpTypeCode, NetworkAclEntry as Description, PortRange, RuleAction};
use globecart_aws::ec2::Ports;
use serde::{Deserialize, Serialize};

/// A protocol as a network ACL names it, and its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AclTraffic {
    /// Every protocol and port.
    All,
    /// TCP.
    Tcp(Ports),
    /// UDP.
    Udp(Ports),
    /// One ICMP type and code; -1 is every one.
    Icmp {
        /// The type.
        kind: i16,
        /// The code.
        code: i16,
    },
    /// Another protocol by its number, all of it.
    Protocol(u8),
}

/// What an entry does with traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AclAction {
    /// It passes.
    Allow,
    /// It is dropped.
    Deny,
}

impl AclTraffic {
    /// One TCP port.
    pub fn tcp(port: u16) -> Self {
        Self::Tcp(Ports { from: port, to: port })
    }

    pub(crate) fn protocol(self) -> String {
        match self {
            Self::All => "-1".to_owned(),
            Self::Tcp(_) => "6".to_owned(),
            Self::Udp(_) => "17".to_owned(),
            Self::Icmp { .. } => "1".to_owned(),
            Self::Protocol(number) => number.to_string(),
        }
    }

    pub(crate) fn port_range(self) -> Option<PortRange> {
        match self {
            Self::Tcp(Ports { from, to }) | Self::Udp(Ports { from, to }) => {
                Some(PortRange::builder().from(from.into()).to(to.into()).build())
            }
            _ => None,
        }
    }

    pub(crate) fn icmp(self) -> Option<IcmpTypeCode> {
        match self {
            Self::Icmp { kind, code } => {
                Some(IcmpTypeCode::builder().r#type(kind.into()).code(code.into()).build())
            }
            _ => None,
        }
    }

    /// What EC2 describes. A server that leaves the ports out is taken to have those of `declared`.
    pub(crate) fn described(entry: &Description, declared: Self) -> Self {
        let ports = || {
            let range = entry.port_range()?;
            let port = |number: Option<i32>| u16::try_from(number?).ok();
            Some(Ports { from: port(range.from())?, to: port(range.to())? })
        };
        let icmp = || {
            let icmp = entry.icmp_type_code()?;
            let number = |number: Option<i32>| i16::try_from(number?).ok();
            Some(Self::Icmp { kind: number(icmp.r#type())?, code: number(icmp.code())? })
        };
        let protocol = entry.protocol().unwrap_or_default();
        let described = match protocol {
            "6" => ports().map(Self::Tcp),
            "17" => ports().map(Self::Udp),
            "1" => icmp(),
            "-1" => Some(Self::All),
            number => number.parse().ok().map(Self::Protocol),
        };
        let all = || if protocol == declared.protocol() { declared } else { Self::All };
        described.unwrap_or_else(all)
    }
}

impl AclAction {
    pub(crate) fn in_words(self) -> RuleAction {
        match self {
            Self::Allow => RuleAction::Allow,
            Self::Deny => RuleAction::Deny,
        }
    }
}
