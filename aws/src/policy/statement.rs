//! One statement of a policy document, put together step by step.

use std::collections::BTreeMap;

use globecart_engine::{Input, Place};
use serde::{Deserialize, Serialize};

use super::form::{conditions, one_or_many, principal};

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies, whatever else allows.
    Deny,
}

/// The principals of a statement, by kind: `AWS`, `Service`, `Federated`; `{"AWS": ["*"]}` is everybody.
pub type Principal = BTreeMap<String, Vec<Input<String>>>;

/// Condition values, by operator and key.
pub(super) type Conditions = BTreeMap<String, BTreeMap<String, Vec<Input<String>>>>;

/// One statement of a policy document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
    pub(super) effect: Effect,
    #[serde(default, deserialize_with = "principal", skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) principal: Principal,
    #[serde(default, deserialize_with = "principal", skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) not_principal: Principal,
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub(super) action: Vec<String>,
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub(super) not_action: Vec<String>,
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub(super) resource: Vec<Input<String>>,
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub(super) not_resource: Vec<Input<String>>,
    #[serde(default, deserialize_with = "conditions", skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) condition: Conditions,
}

impl Statement {
    /// Allows these actions.
    pub fn allow(actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(Effect::Allow, actions)
    }

    /// Denies these actions.
    pub fn deny(actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(Effect::Deny, actions)
    }

    fn new(effect: Effect, actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            sid: None,
            effect,
            principal: Principal::new(),
            not_principal: Principal::new(),
            action: actions.into_iter().map(Into::into).collect(),
            not_action: Vec::new(),
            resource: Vec::new(),
            not_resource: Vec::new(),
            condition: Conditions::new(),
        }
    }

    /// Names the statement: letters and digits.
    #[must_use]
    pub fn sid(mut self, sid: &str) -> Self {
        self.sid = Some(sid.to_owned());
        self
    }

    /// Applies to this resource too: an ARN, which may contain `*`.
    #[must_use]
    pub fn on(mut self, resource: impl Into<Input<String>>) -> Self {
        self.resource.push(resource.into());
        self
    }

    /// Applies to the one thing the policy hangs on (a key), or to all there is where the actions cannot be
    /// limited to a resource; an identity policy is checked for the latter.
    #[must_use]
    pub fn on_any(self) -> Self {
        self.on("*")
    }

    /// Concerns an AWS service, as in `logs.eu-central-1.amazonaws.com`.
    #[must_use]
    pub fn service(self, service: impl Into<Input<String>>) -> Self {
        self.principal("Service", service)
    }

    /// Concerns an AWS identity, by its ARN.
    #[must_use]
    pub fn identity(self, arn: impl Into<Input<String>>) -> Self {
        self.principal("AWS", arn)
    }

    /// Concerns everybody; where it allows, a condition must say whom.
    #[must_use]
    pub fn anybody(self) -> Self {
        self.principal("AWS", "*")
    }

    fn principal(mut self, kind: &str, who: impl Into<Input<String>>) -> Self {
        self.principal.entry(kind.to_owned()).or_default().push(who.into());
        self
    }

    /// Holds only under this condition, as in `when("Bool", "aws:SecureTransport", "false")`.
    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, value: impl Into<Input<String>>) -> Self {
        let keys = self.condition.entry(operator.to_owned()).or_default();
        keys.entry(key.to_owned()).or_default().push(value.into());
        self
    }

    /// Holds only when a service acts for a resource of this account.
    #[must_use]
    pub fn from_account(self, place: &Place) -> Self {
        self.when("StringEquals", "aws:SourceAccount", place.account.as_str())
    }

    /// Holds only when a service acts for this resource: an ARN, which may contain `*`.
    #[must_use]
    pub fn from_source(self, arn: impl Into<Input<String>>) -> Self {
        self.when("ArnLike", "aws:SourceArn", arn)
    }

    /// Applies to `resource` in place of what was said before.
    pub(crate) fn only_on(mut self, resource: &str) -> Self {
        self.resource = vec![resource.into()];
        self
    }

    /// Puts every resource behind `arn`.
    pub(crate) fn within(mut self, arn: &str) -> Self {
        for resource in &mut self.resource {
            *resource = format!("{arn}{}", resource.known()).into();
        }
        self
    }
}
