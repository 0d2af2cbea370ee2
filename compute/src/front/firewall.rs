//! What looks at requests before they pass.

use std::collections::BTreeSet;

use globecart_aws::engine::{Invalid, NameRule, Place};
use globecart_aws::logs::{LogGroup, LogGroupRefs};
use globecart_aws::policy::{PolicyDocument, Statement, suffixed};
use globecart_aws::{KeyUse, Stack, StoreKey, Waived};

use super::Front;
use crate::{
    LoadBalancerRefs, LogResourcePolicy, LogResourcePolicyRefs, ManagedRules, WebAcl,
    WebAclAssociation, WebAclAssociationRefs, WebAclLogging, WebAclLoggingRefs, WebAclRefs,
    WebAclRule,
};

/// How the names of log groups begin that WAF writes to.
const PREFIX: &str = "aws-waf-logs-";

/// For how many days what the firewall stopped is kept.
const RETENTION_DAYS: u16 = 365;

/// What looks at requests before they pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Firewall {
    /// The rules that AWS keeps against what is commonly exploited, known bad inputs, attacks on SQL and addresses of bad
    /// repute; and a limit of requests of an address.
    Usual {
        /// How many requests of one address within five minutes are too many.
        requests: u32,
        /// The names of AWS's common rules that only count, as `SizeRestrictions_BODY` for a shop that takes uploads.
        only_count: BTreeSet<String>,
    },
    /// These rules.
    Rules(Vec<WebAclRule>),
    /// Nothing, and why.
    Off(Waived),
}

/// What was made of a [`Firewall`].
#[derive(Debug, Clone)]
pub struct FirewallOutputs {
    /// The web ACL.
    pub web_acl: WebAclRefs,
    /// That it looks at the load balancer's requests.
    pub association: WebAclAssociationRefs,
    /// Where it writes down what it looked at.
    pub log_group: LogGroupRefs,
    /// By what it may write there.
    pub log_policy: LogResourcePolicyRefs,
    /// That it does.
    pub logging: WebAclLoggingRefs,
    /// The key that encrypts it.
    pub key: StoreKey,
}

impl Default for Firewall {
    /// With 2,000 requests.
    fn default() -> Self {
        Self::Usual { requests: 2000, only_count: BTreeSet::new() }
    }
}

impl Firewall {
    /// The rules, unless it is off.
    fn rules(&self) -> Option<Vec<WebAclRule>> {
        match self {
            Self::Off(_) => None,
            Self::Rules(rules) => Some(rules.clone()),
            Self::Usual { requests, only_count } => {
                let common = WebAclRule::Managed {
                    rules: ManagedRules::Common,
                    only_count: only_count.clone(),
                };
                Some(vec![
                    WebAclRule::managed(ManagedRules::IpReputation),
                    WebAclRule::rate_limit(*requests),
                    common,
                    WebAclRule::managed(ManagedRules::KnownBadInputs),
                    WebAclRule::managed(ManagedRules::SqlInjection),
                ])
            }
        }
    }
}

impl Front<'_> {
    /// Declares the firewall, where there is to be one.
    pub(super) fn firewall(
        &self,
        stack: &mut Stack,
        balancer: &LoadBalancerRefs,
    ) -> Result<Option<FirewallOutputs>, Invalid> {
        let firewall = match &self.firewall {
            Some(firewall) => firewall.clone(),
            None if self.environment.is_production() => Firewall::default(),
            None => return Ok(None),
        };
        if let Firewall::Off(waived) = &firewall {
            waived.apply(stack, "firewall", "looking at requests before they pass")?;
        }
        let Some(rules) = firewall.rules() else { return Ok(None) };
        let description = format!("What requests to {} must not be like", stack.scope());
        let acl = WebAcl::builder().description(description).rules(rules).build();
        let web_acl = stack.add("web-acl", acl).map_err(|error| {
            // Its rules are the firewall's, so the error names that.
            Invalid::new("firewall", error.problem)
        })?;
        // It takes a load balancer that is there, not one that is being made.
        let association =
            WebAclAssociation::builder().web_acl(&web_acl.arn).load_balancer(&balancer.arn).build();
        let association = stack.add("web-acl-association", association)?;
        self.firewall_logs(stack, web_acl, association).map(Some)
    }

    fn firewall_logs(
        &self,
        stack: &mut Stack,
        web_acl: WebAclRefs,
        association: WebAclAssociationRefs,
    ) -> Result<FirewallOutputs, Invalid> {
        let place = stack.place().clone();
        let name = format!("{PREFIX}{}", stack.fixed_name("web-acl-logs", &NameRule::new(200))?);
        let key = self.encryption_key.declare(stack, key_use(&place, &name))?;
        let group = LogGroup::builder().name(name).retention_days(RETENTION_DAYS);
        let group = match &key.arn {
            Some(key) => group.kms_key(key.clone()).build(),
            None => group.build(),
        };
        let log_group = stack.add("web-acl-logs", group)?;
        let policy = LogResourcePolicy::builder().policy(may_deliver(&place, &log_group)).build();
        let log_policy = stack.add("web-acl-logs-policy", policy)?;
        let logging =
            WebAclLogging::builder().web_acl(&web_acl.arn).log_group(&log_group.arn).build();
        let logging = stack.add("web-acl-logging", logging)?;
        // Without the policy AWS would write one of its own, which stays when the stack goes.
        stack.after(&logging, &log_policy);
        Ok(FirewallOutputs { web_acl, association, log_group, log_policy, logging, key })
    }
}

fn key_use(place: &Place, group: &str) -> KeyUse {
    let group = LogGroup::arn(place, group);
    KeyUse::builder()
        .description("What the firewall stopped")
        .through(Vec::new())
        .statements(vec![Statement::logs_may_use(place, group)])
        .build()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html>
fn may_deliver(place: &Place, group: &LogGroupRefs) -> PolicyDocument {
    let Place { partition, region, account, .. } = place;
    let deliver = Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"])
        .sid("Firewall")
        .service("delivery.logs.amazonaws.com")
        .on(suffixed(&group.arn, ":log-stream:*"))
        .from_account(place)
        .from_source(format!("arn:{partition}:logs:{region}:{account}:*"));
    PolicyDocument::new([deliver])
}
