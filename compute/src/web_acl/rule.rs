//! Rules of web ACLs: <https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html>

use std::collections::BTreeSet;

use aws_sdk_wafv2::error::BuildError;
use aws_sdk_wafv2::primitives::Blob;
use aws_sdk_wafv2::types::{
    BlockAction, ByteMatchStatement, CountAction, FieldToMatch, ManagedRuleGroupStatement,
    NoneAction, OverrideAction, PositionalConstraint, RateBasedStatement,
    RateBasedStatementAggregateKeyType, Rule, RuleAction, RuleActionOverride, Statement,
    TextTransformation, TextTransformationType, UriPath, VisibilityConfig,
};
use globecart_aws::engine::{CallError, CallResult, Class, Invalid};
use serde::{Deserialize, Serialize};

/// A rule of a web ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebAclRule {
    /// Rules that AWS keeps up to date.
    Managed {
        /// Which.
        rules: ManagedRules,
        /// The names of those among them that only count, as `SizeRestrictions_BODY` for a shop that takes uploads.
        only_count: BTreeSet<String>,
    },
    /// Stops an address that sends too many requests, for as long as it does.
    RateLimit {
        /// The name of the rule: letters, digits, `-` and `_`.
        name: String,
        /// How many requests are too many, 10 to 2,000,000,000.
        requests: u32,
        /// In how many seconds: 60, 120, 300 or 600.
        within_secs: u16,
        /// Counts only requests whose path begins so. Default: all.
        path: Option<String>,
    },
    /// Something that was set by hand and that this type cannot say, in words.
    Other(String),
}

/// Groups of rules that AWS keeps:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagedRules {
    /// What is commonly exploited, after OWASP; 700 units of capacity.
    Common,
    /// What is known to be malicious; 200.
    KnownBadInputs,
    /// Attacks on SQL databases; 200.
    SqlInjection,
    /// Addresses that Amazon knows for bots and attacks; 25.
    IpReputation,
    /// Services that hide who is using them; 50.
    AnonymousIp,
    /// Outside access to pages of administrators; 100.
    AdminProtection,
}

const MANAGED: [(ManagedRules, &str, u32); 6] = [
    (ManagedRules::Common, "AWSManagedRulesCommonRuleSet", 700),
    (ManagedRules::KnownBadInputs, "AWSManagedRulesKnownBadInputsRuleSet", 200),
    (ManagedRules::SqlInjection, "AWSManagedRulesSQLiRuleSet", 200),
    (ManagedRules::IpReputation, "AWSManagedRulesAmazonIpReputationList", 25),
    (ManagedRules::AnonymousIp, "AWSManagedRulesAnonymousIpList", 50),
    (ManagedRules::AdminProtection, "AWSManagedRulesAdminProtectionRuleSet", 100),
];

/// The capacity that a web ACL can use.
const CAPACITY: u32 = 5000;

impl ManagedRules {
    /// AWS's name of the group.
    pub fn name(self) -> &'static str {
        MANAGED.iter().find(|(known, ..)| *known == self).map_or("", |(_, name, _)| name)
    }

    fn capacity(self) -> u32 {
        MANAGED.iter().find(|(known, ..)| *known == self).map_or(0, |(_, _, capacity)| *capacity)
    }
}

impl WebAclRule {
    /// Rules that AWS keeps up to date, all of which stop what they find.
    pub fn managed(rules: ManagedRules) -> Self {
        Self::Managed { rules, only_count: BTreeSet::new() }
    }

    /// Stops an address that sends so many requests within five minutes.
    pub fn rate_limit(requests: u32) -> Self {
        let name = "rate-limit".to_owned();
        Self::RateLimit { name, requests, within_secs: 300, path: None }
    }

    fn name(&self) -> &str {
        match self {
            Self::Managed { rules, .. } => rules.name(),
            Self::RateLimit { name, .. } => name,
            Self::Other(words) => words,
        }
    }

