//! What Lambda tells of a function.

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{
    FunctionConfiguration, LastUpdateStatus, Runtime, State, VpcConfigResponse,
};
use globecart_engine::{CallResult, Input, Live, Tags};

use super::request::own_log_group;
use super::{
    Architecture, Function, FunctionNetwork, FunctionOutputs, LogFormat, SHA256, SOURCE, Was,
};
use crate::ec2::filter;
use crate::lists::in_recorded_order;
use crate::{Aws, Doing, KeyArn, LogGroupName, RoleArn, SecurityGroupId, SubnetId, absent_is_none};

type LiveFunction = Live<Function, FunctionOutputs>;

pub(super) async fn described(aws: &Aws, name: &str) -> CallResult<Option<GetFunctionOutput>> {
    let answer = aws.lambda().get_function().function_name(name).send().await;
    absent_is_none(answer.doing("reading the function"))
}

pub(super) fn of(was: &Was, function: GetFunctionOutput) -> LiveFunction {
    let configuration = function.configuration.unwrap_or_else(|| {
        // Nothing of it is known, so everything is compared with nothing.
        FunctionConfiguration::builder().build()
    });
    if let Some(unready) = unready(&configuration) {
        return unready;
    }
    let reserved = function.concurrency.and_then(|limit| limit.reserved_concurrent_executions);
    let tags: Tags = function.tags.unwrap_or_default().into_iter().collect();
    let args = Function {
        source: source(&configuration, &tags),
        reserved_concurrency: reserved.and_then(|count| u32::try_from(count).ok()),
        ..configured(was, &configuration)
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>
fn unready(configuration: &FunctionConfiguration) -> Option<LiveFunction> {
    let reason = |reason: Option<&str>| reason.unwrap_or("Lambda gives no reason").to_owned();
    let state = configuration.state().map(State::as_str);
    match state {
        Some("Failed") => return Some(Live::Failed(reason(configuration.state_reason()))),
        // One that nobody has invoked for weeks is woken by the next invocation.
        None | Some("Active" | "Inactive") => {}
        Some(state) => return Some(Live::Pending(state.to_owned())),
    }
    match configuration.last_update_status().map(LastUpdateStatus::as_str) {
        Some("Failed") => Some(Live::Failed(reason(configuration.last_update_status_reason()))),
        Some("InProgress") => Some(Live::Pending("being changed".to_owned())),
        _ => None,
    }
}

/// What the code was built from: unknown where the package is not the one that the tag is about.
fn source(configuration: &FunctionConfiguration, tags: &Tags) -> String {
    let same = match (configuration.code_sha256(), tags.get(SHA256)) {
        (Some(live), Some(ours)) => live == ours,
        _ => true,
    };
    tags.get(SOURCE).filter(|_| same).cloned().unwrap_or_default()
}

fn configured(was: &Was, live: &FunctionConfiguration) -> Function {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let number = |value: Option<i32>| value.and_then(|n| u16::try_from(n).ok()).unwrap_or_default();
    let logging = live.logging_config();
    Function {
        code: was.args.code.clone(),
        source: String::new(),
        description: text(live.description()),
        role: RoleArn::new(text(live.role())).into(),
        runtime: text(live.runtime().map(Runtime::as_str)),
        handler: text(live.handler()),
        architecture: Architecture::described(live.architectures()),
        network: live.vpc_config().and_then(|vpc| network(was, vpc)),
        environment: (live.environment().and_then(|environment| environment.variables()))
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect(),
        kms_key: live.kms_key_arn().map(|key| KeyArn::new(key).into()),
        timeout_secs: number(live.timeout()),
        memory_mb: number(live.memory_size()),
        reserved_concurrency: None,
        log_group: logging
            .and_then(|logging| logging.log_group())
            .filter(|group| was.args.log_group.is_some() || *group != own_log_group(&was.outputs))
            .map(|group| LogGroupName::new(group).into()),
        log_format: LogFormat::described(logging.and_then(|logging| logging.log_format())),
    }
}

fn network(was: &Was, vpc: &VpcConfigResponse) -> Option<FunctionNetwork> {
    if vpc.subnet_ids().is_empty() {
        return None;
    }
    let none = FunctionNetwork { subnets: Vec::new(), security_groups: Vec::new() };
    let recorded = was.args.network.as_ref().unwrap_or(&none);
    let subnets = vpc.subnet_ids().iter().map(SubnetId::new);
    let groups = vpc.security_group_ids().iter().map(SecurityGroupId::new);
    Some(FunctionNetwork {
        subnets: in_recorded_order(subnets, &recorded.subnets),
        security_groups: in_recorded_order(groups, &recorded.security_groups),
    })
}

/// A function that is gone is gone for good once its network interfaces are, which Lambda removes within half an hour.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
pub(super) async fn gone(aws: &Aws, was: &Was) -> CallResult<LiveFunction> {
    let Some(network) = &was.args.network else { return Ok(Live::Absent) };
    let groups = network.security_groups.iter().map(|group: &Input<_>| group.known().to_string());
    let named = format!("AWS Lambda VPC ENI-{}-*", was.outputs.name);
    let call = aws.ec2().describe_network_interfaces();
    let call = call.filters(filter("group-id", groups)).filters(filter("description", [named]));
    let answer = call.send().await.doing("reading the function's network interfaces")?;
    Ok(match answer.network_interfaces().len() {
        0 => Live::Absent,
        1 => Live::Pending("Lambda is removing its network interface".to_owned()),
        count => Live::Pending(format!("Lambda is removing its {count} network interfaces")),
    })
}
