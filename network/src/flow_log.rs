//! Flow log of a VPC: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    Filter, FlowLog as Description, FlowLogsResourceType, LogDestinationType, ResourceType,
    TrafficType,
};
use globecart_aws::ec2::{FILTER_VALUES, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Facts, Found, Input, Intent, Invalid, Live,
    Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, FlowLogId, LogGroupName, RoleArn, VpcId, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// The record of a VPC's traffic in a log group of CloudWatch Logs. Nothing of it can be changed in place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct FlowLog {
    /// The VPC.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// Where records go.
    #[builder(setter(into))]
    pub log_group: Input<LogGroupName>,
    /// The role that writes them; `vpc-flow-logs.amazonaws.com` must be able to assume it.
    #[builder(setter(into))]
    pub role: Input<RoleArn>,
    /// Which traffic is recorded. Default: all.
    #[builder(default = Recording::All)]
    pub recording: Recording,
    /// Seconds of traffic in one record: 60 or 600. Default: 60.
    #[builder(default = 60)]
    pub interval_secs: u16,
}

/// Which traffic a flow log records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    /// All of it.
    All,
    /// What was let through.
    Accepted,
    /// What was dropped.
    Rejected,
}

outputs! {
    /// What a flow log answers.
    pub struct FlowLogOutputs => FlowLogRefs {
        /// Its id.
        accepted id: FlowLogId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the flow log";

type Was = Recorded<FlowLog, FlowLogOutputs>;

impl Resource<Aws> for FlowLog {
    const TYPE: &'static str = "ec2:FlowLog";
    const FACTS: Facts = Facts {
        delete_batch: 25,
        actions: Actions {
            create: &[
                "ec2:CreateFlowLogs",
                "ec2:CreateTags",
                "ec2:DescribeFlowLogs",
                "iam:PassRole",
                "logs:CreateLogDelivery",
            ],
            read: &["ec2:DescribeFlowLogs"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteFlowLogs", "logs:DeleteLogDelivery"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = FlowLogOutputs;

    /// A VPC has one flow log to a destination.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "vpc" | "log_group" => Argument::Replace(Order::CreateFirst),
            _ => Argument::Replace(Order::DeleteFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        match self.interval_secs {
            60 | 600 => Ok(()),
            other => Err(Invalid::new("interval_secs", format!("{other} must be 60 or 600"))),
        }
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<FlowLogOutputs>> {
        let call = (aws.ec2().create_flow_logs())
            .client_token(intent.token())
            .resource_type(FlowLogsResourceType::Vpc)
            .resource_ids(self.vpc.known().as_str())
            .traffic_type(self.recording.in_words())
            .log_destination_type(LogDestinationType::CloudWatchLogs)
            .log_group_name(self.log_group.known().as_str())
            .deliver_logs_permission_arn(self.role.known().as_str())
            .max_aggregation_interval(self.interval_secs.into())
            .tag_specifications(tags::ec2_specification(ResourceType::VpcFlowLog, intent.tags()));
        let answer = call.send().await.doing(CREATING)?;
        answer::refused(answer.unsuccessful, CREATING)?;
        let id = answer::id(answer.flow_log_ids.and_then(|ids| ids.into_iter().next()), CREATING)?;
        let id = FlowLogId::new(id);
        tag_untagged(aws, &id, intent).await?;
        Ok(Made::pending(FlowLogOutputs { id }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, FlowLogOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let logs = described(aws, vec![filter("flow-log-id", ids)]).await?;
            found.extend(logs.into_iter().filter_map(|log| Some((log.flow_log_id.clone()?, log))));
        }
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |log| live(was, log))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let doing = "deleting flow logs";
        let ids = gone.iter().map(|was| was.outputs.id.to_string()).collect();
        let answer =
            aws.ec2().delete_flow_logs().set_flow_log_ids(Some(ids)).send().await.doing(doing)?;
        answer::refused(answer.unsuccessful, doing)?;
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<FlowLogOutputs>> {
        let logs = described(aws, made_by(intent)).await?;
        let mut ours = logs.into_iter().filter(|log| answer::own(intent, log.tags()));
        let id = ours.find_map(|log| log.flow_log_id).map(FlowLogId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(FlowLogOutputs { id })))
    }

    /// A role made a moment ago cannot be assumed everywhere yet.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        match operation {
            Operation::Create if error.message.contains("assume given IAM role") => {
                Class::Propagation
            }
            _ => error.class,
        }
    }
}

impl Recording {
    fn in_words(self) -> TrafficType {
        match self {
            Self::All => TrafficType::All,
            Self::Accepted => TrafficType::Accept,
            Self::Rejected => TrafficType::Reject,
        }
    }

    fn described(traffic: &TrafficType) -> Option<Self> {
        match traffic {
            TrafficType::All => Some(Self::All),
            TrafficType::Accept => Some(Self::Accepted),
            TrafficType::Reject => Some(Self::Rejected),
            _ => None,
        }
    }
}

/// A server that passed over the tags of the create call gets them again: without them the flow log would count
/// as somebody else's.
async fn tag_untagged(aws: &Aws, id: &FlowLogId, intent: &Intent) -> CallResult<()> {
    let logs = described(aws, vec![filter("flow-log-id", [id.as_str()])]).await?;
    match logs.iter().find(|log| log.flow_log_id() == Some(id.as_str())) {
        Some(log) if !answer::own(intent, log.tags()) => {
            tags::retag_ec2(aws, id, intent.tags(), &[]).await
        }
        _ => Ok(()),
    }
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_flow_logs().set_filter(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading flow logs")
}

fn live(was: &Was, log: &Description) -> Live<FlowLog, FlowLogOutputs> {
    if let Some(status) = log.flow_log_status().filter(|status| *status != "ACTIVE") {
        return Live::Pending(status.to_owned());
    }
    // Delivery starts again by itself once the role or the key lets it.
    if log.deliver_logs_status() == Some("FAILED") {
        let why = log.deliver_logs_error_message().unwrap_or("EC2 gives no reason");
        return Live::Pending(format!("delivery fails: {why}"));
    }
    let declared = &was.args;
    let interval = log.max_aggregation_interval().and_then(|secs| u16::try_from(secs).ok());
    let args = FlowLog {
        vpc: log.resource_id().map_or_else(|| declared.vpc.clone(), |id| VpcId::new(id).into()),
        log_group: log
            .log_group_name()
            .map_or_else(|| declared.log_group.clone(), |name| LogGroupName::new(name).into()),
        role: log
            .deliver_logs_permission_arn()
            .map_or_else(|| declared.role.clone(), |arn| RoleArn::new(arn).into()),
        recording: log.traffic_type().and_then(Recording::described).unwrap_or(declared.recording),
        interval_secs: interval.unwrap_or(declared.interval_secs),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(log.tags()) }
}
