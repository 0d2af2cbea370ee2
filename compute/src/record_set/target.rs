//! What a record set answers, and in which zone it is.

use aws_sdk_route53::types::{AliasTarget, ResourceRecord, ResourceRecordSet, RrType};
use globecart_aws::engine::{CallError, CallResult, Class, Early, Input, Invalid};
use globecart_aws::{Aws, DnsName, HostedZoneId, LoadBalancerDnsName};
use serde::{Deserialize, Serialize};

use crate::dns;

/// A hosted zone, by its id or its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// The zone with this id.
    Id(Input<HostedZoneId>),
    /// The account's one public zone of this name, which is looked up.
    Named(String),
}

/// What a record set answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordTarget {
    /// The addresses of a load balancer, by an alias.
    LoadBalancer {
        /// The load balancer's host name.
        dns_name: Input<LoadBalancerDnsName>,
        /// The zone of that host name.
        zone: Input<HostedZoneId>,
        /// Whether a load balancer without healthy targets counts as not there.
        evaluate_health: bool,
    },
    /// Another name.
    Cname {
        /// That name.
        value: Input<DnsName>,
        /// For how many seconds an answer is kept.
        ttl_secs: u32,
    },
    /// Texts, such as those that show whom a domain belongs to.
    Text {
        /// The texts, without quotation marks, each up to 255 characters.
        values: Vec<String>,
        /// For how many seconds an answer is kept.
        ttl_secs: u32,
    },
}

impl Zone {
    /// The account's one public zone of a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named(name.into())
    }

    /// The zone's id, which may be looked up; `None` where there is no zone of the name.
    pub(super) async fn find(&self, aws: &Aws) -> CallResult<Option<HostedZoneId>> {
        match self {
            Self::Id(id) => Ok(Some(id.known().clone())),
            Self::Named(name) => dns::zone_named(aws, name).await,
        }
    }

    /// The id of a zone that must be there.
    pub(super) async fn id(&self, aws: &Aws) -> CallResult<HostedZoneId> {
        let name = match self {
            Self::Id(_) => "",
            Self::Named(name) => name,
        };
        self.find(aws).await?.ok_or_else(|| {
            let problem = format!("there is no public hosted zone {name} in this account");
            CallError::new(Class::Invalid, "looking for the hosted zone", problem)
        })
    }
}

impl From<&Early<HostedZoneId>> for Zone {
    fn from(id: &Early<HostedZoneId>) -> Self {
        Self::Id(id.into())
    }
}

impl From<Input<HostedZoneId>> for Zone {
    fn from(id: Input<HostedZoneId>) -> Self {
        Self::Id(id)
    }
}

impl From<HostedZoneId> for Zone {
    fn from(id: HostedZoneId) -> Self {
        Self::Id(id.into())
    }
}

/// The most seconds that an answer is kept.
const LONGEST_TTL: u32 = 2_147_483_647;

impl RecordTarget {
    /// The record's type.
    pub(super) fn kind(&self) -> RrType {
        match self {
            Self::LoadBalancer { .. } => RrType::A,
            Self::Cname { .. } => RrType::Cname,
            Self::Text { .. } => RrType::Txt,
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let invalid = |problem: String| Err(Invalid::new("target", problem));
        match self {
            Self::Cname { ttl_secs, .. } | Self::Text { ttl_secs, .. }
                if *ttl_secs > LONGEST_TTL =>
            {
                invalid(format!("{ttl_secs} s must be at most {LONGEST_TTL}"))
            }
            Self::Text { values, .. } if values.is_empty() => invalid("needs a text".to_owned()),
            Self::Text { values, .. } => match values.iter().find(|text| !is_plain(text)) {
                Some(text) => invalid(format!(
                    "`{text}` must be 255 characters of ASCII at most, without `\"` and `\\`"
                )),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    pub(super) fn in_api(&self, name: &DnsName) -> CallResult<ResourceRecordSet> {
        let set = ResourceRecordSet::builder().name(dns::dotted(name.as_str())).r#type(self.kind());
        let record = |value: &str| ResourceRecord::builder().value(value).build();
        let built = match self {
            Self::LoadBalancer { dns_name, zone, evaluate_health } => AliasTarget::builder()
                .dns_name(dns_name.known().as_str())
                .hosted_zone_id(zone.known().as_str())
                .evaluate_target_health(*evaluate_health)
                .build()
                .and_then(|alias| set.alias_target(alias).build()),
            Self::Cname { value, ttl_secs } => record(value.known().as_str())
                .and_then(|one| set.ttl(i64::from(*ttl_secs)).resource_records(one).build()),
            Self::Text { values, ttl_secs } => values
                .iter()
                .map(|text| record(&format!("\"{text}\"")))
                .collect::<Result<Vec<_>, _>>()
                .and_then(|all| {
                    set.ttl(i64::from(*ttl_secs)).set_resource_records(Some(all)).build()
                }),
        };
        built.map_err(|error| {
            CallError::new(Class::Invalid, "putting a record set together", error.to_string())
        })
    }

    /// A live record set of the same type, in the words of what was declared where it means the same.
    pub(super) fn described(set: &ResourceRecordSet, was: &Self) -> Self {
        let live = Self::plain(set);
        if live.means(was) { was.clone() } else { live }
    }

    fn plain(set: &ResourceRecordSet) -> Self {
        let ttl_secs = set.ttl().and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default();
        let values = set.resource_records().iter().map(ResourceRecord::value);
        if let Some(alias) = set.alias_target() {
            return Self::LoadBalancer {
                dns_name: LoadBalancerDnsName::new(alias.dns_name()).into(),
                zone: HostedZoneId::new(alias.hosted_zone_id()).into(),
                evaluate_health: alias.evaluate_target_health(),
            };
        }
        if *set.r#type() == RrType::Cname {
            let value = values.collect::<Vec<_>>().join(" ");
            return Self::Cname { value: DnsName::new(value).into(), ttl_secs };
        }
        let unquoted = |text: &str| text.trim_matches('"').to_owned();
        Self::Text { values: values.map(unquoted).collect(), ttl_secs }
    }

    /// Whether two targets say the same, however their names are written.
    fn means(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::LoadBalancer { dns_name, zone, evaluate_health },
                Self::LoadBalancer { dns_name: name, zone: other, evaluate_health: health },
            ) => {
                dns::same(dns_name.known().as_str(), name.known().as_str())
                    && zone == other
                    && evaluate_health == health
            }
            (Self::Cname { value, ttl_secs }, Self::Cname { value: other, ttl_secs: ttl }) => {
                dns::same(value.known().as_str(), other.known().as_str()) && ttl_secs == ttl
            }
            (Self::Text { values, ttl_secs }, Self::Text { values: others, ttl_secs: ttl }) => {
                let sorted = |list: &[String]| {
                    let mut list = list.to_vec();
                    list.sort();
                    list
                };
                sorted(values) == sorted(others) && ttl_secs == ttl
            }
            _ => false,
        }
    }
}

fn is_plain(text: &str) -> bool {
    text.len() <= 255
        && text.chars().all(|c| c.is_ascii() && !"\"\\".contains(c) && !c.is_control())
}
