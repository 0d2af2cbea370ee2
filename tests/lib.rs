//! What the programs in `bin/` and the end-to-end tests in `it/` share.

use globecart_local_aws::{Action, Hook, Point, Rule};
use serde::{Deserialize, Serialize};

/// The variable by which `halting` is told where to halt: a [`Boundary`] as JSON.
pub const HALT: &str = "GLOBECART_HALT";

/// What `halting` says on standard error when it has halted.
pub const HALTED: &str = "halted at the boundary";

/// A point of one call, at which a process can die.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boundary {
    /// The service, such as `ec2`.
    pub service: String,
    /// The operation, such as `CreateVpc`.
    pub operation: String,
    /// The resource's address, where the call tells it.
    pub address: Option<String>,
    /// Which of the calls that are like this, from 1.
    pub nth: u64,
    /// Where in the call.
    pub at: At,
}

/// A point of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// Before it has any effect.
    Call,
    /// After its effect, before its answer.
    Effect,
    /// After its answer, before that is recorded.
    Answer,
}

impl At {
    /// All points, in order.
    pub const ALL: [Self; 3] = [Self::Call, Self::Effect, Self::Answer];
}

impl Boundary {
    /// The rule by which the embedded AWS runs `hook` there.
    pub fn rule(&self, hook: Hook) -> Rule {
        let point = match self.at {
            At::Call => Point::BeforeCall,
            At::Effect => Point::AfterEffect,
            At::Answer => Point::Answered,
        };
        let rule = Rule::new(Action::Hook(point, hook));
        let rule = rule.service(&self.service).operation(&self.operation).nth(self.nth);
        match &self.address {
            Some(address) => rule.address(address),
            None => rule,
        }
    }
}
