//! The types of clusters, tasks, services and their scaling.

use globecart_aws::ec2::{
    Direction, Peer, SecurityGroup, SecurityGroupRule, SecurityGroupRuleRefs, Traffic,
};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::iam::{ManagedPolicy, Role, RolePolicyAttachment, RoleRefs};
use globecart_aws::logs::LogGroup;
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{SecurityGroupId, Stack, SubnetId};
use globecart_compute::{
    Architecture, CapacityProvider, CapacityShare, Cluster, ClusterRefs, Container,
    ContainerHealthCheck, ContainerInsights, ContainerLogs, EcsService, EcsServiceRefs, Image,
    MountPoint, ScalableTarget, ScalingPolicy, TaskDefinition, TaskDefinitionRefs, TrackedMetric,
    Volume, VolumeKind,
};
use globecart_network::{
    ElasticIp, InternetGateway, InternetGatewayAttachment, NatGateway, Route, RouteRefs,
    RouteTable, RouteTableAssociation, RouteTableAssociationRefs, Target,
};

use super::Case;
use super::Change::{InPlace, Replacement};
use super::cases::{case, subnet, vpc};

/// Every case.
pub(super) const ALL: &[Case] = &[
    case("a cluster", InPlace, |stack, changed| {
        let insights =
            if changed { ContainerInsights::Disabled } else { ContainerInsights::Enhanced };
        let spot = CapacityShare { provider: CapacityProvider::FargateSpot, base: 0, weight: 3 };
        let mut strategy = vec![CapacityShare::all_of(CapacityProvider::Fargate), spot];
        strategy.truncate(if changed { 1 } else { 2 });
        let cluster = Cluster::builder().insights(insights).default_strategy(strategy);
        stack.add("cluster", cluster.build())?;
        Ok(())
    }),
    case("a task definition", Replacement, |stack, changed| {
        definition(stack, if changed { 1024 } else { 512 })?;
        Ok(())
    }),
    // One policy goes while the service stays.
    case("a service and its scaling", InPlace, |stack, changed| {
        let (cluster, service) = service(stack, changed)?;
        let target = ScalableTarget::builder()
            .cluster(&cluster.name)
            .service(&service.name)
            .min(1)
            .max(if changed { 8 } else { 4 });
        let target = stack.add("target", target.build())?;
        let cpu = ScalingPolicy::builder()
            .resource(&target.resource)
            .metric(TrackedMetric::Cpu)
            .target(if changed { 50.0 } else { 60.0 })
            .out_cooldown_secs(30)
            .in_cooldown_secs(120)
            .scales_in(!changed);
        stack.add("cpu", cpu.build())?;
        if !changed {
            let memory = ScalingPolicy::builder().resource(&target.resource);
            stack.add("memory", memory.metric(TrackedMetric::Memory).target(70.0).build())?;
        }
        Ok(())
    }),
];

const DIGEST: &str = "public.ecr.aws/shop/web@sha256:\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn role(stack: &mut Stack, name: &str) -> Result<RoleRefs, Invalid> {
    let place = stack.place().clone();
    let source = format!("arn:aws:ecs:{}:{}:*", place.region, place.account);
    let trust = PolicyDocument::trust("ecs-tasks.amazonaws.com", &place, source);
    stack.add(name, Role::builder().trust(trust).description(name).build())
}

/// A task definition with everything that has a default.
fn definition(stack: &mut Stack, cpu: u32) -> Result<TaskDefinitionRefs, Invalid> {
    let (execution, task) = (role(stack, "execution")?, role(stack, "task")?);
    let logs = LogGroup::builder().build();
    let logs = stack.add("logs", logs)?;
    let write = Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"])
        .on(Input::join([logs.arn.part(), vec![":log-stream:*".into()]].concat()));
    let policy =
        ManagedPolicy::builder().document(PolicyDocument::new([write])).description("logs");
    let policy = stack.add("policy", policy.build())?;
    let attached = RolePolicyAttachment::builder().role(&execution.name).policy(&policy.arn);
    let attached = stack.add("attached", attached.build())?;
    let health = ContainerHealthCheck {
        interval_secs: 5,
        timeout_secs: 2,
        retries: 2,
        start_secs: 1,
        ..ContainerHealthCheck::program(["/bin/web", "health"])
    };
    let web = Container::builder()
        .name("web")
        .image(Image::digest(DIGEST))
        .ports([8443, 9443].into())
        .environment([("MODE".to_owned(), "shop".into())].into())
        .command(vec!["serve".to_owned()])
        .user("1001:1002")
        .drop_capabilities(["NET_RAW".to_owned()].into())
        .init(false)
        .mounts(vec![MountPoint { volume: "tmp".into(), path: "/tmp".into(), read_only: false }])
        .health_check(health)
        .logs(ContainerLogs::builder().group(&logs.name).prefix("web").blocking(true).build())
        .stop_timeout_secs(60)
        .build();
    let other = Container::builder()
        .name("other")
        .image(Image::Floating("public.ecr.aws/shop/other:1".into()))
        .essential(false)
        .read_only(false);
    let family = stack.fixed_name("definition", &globecart_aws::engine::NameRule::new(255))?;
    let definition = TaskDefinition::builder()
        .family(family)
        .cpu(cpu)
        .memory_mib(2048)
        .architecture(Architecture::Arm64)
        .ephemeral_storage_gib(30)
        .execution_role(&execution.arn)
        .task_role(&task.arn)
        .containers(vec![web, other.build()])
        .volumes(vec![Volume { name: "tmp".into(), kind: VolumeKind::Scratch }]);
    let definition = stack.add("definition", definition.build())?;
    stack.after(&definition, &attached);
    Ok(definition)
}