    fn capacity(&self) -> u32 {
        match self {
            Self::Managed { rules, .. } => rules.capacity(),
            Self::RateLimit { path: Some(_), .. } => 4,
            _ => 2,
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Managed { .. } => Ok(()),
            Self::Other(words) => Err(format!("`{words}` is what is read, not declared")),
            Self::RateLimit { name, requests, within_secs, path } => {
                let letters = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
                if !(1..=128).contains(&name.len()) || !name.chars().all(letters) {
                    return Err(format!("the name `{name}` must be letters, digits, - and _"));
                }
                if !(10..=2_000_000_000).contains(requests) {
                    return Err(format!("{requests} requests must be 10 to 2,000,000,000"));
                }
                if ![60, 120, 300, 600].contains(within_secs) {
                    return Err(format!("{within_secs} s must be 60, 120, 300 or 600"));
                }
                match path {
                    Some(path) if !path.starts_with('/') || path.len() > 200 => {
                        Err(format!("the path `{path}` must begin with `/`"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

pub(super) fn check(rules: &[WebAclRule]) -> Result<(), Invalid> {
    let invalid = |problem: String| Err(Invalid::new("rules", problem));
    if rules.is_empty() {
        return invalid("a web ACL without rules stops nothing: give it one".to_owned());
    }
    for (at, rule) in rules.iter().enumerate() {
        if let Err(problem) = rule.check() {
            return invalid(problem);
        }
        if rules[..at].iter().any(|other| other.name() == rule.name()) {
            return invalid(format!("two are named `{}`", rule.name()));
        }
    }
    let used: u32 = rules.iter().map(WebAclRule::capacity).sum();
    if used > CAPACITY {
        return invalid(format!("{used} units of capacity, where WAF has {CAPACITY}"));
    }
    Ok(())
}

/// Counts and samples, under a name.
pub(super) fn visibility(name: &str) -> CallResult<VisibilityConfig> {
    built(
        VisibilityConfig::builder()
            .cloud_watch_metrics_enabled(true)
            .sampled_requests_enabled(true)
            .metric_name(name)
            .build(),
    )
}

fn built<T>(built: Result<T, BuildError>) -> CallResult<T> {
    built.map_err(|error| {
        CallError::new(Class::Invalid, "putting a request to WAF together", error.to_string())
    })
}

/// The rules, with their places as priorities.
pub(super) fn in_api(rules: &[WebAclRule]) -> CallResult<Vec<Rule>> {
    let one = |(at, rule): (usize, &WebAclRule)| {
        let base = Rule::builder()
            .name(rule.name())
            .priority(i32::try_from(at).unwrap_or(i32::MAX))
            .visibility_config(visibility(rule.name())?);
        let whole = match rule {
            WebAclRule::Managed { rules, only_count } => base
                .override_action(
                    OverrideAction::builder().none(NoneAction::builder().build()).build(),
                )
                .statement(managed(*rules, only_count)?),
            WebAclRule::RateLimit { requests, within_secs, path, .. } => base
                .action(RuleAction::builder().block(BlockAction::builder().build()).build())
                .statement(rate(*requests, *within_secs, path.as_deref())?),
            WebAclRule::Other(_) => base,
        };
        built(whole.build())
    };
    rules.iter().enumerate().map(one).collect()
}

fn managed(rules: ManagedRules, only_count: &BTreeSet<String>) -> CallResult<Statement> {
    let count = RuleAction::builder().count(CountAction::builder().build()).build();
    let over = |name: &String| {
        built(RuleActionOverride::builder().name(name).action_to_use(count.clone()).build())
    };
    let over = only_count.iter().map(over).collect::<CallResult<Vec<_>>>()?;
    let statement = ManagedRuleGroupStatement::builder()
        .vendor_name("AWS")
        .name(rules.name())
        .set_rule_action_overrides((!over.is_empty()).then_some(over));
    let statement = built(statement.build())?;
    Ok(Statement::builder().managed_rule_group_statement(statement).build())
}

fn rate(requests: u32, within_secs: u16, path: Option<&str>) -> CallResult<Statement> {
    let scope = path.map(begins_with).transpose()?;
    let statement = RateBasedStatement::builder()
        .limit(requests.into())
        .evaluation_window_sec(within_secs.into())
        .aggregate_key_type(RateBasedStatementAggregateKeyType::Ip)
        .set_scope_down_statement(scope.map(Box::new));
    let statement = built(statement.build())?;
    Ok(Statement::builder().rate_based_statement(statement).build())
}

fn begins_with(path: &str) -> CallResult<Statement> {
    let plain = TextTransformation::builder().priority(0).r#type(TextTransformationType::None);
    let statement = ByteMatchStatement::builder()
        .search_string(Blob::new(path))
        .field_to_match(FieldToMatch::builder().uri_path(UriPath::builder().build()).build())
        .text_transformations(built(plain.build())?)
        .positional_constraint(PositionalConstraint::StartsWith);
    Ok(Statement::builder().byte_match_statement(built(statement.build())?).build())
}

/// Live rules in the order of their priorities.
pub(super) fn described(rules: &[Rule]) -> Vec<WebAclRule> {
    let mut rules: Vec<&Rule> = rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority());
    rules.into_iter().map(one_described).collect()
}

fn one_described(rule: &Rule) -> WebAclRule {
    let statement = rule.statement();
    let managed = statement.and_then(|statement| statement.managed_rule_group_statement());
    let kept = rule.override_action().is_some_and(|action| action.none().is_some());
    let counted =
        rule.visibility_config().is_some_and(VisibilityConfig::cloud_watch_metrics_enabled);
    let blocks = rule.action().is_some_and(|action| action.block().is_some());
    let rate = statement.and_then(|statement| statement.rate_based_statement());
    let known = match (managed, rate) {
        (Some(group), _) if kept && counted => of_group(group),
        (_, Some(rate)) if blocks && counted => of_rate(rule.name(), rate),
        _ => None,
    };
    known.unwrap_or_else(|| WebAclRule::Other(format!("{rule:?}")))
}

fn of_group(group: &ManagedRuleGroupStatement) -> Option<WebAclRule> {
    let (rules, ..) = MANAGED.iter().find(|(_, name, _)| *name == group.name())?;
    let counts = |over: &RuleActionOverride| {
        let counts = over.action_to_use().is_some_and(|action| action.count().is_some());
        counts.then(|| over.name().to_owned())
    };
    let only_count = group.rule_action_overrides().iter().map(counts).collect::<Option<_>>()?;
    let plain = group.version().is_none()
        && group.scope_down_statement().is_none()
        && group.managed_rule_group_configs().is_empty();
    plain.then_some(WebAclRule::Managed { rules: *rules, only_count })
}

fn of_rate(name: &str, rate: &RateBasedStatement) -> Option<WebAclRule> {
    let path = match rate.scope_down_statement() {
        None => None,
        Some(scope) => {
            let matched = scope.byte_match_statement()?;
            let begins = *matched.positional_constraint() == PositionalConstraint::StartsWith;
            let of_path = matched.field_to_match().is_some_and(|field| field.uri_path().is_some());
            if !begins || !of_path {
                return None;
            }
            Some(String::from_utf8_lossy(matched.search_string().as_ref()).into_owned())
        }
    };
    let by_ip = *rate.aggregate_key_type() == RateBasedStatementAggregateKeyType::Ip;
    by_ip.then_some(WebAclRule::RateLimit {
        name: name.to_owned(),
        requests: u32::try_from(rate.limit()).ok()?,
        within_secs: u16::try_from(rate.evaluation_window_sec()).ok()?,
        path,
    })
}
