//! Log group: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::LogGroup as Description;
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Place, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::tags::{KEPT, STACK};
use crate::{Aws, Doing, KeyArn, LogGroupArn, LogGroupName, absent_is_fine, found, tagging};

/// A log group of the standard class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct LogGroup {
    /// A fixed name, for groups that a service would make itself, as in `/aws/lambda/rotate`: 1 to 512 letters,
    /// digits and `.-_/#`. Default: `/` and a generated one. A change replaces the group.
    #[builder(default, setter(strip_option, into))]
    name: Option<String>,
    /// How many days events are kept, one of the periods that AWS offers. Default: 365, as PCI DSS 10.5.1 asks.
    #[builder(default = 365)]
    retention_days: u16,
    /// The key that encrypts the events; its policy must let CloudWatch Logs use it
    /// ([`Statement::logs_may_use`](crate::policy::Statement::logs_may_use)). Default: AWS's own key.
    #[builder(default, setter(strip_option, into))]
    kms_key: Option<Input<KeyArn>>,
    /// Whether AWS refuses to delete the group; a confirmed destroy lifts it. Default: no.
    #[builder(default)]
    deletion_protection: bool,
    /// Whether a service makes the group by itself when it writes to it, under the fixed name that is given. One that
    /// is there already without any stack's tags is then taken over, and a delete is repeated a little later,
    /// because the service may still write. Default: no.
    #[builder(default)]
    #[serde(default)]
    made_by_service: bool,
}

outputs! {
    /// What a log group answers.
    pub struct LogGroupOutputs => LogGroupRefs {
        /// Its name.
        accepted name: LogGroupName,
        /// Its ARN, without a trailing `:*`.
        accepted arn: LogGroupArn,
    }
}

const NAME: NameRule = NameRule::new(511).allow("._/#");

/// When a group is deleted once more that its service may make again: late events come within seconds.
const LATE_EVENTS: Duration = Duration::from_secs(10);

