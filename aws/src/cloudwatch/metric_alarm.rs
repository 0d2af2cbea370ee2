//! Alarm: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm as Description, Tag};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::condition::{Comparison, MissingData};
use super::described;
use super::metric::{Statistic, Watch};
use crate::lists::in_recorded_order;
use crate::{AlarmArn, AlarmName, Aws, Doing, TopicArn, absent_is_fine, found, tagging};

/// An alarm on a metric, or on an expression over metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct MetricAlarm {
    /// What the alarm means and what to do about it, up to 1,024 characters.
    #[builder(setter(into))]
    description: String,
    /// What is watched.
    #[builder(setter(into))]
    watch: Watch,
    /// When a value counts.
    comparison: Comparison,
    /// What values are compared with.
    threshold: f64,
    /// How many periods are looked at, 1 or more; with the period no more than a day, or a week where the
    /// period is an hour or longer.
    evaluation_periods: u32,
    /// How many of those must count. Default: all.
    #[builder(default, setter(strip_option))]
    datapoints: Option<u32>,
    /// What a period without values counts as. Default: neither good nor bad.
    #[builder(default = MissingData::Missing)]
    missing_data: MissingData,
    /// The topics that hear of it: at most 5; see [`AlertRoute`](crate::AlertRoute).
    alarm_actions: Vec<Input<TopicArn>>,
    /// The topics that hear when it is over: at most 5. Default: none.
    #[builder(default)]
    ok_actions: Vec<Input<TopicArn>>,
    /// Whether anybody hears of it. Default: yes.
    #[builder(default = true)]
    actions_enabled: bool,
}

outputs! {
    /// What an alarm answers.
    pub struct MetricAlarmOutputs => MetricAlarmRefs {
        /// Its name.
        accepted name: AlarmName,
        /// Its ARN.
        accepted arn: AlarmArn,
    }
}

const NAME: NameRule = NameRule::new(255);

/// How many names one call takes.
const BATCH: usize = 100;

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the alarm";

type Was = Recorded<MetricAlarm, MetricAlarmOutputs>;

impl Resource<Aws> for MetricAlarm {
    const TYPE: &'static str = "cloudwatch:MetricAlarm";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        delete_batch: BATCH,
        quota: Some(("Alarms per region", 5000)),
        actions: Actions {
            create: &[
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:DescribeAlarms",
                "cloudwatch:ListTagsForResource",
            ],
            read: &[
                "cloudwatch:DescribeAlarms",
                "cloudwatch:ListTagsForResource",
                "tag:GetResources",
            ],
            update: &[
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ],
            delete: &["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = MetricAlarmOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::InPlace(Effect::AtOnce)
    }

    fn check(&self) -> Result<(), Invalid> {
        self.watch.check()?;
        if self.description.chars().count() > 1024 {
            return Err(Invalid::new("description", "must have at most 1,024 characters"));
        }
        let period = self.watch.period_secs();
        let (most, in_words) = if period >= 3600 { (604_800, "a week") } else { (86_400, "a day") };
        let seconds = u64::from(self.evaluation_periods) * u64::from(period);
        if self.evaluation_periods == 0 || seconds > most {
            let problem = format!(
                "{} periods of {period} s must be 1 to {in_words}",
                self.evaluation_periods
            );
            return Err(Invalid::new("evaluation_periods", problem));
        }
        if self.datapoints.is_some_and(|points| points == 0 || points > self.evaluation_periods) {
            return Err(Invalid::new(
                "datapoints",
                format!("must be 1 to {}", self.evaluation_periods),
            ));
        }
        if self.alarm_actions.len() > 5 || self.ok_actions.len() > 5 {
            return Err(Invalid::new("alarm_actions", "AWS takes at most 5 actions for a state"));
        }
        Ok(())
    }

    /// The call makes or overwrites.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<MetricAlarmOutputs>> {
        let outputs = outputs(aws, intent);
        self.put(aws, &outputs).set_tags(Some(tags(intent.tags()))).send().await.doing(CREATING)?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, MetricAlarmOutputs>>> {
        let mut alarms = BTreeMap::new();
        for batch in wanted.chunks(BATCH) {
            alarms.extend(describe(aws, batch.iter().map(|was| was.outputs.name.as_str())).await?);
        }
        let arns: Vec<&str> = wanted.iter().map(|was| was.outputs.arn.as_str()).collect();
        let known = tagging::known(aws, &arns).await;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let Some(alarm) = alarms.get(was.outputs.name.as_str()) else {
                live.push(Live::Absent);
                continue;
            };
            let tags = match known.get(was.outputs.arn.as_str()) {
                Some(tags) => tags.clone(),
                None => tags_of(aws, &was.outputs.arn).await?,
            };
            live.push(Live::Ready { args: args(was, alarm), outputs: was.outputs.clone(), tags });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(BATCH) + tagging::calls(wanted.len())
    }

    /// AWS ignores the tags of an alarm that is there; one that went since the plan is made again, with them.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<MetricAlarmOutputs>> {
        let call = self.put(aws, &old.outputs).set_tags(Some(tags(intent.tags())));
        call.send().await.doing("changing the alarm")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call = aws.cloudwatch().tag_resource().resource_arn(arn).set_tags(Some(tags(set)));
            call.send().await.doing("setting the alarm's tags")?;
        }
        if !unset.is_empty() {
            let call = aws
                .cloudwatch()
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the alarm's tags")?;
        }
        Ok(())
    }

    /// One name that is gone may make the whole call fail, so then only what is there is deleted.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for batch in gone.chunks(BATCH) {
            let names: Vec<String> = batch.iter().map(|was| was.outputs.name.to_string()).collect();
            match delete_all(aws, names.clone()).await {
                Err(error) if error.class == Class::NotFound => {
                    let there = describe(aws, names.iter().map(String::as_str))
                        .await?
                        .into_keys()
                        .collect();
                    absent_is_fine(delete_all(aws, there).await)?;
                }
                answer => answer?,
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<MetricAlarmOutputs>> {
        let outputs = outputs(aws, intent);
        if describe(aws, [outputs.name.as_str()]).await?.is_empty() {
            return Ok(Found::Nothing);
        }
        let tags = tags_of(aws, &outputs.arn).await?;
        Ok(found::claim(intent, &format!("alarm {}", outputs.name), &tags, outputs))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        let composite = operation == Operation::Delete && error.message.contains("composite alarm");
        if composite { Class::Dependency } else { error.class }
    }
}

