//! What the network ACL of each tier lets through.
//!
//! Entries are stateless, so answers have entries of their own. Nothing lets SSH (22) or RDP (3389) in from
//! everywhere (Security Hub EC2.21): answers to port 3389 are lost too, and clients then take another port.

use globecart_aws::ec2::{Direction, Ports};
use globecart_aws::network::Tier;
use ipnet::Ipv4Net;

use crate::acl_traffic::AclTraffic;
use crate::cidr::Layout;

/// What the data tier offers: PostgreSQL, Redis and NFS.
const DATA_PORTS: [(u16, u16); 3] = [(100, 5432), (110, 6379), (120, 2049)];

/// One entry to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) number: u16,
    pub(crate) direction: Direction,
    pub(crate) traffic: AclTraffic,
    pub(crate) peer: Ipv4Net,
}

/// The entries of a tier's ACL; `outside` is whether the private tier has any way out of the VPC.
pub(crate) fn rules(tier: Tier, cidr: Ipv4Net, layout: &Layout, outside: bool) -> Vec<Rule> {
    let of = |tier| layout.tier(tier);
    match tier {
        Tier::Public => {
            let mut rules = vec![
                ingress(100, AclTraffic::All, of(Tier::Private)),
                ingress(110, AclTraffic::tcp(80), everywhere()),
                ingress(120, AclTraffic::tcp(443), everywhere()),
                egress(100, AclTraffic::All, everywhere()),
            ];
            rules.extend(answers_from_outside());
            rules
        }
        Tier::Private => {
            let mut rules = vec![
                ingress(100, AclTraffic::All, of(Tier::Private)),
                ingress(110, tcp(0, 65535), of(Tier::Public)),
                ingress(120, answers(), of(Tier::Data)),
                egress(100, AclTraffic::All, if outside { everywhere() } else { cidr }),
            ];
            if outside {
                rules.extend(answers_from_outside());
            }
            rules
        }
        Tier::Data => {
            let offered =
                |(number, port)| ingress(number, AclTraffic::tcp(port), of(Tier::Private));
            let mut rules: Vec<Rule> = DATA_PORTS.into_iter().map(offered).collect();
            rules.extend([
                // Nodes of one cluster talk across zones.
                ingress(130, AclTraffic::All, of(Tier::Data)),
                egress(100, answers(), of(Tier::Private)),
                egress(110, AclTraffic::All, of(Tier::Data)),
            ]);
            rules
        }
    }
}

/// Answers to what was sent to the internet, and the message that tells which packets are too large for it.
fn answers_from_outside() -> [Rule; 5] {
    [
        ingress(130, tcp(1024, 3388), everywhere()),
        ingress(140, tcp(3390, 65535), everywhere()),
        ingress(150, udp(1024, 3388), everywhere()),
        ingress(160, udp(3390, 65535), everywhere()),
        ingress(170, AclTraffic::Icmp { kind: 3, code: 4 }, everywhere()),
    ]
}

/// NAT gateways and Linux take these ports for their side of a connection.
fn answers() -> AclTraffic {
    tcp(1024, 65535)
}

fn everywhere() -> Ipv4Net {
    Ipv4Net::default()
}

fn ingress(number: u16, traffic: AclTraffic, peer: Ipv4Net) -> Rule {
    Rule { number, direction: Direction::Ingress, traffic, peer }
}

fn egress(number: u16, traffic: AclTraffic, peer: Ipv4Net) -> Rule {
    Rule { number, direction: Direction::Egress, traffic, peer }
}

fn tcp(from: u16, to: u16) -> AclTraffic {
    AclTraffic::Tcp(Ports { from, to })
}

fn udp(from: u16, to: u16) -> AclTraffic {
    AclTraffic::Udp(Ports { from, to })
}