/// How many names one read takes.
const BATCH: usize = 50;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTION: [u16; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the log group";

type Was = Recorded<LogGroup, LogGroupOutputs>;

impl Resource<Aws> for LogGroup {
    const TYPE: &'static str = "logs:LogGroup";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        actions: Actions {
            create: &[
                "logs:CreateLogGroup",
                "logs:TagResource",
                "logs:PutRetentionPolicy",
                "logs:AssociateKmsKey",
                "logs:PutLogGroupDeletionProtection",
                "logs:DescribeLogGroups",
                "logs:ListTagsForResource",
            ],
            read: &["logs:DescribeLogGroups", "logs:ListTagsForResource", "tag:GetResources"],
            update: &[
                "logs:PutRetentionPolicy",
                "logs:AssociateKmsKey",
                "logs:DisassociateKmsKey",
                "logs:PutLogGroupDeletionProtection",
                "logs:TagResource",
                "logs:UntagResource",
            ],
            delete: &["logs:PutLogGroupDeletionProtection", "logs:DeleteLogGroup"],
        },
        comes_back: true,
        ..Facts::DEFAULT
    };
    type Outputs = LogGroupOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "name" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn loss(&self) -> Option<String> {
        Some(format!("the log events of up to {} days", self.retention_days))
    }

    fn check(&self) -> Result<(), Invalid> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
        if let Some(name) = &self.name
            && (name.is_empty() || name.len() > 512 || !name.chars().all(allowed))
        {
            return Err(Invalid::new(
                "name",
                format!("`{name}` must be 1 to 512 letters, digits and .-_/#"),
            ));
        }
        if self.made_by_service && self.name.is_none() {
            return Err(Invalid::new("name", "what a service makes has a fixed name; give it"));
        }
        if !RETENTION.contains(&self.retention_days) {
            let offered = RETENTION.map(|days| days.to_string()).join(", ");
            let problem =
                format!("AWS keeps events for {offered} days, not for {}", self.retention_days);
            return Err(Invalid::new("retention_days", problem));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<LogGroupOutputs>> {
        let outputs = match self.create_group(aws, intent).await {
            Err(error) if self.made_by_service && error.class == Class::AlreadyExists => {
                self.take_over(aws, intent, error).await?
            }
            made => made?,
        };
        self.set_retention(aws, &outputs).await?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, LogGroupOutputs>>> {
        let mut groups = BTreeMap::new();
        for batch in wanted.chunks(BATCH) {
            let names = batch.iter().map(|was| was.outputs.name.as_str());
            groups.extend(describe(aws, names).await?);
        }
        let arns: Vec<&str> = wanted.iter().map(|was| was.outputs.arn.as_str()).collect();
        let known = tagging::known(aws, &arns).await;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let Some(group) = groups.get(was.outputs.name.as_str()) else {
                live.push(Live::Absent);
                continue;
            };
            let tags = match known.get(was.outputs.arn.as_str()) {
                Some(tags) => tags.clone(),
                None => tags_of(aws, &was.outputs.arn).await?,
            };
            // The service has made it again: it is there to be taken over.
            if was.args.made_by_service && is_nobodys(&tags) {
                live.push(Live::Absent);
                continue;
            }
            live.push(Live::Ready {
                args: described(was, group),
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
    ) -> CallResult<Made<LogGroupOutputs>> {
        if self.retention_days != old.args.retention_days {
            self.set_retention(aws, &old.outputs).await?;
        }
        if self.kms_key != old.args.kms_key {
            self.set_key(aws, &old.outputs).await?;
        }
        if self.deletion_protection != old.args.deletion_protection {
            protect(aws, &old.outputs, self.deletion_protection).await?;
        }
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            set_tags(aws, &of.outputs.arn, set).await?;
        }
        if !unset.is_empty() {
            let call =
                aws.logs().untag_resource().resource_arn(arn).set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the log group's tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            if was.args.deletion_protection {
                absent_is_fine(protect(aws, &was.outputs, false).await)?;
            }
            let answer = aws
                .logs()
                .delete_log_group()
                .log_group_name(was.outputs.name.as_str())
                .send()
                .await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the log group"))?;
        }
        let again = gone.iter().any(|was| was.args.made_by_service);
        Ok(if again { Removal::Again(LATE_EVENTS) } else { Removal::Gone })
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<LogGroupOutputs>> {
        let outputs = self.outputs(aws, intent);
        if !describe(aws, [outputs.name.as_str()]).await?.contains_key(outputs.name.as_str()) {
            return Ok(Found::Nothing);
        }
        let tags = tags_of(aws, &outputs.arn).await?;
        if self.made_by_service && is_nobodys(&tags) {
            return Ok(Found::Nothing);
        }
        Ok(found::claim(intent, &format!("log group {}", outputs.name), &tags, outputs))
    }

    /// A key whose new policy is not in force everywhere yet looks like one that Logs may not use.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        // Logs answers one code for a key that it does not see, another for a policy that does not let it in.
        let codes = ["InvalidParameterException", "AccessDeniedException"];
        let unseen =
            error.code.as_deref().is_some_and(|code| codes.iter().any(|end| code.ends_with(end)));
        if unseen
            && operation != Operation::Delete
            && error.message.to_lowercase().contains("kms key")
        {
            return Class::Propagation;
        }
        error.class
    }
}

impl LogGroup {
    /// The ARN pattern of all log groups of a stack that have generated names, for a key policy.
    pub fn pattern(place: &Place, stack: &str) -> String {
        arn(place, &format!("/{stack}-*"))
    }

    /// The ARN of a log group with a fixed name, for a key policy; the name may contain `*`.
    pub fn arn(place: &Place, name: &str) -> String {
        arn(place, name)
    }

    fn outputs(&self, aws: &Aws, intent: &Intent) -> LogGroupOutputs {
        let name = self.name.clone().unwrap_or_else(|| format!("/{}", intent.name(&NAME)));
        LogGroupOutputs {
            arn: LogGroupArn::new(arn(aws.place(), &name)),
            name: LogGroupName::new(name),
        }
    }

    async fn create_group(&self, aws: &Aws, intent: &Intent) -> CallResult<LogGroupOutputs> {
        let outputs = self.outputs(aws, intent);
        let call = (intent.tags().iter())
            .fold(aws.logs().create_log_group(), |call, (key, value)| call.tags(key, value))
            .log_group_name(outputs.name.as_str())
            .set_deletion_protection_enabled(self.deletion_protection.then_some(true))
            .set_kms_key_id(self.kms_key.as_ref().map(|key| key.known().to_string()));
        call.send().await.doing(CREATING)?;
        Ok(outputs)
    }

    /// Makes a group this stack's that its service made first: the tags come last, so that one that has them is
    /// complete but for its retention.
    async fn take_over(
        &self,
        aws: &Aws,
        intent: &Intent,
        exists: CallError,
    ) -> CallResult<LogGroupOutputs> {
        let outputs = self.outputs(aws, intent);
        if !is_nobodys(&tags_of(aws, &outputs.arn).await?) {
            return Err(exists);
        }
        if self.kms_key.is_some() {
            self.set_key(aws, &outputs).await?;
        }
        if self.deletion_protection {
            protect(aws, &outputs, true).await?;
        }
        set_tags(aws, &outputs.arn, intent.tags()).await?;
        Ok(outputs)
    }

    async fn set_retention(&self, aws: &Aws, of: &LogGroupOutputs) -> CallResult<()> {
        let call = aws.logs().put_retention_policy().log_group_name(of.name.as_str());
        call.retention_in_days(self.retention_days.into())
            .send()
            .await
            .doing("setting the log group's retention")?;
        Ok(())
    }

    async fn set_key(&self, aws: &Aws, of: &LogGroupOutputs) -> CallResult<()> {
        let doing = "setting the log group's key";
        let name = of.name.as_str();
        match &self.kms_key {
            Some(key) => {
                let call = aws.logs().associate_kms_key().log_group_name(name);
                call.kms_key_id(key.known().as_str()).send().await.map(|_| ()).doing(doing)
            }
            None => aws
                .logs()
                .disassociate_kms_key()
                .log_group_name(name)
                .send()
                .await
                .map(|_| ())
                .doing(doing),
        }
    }
}

fn arn(place: &Place, name: &str) -> String {
    format!("arn:{}:logs:{}:{}:log-group:{name}", place.partition, place.region, place.account)
}

async fn describe(
    aws: &Aws,
    names: impl IntoIterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let names = names.into_iter().map(str::to_owned).collect();
    let call = aws.logs().describe_log_groups().set_log_group_identifiers(Some(names));
    let groups =
        call.into_paginator().items().send().try_collect().await.doing("reading log groups")?;
    Ok(groups
        .into_iter()
        .filter_map(|group| Some((group.log_group_name.clone()?, group)))
        .collect())
}

fn described(was: &Was, group: &Description) -> LogGroup {
    let days = group.retention_in_days().and_then(|days| u16::try_from(days).ok());
    LogGroup {
        name: was.args.name.clone(),
        // Never expiring has no number of days.
        retention_days: days.unwrap_or_default(),
        kms_key: group.kms_key_id().map(|key| KeyArn::new(key).into()),
        deletion_protection: group.deletion_protection_enabled().unwrap_or_default(),
        made_by_service: was.args.made_by_service,
    }
}

async fn tags_of(aws: &Aws, arn: &LogGroupArn) -> CallResult<Tags> {
    let answer = aws.logs().list_tags_for_resource().resource_arn(arn.as_str()).send().await;
    Ok(answer.doing("reading the log group's tags")?.tags.unwrap_or_default().into_iter().collect())
}

async fn set_tags(aws: &Aws, arn: &LogGroupArn, tags: &Tags) -> CallResult<()> {
    let call =
        tags.iter().fold(aws.logs().tag_resource(), |call, (key, value)| call.tags(key, value));
    call.resource_arn(arn.as_str()).send().await.doing("setting the log group's tags")?;
    Ok(())
}

/// Whether a group was made by its service, and belongs to no stack.
fn is_nobodys(tags: &Tags) -> bool {
    !tags.contains_key(STACK) && !tags.contains_key(KEPT)
}

async fn protect(aws: &Aws, of: &LogGroupOutputs, on: bool) -> CallResult<()> {
    let call =
        aws.logs().put_log_group_deletion_protection().log_group_identifier(of.name.as_str());
    call.deletion_protection_enabled(on)
        .send()
        .await
        .doing("setting the log group's deletion protection")?;
    Ok(())
}
