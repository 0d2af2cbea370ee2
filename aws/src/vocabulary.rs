//! What components say to each other, and about themselves.

use std::fmt;
use std::str::FromStr;

use globecart_engine::{Input, Invalid};
use serde::{Deserialize, Serialize};

use crate::iam::RoleRefs;
use crate::{RoleArn, RoleName, SecurityGroupId, Stack, TopicArn};

/// What a stack is for; the defaults of components follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real customers: every zone, every guard.
    #[default]
    Production,
    /// Trying things out: cheap, and easily destroyed.
    Development,
}

/// Why a control is not applied. It is shown in every plan, and recorded for as long as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Waived(String);

/// Where a component's alarms go.
#[derive(Debug, Clone, PartialEq)]
pub enum AlertRoute {
    /// To a topic, such as that of [`Alerts`](crate::Alerts).
    Topic(Input<TopicArn>),
    /// Nowhere: they can only be looked at.
    Nowhere(Waived),
}

/// Something that may be let into a store: what it connects from, and whom its permissions hang on.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// What it is called in the names and descriptions of what lets it in: letters, digits and hyphens.
    pub name: String,
    /// The security group that its connections come from.
    pub security_group: Input<SecurityGroupId>,
    /// The role that it acts as, if it has one.
    pub role: Option<Input<RoleName>>,
    /// The ARN of that role, for policies that name it.
    pub role_arn: Option<Input<RoleArn>>,
}

impl Environment {
    /// Whether this is production.
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production => "production",
            Self::Development => "development",
        })
    }
}

impl FromStr for Environment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let all = [Self::Production, Self::Development];
        let unknown = || {
            Invalid::new("environment", format!("`{text}` must be `production` or `development`"))
        };
        all.into_iter().find(|environment| environment.to_string() == text).ok_or_else(unknown)
    }
}

impl Waived {
    /// Gives the reason; it must not be empty, which [`Waived::apply`] checks.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.0
    }

    /// Puts into the plan, and into the state, that `control` is waived, and why.
    ///
    /// # Errors
    /// When the reason is empty, in terms of `field`.
    pub fn apply(&self, stack: &mut Stack, field: &str, control: &str) -> Result<(), Invalid> {
        let reason = self.0.trim();
        if reason.is_empty() {
            return Err(Invalid::new(field, format!("waiving {control} needs a reason")));
        }
        stack.waive(control, reason);
        Ok(())
    }
}

impl AlertRoute {
    /// To this topic.
    pub fn topic(arn: impl Into<Input<TopicArn>>) -> Self {
        Self::Topic(arn.into())
    }

    /// The actions of an alarm that takes this route.
    pub fn actions(&self) -> Vec<Input<TopicArn>> {
        match self {
            Self::Topic(arn) => vec![arn.clone()],
            Self::Nowhere(_) => Vec::new(),
        }
    }

    /// Puts into the plan that nobody hears of alarms, where that was waived.
    ///
    /// # Errors
    /// When the reason is empty.
    pub fn apply(&self, stack: &mut Stack) -> Result<(), Invalid> {
        match self {
            Self::Topic(_) => Ok(()),
            Self::Nowhere(waived) => waived.apply(stack, "alerts", "sending alarms to somebody"),
        }
    }
}

impl Client {
    /// A client without a role.
    pub fn new(name: impl Into<String>, security_group: impl Into<Input<SecurityGroupId>>) -> Self {
        Self {
            name: name.into(),
            security_group: security_group.into(),
            role: None,
            role_arn: None,
        }
    }

    /// The role that it acts as.
    #[must_use]
    pub fn with_role(mut self, role: &RoleRefs) -> Self {
        self.role = Some((&role.name).into());
        self.role_arn = Some((&role.arn).into());
        self
    }
}
