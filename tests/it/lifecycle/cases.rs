//! Small stacks that together declare every resource type, each with one change.

use globecart_aws::cloudwatch::{Comparison, Metric, MetricAlarm, Statistic};
use globecart_aws::ec2::{Direction, Peer, SecurityGroup, SecurityGroupRule, Traffic};
use globecart_aws::engine::Invalid;
use globecart_aws::iam::{ManagedPolicy, Role, RolePolicyAttachment, RoleRefs};
use globecart_aws::kms::{Alias, Key, KeyRefs};
use globecart_aws::logs::LogGroup;
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::s3::Bucket;
use globecart_aws::sns::{Protocol, Subscription, Topic};
use globecart_aws::{Ipv4, Stack, ZoneName};
use globecart_network::{
    AclAction, AclTraffic, DefaultNetworkAcl, DefaultSecurityGroup, DhcpOptions,
    DhcpOptionsAssociation, ElasticIp, FlowLog, GatewayVpcEndpoint, InterfaceVpcEndpoint,
    InternetGateway, InternetGatewayAttachment, InternetGatewayRefs, NatGateway, NetworkAcl,
    NetworkAclAssociation, NetworkAclEntry, Route, RouteTable, RouteTableAssociation, Subnet,
    Target, Vpc, VpcRefs,
};

use super::Change::{InPlace, Replacement};
use super::{Case, Change};

pub(super) const fn case(
    name: &'static str,
    change: Change,
    declare: fn(&mut Stack, bool) -> Result<(), Invalid>,
) -> Case {
    Case { name, declare, change }
}

