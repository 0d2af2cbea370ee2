//! What a security group rule is about: protocols, ports and the other side.

use aws_sdk_ec2::types::SecurityGroupRule as Description;
use globecart_engine::{Input, Invalid};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{PrefixListId, SecurityGroupId};

/// Which way a rule lets traffic pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Into what has the group.
    Ingress,
    /// Out of what has the group.
    Egress,
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The first port.
    pub from: u16,
    /// The last port, not below the first.
    pub to: u16,
}

/// A protocol and its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// Every protocol and port.
    All,
    /// TCP.
    Tcp(Ports),
    /// UDP.
    Udp(Ports),
    /// ICMP, all types.
    Icmp,
    /// `ICMPv6`, all types.
    Icmpv6,
}

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// What has this security group.
    Group(Input<SecurityGroupId>),
    /// An IPv4 or IPv6 range.
    Cidr(IpNet),
    /// The ranges of a prefix list, such as that of a gateway endpoint.
    PrefixList(Input<PrefixListId>),
}

impl Traffic {
    /// One TCP port.
    pub fn tcp(port: u16) -> Self {
        Self::Tcp(Ports { from: port, to: port })
    }

    /// One UDP port.
    pub fn udp(port: u16) -> Self {
        Self::Udp(Ports { from: port, to: port })
    }

    /// Protocol, first and last port, as EC2 writes them.
    pub(super) fn in_words(self) -> (&'static str, i32, i32) {
        match self {
            Self::All => ("-1", -1, -1),
            Self::Tcp(Ports { from, to }) => ("tcp", from.into(), to.into()),
            Self::Udp(Ports { from, to }) => ("udp", from.into(), to.into()),
            Self::Icmp => ("icmp", -1, -1),
            Self::Icmpv6 => ("icmpv6", -1, -1),
        }
    }

    /// What EC2 describes; `None` for what this type cannot say, such as a single ICMP type.
    pub(super) fn described(rule: &Description) -> Option<Self> {
        let port = |number: Option<i32>| u16::try_from(number?).ok();
        let ports = || Some(Ports { from: port(rule.from_port())?, to: port(rule.to_port())? });
        let any_type = rule.from_port().unwrap_or(-1) == -1;
        match rule.ip_protocol()? {
            "-1" => Some(Self::All),
            "tcp" | "6" => ports().map(Self::Tcp),
            "udp" | "17" => ports().map(Self::Udp),
            "icmp" | "1" if any_type => Some(Self::Icmp),
            "icmpv6" | "58" if any_type => Some(Self::Icmpv6),
            _ => None,
        }
    }

    pub(super) fn check(self) -> Result<(), Invalid> {
        match self {
            Self::Tcp(Ports { from, to }) | Self::Udp(Ports { from, to }) if from > to => {
                Err(Invalid::new(
                    "traffic",
                    format!("the ports {from} to {to} must be in rising order"),
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Peer {
    /// What has this security group.
    pub fn group(id: impl Into<Input<SecurityGroupId>>) -> Self {
        Self::Group(id.into())
    }

    /// The ranges of a prefix list.
    pub fn prefix_list(id: impl Into<Input<PrefixListId>>) -> Self {
        Self::PrefixList(id.into())
    }

    pub(super) fn described(rule: &Description) -> Option<Self> {
        let group = rule.referenced_group_info().and_then(|group| group.group_id());
        match (group, rule.prefix_list_id(), rule.cidr_ipv4().or(rule.cidr_ipv6())) {
            (Some(id), ..) => Some(Self::group(SecurityGroupId::new(id))),
            (_, Some(id), _) => Some(Self::prefix_list(PrefixListId::new(id))),
            (.., Some(cidr)) => cidr.parse().ok().map(Self::Cidr),
            _ => None,
        }
    }

    /// Everything from everywhere may come in by HTTP and HTTPS alone (EC2.18, EC2.19).
    pub(super) fn check(&self, direction: Direction, traffic: Traffic) -> Result<(), Invalid> {
        let Self::Cidr(cidr) = self else { return Ok(()) };
        if cidr.trunc() != *cidr {
            let problem = format!("{cidr} has host bits set; the range is {}", cidr.trunc());
            return Err(Invalid::new("peer", problem));
        }
        let web = [Traffic::tcp(80), Traffic::tcp(443), Traffic::udp(443)].contains(&traffic);
        if cidr.prefix_len() == 0 && direction == Direction::Ingress && !web {
            let problem = "from everywhere only ports 80 and 443 can be opened; name a narrower range or a group";
            return Err(Invalid::new("peer", problem));
        }
        Ok(())
    }
}
