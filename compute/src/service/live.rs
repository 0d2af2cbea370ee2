//! Services as ECS describes them, and when a rollout is complete.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    AvailabilityZoneRebalancing, AwsVpcConfiguration, Deployment, DeploymentAlarms,
    DeploymentConfiguration, DeploymentRolloutState, LoadBalancer, Service as Description,
    ServiceField,
};
use globecart_aws::engine::{CallResult, Live};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::{
    AlarmName, Aws, Doing, EcsClusterName, SecurityGroupId, SubnetId, TargetGroupArn,
    TaskDefinitionArn, absent_is_none,
};

use super::{EcsService, EcsServiceOutputs, ServiceTarget, Was, stopped};
use crate::{answer, capacity};

/// How many services one Describe takes.
const BATCH: usize = 10;

fn by_cluster(wanted: &[Was]) -> BTreeMap<&EcsClusterName, Vec<&str>> {
    let mut all: BTreeMap<&EcsClusterName, Vec<&str>> = BTreeMap::new();
    for was in wanted {
        all.entry(was.args.cluster.known()).or_default().push(was.outputs.name.as_str());
    }
    all
}

pub(super) fn calls(wanted: &[Was]) -> usize {
    by_cluster(wanted).values().map(|names| names.len().div_ceil(BATCH)).sum()
}

pub(super) async fn read(
    aws: &Aws,
    wanted: &[Was],
) -> CallResult<Vec<Live<EcsService, EcsServiceOutputs>>> {
    let mut found = BTreeMap::new();
    for (cluster, names) in by_cluster(wanted) {
        for names in names.chunks(BATCH) {
            let services = described(aws, cluster.as_str(), names).await?;
            found.extend(
                services.into_iter().filter_map(|one| Some((one.service_arn.clone()?, one))),
            );
        }
    }
    let mut live = Vec::with_capacity(wanted.len());
    for was in wanted {
        live.push(match found.get(was.outputs.arn.as_str()) {
            None => Live::Absent,
            Some(one) => of(aws, was, one).await?,
        });
    }
    Ok(live)
}

/// Services by name; those that are not there, or whose cluster is not, are left out.
pub(super) async fn described(
    aws: &Aws,
    cluster: &str,
    names: &[&str],
) -> CallResult<Vec<Description>> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let call = (aws.ecs().describe_services())
        .cluster(cluster)
        .set_services(Some(names))
        .include(ServiceField::Tags);
    let answer = absent_is_none(call.send().await.doing("reading services"))?;
    Ok(answer.and_then(|answer| answer.services).unwrap_or_default())
}

async fn of(
    aws: &Aws,
    was: &Was,
    one: &Description,
) -> CallResult<Live<EcsService, EcsServiceOutputs>> {
    match one.status().unwrap_or_default() {
        "INACTIVE" => return Ok(Live::Absent),
        "DRAINING" => {
            let left = one.running_count() + one.pending_count();
            return Ok(Live::Pending(format!("draining, {left} tasks left")));
        }
        _ => {}
    }
    let failed = |one: &&Deployment| one.rollout_state() == Some(&DeploymentRolloutState::Failed);
    let primary = one.deployments().iter().find(|one| one.status() == Some("PRIMARY"));
    let going = primary.and_then(Deployment::rollout_state);
    let (args, outputs, tags) = (args(was, one), was.outputs.clone(), answer::from_api(one.tags()));
    // What failed before the last change of the service says nothing of that change.
    let concerns =
        |one: &&Deployment| one.status() == Some("PRIMARY") || primary.is_some_and(takes_back);
    if let Some(failed) = one.deployments().iter().filter(failed).find(concerns) {
        let why = stopped::why(aws, was, failed).await?;
        return Ok(Live::Reverted { args, outputs, tags, why });
    }
    if going == Some(&DeploymentRolloutState::InProgress) {
        return Ok(Live::Pending(progress(one, primary)));
    }
    Ok(Live::Ready { args, outputs, tags })
}

/// Whether a deployment rolls out again what was there before another one failed.
fn takes_back(primary: &Deployment) -> bool {
    primary.rollout_state_reason().is_some_and(|reason| reason.contains("rolling back"))
}

fn progress(one: &Description, primary: Option<&Deployment>) -> String {
    let (running, failed) =
        primary.map_or((0, 0), |primary| (primary.running_count(), primary.failed_tasks()));
    let wanted = one.desired_count();
    match failed {
        0 => format!("{running} of {wanted} tasks run"),
        failed => format!("{running} of {wanted} tasks run, {failed} failed"),
    }
}

/// A service in the form in which it is declared.
fn args(was: &Was, one: &Description) -> EcsService {
    let whole = |number: i32| u32::try_from(number).unwrap_or_default();
    let network = one.network_configuration().and_then(|network| network.awsvpc_configuration());
    let subnets = network.map(AwsVpcConfiguration::subnets).unwrap_or_default();
    let groups = network.map(AwsVpcConfiguration::security_groups).unwrap_or_default();
    let deployment = one.deployment_configuration();
    let percent = |found: Option<i32>, default| found.map_or(default, whole);
    let alarms = deployment.and_then(|of| of.alarms()).filter(|alarms| alarms.enable());
    let alarms = alarms.map(DeploymentAlarms::alarm_names).unwrap_or_default();
    let breaker = deployment.and_then(|of| of.deployment_circuit_breaker());
    let grace = one.health_check_grace_period_seconds().map(whole);
    let targets: Vec<ServiceTarget> = one.load_balancers().iter().filter_map(target).collect();
    EcsService {
        cluster: was.args.cluster.clone(),
        task_definition: TaskDefinitionArn::new(one.task_definition().unwrap_or_default()).into(),
        desired_count: whole(one.desired_count()),
        capacity: capacity::from_api(one.capacity_provider_strategy()),
        subnets: in_recorded_order(subnets.iter().map(SubnetId::new), &was.args.subnets),
        security_groups: in_recorded_order(
            groups.iter().map(SecurityGroupId::new),
            &was.args.security_groups,
        ),
        // Without a load balancer there is no grace period to be told.
        health_check_grace_secs: match grace {
            Some(secs) if !targets.is_empty() => secs,
            _ => was.args.health_check_grace_secs,
        },
        load_balancers: targets,
        minimum_healthy_percent: percent(
            deployment.and_then(DeploymentConfiguration::minimum_healthy_percent),
            100,
        ),
        maximum_percent: percent(
            deployment.and_then(DeploymentConfiguration::maximum_percent),
            200,
        ),
        circuit_breaker: breaker.is_some_and(|breaker| breaker.enable() && breaker.rollback()),
        rollback_alarms: in_recorded_order(
            alarms.iter().map(AlarmName::new),
            &was.args.rollback_alarms,
        ),
        execute_command: one.enable_execute_command(),
        rebalance_zones: one.availability_zone_rebalancing()
            == Some(&AvailabilityZoneRebalancing::Enabled),
    }
}

fn target(of: &LoadBalancer) -> Option<ServiceTarget> {
    Some(ServiceTarget {
        target_group: TargetGroupArn::new(of.target_group_arn()?).into(),
        container: of.container_name()?.to_owned(),
        port: u16::try_from(of.container_port()?).ok()?,
    })
}
