//! Faults on demand: rules that match calls and say what goes wrong with them.

use crate::fault::Fault;
use crate::service::Style;
use std::fmt;
use std::sync::Arc;

/// What a rule sees of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallInfo {
    /// Its number, from 1, in the order of arrival.
    pub number: u64,
    /// The service, such as `ec2`.
    pub service: &'static str,
    /// The operation, such as `CreateVpc`.
    pub operation: String,
    /// The region it was signed for.
    pub region: String,
    /// The `globecart:resource` tag in the request, or on a resource that it names.
    pub address: Option<String>,
}

impl CallInfo {
    /// Whether the operation can change something.
    pub fn is_mutating(&self) -> bool {
        !crate::stale::reads(&self.operation)
    }
}

/// Where in a call a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the call has any effect.
    BeforeCall,
    /// After its effect is on file, before it is answered.
    AfterEffect,
    /// When its answer is ready: the next thing to happen is that the client gets it.
    Answered,
}

/// How a call goes on after a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// As if there were no hook.
    Continue,
    /// It is never answered: for tests that drop the caller there.
    Hang,
    /// The connection is lost.
    Lose,
}

/// A test's function that learns of a call.
#[derive(Clone)]
pub struct Hook(Arc<dyn Fn(&CallInfo) -> Then + Send + Sync>);

impl Hook {
    /// Wraps a function.
    pub fn new(function: impl Fn(&CallInfo) -> Then + Send + Sync + 'static) -> Self {
        Self(Arc::new(function))
    }

    pub(crate) fn run(&self, call: &CallInfo) -> Then {
        (self.0)(call)
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Hook")
    }
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Action {
    /// The call is throttled, with the code and status of its service.
    Throttle,
    /// The service fails with this status, 500 to 599, before any effect.
    ServerError(u16),
    /// The call is refused with this code, message and status.
    Error(String, String, u16),
    /// The connection is lost before the call has an effect.
    LoseBefore,
    /// The connection is lost after the call's effect.
    LoseAfter,
    /// The call takes that many simulated seconds longer, before its effect.
    Delay(f64),
    /// A function is told.
    Hook(Point, Hook),
    /// Pages have at most that many elements, whatever the request says.
    PageSize(usize),
    /// After every page with elements comes an empty one with a token.
    EmptyPages,
    /// The service's clock is off by that many seconds; calls signed more than five minutes from it are refused.
    ClockSkew(f64),
    /// The credentials have expired.
    ExpiredCredentials,
}

/// Which calls something goes wrong with. By default all.
#[derive(Debug, Clone)]
pub struct Rule {
    action: Action,
    service: Option<String>,
    operation: Option<String>,
    address: Option<String>,
    from: u64,
    times: u64,
    chance: f64,
}

impl Rule {
    /// A rule that does this to every call, until it is narrowed.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            service: None,
            operation: None,
            address: None,
            from: 1,
            times: u64::MAX,
            chance: 1.0,
        }
    }

    /// Only calls of a service, such as `ec2`.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Only calls of an operation, such as `CreateVpc`; `Create*` matches all that start so.
    #[must_use]
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only calls about the resource with this address, by its tag `globecart:resource`.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Only from the `nth` matching call on, counted from 1.
    #[must_use]
    pub fn from(mut self, nth: u64) -> Self {
        self.from = nth;
        self
    }

    /// Only that many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Only the `nth` matching call, counted from 1.
    #[must_use]
    pub fn nth(self, nth: u64) -> Self {
        self.from(nth).times(1)
    }

    /// Only with this probability (0 to 1), drawn from the cloud's seed.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    fn is_about(&self, call: &CallInfo) -> bool {
        let operation = self
            .operation
            .as_ref()
            .is_none_or(|pattern| crate::filter::like(pattern, &call.operation));
        let service = self.service.as_ref().is_none_or(|service| service == call.service);
        operation && service && (self.address.is_none() || self.address == call.address)
    }
}

/// The rules of a cloud, and how often each matched and acted.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<(Rule, u64, u64)>,
    random: u64,
}

impl Rules {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), random: seed ^ 0x9e37_79b9_7f4a_7c15 }
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        self.rules.push((rule, 0, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// What goes wrong with a call.
    pub(crate) fn actions(&mut self, call: &CallInfo) -> Vec<Action> {
        let mut random = self.random;
        let mut actions = Vec::new();
        for (rule, matched, acted) in
            self.rules.iter_mut().filter(|(rule, _, _)| rule.is_about(call))
        {
            *matched += 1;
            let due = *matched >= rule.from && *acted < rule.times;
            if due && (rule.chance >= 1.0 || uniform(&mut random) < rule.chance) {
                *acted += 1;
                actions.push(rule.action.clone());
            }
        }
        self.random = random;
        actions
    }
}

/// A number from 0 to 1 (`SplitMix64`).
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

impl Action {
    /// The error that this action answers before any effect.
    pub(crate) fn refusal(&self, style: &Style) -> Option<Fault> {
        match self {
            Self::Throttle => {
                let (code, status) = style.throttle;
                Some(Fault::new(code, "Rate exceeded").with_status(status))
            }
            Self::ServerError(503) => Some(
                Fault::new("ServiceUnavailable", "The service is not available.").with_status(503),
            ),
            Self::ServerError(status) => Some(
                Fault::new("InternalFailure", "An internal error occurred.").with_status(*status),
            ),
            Self::Error(code, message, status) => {
                Some(Fault::new(code, message).with_status(*status))
            }
            Self::ExpiredCredentials => Some(Fault::new(
                style.expired,
                "The security token included in the request is expired",
            )),
            _ => None,
        }
    }
}