/// Every case.
pub(crate) const ALL: &[Case] = &[
    case("a VPC's range", Replacement, |stack, changed| {
        let cidr = if changed { "10.1.0.0/16" } else { "10.0.0.0/16" };
        stack.add("vpc", Vpc::builder().cidr(cidr.parse().unwrap()).build())?;
        Ok(())
    }),
    case("a VPC's DNS", InPlace, |stack, changed| {
        stack.add(
            "vpc",
            Vpc::builder().cidr("10.0.0.0/16".parse().unwrap()).dns_hostnames(!changed).build(),
        )?;
        Ok(())
    }),
    case("what comes with a VPC", InPlace, |stack, changed| {
        let vpc =
            Vpc::builder().cidr("10.0.0.0/16".parse().unwrap()).dns_hostnames(!changed).build();
        let vpc = stack.add("vpc", vpc)?;
        stack.add("default-group", DefaultSecurityGroup::builder().vpc(&vpc.id).build())?;
        stack.add("default-acl", DefaultNetworkAcl::builder().vpc(&vpc.id).build())?;
        Ok(())
    }),
    case("a set of DHCP options", Replacement, |stack, changed| {
        let vpc = vpc(stack)?;
        let server = |address| Ipv4::new(address).into();
        let second = if changed { "10.0.0.7" } else { "10.0.0.6" };
        let options = DhcpOptions::builder()
            .domain_name("shop.internal")
            .domain_name_servers(vec![server("10.0.0.9"), server(second)])
            .ntp_servers(vec![server("10.0.0.8")]);
        let options = stack.add("options", options.build())?;
        let association = DhcpOptionsAssociation::builder().vpc(&vpc.id).options(&options.id);
        stack.add("use", association.build())?;
        Ok(())
    }),
    case("whose DHCP options a VPC has", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let lab = Vpc::builder().cidr("10.1.0.0/16".parse().unwrap()).build();
        let lab = stack.add("lab", lab)?;
        let mut options = stack.add("theirs", DhcpOptions::builder().build())?;
        if !changed {
            options =
                stack.add("ours", DhcpOptions::builder().domain_name("a.internal").build())?;
            // When this goes, the lab stays, and must have given the options back before they can go too.
            let association = DhcpOptionsAssociation::builder().vpc(&lab.id).options(&options.id);
            stack.add("lab-use", association.build())?;
        }
        let association = DhcpOptionsAssociation::builder().vpc(&vpc.id).options(&options.id);
        stack.add("use", association.build())?;
        Ok(())
    }),
    case("a subnet", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        stack
            .add("subnet", Subnet { map_public_ip: changed, ..subnet(&vpc, "10.0.0.0/24", "a") })?;
        Ok(())
    }),
    case("a route to the internet", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let (gateway, attachment) = gateway(stack, &vpc)?;
        let subnet = stack.add("subnet", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let address = stack.add("address", ElasticIp::builder().build())?;
        let nat = stack
            .add("nat", NatGateway::builder().subnet(&subnet.id).address(&address.id).build())?;
        stack.after(&nat, &attachment);
        stack.after(&address, &attachment);
        let table = stack.add("table", RouteTable::builder().vpc(&vpc.id).build())?;
        let target = if changed {
            Target::NatGateway(nat.id.accepted())
        } else {
            Target::InternetGateway((&gateway.id).into())
        };
        let destination = "0.0.0.0/0".parse().unwrap();
        let route =
            Route::builder().table(&table.id).destination(destination).target(target).build();
        let route = stack.add("route", route)?;
        stack.after(&route, &attachment);
        Ok(())
    }),
    case("whose table a subnet uses", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let subnet = stack.add("subnet", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let one = stack.add("one", RouteTable::builder().vpc(&vpc.id).build())?;
        let other = stack.add("other", RouteTable::builder().vpc(&vpc.id).build())?;
        let table = if changed { &other } else { &one };
        stack.add(
            "use",
            RouteTableAssociation::builder().table(&table.id).subnet(&subnet.id).build(),
        )?;
        Ok(())
    }),
    case("a network ACL", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let subnet = stack.add("subnet", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let acl = stack.add("acl", NetworkAcl::builder().vpc(&vpc.id).build())?;
        let entry = NetworkAclEntry::builder()
            .acl(&acl.id)
            .number(100)
            .direction(Direction::Ingress)
            .traffic(AclTraffic::All)
            .peer("10.0.0.0/8".parse().unwrap())
            .action(if changed { AclAction::Deny } else { AclAction::Allow });
        stack.add("entry", entry.build())?;
        stack
            .add("use", NetworkAclAssociation::builder().acl(&acl.id).subnet(&subnet.id).build())?;
        Ok(())
    }),
    case("a gateway endpoint", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let one = stack.add("one", RouteTable::builder().vpc(&vpc.id).build())?;
        let other = stack.add("other", RouteTable::builder().vpc(&vpc.id).build())?;
        let both = vec![one.id.accepted(), other.id.accepted()];
        let tables = both.into_iter().take(if changed { 2 } else { 1 }).collect();
        let service = "com.amazonaws.us-east-1.s3";
        let endpoint =
            GatewayVpcEndpoint::builder().vpc(&vpc.id).service(service).route_tables(tables);
        stack.add("s3", endpoint.build())?;
        Ok(())
    }),
    case("an interface endpoint", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let subnet = stack.add("subnet", subnet(&vpc, "10.0.0.0/24", "a"))?;
        let group = SecurityGroup::builder().vpc(&vpc.id).description("endpoints").build();
        let group = stack.add("group", group)?;
        let endpoint = InterfaceVpcEndpoint::builder()
            .vpc(&vpc.id)
            .service("com.amazonaws.us-east-1.kms")
            .subnets(vec![(&subnet.id).into()])
            .security_groups(vec![(&group.id).into()])
            .private_dns(!changed);
        stack.add("kms", endpoint.build())?;
        Ok(())
    }),
    case("a security group's rule", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let group = |text: &str| SecurityGroup::builder().vpc(&vpc.id).description(text).build();
        let (client, server) = (group("clients"), group("servers"));
        let client = stack.add("client", client)?;
        let server = stack.add("server", server)?;
        let rule = SecurityGroupRule::builder()
            .group(&server.id)
            .direction(Direction::Ingress)
            .traffic(Traffic::tcp(if changed { 5433 } else { 5432 }))
            .peer(Peer::group(&client.id))
            .description("clients");
        stack.add("rule", rule.build())?;
        Ok(())
    }),
    case("a flow log", Replacement, |stack, changed| {
        let vpc = vpc(stack)?;
        let group = stack.add("group", LogGroup::builder().build())?;
        let role = role(stack, 3600)?;
        let flow_log = FlowLog::builder().vpc(&vpc.id).log_group(&group.name).role(&role.arn);
        stack.add("flow-log", flow_log.interval_secs(if changed { 600 } else { 60 }).build())?;
        Ok(())
    }),
    case("a log group", InPlace, |stack, changed| {
        let key = key(stack, 365)?;
        let group =
            LogGroup::builder().retention_days(if changed { 30 } else { 365 }).kms_key(&key.arn);
        stack.add("group", group.build())?;
        Ok(())
    }),
    case("a key", InPlace, |stack, changed| {
        let key = key(stack, if changed { 180 } else { 365 })?;
        stack.add("alias", Alias::builder().key(&key.id).build())?;
        Ok(())
    }),
    case("a role", InPlace, |stack, changed| {
        role(stack, if changed { 7200 } else { 3600 })?;
        Ok(())
    }),
    case("a role's policy", InPlace, |stack, changed| {
        let role = role(stack, 3600)?;
        let action = if changed { "logs:PutLogEvents" } else { "logs:CreateLogStream" };
        let on = "arn:aws:logs:us-east-1:123456789012:log-group:*";
        let document = PolicyDocument::new([Statement::allow([action]).on(on)]);
        let policy = ManagedPolicy::builder().document(document).description("writes logs").build();
        let policy = stack.add("policy", policy)?;
        stack.add(
            "attach",
            RolePolicyAttachment::builder().role(&role.name).policy(&policy.arn).build(),
        )?;
        Ok(())
    }),
    case("an alarm", InPlace, |stack, changed| {
        let metric = Metric::new("AWS/NATGateway", "ErrorPortAllocation", Statistic::Sum);
        let alarm = MetricAlarm::builder()
            .description("ports run out")
            .watch(metric.dimension("NatGatewayId", "nat-1"))
            .comparison(Comparison::GreaterThan)
            .threshold(if changed { 1.0 } else { 0.0 })
            .evaluation_periods(15)
            .alarm_actions(vec![]);
        stack.add("alarm", alarm.build())?;
        Ok(())
    }),
    case("a topic", InPlace, |stack, changed| {
        let policy = PolicyDocument::new([Statement::alarms_may_publish(&stack.place().clone())]);
        let name = if changed { "Alerts" } else { "Alarms" };
        stack.add("topic", Topic::builder().policy(policy).display_name(name).build())?;
        Ok(())
    }),
    case("a subscription", Replacement, |stack, changed| {
        let topic = stack.add("topic", Topic::builder().policy(PolicyDocument::new([])).build())?;
        let endpoint = if changed { "https://b.example/alarm" } else { "https://a.example/alarm" };
        let subscription =
            Subscription::builder().topic(&topic.arn).protocol(Protocol::Https).endpoint(endpoint);
        stack.add("subscription", subscription.build())?;
        Ok(())
    }),
    case("a bucket", InPlace, |stack, changed| {
        stack.add("bucket", Bucket::builder().versioning(!changed).build())?;
        Ok(())
    }),
];

