//! The resource types of load balancing, each with one change.

use globecart_aws::Stack;
use globecart_aws::ec2::{SecurityGroup, SecurityGroupRefs};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::s3::Bucket;
use globecart_compute::{
    Action, Balancing, DesyncMitigation, HealthCheck, Listener, LoadBalancer, LoadBalancerRefs,
    LogDestination, TargetGroup, TargetProtocol,
};
use globecart_network::{InternetGatewayAttachmentRefs, SubnetRefs, VpcRefs};

use super::Case;
use super::Change::{InPlace, Replacement};
use super::cases::{case, gateway, subnet, vpc};

/// Every case.
pub(super) const ALL: &[Case] = &[
    case("a load balancer's attributes", InPlace, |stack, changed| {
        let place = place(stack)?;
        let logs = logs(stack)?;
        let mut balancer = balancer(&place);
        balancer.access_logs =
            Some(LogDestination { prefix: "requests".to_owned(), ..logs.clone() });
        balancer.connection_logs = (!changed).then_some(logs);
        balancer.desync_mitigation =
            if changed { DesyncMitigation::Strictest } else { DesyncMitigation::Monitor };
        balancer.idle_timeout_secs = if changed { 61 } else { 120 };
        balancer.tls_headers = changed;
        balancer.zonal_shift = true;
        let balancer = stack.add("balancer", balancer)?;
        stack.after(&balancer, &place.attachment);
        Ok(())
    }),
    case("a load balancer's subnets and groups", InPlace, |stack, changed| {
        let place = place(stack)?;
        let other = stack.add("other", subnet(&place.vpc, "10.0.2.0/24", "c"))?;
        let mut balancer = balancer(&place);
        if changed {
            balancer.subnets[1] = (&other.id).into();
            balancer.security_groups.remove(0);
        }
        let balancer = stack.add("balancer", balancer)?;
        stack.after(&balancer, &place.attachment);
        Ok(())
    }),
    case("a load balancer's scheme", Replacement, |stack, changed| {
        let place = place(stack)?;
        let internal = LoadBalancer { internal: !changed, ..balancer(&place) };
        let balancer = stack.add("balancer", internal)?;
        stack.after(&balancer, &place.attachment);
        Ok(())
    }),
    case("a target group's port", Replacement, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let port = if changed { 8444 } else { 8443 };
        let group = TargetGroup { port, ..target_group(&place) };
        let group = stack.add("group", group)?;
        let listener = listener(&balancer, Action::forward(&group.arn));
        stack.add("listener", listener)?;
        Ok(())
    }),
    case("a target group's health check and attributes", InPlace, |stack, changed| {
        let place = place(stack)?;
        let mut group = target_group(&place);
        group.protocol = TargetProtocol::Http2OverTls;
        if changed {
            "/ready".clone_into(&mut group.health_check.path);
            group.deregistration_delay_secs = 60;
            group.balancing = Balancing::RoundRobin;
            group.slow_start_secs = 30;
            group.sticky_secs = Some(3600);
        } else {
            group.sticky_secs = Some(60);
        }
        stack.add("group", group)?;
        Ok(())
    }),
    case("a listener's action", InPlace, |stack, changed| {
        let place = place(stack)?;
        let balancer = inside(stack, &place)?;
        let action = if changed {
            Action::RedirectToHttps { port: 443 }
        } else {
            Action::respond(404, "nothing here")
        };
        let mut listener = listener(&balancer, action);
        listener.server_header = changed;
        stack.add("listener", listener)?;
        Ok(())
    }),
];

/// Where load balancers stand.
struct Place {
    vpc: VpcRefs,
    subnets: [SubnetRefs; 2],
    groups: [SecurityGroupRefs; 2],
    attachment: InternetGatewayAttachmentRefs,
}

fn place(stack: &mut Stack) -> Result<Place, Invalid> {
    let vpc = vpc(stack)?;
    let (_, attachment) = gateway(stack, &vpc)?;
    let first = stack.add("first", subnet(&vpc, "10.0.0.0/24", "a"))?;
    let second = stack.add("second", subnet(&vpc, "10.0.1.0/24", "b"))?;
    let mut group = |name: &str| {
        stack.add(name, SecurityGroup::builder().vpc(&vpc.id).description(name).build())
    };
    let groups = [group("one")?, group("two")?];
    Ok(Place { vpc, subnets: [first, second], groups, attachment })
}

fn balancer(place: &Place) -> LoadBalancer {
    LoadBalancer::builder()
        .subnets(place.subnets.iter().map(|subnet| Input::from(&subnet.id)).collect())
        .security_groups(place.groups.iter().map(|group| Input::from(&group.id)).collect())
        .build()
}

/// A load balancer that is reached from inside alone.
fn inside(stack: &mut Stack, place: &Place) -> Result<LoadBalancerRefs, Invalid> {
    stack.add("balancer", LoadBalancer { internal: true, ..balancer(place) })
}

fn target_group(place: &Place) -> TargetGroup {
    let health_check = HealthCheck::builder().path("/healthz").codes("200-299").port(8080).build();
    TargetGroup::builder().vpc(&place.vpc.id).port(8443).health_check(health_check).build()
}

fn listener(balancer: &LoadBalancerRefs, action: Action) -> Listener {
    Listener::builder().load_balancer(balancer.arn.accepted()).port(80).action(action).build()
}

/// A bucket that takes the logs of load balancers.
fn logs(stack: &mut Stack) -> Result<LogDestination, Invalid> {
    let deliver = Statement::allow(["s3:PutObject"])
        .service("logdelivery.elasticloadbalancing.amazonaws.com")
        .from_account(stack.place())
        .on("/*");
    let bucket = Bucket::builder()
        .access(PolicyDocument::new([deliver]))
        .versioning(false)
        .force_empty(true)
        .build();
    let bucket = stack.add("logs", bucket)?;
    Ok(LogDestination::new(&bucket.name, ""))
}
