//! Health checks:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>

use aws_sdk_elasticloadbalancingv2::types::TargetGroup as Description;
use globecart_aws::engine::Invalid;
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

/// How it is found out whether a target is well. It is asked by the protocol by which it gets requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypedBuilder)]
pub struct HealthCheck {
    /// What is asked for, such as `/healthz`.
    #[builder(setter(into))]
    pub path: String,
    /// The port that is asked. Default: the one that requests go to.
    #[builder(default, setter(strip_option))]
    pub port: Option<u16>,
    /// The status codes of a target that is well, as in `200,202` or `200-299`. Default: `200`.
    #[builder(default = "200".to_owned(), setter(into))]
    pub codes: String,
    /// Seconds between checks, 5 to 300. Default: 15.
    #[builder(default = 15)]
    pub interval_secs: u16,
    /// Seconds after which an answer comes too late, 2 to 120 and less than between checks. Default: 5.
    #[builder(default = 5)]
    pub timeout_secs: u16,
    /// How many checks in a row a target that was not well must pass, 2 to 10. Default: 2.
    #[builder(default = 2)]
    pub healthy_after: u8,
    /// How many checks in a row a target must fail, 2 to 10. Default: 3.
    #[builder(default = 3)]
    pub unhealthy_after: u8,
}

/// AWS's word for the port that requests go to.
const TRAFFIC_PORT: &str = "traffic-port";

impl HealthCheck {
    pub(super) fn port_in_api(&self) -> String {
        self.port.map_or_else(|| TRAFFIC_PORT.to_owned(), |port| port.to_string())
    }

    pub(super) fn described(one: &Description) -> Self {
        let small = |number: Option<i32>| {
            number.and_then(|number| u16::try_from(number).ok()).unwrap_or_default()
        };
        let count = |number: Option<i32>| u8::try_from(small(number)).unwrap_or_default();
        let codes = one.matcher().and_then(|matcher| matcher.http_code());
        Self {
            path: one.health_check_path().unwrap_or_default().to_owned(),
            port: one.health_check_port().and_then(|port| port.parse().ok()),
            codes: codes.unwrap_or_default().to_owned(),
            interval_secs: small(one.health_check_interval_seconds()),
            timeout_secs: small(one.health_check_timeout_seconds()),
            healthy_after: count(one.healthy_threshold_count()),
            unhealthy_after: count(one.unhealthy_threshold_count()),
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let invalid = |problem: String| Err(Invalid::new("health_check", problem));
        if !self.path.starts_with('/') || self.path.len() > 1024 {
            return invalid(format!("the path `{}` must begin with `/`", self.path));
        }
        if !(5..=300).contains(&self.interval_secs) {
            return invalid(format!("{} s between checks must be 5 to 300", self.interval_secs));
        }
        if !(2..=120).contains(&self.timeout_secs) || self.timeout_secs >= self.interval_secs {
            return invalid(format!(
                "an answer after {} s must be 2 to 120 and less than the {} s between checks",
                self.timeout_secs, self.interval_secs
            ));
        }
        for count in [self.healthy_after, self.unhealthy_after] {
            if !(2..=10).contains(&count) {
                return invalid(format!("{count} checks in a row must be 2 to 10"));
            }
        }
        if !self.codes.split(',').all(is_codes) {
            return invalid(format!("`{}` must be codes from 200 to 499", self.codes));
        }
        Ok(())
    }
}

/// Whether a text is a status code from 200 to 499, or a range of them.
fn is_codes(text: &str) -> bool {
    let code = |text: &str| text.parse().is_ok_and(|code: u16| (200..=499).contains(&code));
    text.split_once('-').map_or_else(|| code(text), |(from, to)| code(from) && code(to))
}
