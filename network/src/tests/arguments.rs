//! What a change of each argument means, and what AWS would refuse.

use globecart_aws::ec2::{Direction, Ports};
use globecart_aws::engine::{Argument, Effect, Input, Order, Resource};
use globecart_aws::{
    Aws, InternetGatewayId, Ipv4, LogGroupName, NetworkAclId, RoleArn, RouteTableId,
    SecurityGroupId, VpcId, ZoneName,
};
use serde_json::{Value, json};

use crate::{
    AclTraffic, DhcpOptions, DhcpOptionsAssociation, ElasticIp, FlowLog, GatewayVpcEndpoint,
    InterfaceVpcEndpoint, InternetGateway, InternetGatewayAttachment, NatGateway, NetworkAcl,
    NetworkAclAssociation, NetworkAclEntry, Route, RouteTable, RouteTableAssociation, Subnet,
    Target, Vpc,
};

const IN_PLACE: Argument = Argument::InPlace(Effect::AtOnce);
const CREATE_FIRST: Argument = Argument::Replace(Order::CreateFirst);
const DELETE_FIRST: Argument = Argument::Replace(Order::DeleteFirst);

#[track_caller]
fn change<R: Resource<Aws>>(expected: &[(&str, Argument)]) {
    for (name, argument) in expected {
        assert_eq!(R::argument(name, &Value::Null, &Value::Null), *argument, "{} {name}", R::TYPE);
    }
}

#[test]
fn what_holds_a_place_goes_before_its_successor() {
    change::<Vpc>(&[("cidr", CREATE_FIRST), ("dns_support", IN_PLACE)]);
    change::<Subnet>(&[("vpc", CREATE_FIRST), ("zone", DELETE_FIRST), ("map_public_ip", IN_PLACE)]);
    change::<DhcpOptions>(&[("domain_name", CREATE_FIRST), ("ntp_servers", CREATE_FIRST)]);
    change::<DhcpOptionsAssociation>(&[("options", IN_PLACE), ("vpc", CREATE_FIRST)]);
    change::<InternetGateway>(&[]);
    change::<InternetGatewayAttachment>(&[("gateway", DELETE_FIRST), ("vpc", DELETE_FIRST)]);
    change::<ElasticIp>(&[]);
    change::<NatGateway>(&[("address", CREATE_FIRST), ("subnet", DELETE_FIRST)]);
    change::<RouteTable>(&[("vpc", CREATE_FIRST)]);
    change::<Route>(&[
        ("table", CREATE_FIRST),
        ("destination", CREATE_FIRST),
        ("target", IN_PLACE),
    ]);
    change::<RouteTableAssociation>(&[("table", IN_PLACE), ("subnet", DELETE_FIRST)]);
    change::<NetworkAcl>(&[("vpc", CREATE_FIRST)]);
    change::<NetworkAclEntry>(&[
        ("acl", CREATE_FIRST),
        ("number", CREATE_FIRST),
        ("peer", IN_PLACE),
    ]);
    change::<NetworkAclAssociation>(&[("acl", IN_PLACE), ("subnet", DELETE_FIRST)]);
    change::<GatewayVpcEndpoint>(&[("service", CREATE_FIRST), ("route_tables", IN_PLACE)]);
    change::<InterfaceVpcEndpoint>(&[("service", CREATE_FIRST), ("security_groups", IN_PLACE)]);
    change::<FlowLog>(&[("log_group", CREATE_FIRST), ("role", DELETE_FIRST)]);
}

#[test]
fn subnets_that_may_change_places_all_go_first() {
    let change = |old: &str, new: &str| Subnet::argument("cidr", &json!(old), &json!(new));
    assert_eq!(change("10.0.0.0/20", "10.0.0.0/21"), DELETE_FIRST);
    assert_eq!(change("10.0.16.0/20", "10.0.8.0/21"), DELETE_FIRST);
    assert_eq!(change("10.0.0.0/20", "10.1.0.0/20"), CREATE_FIRST);
}

#[test]
fn an_endpoint_leaves_a_subnet_that_is_replaced() {
    let change = |new: Value| {
        InterfaceVpcEndpoint::argument("subnets", &json!(["subnet-1", "subnet-2"]), &new)
    };
    let unknown = json!({ "$ref": "network/private-a", "output": "id", "when": "ready" });
    assert_eq!(change(json!(["subnet-1", "subnet-2", unknown])), IN_PLACE);
    assert_eq!(change(json!(["subnet-1"])), IN_PLACE);
    assert_eq!(change(json!(["subnet-1", unknown])), DELETE_FIRST);
}

