//! What a network declares, in its main variants.

use std::collections::BTreeMap;

use globecart_aws::engine::plan::{Plan, Scope, plan};
use globecart_aws::engine::{Clock, Invalid, Place, State, Zone};
use globecart_aws::network::{Egress, GatewayEndpoint, InterfaceEndpoint, NetworkOutputs, Tier};
use globecart_aws::{AlertRoute, Aws, Environment, Options, Stack, TopicArn, Waived, http_client};
use globecart_local_aws::{Cloud, Options as CloudOptions, SdkClient};
use serde_json::{Value, json};

use crate::{FlowLogs, Nat, Network};

mod arguments;

async fn connect() -> Aws {
    let options = Options {
        region: Some("eu-central-1".to_owned()),
        clock: Clock::wall(),
        http_client: Some(http_client(SdkClient::new(Cloud::in_memory(CloudOptions::default())))),
        endpoint: None,
        credentials: false,
    };
    Aws::connect(options).await.unwrap()
}

/// A stack where there are four zones.
fn stack() -> Stack {
    let zone = |number: u8| Zone {
        name: format!("eu-central-1{}", ["a", "b", "c", "d"][usize::from(number) - 1]),
        id: format!("euc1-az{number}"),
    };
    let place = Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        zones: (1..=4).map(zone).collect(),
    };
    Stack::new("shop", place).unwrap()
}

fn declared(network: Network) -> (Stack, NetworkOutputs) {
    let mut stack = stack();
    let outputs = stack.component("network", network).unwrap();
    stack.check().unwrap();
    (stack, outputs)
}

async fn planned(network: Network) -> Plan {
    let (stack, _) = declared(network);
    let state = State::new("shop", stack.place(), 0);
    plan(&connect().await, &stack, &state, &Clock::wall(), &Scope::default()).await.unwrap()
}

/// The plan by type; what there is in every zone, and the entries of an ACL, on one line with their number.
fn listed(plan: &Plan) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in &plan.steps {
        let name = step.address.as_str().trim_start_matches("network/");
        let name = (1..=4)
            .fold(name.to_owned(), |name, zone| name.replace(&format!("euc1-az{zone}"), "ZONE"));
        let entry = step.kind == "ec2:NetworkAclEntry";
        let name = name.trim_end_matches(|c: char| entry && c.is_ascii_digit());
        *counts.entry(format!("{:<32}{name}", step.kind)).or_default() += 1;
    }
    let line =
        |(line, count): (String, usize)| if count > 1 { format!("{line} x{count}") } else { line };
    counts.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The lines in which two lists differ.
fn difference(before: &str, after: &str) -> String {
    let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line));
    let come = after.lines().filter(|line| !before.lines().any(|other| other == *line));
    let lines = gone.map(|line| format!("- {line}")).chain(come.map(|line| format!("+ {line}")));
    lines.collect::<Vec<_>>().join("\n")
}

/// An argument of a resource as it is declared.
fn argument(plan: &Plan, address: &str, name: &str) -> Value {
    let address = format!("network/{address}");
    let step = plan.steps.iter().find(|step| step.address.as_str() == address).unwrap();
    step.fields.iter().find(|field| field.name == name).unwrap().new.clone()
}

fn reference(address: &str, output: &str, when: &str) -> Value {
    json!({ "$ref": format!("network/{address}"), "output": output, "when": when })
}

