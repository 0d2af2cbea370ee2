//! What can go wrong at the front without anybody noticing:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>

use globecart_aws::cloudwatch::{Alarm, Alarms, Comparison, Metric, MissingData, Statistic, Watch};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{AlarmName, Stack};

use super::{DomainOutputs, Entrance, Front};
use crate::{LoadBalancerRefs, TargetGroupRefs};

const NAMESPACE: &str = "AWS/ApplicationELB";

/// The share of requests, in percent, that the load balancer itself may fail to answer.
const OWN_ERRORS_PERCENT: f64 = 1.0;

/// The share of requests, in percent, that a service may fail to answer.
const TARGET_ERRORS_PERCENT: f64 = 5.0;

/// Requests a minute below which a share says nothing.
const FEW: u32 = 20;

/// Days before its end at which a certificate that renews itself should be renewed.
const DAYS_TO_EXPIRY: f64 = 44.0;

/// A day, in seconds.
const DAY: u32 = 86_400;

impl Front<'_> {
    /// Declares the alarms, and returns their names.
    pub(super) fn alarms(
        &self,
        stack: &mut Stack,
        balancer: &LoadBalancerRefs,
        domain: Option<&DomainOutputs>,
    ) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let mut alarms = Alarms::of(stack, "the load balancer", self.alerts.as_ref())?;
        let errors = of_balancer(balancer, "HTTPCode_ELB_5XX_Count", Statistic::Sum);
        let errors = Alarm::above(OWN_ERRORS_PERCENT, share(errors, balancer, None));
        let meaning = "The load balancer itself fails requests: no target is well, or they close connections. Look at \
                       the health of the targets, and at the access log for the reason of each.";
        alarms.add(stack, "errors", errors, meaning)?;
        let refused = of_balancer(balancer, "RejectedConnectionCount", Statistic::Sum);
        let meaning = "The load balancer turns connections away: it has as many as it can have. Ask for more capacity, and \
                       look whether the firewall should stop somebody.";
        alarms.add(stack, "rejected-connections", Alarm::above(0.0, refused), meaning)?;
        let certificate = match (&self.listener, domain) {
            (_, Some(domain)) => Some(domain.certificate.arn.accepted().text()),
            (Entrance::Certificate { arn, .. }, None) => Some(arn.text()),
            _ => None,
        };
        if let Some(arn) = certificate {
            let days = Metric::new("AWS/CertificateManager", "DaysToExpiry", Statistic::Minimum);
            let days = days.dimension("CertificateArn", arn).every(DAY);
            let ends = Alarm::when(Comparison::AtMost, DAYS_TO_EXPIRY, days)
                .for_periods(1)
                .without_values(MissingData::Breaching);
            let meaning = "The certificate ends soon and was not renewed, or nobody counts its days. See in Certificate \
                           Manager which of its records is not answered.";
            alarms.add(stack, "certificate-expiry", ends, meaning)?;
        }
        Ok(alarms.into_names())
    }
}

fn of_balancer(balancer: &LoadBalancerRefs, name: &str, statistic: Statistic) -> Metric {
    let full_name = balancer.full_name.accepted().text();
    Metric::new(NAMESPACE, name, statistic).dimension("LoadBalancer", full_name)
}

fn of_group(
    balancer: &LoadBalancerRefs,
    group: &TargetGroupRefs,
    name: &str,
    statistic: Statistic,
) -> Metric {
    let full_name = group.full_name.accepted().text();
    of_balancer(balancer, name, statistic).dimension("TargetGroup", full_name)
}

/// The share of requests, in percent, that errors are, where there are enough requests to tell.
fn share(errors: Metric, balancer: &LoadBalancerRefs, group: Option<&TargetGroupRefs>) -> Watch {
    let requests = match group {
        Some(group) => of_group(balancer, group, "RequestCount", Statistic::Sum),
        None => of_balancer(balancer, "RequestCount", Statistic::Sum),
    };
    let expression = format!("IF(requests >= {FEW}, 100 * errors / requests, 0)");
    Watch::math(&expression, [("errors", errors), ("requests", requests)])
}

/// The service itself fails requests.
pub(super) fn target_errors(
    balancer: &LoadBalancerRefs,
    group: &TargetGroupRefs,
) -> (Alarm, &'static str) {
    let errors = of_group(balancer, group, "HTTPCode_Target_5XX_Count", Statistic::Sum);
    let alarm = Alarm::above(TARGET_ERRORS_PERCENT, share(errors, balancer, Some(group)));
    let meaning = "The service fails one request of twenty or more. Look in its log; if it was deployed just now, the \
                   deployment is taken back by this alarm.";
    (alarm, meaning)
}

/// The slowest of a hundred requests takes too long.
pub(super) fn slow(
    balancer: &LoadBalancerRefs,
    group: &TargetGroupRefs,
    seconds: f64,
) -> (Alarm, &'static str) {
    let time = of_group(balancer, group, "TargetResponseTime", Statistic::Percentile(99.0));
    let meaning = "The slowest of a hundred requests takes too long. Look at the processors and the memory of the \
                   service, and at what it asks: database and cache.";
    (Alarm::above(seconds, time), meaning)
}

/// An address of the service is not well.
pub(super) fn unhealthy(
    balancer: &LoadBalancerRefs,
    group: &TargetGroupRefs,
) -> (Alarm, &'static str) {
    let hosts = of_group(balancer, group, "UnHealthyHostCount", Statistic::Maximum);
    let meaning = "At least one target does not pass its health checks. See in its target group which one, and why; then \
                   look in the service's log.";
    (Alarm::above(0.0, hosts), meaning)
}