impl MetricAlarm {
    fn put(&self, aws: &Aws, of: &MetricAlarmOutputs) -> PutMetricAlarmFluentBuilder {
        let arns = |topics: &[Input<TopicArn>]| {
            topics.iter().map(|topic| topic.known().to_string()).collect()
        };
        let call = (aws.cloudwatch().put_metric_alarm())
            .alarm_name(of.name.as_str())
            .alarm_description(&self.description)
            .comparison_operator(self.comparison.in_words())
            .threshold(self.threshold)
            .evaluation_periods(count(self.evaluation_periods))
            .set_datapoints_to_alarm(self.datapoints.map(count))
            .treat_missing_data(self.missing_data.in_words())
            .set_alarm_actions(Some(arns(&self.alarm_actions)))
            .set_ok_actions(Some(arns(&self.ok_actions)))
            .actions_enabled(self.actions_enabled);
        match &self.watch {
            Watch::Math { expression, metrics } => {
                call.set_metrics(Some(Watch::queries(expression, metrics)))
            }
            Watch::Metric(metric) => {
                let call = call
                    .namespace(&metric.namespace)
                    .metric_name(&metric.name)
                    .period(metric.period());
                let call = call.set_dimensions(Some(metric.dimensions()));
                match metric.statistic {
                    Statistic::Percentile(_) => {
                        call.extended_statistic(metric.statistic.in_words())
                    }
                    plain => call.statistic(plain.in_words().as_str().into()),
                }
            }
        }
    }
}

fn outputs(aws: &Aws, intent: &Intent) -> MetricAlarmOutputs {
    let (place, name) = (aws.place(), intent.name(&NAME));
    let arn = format!(
        "arn:{}:cloudwatch:{}:{}:alarm:{name}",
        place.partition, place.region, place.account
    );
    MetricAlarmOutputs { name: AlarmName::new(name), arn: AlarmArn::new(arn) }
}

/// A small number as the SDK takes it; `check` holds it far below the limit.
fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn args(was: &Was, alarm: &Description) -> MetricAlarm {
    let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let topics = |arns: &[String], recorded: &[Input<TopicArn>]| {
        in_recorded_order(arns.iter().map(TopicArn::new), recorded)
    };
    MetricAlarm {
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        watch: described::watch(alarm, &was.args.watch),
        comparison: alarm
            .comparison_operator()
            .and_then(Comparison::described)
            .unwrap_or(was.args.comparison),
        threshold: alarm.threshold().unwrap_or_default(),
        evaluation_periods: count(alarm.evaluation_periods()).unwrap_or_default(),
        datapoints: count(alarm.datapoints_to_alarm()),
        missing_data: MissingData::described(alarm.treat_missing_data().unwrap_or_default()),
        alarm_actions: topics(alarm.alarm_actions(), &was.args.alarm_actions),
        ok_actions: topics(alarm.ok_actions(), &was.args.ok_actions),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
    }
}

async fn describe(
    aws: &Aws,
    names: impl IntoIterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let names = names.into_iter().map(str::to_owned).collect();
    let call = aws
        .cloudwatch()
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .set_alarm_names(Some(names));
    let pages = call
        .max_records(100)
        .into_paginator()
        .send()
        .try_collect()
        .await
        .doing("reading alarms")?;
    let alarms = pages.into_iter().flat_map(|page| page.metric_alarms.unwrap_or_default());
    Ok(alarms.filter_map(|alarm| Some((alarm.alarm_name.clone()?, alarm))).collect())
}

async fn delete_all(aws: &Aws, names: Vec<String>) -> CallResult<()> {
    if names.is_empty() {
        return Ok(());
    }
    aws.cloudwatch()
        .delete_alarms()
        .set_alarm_names(Some(names))
        .send()
        .await
        .map(|_| ())
        .doing("deleting alarms")
}

fn tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

async fn tags_of(aws: &Aws, arn: &AlarmArn) -> CallResult<Tags> {
    let answer = aws.cloudwatch().list_tags_for_resource().resource_arn(arn.as_str()).send().await;
    let tags = answer.doing("reading the alarm's tags")?.tags.unwrap_or_default();
    Ok(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
}
