//! What can go wrong with a rotation without anybody noticing.

use globecart_aws::cloudwatch::{Alarm, Alarms, Comparison, Metric, Statistic};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::eventbridge::{EventPattern, Rule, RuleTarget};
use globecart_aws::lambda::FunctionRefs;
use globecart_aws::{AlarmName, AlertRoute, Stack, TopicArn};

use crate::rotation::TIMEOUT_SECS;
use crate::{Credentials, SecretRefs};

/// From which part of the time that an invocation has it counts as slow, in milliseconds.
const SLOW_MILLIS: f64 = 0.8 * 1000.0 * TIMEOUT_SECS as f64;

impl Credentials<'_> {
    /// A rotation takes seconds and comes once a month, so one bad minute counts.
    pub(crate) fn alarms(
        &self,
        stack: &mut Stack,
        function: &FunctionRefs,
        secret: &SecretRefs,
    ) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let whose = stack.scope();
        let mut alarms = Alarms::of(stack, &whose, self.alerts.as_ref())?;
        let metric = |name: &str, statistic: Statistic| {
            let name = Metric::new("AWS/Lambda", name, statistic);
            name.dimension("FunctionName", function.name.accepted().text())
        };
        let errors = Alarm::above(0.0, metric("Errors", Statistic::Sum)).for_periods(1);
        let meaning = "A rotation failed, and Secrets Manager tries it again. The login that is in use still works. Look \
                       in the function's log for the cause.";
        alarms.add(stack, "errors", errors, meaning)?;
        let throttles = metric("Throttles", Statistic::Sum);
        let throttles = Alarm::when(Comparison::AtLeast, 1.0, throttles).for_periods(1);
        let meaning = "The function was not run because too many others were. Raise the account's concurrency, or \
                       reserve some for it.";
        alarms.add(stack, "throttles", throttles, meaning)?;
        let slow = metric("Duration", Statistic::Percentile(90.0));
        let slow = Alarm::above(SLOW_MILLIS, slow).for_periods(1);
        let meaning = "The function needs nearly all the time that it has. Look in its log for what it waits for: the \
                       database, or the way to Secrets Manager.";
        alarms.add(stack, "duration", slow, meaning)?;
        if let Some(AlertRoute::Topic(topic)) = &self.alerts {
            failed(stack, secret, topic)?;
        }
        Ok(alarms.into_names())
    }
}

/// Secrets Manager tells of a failed rotation by an event, once CloudTrail is on.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html>
fn failed(stack: &mut Stack, secret: &SecretRefs, topic: &Input<TopicArn>) -> Result<(), Invalid> {
    let pattern = EventPattern::of("aws.secretsmanager", "AWS Service Event via CloudTrail")
        .saying("eventSource", "secretsmanager.amazonaws.com")
        .saying("eventName", "RotationFailed")
        .saying("additionalEventData.SecretId", secret.arn.text());
    let description = format!("A rotation of {} failed", stack.scope());
    let rule = Rule::builder().pattern(pattern).description(description).build();
    let rule = stack.add("rotation-failed", rule)?;
    let target = RuleTarget::builder().rule(&rule.name).topic(topic).build();
    stack.add("rotation-failed-to-topic", target)?;
    Ok(())
}