/// A service of two tasks in a private subnet with a NAT gateway.
fn service(stack: &mut Stack, changed: bool) -> Result<(ClusterRefs, EcsServiceRefs), Invalid> {
    let cluster = stack.add("cluster", Cluster::builder().build())?;
    let definition = definition(stack, if changed { 1024 } else { 512 })?;
    let Ground { subnet, group, ways_out } = network(stack)?;
    let spot = CapacityShare { provider: CapacityProvider::FargateSpot, base: 0, weight: 1 };
    let first = CapacityShare { provider: CapacityProvider::Fargate, base: 1, weight: 1 };
    let service = EcsService::builder()
        .cluster(&cluster.name)
        .task_definition(&definition.arn)
        .desired_count(2)
        .capacity(vec![first, spot])
        .subnets(vec![subnet])
        .security_groups(vec![group])
        .health_check_grace_secs(30)
        .minimum_healthy_percent(if changed { 50 } else { 100 })
        .maximum_percent(150)
        .circuit_breaker(!changed)
        .execute_command(changed)
        .rebalance_zones(!changed);
    let service = stack.add("service", service.build())?;
    let (route, association, rule) = ways_out;
    stack.after(&service, &route);
    stack.after(&service, &association);
    stack.after(&service, &rule);
    Ok((cluster, service))
}

/// Subnet and security group of the tasks, and what must be there before something gets out.
struct Ground {
    subnet: Input<SubnetId>,
    group: Input<SecurityGroupId>,
    ways_out: (RouteRefs, RouteTableAssociationRefs, SecurityGroupRuleRefs),
}

fn network(stack: &mut Stack) -> Result<Ground, Invalid> {
    let vpc = vpc(stack)?;
    let gateway = stack.add("gateway", InternetGateway::builder().build())?;
    let attachment = InternetGatewayAttachment::builder().gateway(&gateway.id).vpc(&vpc.id);
    let attachment = stack.add("attachment", attachment.build())?;
    let public = stack.add("public", subnet(&vpc, "10.0.0.0/24", "a"))?;
    let private = stack.add("private", subnet(&vpc, "10.0.1.0/24", "a"))?;
    let table = stack.add("table", RouteTable::builder().vpc(&vpc.id).build())?;
    let out = Route::builder()
        .table(&table.id)
        .destination("0.0.0.0/0".parse().unwrap())
        .target(Target::InternetGateway((&gateway.id).into()));
    let out = stack.add("out", out.build())?;
    stack.after(&out, &attachment);
    let associate = RouteTableAssociation::builder().table(&table.id).subnet(&public.id);
    stack.add("associate", associate.build())?;
    let address = stack.add("address", ElasticIp::builder().build())?;
    let nat = NatGateway::builder().subnet(&public.id).address(&address.id).build();
    let nat = stack.add("nat", nat)?;
    stack.after(&nat, &attachment);
    stack.after(&address, &attachment);
    let inner = stack.add("inner", RouteTable::builder().vpc(&vpc.id).build())?;
    let via = Route::builder()
        .table(&inner.id)
        .destination("0.0.0.0/0".parse().unwrap())
        .target(Target::NatGateway((&nat.id).into()));
    let via = stack.add("via", via.build())?;
    let associate = RouteTableAssociation::builder().table(&inner.id).subnet(&private.id);
    let associate = stack.add("associate-inner", associate.build())?;
    let group = SecurityGroup::builder().vpc(&vpc.id).description("tasks").build();
    let group = stack.add("group", group)?;
    let rule = SecurityGroupRule::builder()
        .group(&group.id)
        .direction(Direction::Egress)
        .traffic(Traffic::tcp(443))
        .peer(Peer::Cidr("0.0.0.0/0".parse().unwrap()))
        .description("out");
    let rule = stack.add("rule", rule.build())?;
    let ways_out = (via, associate, rule);
    Ok(Ground { subnet: (&private.id).into(), group: (&group.id).into(), ways_out })
}
