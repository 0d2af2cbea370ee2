//! What a request must be like:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html>

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, HttpHeaderConditionConfig, HttpRequestMethodConditionConfig,
    PathPatternConditionConfig, RuleCondition, SourceIpConditionConfig,
};
use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};

/// What a request must be like. One of its values is enough; `*` stands for any text, `?` for any letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Its host is one of these names.
    Host(Vec<String>),
    /// Its path is one of these, in capital and small letters as given.
    Path(Vec<String>),
    /// It has a header with one of these values.
    Header {
        /// The header's name.
        name: String,
        /// The values.
        values: Vec<String>,
    },
    /// Its method is one of these, such as `GET`.
    Method(Vec<String>),
    /// It comes from one of these ranges.
    Source(Vec<String>),
    /// Something that was set by hand and that this type cannot say, in words.
    Other(String),
}

/// How many values the conditions of a rule have.
const VALUES: usize = 5;

/// The longest value.
const LONGEST: usize = 128;

pub(super) fn check(conditions: &[Condition]) -> Result<(), Invalid> {
    let invalid = |problem: String| Err(Invalid::new("conditions", problem));
    if conditions.is_empty() {
        return invalid("a rule needs at least one".to_owned());
    }
    let values: Vec<&String> = conditions.iter().flat_map(Condition::values).collect();
    if conditions.iter().any(|one| one.values().is_empty()) {
        return invalid("each needs at least one value".to_owned());
    }
    if values.len() > VALUES {
        return invalid(format!("{} values, where AWS takes {VALUES} in a rule", values.len()));
    }
    if let Some(long) = values.into_iter().find(|value| value.len() > LONGEST) {
        return invalid(format!("`{long}` is longer than {LONGEST} characters"));
    }
    let field = |one: &Condition| std::mem::discriminant(one);
    for (at, one) in conditions.iter().enumerate() {
        let several = matches!(one, Condition::Header { .. });
        if !several && conditions[..at].iter().any(|other| field(other) == field(one)) {
            return invalid(
                "a rule has one condition of a sort; give that one more values".to_owned(),
            );
        }
        if let Condition::Other(words) = one {
            return invalid(format!("`{words}` is what is read, not declared"));
        }
    }
    Ok(())
}

impl Condition {
    fn values(&self) -> &[String] {
        match self {
            Self::Host(values)
            | Self::Path(values)
            | Self::Header { values, .. }
            | Self::Method(values)
            | Self::Source(values) => values,
            Self::Other(words) => std::slice::from_ref(words),
        }
    }

    pub(super) fn in_api(&self) -> RuleCondition {
        let values = Some(self.values().to_vec());
        let condition = RuleCondition::builder();
        match self {
            Self::Host(_) => {
                let config = HostHeaderConditionConfig::builder().set_values(values).build();
                condition.field("host-header").host_header_config(config).build()
            }
            Self::Path(_) => {
                let config = PathPatternConditionConfig::builder().set_values(values).build();
                condition.field("path-pattern").path_pattern_config(config).build()
            }
            Self::Header { name, .. } => {
                let config = HttpHeaderConditionConfig::builder().http_header_name(name);
                let config = config.set_values(values).build();
                condition.field("http-header").http_header_config(config).build()
            }
            Self::Method(_) => {
                let config = HttpRequestMethodConditionConfig::builder().set_values(values).build();
                condition.field("http-request-method").http_request_method_config(config).build()
            }
            Self::Source(_) => {
                let config = SourceIpConditionConfig::builder().set_values(values).build();
                condition.field("source-ip").source_ip_config(config).build()
            }
            Self::Other(_) => condition.build(),
        }
    }

    pub(super) fn described(one: &RuleCondition) -> Self {
        let known = match one.field().unwrap_or_default() {
            "host-header" => {
                one.host_header_config().map(|config| Self::Host(config.values().to_vec()))
            }
            "path-pattern" => {
                one.path_pattern_config().map(|config| Self::Path(config.values().to_vec()))
            }
            "http-header" => one.http_header_config().map(|config| Self::Header {
                name: config.http_header_name().unwrap_or_default().to_owned(),
                values: config.values().to_vec(),
            }),
            "http-request-method" => one
                .http_request_method_config()
                .map(|config| Self::Method(config.values().to_vec())),
            "source-ip" => {
                one.source_ip_config().map(|config| Self::Source(config.values().to_vec()))
            }
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other(format!("{one:?}")))
    }
}