#[track_caller]
fn refused(resource: &impl Resource<Aws>, expected: &str) {
    assert_eq!(resource.check().unwrap_err().to_string(), expected);
}

#[test]
fn what_aws_would_refuse_is_refused_before() {
    let vpc: Input<VpcId> = VpcId::new("vpc-1").into();
    let cidr = |text: &str| text.parse().unwrap();
    refused(
        &Vpc::builder().cidr(cidr("10.0.0.0/16")).dns_support(false).build(),
        "dns_hostnames: DNS host names need `dns_support`",
    );
    refused(
        &Subnet::builder().vpc(&vpc).cidr(cidr("10.0.0.1/24")).zone(ZoneName::new("a")).build(),
        "cidr: 10.0.0.1/24 has host bits set; the range is 10.0.0.0/24",
    );
    let route = |destination, target| {
        Route::builder()
            .table(RouteTableId::new("rtb-1"))
            .destination(destination)
            .target(target)
            .build()
    };
    refused(
        &route(cidr("10.0.0.1/8"), Target::InternetGateway(InternetGatewayId::new("igw-1").into())),
        "destination: 10.0.0.1/8 has host bits set",
    );
    refused(
        &route(cidr("0.0.0.0/0"), Target::Other("pcx-1".to_owned())),
        "target: `pcx-1` is read, never declared",
    );
    let entry = |number, traffic, peer: &str| {
        NetworkAclEntry::builder()
            .acl(NetworkAclId::new("acl-1"))
            .number(number)
            .direction(Direction::Ingress)
            .traffic(traffic)
            .peer(peer.parse().unwrap())
            .build()
    };
    refused(&entry(32767, AclTraffic::All, "0.0.0.0/0"), "number: 32767 must be 1 to 32766");
    refused(
        &entry(1, AclTraffic::All, "2001:db8::1/64"),
        "peer: 2001:db8::1/64 has host bits set; the range is 2001:db8::/64",
    );
    refused(
        &entry(1, AclTraffic::Udp(Ports { from: 2, to: 1 }), "0.0.0.0/0"),
        "traffic: the ports 2 to 1 must be in rising order",
    );
    refused(
        &GatewayVpcEndpoint::builder().vpc(&vpc).service("s3").route_tables(Vec::new()).build(),
        "service: `s3` must be a service name, as in `com.amazonaws.eu-central-1.s3`",
    );
    let log =
        FlowLog::builder().vpc(&vpc).log_group(LogGroupName::new("/l")).role(RoleArn::new("r"));
    refused(&log.interval_secs(61).build(), "interval_secs: 61 must be 60 or 600");
}

#[test]
fn dhcp_options_name_up_to_four_servers_by_address() {
    let servers = |addresses: &[&str]| addresses.iter().map(|&a| Ipv4::new(a).into()).collect();
    let options = DhcpOptions::builder();
    DhcpOptions::builder().build().check().unwrap();
    refused(
        &options.clone().domain_name("").build(),
        "domain_name: a domain name has at least one character",
    );
    refused(
        &options.clone().domain_name_servers(servers(&["ns.example"])).build(),
        "domain_name_servers: `ns.example` must be an IPv4 address",
    );
    refused(
        &options.ntp_servers(servers(&["10.0.0.8"; 5])).build(),
        "ntp_servers: 5 servers are more than the 4 it takes",
    );
}

#[test]
fn an_interface_endpoint_needs_a_subnet_and_a_group() {
    let endpoint = InterfaceVpcEndpoint::builder()
        .vpc(VpcId::new("vpc-1"))
        .service("com.amazonaws.eu-central-1.logs");
    let group = SecurityGroupId::new("sg-1").into();
    refused(
        &endpoint.clone().subnets(Vec::new()).security_groups(vec![group]).build(),
        "subnets: an interface endpoint needs at least one subnet",
    );
    let subnet = globecart_aws::SubnetId::new("subnet-1").into();
    refused(
        &endpoint.subnets(vec![subnet]).security_groups(Vec::new()).build(),
        "security_groups: without one AWS takes the VPC's default security group; name one",
    );
}