#[tokio::test(start_paused = true)]
async fn the_default() {
    let plan = planned(Network::builder().build()).await;
    insta::assert_snapshot!(listed(&plan), @"
    cloudwatch:MetricAlarm          nat-ZONE-drops x3
    cloudwatch:MetricAlarm          nat-ZONE-ports x3
    ec2:DefaultNetworkAcl           default-acl
    ec2:DefaultSecurityGroup        default-security-group
    ec2:ElasticIp                   nat-ZONE-address x3
    ec2:FlowLog                     flow-log
    ec2:GatewayVpcEndpoint          endpoint-s3
    ec2:InternetGateway             internet-gateway
    ec2:InternetGatewayAttachment   internet-gateway-attachment
    ec2:NatGateway                  nat-ZONE x3
    ec2:NetworkAcl                  data-acl
    ec2:NetworkAcl                  private-acl
    ec2:NetworkAcl                  public-acl
    ec2:NetworkAclAssociation       data-ZONE-filtering x3
    ec2:NetworkAclAssociation       private-ZONE-filtering x3
    ec2:NetworkAclAssociation       public-ZONE-filtering x3
    ec2:NetworkAclEntry             data-acl-in- x4
    ec2:NetworkAclEntry             data-acl-out- x2
    ec2:NetworkAclEntry             private-acl-in- x8
    ec2:NetworkAclEntry             private-acl-out-
    ec2:NetworkAclEntry             public-acl-in- x8
    ec2:NetworkAclEntry             public-acl-out-
    ec2:Route                       private-ZONE-routes-internet x3
    ec2:Route                       public-routes-internet
    ec2:RouteTable                  data-routes
    ec2:RouteTable                  private-ZONE-routes x3
    ec2:RouteTable                  public-routes
    ec2:RouteTableAssociation       data-ZONE-routing x3
    ec2:RouteTableAssociation       private-ZONE-routing x3
    ec2:RouteTableAssociation       public-ZONE-routing x3
    ec2:Subnet                      data-ZONE x3
    ec2:Subnet                      private-ZONE x3
    ec2:Subnet                      public-ZONE x3
    ec2:Vpc                         vpc
    iam:ManagedPolicy               flow-log-policy
    iam:Role                        flow-log-role
    iam:RolePolicyAttachment        flow-log-role-policy
    kms:Alias                       flow-log-key-alias
    kms:Key                         flow-log-key
    logs:LogGroup                   flow-log-group
    ");
    insta::assert_snapshot!(plan.notices.join("\n"), @"
    the network's alarms tell nobody: give it `alerts`
    ");
}

#[tokio::test(start_paused = true)]
async fn in_development_there_is_a_single_gateway() {
    let production = listed(&planned(Network::builder().build()).await);
    let network = Network::builder().environment(Environment::Development).build();
    insta::assert_snapshot!(difference(&production, &listed(&planned(network).await)), @"
    - cloudwatch:MetricAlarm          nat-ZONE-drops x3
    - cloudwatch:MetricAlarm          nat-ZONE-ports x3
    - ec2:ElasticIp                   nat-ZONE-address x3
    - ec2:NatGateway                  nat-ZONE x3
    + cloudwatch:MetricAlarm          nat-ZONE-drops
    + cloudwatch:MetricAlarm          nat-ZONE-ports
    + ec2:ElasticIp                   nat-ZONE-address
    + ec2:NatGateway                  nat-ZONE
    ");
}

#[tokio::test(start_paused = true)]
async fn without_nat_there_are_endpoints() {
    let default = listed(&planned(Network::builder().build()).await);
    let network = Network::builder()
        .nat(Nat::None)
        .interface_endpoints([InterfaceEndpoint::EcrApi, InterfaceEndpoint::Logs])
        .flow_logs(FlowLogs::Off(Waived::because("a sandbox")))
        .alerts(AlertRoute::Nowhere(Waived::because("nobody is on call")))
        .build();
    let plan = planned(network).await;
    insta::assert_snapshot!(difference(&default, &listed(&plan)), @"
    - cloudwatch:MetricAlarm          nat-ZONE-drops x3
    - cloudwatch:MetricAlarm          nat-ZONE-ports x3
    - ec2:ElasticIp                   nat-ZONE-address x3
    - ec2:FlowLog                     flow-log
    - ec2:NatGateway                  nat-ZONE x3
    - ec2:Route                       private-ZONE-routes-internet x3
    - iam:ManagedPolicy               flow-log-policy
    - iam:Role                        flow-log-role
    - iam:RolePolicyAttachment        flow-log-role-policy
    - kms:Alias                       flow-log-key-alias
    - kms:Key                         flow-log-key
    - logs:LogGroup                   flow-log-group
    + cloudwatch:MetricAlarm          endpoint-ecr.api-drops
    + cloudwatch:MetricAlarm          endpoint-logs-drops
    + ec2:InterfaceVpcEndpoint        endpoint-ecr.api
    + ec2:InterfaceVpcEndpoint        endpoint-logs
    + ec2:SecurityGroup               endpoints
    + ec2:SecurityGroupRule           endpoints-from-private
    ");
    insta::assert_snapshot!(plan.notices.join("\n"), @"
    waived: recording the network's traffic (a sandbox)
    waived: sending alarms to somebody (nobody is on call)
    ");
}

#[test]
fn outputs_say_how_the_outside_is_reached() {
    let (_, default) = declared(Network::builder().build());
    assert_eq!(default.egress, Egress::Internet);
    assert_eq!((default.nat_addresses.len(), default.ways_out.len()), (3, 4));
    assert!(default.reaches(InterfaceEndpoint::Sqs) && default.reaches_s3());

    let closed = Network::builder().nat(Nat::None).gateway_endpoints([]);
    let closed = closed.interface_endpoints([InterfaceEndpoint::Kms]).build();
    let (_, closed) = declared(closed);
    assert_eq!(closed.egress, Egress::None);
    assert!(closed.reaches(InterfaceEndpoint::Kms) && !closed.reaches(InterfaceEndpoint::Sqs));
    assert!(!closed.reaches_s3());
}

#[test]
fn a_zone_that_is_added_moves_nothing() {
    let ranges = |zones: &[&str]| {
        let (_, network) = declared(Network::builder().zone_ids(zones.iter().copied()).build());
        let range = |tier, zone| network.subnet(tier, zone).map(|subnet| subnet.cidr.to_string());
        Tier::ALL.map(|tier| ["euc1-az1", "euc1-az2", "euc1-az4"].map(|zone| range(tier, zone)))
    };
    let some = |text: &str| Some(text.to_owned());
    let three = ranges(&["euc1-az4", "euc1-az1", "euc1-az2"]);
    assert_eq!(three[0], [some("10.0.144.0/24"), some("10.0.145.0/24"), some("10.0.147.0/24")]);
    assert_eq!(three[1], [some("10.0.0.0/20"), some("10.0.16.0/20"), some("10.0.48.0/20")]);
    assert_eq!(three[2], [some("10.0.128.0/23"), some("10.0.130.0/23"), some("10.0.134.0/23")]);
    for (before, after) in ranges(&["euc1-az1", "euc1-az4"]).iter().zip(&three) {
        assert_eq!((&before[0], &before[1], &before[2]), (&after[0], &None, &after[2]));
    }
}

#[tokio::test(start_paused = true)]
async fn every_zone_uses_its_own_gateway_as_soon_as_it_has_an_id() {
    let plan = planned(Network::builder().build()).await;
    for zone in ["euc1-az1", "euc1-az2", "euc1-az3"] {
        let target = argument(&plan, &format!("private-{zone}-routes-internet"), "target");
        assert_eq!(target["nat_gateway"], reference(&format!("nat-{zone}"), "id", "accepted"));
    }
    let single = planned(Network::builder().nat(Nat::Single).build()).await;
    let target = argument(&single, "private-euc1-az3-routes-internet", "target");
    assert_eq!(target["nat_gateway"], reference("nat-euc1-az1", "id", "accepted"));
}

#[test]
fn what_references_do_not_show_is_waited_for() {
    let network = Network::builder().interface_endpoints([InterfaceEndpoint::Kms]).build();
    let (stack, _) = declared(network);
    let waits = |later: &str, earlier: &str| {
        let is = |address: &str, name: &str| address.strip_prefix("network/") == Some(name);
        let mut needs = stack.needs().filter(|(address, _)| is(address.as_str(), later));
        let (_, needs) = needs.next().unwrap();
        assert!(needs.keys().any(|need| is(need.as_str(), earlier)), "{later} after {earlier}");
    };
    waits("nat-euc1-az1", "internet-gateway-attachment");
    waits("nat-euc1-az1-address", "internet-gateway-attachment");
    waits("flow-log", "flow-log-role-policy");
    waits("endpoint-kms", "endpoints-from-private");
    waits("data-euc1-az2-filtering", "data-acl-in-110");
}

/// The private tier's route leads to a gateway that may still start; the subnet itself can be used before.
#[tokio::test(start_paused = true)]
async fn a_subnet_is_given_to_others_with_its_routes_and_its_acl() {
    let (mut stack, network) = declared(Network::builder().build());
    let subnet = network.subnet(Tier::Private, "euc1-az1").unwrap();
    stack.export("subnet", &subnet.id).unwrap();
    let state = State::new("shop", stack.place(), 0);
    let plan =
        plan(&connect().await, &stack, &state, &Clock::wall(), &Scope::default()).await.unwrap();
    assert_eq!(plan.exports["subnet"], reference("private-euc1-az1-filtering", "subnet", "ready"));
    let routed = reference("private-euc1-az1-routing", "subnet", "ready");
    assert_eq!(argument(&plan, "private-euc1-az1-filtering", "subnet"), routed);
    let leading_out = reference("private-euc1-az1-routes-internet", "table", "ready");
    assert_eq!(argument(&plan, "private-euc1-az1-routing", "table"), leading_out);
}

#[tokio::test(start_paused = true)]
async fn alarms_tell_whoever_is_on_call() {
    let topic = TopicArn::new("arn:aws:sns:eu-central-1:123456789012:on-call");
    let plan = planned(Network::builder().alerts(AlertRoute::topic(topic.clone())).build()).await;
    for alarm in ["nat-euc1-az1-ports", "nat-euc1-az3-drops"] {
        assert_eq!(argument(&plan, alarm, "alarm_actions"), json!([topic]));
    }
    assert!(plan.notices.is_empty(), "{:?}", plan.notices);
}

/// Ports that nobody outside may reach (Security Hub EC2.21), and what the data tier is for.
#[tokio::test(start_paused = true)]
async fn acls_let_in_what_a_tier_is_for() {
    let plan = planned(Network::builder().build()).await;
    let mut lines = Vec::new();
    for step in plan.steps.iter().filter(|step| step.kind == "ec2:NetworkAclEntry") {
        let name = step.address.as_str().trim_start_matches("network/");
        let of = |field: &str| argument(&plan, name, field);
        let (traffic, peer) = (of("traffic").to_string(), of("peer"));
        lines.push(format!(
            "{name:<20} {:<32} {}",
            traffic.replace('"', ""),
            peer.as_str().unwrap()
        ));
        let range =
            |protocol: &str| traffic.contains(protocol).then(|| of("traffic")[protocol].clone());
        let open = name.contains("-in-") && peer == "0.0.0.0/0";
        for ports in [range("tcp"), range("udp")].into_iter().flatten().filter(|_| open) {
            let holds =
                |port: u64| (ports["from"].as_u64()..=ports["to"].as_u64()).contains(&Some(port));
            assert!(!holds(22) && !holds(3389), "{name} lets in {ports}");
        }
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"), @"
    data-acl-in-100      {tcp:{from:5432,to:5432}}        10.0.0.0/17
    data-acl-in-110      {tcp:{from:6379,to:6379}}        10.0.0.0/17
    data-acl-in-120      {tcp:{from:2049,to:2049}}        10.0.0.0/17
    data-acl-in-130      all                              10.0.128.0/20
    data-acl-out-100     {tcp:{from:1024,to:65535}}       10.0.0.0/17
    data-acl-out-110     all                              10.0.128.0/20
    private-acl-in-100   all                              10.0.0.0/17
    private-acl-in-110   {tcp:{from:0,to:65535}}          10.0.144.0/21
    private-acl-in-120   {tcp:{from:1024,to:65535}}       10.0.128.0/20
    private-acl-in-130   {tcp:{from:1024,to:3388}}        0.0.0.0/0
    private-acl-in-140   {tcp:{from:3390,to:65535}}       0.0.0.0/0
    private-acl-in-150   {udp:{from:1024,to:3388}}        0.0.0.0/0
    private-acl-in-160   {udp:{from:3390,to:65535}}       0.0.0.0/0
    private-acl-in-170   {icmp:{code:4,kind:3}}           0.0.0.0/0
    private-acl-out-100  all                              0.0.0.0/0
    public-acl-in-100    all                              10.0.0.0/17
    public-acl-in-110    {tcp:{from:80,to:80}}            0.0.0.0/0
    public-acl-in-120    {tcp:{from:443,to:443}}          0.0.0.0/0
    public-acl-in-130    {tcp:{from:1024,to:3388}}        0.0.0.0/0
    public-acl-in-140    {tcp:{from:3390,to:65535}}       0.0.0.0/0
    public-acl-in-150    {udp:{from:1024,to:3388}}        0.0.0.0/0
    public-acl-in-160    {udp:{from:3390,to:65535}}       0.0.0.0/0
    public-acl-in-170    {icmp:{code:4,kind:3}}           0.0.0.0/0
    public-acl-out-100   all                              0.0.0.0/0
    ");
}

#[tokio::test(start_paused = true)]
async fn the_hatches_change_what_is_declared() {
    let network = Network::builder()
        .zones(1)
        .adjust_vpc(|vpc| crate::Vpc { dns_hostnames: false, ..vpc })
        .adjust_subnet(|tier, subnet| crate::Subnet {
            map_public_ip: tier == Tier::Public,
            ..subnet
        })
        .adjust_acl(|tier, mut entries| {
            if tier == Tier::Data {
                entries.retain(|entry| entry.number != 120);
            }
            entries
        })
        .adjust_gateway_endpoint(|_, endpoint| crate::GatewayVpcEndpoint {
            service: "com.amazonaws.eu-central-1.s3express".to_owned(),
            ..endpoint
        })
        .interface_endpoints([InterfaceEndpoint::Kms])
        .adjust_interface_endpoint(|_, endpoint| crate::InterfaceVpcEndpoint {
            private_dns: false,
            ..endpoint
        })
        .adjust_flow_log(|log| crate::FlowLog { interval_secs: 600, ..log })
        .build();
    let plan = planned(network).await;
    let of = |address: &str, name: &str| argument(&plan, address, name);
    assert_eq!(of("vpc", "dns_hostnames"), json!(false));
    assert_eq!(of("public-euc1-az1", "map_public_ip"), json!(true));
    assert_eq!(of("data-euc1-az1", "map_public_ip"), json!(false));
    assert!(plan.steps.iter().all(|step| step.address.as_str() != "network/data-acl-in-120"));
    assert_eq!(of("endpoint-s3", "service"), json!("com.amazonaws.eu-central-1.s3express"));
    assert_eq!(of("endpoint-kms", "private_dns"), json!(false));
    assert_eq!(of("flow-log", "interval_secs"), json!(600));
}

#[test]
fn what_cannot_be_is_refused_in_terms_of_the_field() {
    #[track_caller]
    fn check(network: Network, expected: &str) {
        let refused: Result<NetworkOutputs, Invalid> = stack().component("network", network);
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    let cidr = |text: &str| text.parse().unwrap();
    check(
        Network::builder().cidr(cidr("10.0.0.0/17")).build(),
        "network/cidr: 10.0.0.0/17 is too small for 8 zone slots of public /24, private /20, data /23; the \
         smallest that works is /16, or make the subnets smaller",
    );
    check(
        Network::builder().private_prefix(17).build(),
        "network/cidr: 8 zone slots of public /24, private /17, data /23 are more than the largest VPC, /16, \
         holds; make the subnets smaller",
    );
    check(
        Network::builder().cidr(cidr("10.0.0.0/8")).build(),
        "network/cidr: 10.0.0.0/8 must be a /16 to /28 range",
    );
    check(
        Network::builder().data_prefix(29).build(),
        "network/data_prefix: /29 must be 16 to 28: AWS has no other subnets",
    );
    check(
        Network::builder().zones(5).build(),
        "network/zones: 5 zones are wanted, eu-central-1 has 4: euc1-az1, euc1-az2, euc1-az3, euc1-az4",
    );
    check(Network::builder().zones(0).build(), "network/zones: a network needs at least one zone");
    check(
        Network::builder().zone_ids(["euc1-az9"]).build(),
        "network/zone_ids: eu-central-1 has no zone `euc1-az9`; it has euc1-az1, euc1-az2, euc1-az3, euc1-az4",
    );
    check(
        Network::builder().zone_ids(["euc1-az1", "euc1-az1"]).build(),
        "network/zone_ids: `euc1-az1` is named twice",
    );
    check(
        Network::builder().gateway_endpoints([GatewayEndpoint::S3, GatewayEndpoint::S3]).build(),
        "network/gateway_endpoints: S3 is named twice",
    );
    check(
        Network::builder()
            .interface_endpoints([InterfaceEndpoint::Kms, InterfaceEndpoint::Kms])
            .build(),
        "network/interface_endpoints: Kms is named twice",
    );
    check(
        Network::builder().flow_logs(FlowLogs::Off(Waived::because(" "))).build(),
        "network/flow_logs: waiving recording the network's traffic needs a reason",
    );
    check(
        Network::builder().alerts(AlertRoute::Nowhere(Waived::because(""))).build(),
        "network/alerts: waiving sending alarms to somebody needs a reason",
    );
    check(
        Network::builder()
            .adjust_acl(|_, entries| entries.iter().cycle().take(40).cloned().collect())
            .build(),
        "network/adjust_acl: the ACL of the public tier has 35 entries a direction, AWS takes 20",
    );
}