pub(super) fn vpc(stack: &mut Stack) -> Result<VpcRefs, Invalid> {
    stack.add("vpc", Vpc::builder().cidr("10.0.0.0/16".parse().unwrap()).build())
}

pub(super) fn subnet(vpc: &VpcRefs, cidr: &str, zone: &str) -> Subnet {
    let zone = ZoneName::new(format!("us-east-1{zone}"));
    Subnet::builder().vpc(&vpc.id).cidr(cidr.parse().unwrap()).zone(zone).build()
}

pub(super) fn gateway(
    stack: &mut Stack,
    vpc: &VpcRefs,
) -> Result<(InternetGatewayRefs, globecart_network::InternetGatewayAttachmentRefs), Invalid> {
    let gateway = stack.add("gateway", InternetGateway::builder().build())?;
    let attachment = InternetGatewayAttachment::builder().gateway(&gateway.id).vpc(&vpc.id).build();
    let attachment = stack.add("attachment", attachment)?;
    Ok((gateway, attachment))
}

pub(super) fn key(stack: &mut Stack, rotation_days: u16) -> Result<KeyRefs, Invalid> {
    let place = stack.place().clone();
    let logs = Statement::logs_may_use(&place, LogGroup::pattern(&place, stack.name()));
    let policy = PolicyDocument::for_key(&place, [logs]);
    stack.add(
        "key",
        Key::builder().description("logs").policy(policy).rotation_days(rotation_days).build(),
    )
}

fn role(stack: &mut Stack, max_session_secs: u32) -> Result<RoleRefs, Invalid> {
    let source = "arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/*";
    let trust = PolicyDocument::trust("vpc-flow-logs.amazonaws.com", stack.place(), source);
    let role = Role::builder()
        .trust(trust)
        .description("writes flow logs")
        .max_session_secs(max_session_secs);
    stack.add("role", role.build())
}
