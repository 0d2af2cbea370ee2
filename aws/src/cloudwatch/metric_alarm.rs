//! Alarm: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{MetricAlarm as Description, Tag};
use globecart_engine::{
    Actions, CallResult, Facts, Found, Input, Intent, Invalid, Live, Made, NameRule, Recorded,
    Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use super::measure::{Comparison, Measure, MissingData, period_of};
use crate::{AlarmArn, AlarmName, Aws, Doing, TopicArn, absent_is_fine, found, tagging};

/// An alarm on a metric, or on an expression over several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct MetricAlarm {
    /// What it means when it goes off and what to do then, at most 1,024 characters.
    #[builder(setter(into))]
    description: String,
    /// What is watched.
    measure: Measure,
    /// How the measure is compared with the threshold. Default: it is greater.
    #[builder(default = Comparison::Greater)]
    comparison: Comparison,
    /// The threshold, in the metric's unit.
    threshold: f64,
    /// Seconds of one period: 10, 20, 30 or a multiple of 60. Default: 60.
    #[builder(default = 60)]
    period_secs: i32,
    /// How many periods in a row are looked at, of at most a day in all. Default: 5.
    #[builder(default = 5)]
    periods: i32,
    /// How many of them must pass the threshold. Default: all five.
    #[builder(default = 5)]
    datapoints: i32,
    /// What a period without data means. Default: all is well.
    #[builder(default = MissingData::NotBreaching)]
    missing_data: MissingData,
    /// Topics that are told when it goes off. Default: none.
    #[builder(default)]
    alarm_actions: Vec<Input<TopicArn>>,
    /// Topics that are told when all is well again. Default: none.
    #[builder(default)]
    ok_actions: Vec<Input<TopicArn>>,
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

const NAME: NameRule = NameRule::new(255).allow("_./");

/// How many alarms one call takes.
const BATCH: usize = 100;

type Was = Recorded<MetricAlarm, MetricAlarmOutputs>;

impl Resource<Aws> for MetricAlarm {
    const TYPE: &'static str = "cloudwatch:MetricAlarm";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        delete_batch: BATCH,
        quota: Some(("metric alarms per region", 5000)),
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
            delete: &["cloudwatch:DeleteAlarms"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = MetricAlarmOutputs;

    fn check(&self) -> Result<(), Invalid> {
        let day = 24 * 60 * 60;
        let short = [10, 20, 30].contains(&self.period_secs);
        if !short && (self.period_secs <= 0 || self.period_secs % 60 != 0) {
            let problem = format!("{} must be 10, 20, 30 or a multiple of 60", self.period_secs);
            return Err(Invalid::new("period_secs", problem));
        }
        if self.periods < 1
            || self.period_secs.saturating_mul(self.periods) > day.max(self.period_secs)
        {
            let problem = format!(
                "{} periods of {} s must span at most a day",
                self.periods, self.period_secs
            );
            return Err(Invalid::new("periods", problem));
        }
        if !(1..=self.periods).contains(&self.datapoints) {
            let problem = format!("{} must be 1 to {} (`periods`)", self.datapoints, self.periods);
            return Err(Invalid::new("datapoints", problem));
        }
        if self.description.chars().count() > 1024 {
            return Err(Invalid::new("description", "has more than 1,024 characters"));
        }
        self.check_measure()
    }

    /// Putting an alarm again is harmless: its name is this life's alone.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<MetricAlarmOutputs>> {
        let outputs = named(aws, intent);
        let call = self.put(aws, &outputs.name).set_tags(Some(api_tags(intent.tags())));
        call.send().await.doing("creating the alarm")?;
        Ok(Made::ready(outputs))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, MetricAlarmOutputs>>> {
        let mut alarms = BTreeMap::new();
        for batch in wanted.chunks(BATCH) {
            let names = batch.iter().map(|was| was.outputs.name.as_str());
            alarms.extend(describe(aws, names).await?);
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
            live.push(Live::Ready {
                args: described(was, alarm),
                outputs: was.outputs.clone(),
                tags,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(BATCH) + tagging::calls(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<MetricAlarmOutputs>> {
        self.put(aws, &old.outputs.name).send().await.doing("changing the alarm")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call =
                aws.cloudwatch().tag_resource().resource_arn(arn).set_tags(Some(api_tags(set)));
            call.send().await.doing("setting the alarm's tags")?;
        }
        if !unset.is_empty() {
            let call = aws.cloudwatch().untag_resource().resource_arn(arn);
            call.set_tag_keys(Some(unset.to_vec()))
                .send()
                .await
                .doing("removing the alarm's tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let names = gone.iter().map(|was| was.outputs.name.to_string()).collect();
        let answer = aws.cloudwatch().delete_alarms().set_alarm_names(Some(names)).send().await;
        absent_is_fine(answer.map(|_| ()).doing("deleting alarms"))?;
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<MetricAlarmOutputs>> {
        let outputs = named(aws, intent);
        if describe(aws, [outputs.name.as_str()]).await?.is_empty() {
            return Ok(Found::Nothing);
        }
        let tags = tags_of(aws, &outputs.arn).await?;
        Ok(found::claim(intent, &format!("alarm {}", outputs.name), &tags, outputs))
    }
}

impl MetricAlarm {
    fn check_measure(&self) -> Result<(), Invalid> {
        let Measure::Math { queries, .. } = &self.measure else { return Ok(()) };
        let ids: BTreeSet<&str> = queries.iter().map(|query| query.id.as_str()).collect();
        let plain = |id: &&str| id.starts_with(|c: char| c.is_ascii_lowercase()) && *id != "result";
        if queries.is_empty()
            || queries.len() > 9
            || ids.len() < queries.len()
            || !ids.iter().all(plain)
        {
            let problem =
                "takes 1 to 9 metrics with different ids that start with a lower-case letter";
            return Err(Invalid::new("measure", problem));
        }
        Ok(())
    }

    fn put(
        &self,
        aws: &Aws,
        name: &AlarmName,
    ) -> aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder
    {
        let topics = |topics: &[Input<TopicArn>]| {
            topics.iter().map(|topic| topic.known().to_string()).collect()
        };
        let call = (aws.cloudwatch().put_metric_alarm())
            .alarm_name(name.as_str())
            .alarm_description(&self.description)
            .actions_enabled(true)
            .comparison_operator(self.comparison.api())
            .threshold(self.threshold)
            .evaluation_periods(self.periods)
            .datapoints_to_alarm(self.datapoints)
            .treat_missing_data(self.missing_data.api())
            .set_alarm_actions(Some(topics(&self.alarm_actions)))
            .set_ok_actions(Some(topics(&self.ok_actions)));
        match &self.measure {
            Measure::Metric(metric) => {
                let call = call
                    .namespace(metric.namespace())
                    .metric_name(metric.name())
                    .set_dimensions(Some(metric.dimensions()))
                    .period(self.period_secs);
                match metric.statistic().is_percentile() {
                    true => call.extended_statistic(metric.statistic().as_str()),
                    false => call.statistic(metric.statistic().as_str().into()),
                }
            }
            Measure::Math { expression, queries } => {
                call.set_metrics(Some(Measure::queries(expression, queries, self.period_secs)))
            }
        }
    }
}

fn named(aws: &Aws, intent: &Intent) -> MetricAlarmOutputs {
    let (name, place) = (intent.name(&NAME), aws.place());
    let arn = format!(
        "arn:{}:cloudwatch:{}:{}:alarm:{name}",
        place.partition, place.region, place.account
    );
    MetricAlarmOutputs { name: AlarmName::new(name), arn: AlarmArn::new(arn) }
}

async fn describe(
    aws: &Aws,
    names: impl IntoIterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    // The paginator's items are alarms of several sorts; a batch fits one page.
    let call = aws.cloudwatch().describe_alarms().max_records(100).set_alarm_names(Some(names));
    let alarms = call.send().await.doing("reading alarms")?.metric_alarms.unwrap_or_default();
    Ok(alarms.into_iter().filter_map(|alarm| Some((alarm.alarm_name.clone()?, alarm))).collect())
}

fn described(was: &Was, alarm: &Description) -> MetricAlarm {
    let topics = |arns: &[String]| arns.iter().map(|arn| TopicArn::new(arn).into()).collect();
    let periods = alarm.evaluation_periods().unwrap_or_default();
    MetricAlarm {
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        measure: Measure::described(alarm),
        comparison: Comparison::described(alarm.comparison_operator())
            .unwrap_or(was.args.comparison),
        threshold: alarm.threshold().unwrap_or_default(),
        period_secs: period_of(alarm).unwrap_or_default(),
        periods,
        datapoints: alarm.datapoints_to_alarm().unwrap_or(periods),
        missing_data: MissingData::described(alarm.treat_missing_data()),
        alarm_actions: topics(alarm.alarm_actions()),
        ok_actions: topics(alarm.ok_actions()),
    }
}

async fn tags_of(aws: &Aws, arn: &AlarmArn) -> CallResult<Tags> {
    let answer = aws.cloudwatch().list_tags_for_resource().resource_arn(arn.as_str()).send().await;
    let tags = answer.doing("reading the alarm's tags")?.tags.unwrap_or_default();
    Ok(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
}

fn api_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
