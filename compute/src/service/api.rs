//! Services as ECS takes them.

use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration, DeploymentAlarms,
    DeploymentCircuitBreaker, DeploymentConfiguration, LoadBalancer, NetworkConfiguration,
};

use super::{EcsService, ServiceTarget};

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Where the tasks are; none has a public address.
pub(super) fn network(of: &EcsService) -> NetworkConfiguration {
    let subnets = of.subnets.iter().map(|id| id.known().to_string()).collect();
    let groups = of.security_groups.iter().map(|id| id.known().to_string()).collect();
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(subnets))
        .set_security_groups(Some(groups))
        .assign_public_ip(AssignPublicIp::Disabled)
        .build()
        .expect("the subnets are set");
    NetworkConfiguration::builder().awsvpc_configuration(vpc).build()
}

pub(super) fn load_balancers(of: &EcsService) -> Vec<LoadBalancer> {
    let one = |target: &ServiceTarget| {
        LoadBalancer::builder()
            .target_group_arn(target.target_group.known().as_str())
            .container_name(&target.container)
            .container_port(i32::from(target.port))
            .build()
    };
    of.load_balancers.iter().map(one).collect()
}

/// ECS takes a grace period only where there is a load balancer.
pub(super) fn grace(of: &EcsService) -> Option<i32> {
    (!of.load_balancers.is_empty()).then(|| number(of.health_check_grace_secs))
}

pub(super) fn deployment(of: &EcsService) -> DeploymentConfiguration {
    let breaker = DeploymentCircuitBreaker::builder()
        .enable(of.circuit_breaker)
        .rollback(of.circuit_breaker)
        .build();
    let names = of.rollback_alarms.iter().map(|name| name.known().to_string()).collect();
    let watched = !of.rollback_alarms.is_empty();
    let alarms = DeploymentAlarms::builder()
        .set_alarm_names(Some(names))
        .enable(watched)
        .rollback(watched)
        .build()
        .expect("the names are set");
    DeploymentConfiguration::builder()
        .minimum_healthy_percent(number(of.minimum_healthy_percent))
        .maximum_percent(number(of.maximum_percent))
        .deployment_circuit_breaker(breaker)
        .alarms(alarms)
        .build()
}

pub(super) fn rebalancing(of: &EcsService) -> AvailabilityZoneRebalancing {
    if of.rebalance_zones {
        AvailabilityZoneRebalancing::Enabled
    } else {
        AvailabilityZoneRebalancing::Disabled
    }
}
