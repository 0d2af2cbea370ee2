//! The alarms of a component: what each watches and means, and the route that all of them take.

use globecart_engine::{Input, Invalid};

use super::{Comparison, MetricAlarm, MissingData, Watch};
use crate::{AlarmName, AlertRoute, Stack, TopicArn};

/// The alarms of one component, all on its route.
#[derive(Debug)]
pub struct Alarms {
    actions: Vec<Input<TopicArn>>,
    names: Vec<Input<AlarmName>>,
}

/// When an alarm goes off, and what it means.
#[derive(Debug, Clone)]
pub struct Alarm {
    watch: Watch,
    comparison: Comparison,
    threshold: f64,
    periods: u32,
    missing_data: MissingData,
}

impl Alarms {
    /// The alarms of `whose`, as in `the network`; that nobody is told is said in every plan.
    ///
    /// # Errors
    /// When the route is waived without a reason.
    pub fn of(stack: &mut Stack, whose: &str, route: Option<&AlertRoute>) -> Result<Self, Invalid> {
        match route {
            Some(route) => route.apply(stack)?,
            None => stack.notice(format!("{whose}'s alarms tell nobody: give it `alerts`")),
        }
        let actions = route.map(AlertRoute::actions).unwrap_or_default();
        Ok(Self { actions, names: Vec::new() })
    }

    /// Declares an alarm; `meaning` says in up to 1,024 characters what it means and what to do.
    ///
    /// # Errors
    /// When the name is taken, or the alarm is one that CloudWatch refuses.
    pub fn add(
        &mut self,
        stack: &mut Stack,
        name: impl AsRef<str>,
        alarm: Alarm,
        meaning: impl Into<String>,
    ) -> Result<(), Invalid> {
        let alarm = MetricAlarm::builder()
            .description(meaning)
            .watch(alarm.watch)
            .comparison(alarm.comparison)
            .threshold(alarm.threshold)
            .evaluation_periods(alarm.periods)
            .missing_data(alarm.missing_data)
            .alarm_actions(self.actions.clone())
            .ok_actions(self.actions.clone())
            .build();
        self.names.push(stack.add(name, alarm)?.name.into());
        Ok(())
    }

    /// The names of those that were declared.
    pub fn into_names(self) -> Vec<Input<AlarmName>> {
        self.names
    }
}

impl Alarm {
    /// Goes off above the threshold, after five minutes; a minute without values counts as a good one.
    pub fn above(threshold: f64, watch: impl Into<Watch>) -> Self {
        Self::when(Comparison::GreaterThan, threshold, watch)
    }

    /// Goes off below the threshold, after five minutes; a minute without values counts as a good one.
    pub fn below(threshold: f64, watch: impl Into<Watch>) -> Self {
        Self::when(Comparison::LessThan, threshold, watch)
    }

    /// Goes off when a value counts for five minutes; a minute without values counts as a good one.
    pub fn when(comparison: Comparison, threshold: f64, watch: impl Into<Watch>) -> Self {
        let (watch, missing_data) = (watch.into(), MissingData::NotBreaching);
        Self { watch, comparison, threshold, periods: 5, missing_data }
    }

    /// Goes off when a value counts for so many periods of the metric, which are minutes unless it says otherwise.
    #[must_use]
    pub fn for_periods(mut self, periods: u32) -> Self {
        self.periods = periods;
        self
    }

    /// What a period without values counts as.
    #[must_use]
    pub fn without_values(mut self, missing_data: MissingData) -> Self {
        self.missing_data = missing_data;
        self
    }
}
