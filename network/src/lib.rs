//! A multi-AZ VPC: public, private and isolated subnets, carved from one range.
//!
//! ```
//! use globecart_aws::Stack;
//! use globecart_aws::engine::{Invalid, Place, Zone};
//! use globecart_aws::network::{InterfaceEndpoint, Tier};
//! use globecart_network::{Nat, Network};
//!
//! fn declare(stack: &mut Stack) -> Result<(), Invalid> {
//!     let network = stack.component("network", Network::builder().build())?;
//!     assert_eq!(network.tier(Tier::Data).count(), 3);
//!     stack.export("vpc_id", &network.vpc)?;
//!
//!     let lean = Network::builder()
//!         .cidr("10.1.0.0/18".parse().unwrap())
//!         .private_prefix(22)
//!         .zones(2)
//!         .nat(Nat::None)
//!         .interface_endpoints([InterfaceEndpoint::Logs, InterfaceEndpoint::Kms])
//!         .build();
//!     let lean = stack.component("lean", lean)?;
//!     assert!(lean.reaches(InterfaceEndpoint::Kms) && !lean.reaches(InterfaceEndpoint::Sqs));
//!     Ok(())
//! }
//! # let zone = |id: &str| Zone { name: format!("eu-central-1{id}"), id: format!("euc1-az{id}") };
//! # let place = Place {
//! #     partition: "aws".into(),
//! #     account: "123456789012".into(),
//! #     region: "eu-central-1".into(),
//! #     zones: ["1", "2", "3"].map(zone).into(),
//! # };
//! # declare(&mut Stack::new("docs", place).unwrap()).unwrap();
//! ```
//!
//! Which subnet has which range follows from the zone's id (`euc1-az2`) and the tier: every tier has eight slots,
//! so that a zone that is added moves nothing.

use globecart_aws::engine::{Addressed, Component, Input, Invalid, Kind};
use globecart_aws::logs::LogGroupRefs;
use globecart_aws::network::{Egress, GatewayEndpoint, InterfaceEndpoint, NetworkOutputs, Tier};
use globecart_aws::{AlarmName, AlertRoute, Aws, Environment, Stack, Waived};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use cidr::Layout;
use endpoints::Endpoints;
use tiers::{Plan, Tiers};

pub use acl_traffic::{AclAction, AclTraffic};
pub use default_network_acl::{DefaultNetworkAcl, DefaultNetworkAclOutputs, DefaultNetworkAclRefs};
pub use default_security_group::{
    DefaultSecurityGroup, DefaultSecurityGroupOutputs, DefaultSecurityGroupRefs,
};
pub use dhcp_options::{DhcpOptions, DhcpOptionsOutputs, DhcpOptionsRefs};
pub use dhcp_options_association::{
    DhcpOptionsAssociation, DhcpOptionsAssociationOutputs, DhcpOptionsAssociationRefs,
};
pub use elastic_ip::{ElasticIp, ElasticIpOutputs, ElasticIpRefs};
pub use flow_log::{FlowLog, FlowLogOutputs, FlowLogRefs, Recording};
pub use gateway_vpc_endpoint::{
    GatewayVpcEndpoint, GatewayVpcEndpointOutputs, GatewayVpcEndpointRefs,
};
pub use interface_vpc_endpoint::{
    InterfaceVpcEndpoint, InterfaceVpcEndpointOutputs, InterfaceVpcEndpointRefs,
};
pub use internet_gateway::{InternetGateway, InternetGatewayOutputs, InternetGatewayRefs};
pub use internet_gateway_attachment::{
    InternetGatewayAttachment, InternetGatewayAttachmentOutputs, InternetGatewayAttachmentRefs,
};
pub use nat_gateway::{NatGateway, NatGatewayOutputs, NatGatewayRefs};
pub use network_acl::{NetworkAcl, NetworkAclOutputs, NetworkAclRefs};
pub use network_acl_association::{
    NetworkAclAssociation, NetworkAclAssociationOutputs, NetworkAclAssociationRefs,
};
pub use network_acl_entry::{NetworkAclEntry, NetworkAclEntryOutputs, NetworkAclEntryRefs};
pub use route::{Route, RouteOutputs, RouteRefs, Target};
pub use route_table::{RouteTable, RouteTableOutputs, RouteTableRefs};
pub use route_table_association::{
    RouteTableAssociation, RouteTableAssociationOutputs, RouteTableAssociationRefs,
};
pub use subnet::{Subnet, SubnetOutputs, SubnetRefs};
pub use vpc::{Vpc, VpcOutputs, VpcRefs};

mod acl;
mod acl_traffic;
mod alarms;
mod answer;
mod cidr;
mod default_network_acl;
mod default_security_group;
mod dhcp_options;
mod dhcp_options_association;
mod elastic_ip;
mod endpoints;
mod flow_log;
mod flow_logs;
mod gateway_vpc_endpoint;
mod interface_vpc_endpoint;
mod internet_gateway;
mod internet_gateway_attachment;
mod nat_gateway;
mod network_acl;
mod network_acl_association;
mod network_acl_entry;
mod route;
mod route_table;
mod route_table_association;
mod subnet;
#[cfg(test)]
mod tests;
mod tiers;
mod vpc;
mod vpc_endpoint;
mod zones;

/// A VPC in several availability zones, with a public, a private and an isolated data subnet in each.
///
/// With the defaults: 10.0.0.0/16, three zones, a NAT gateway and a route table for each, network ACLs a tier, the
/// default security group and ACL closed, all traffic recorded for a year, S3 reached without NAT.
///
/// Its outputs are what other components take; another component's do not fit:
///
/// ```compile_fail,E0308
/// use globecart_aws::network::NetworkOutputs;
/// use globecart_network::VpcRefs;
/// fn needs_a_network(_: &NetworkOutputs) {}
/// fn wire(vpc: VpcRefs) {
///     needs_a_network(&vpc);
/// }
/// ```
#[derive(Debug, Clone, TypedBuilder)]
pub struct Network {
    /// The VPC's IPv4 range, /16 to /28. Default: 10.0.0.0/16. A change replaces the network.
    #[builder(default = default_cidr())]
    cidr: Ipv4Net,
    /// How many zones, the first of the region by id. Default: 3.
    #[builder(default = 3)]
    zones: u8,
    /// The ids of the zones, as in `euc1-az2`, in place of a number. Default: none.
    #[builder(default, setter(fn transform(ids: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
        ids.into_iter().map(Into::into).collect()
    }))]
    zone_ids: Vec<String>,
    /// The prefix length of public subnets, 16 to 28. Default: 24, 251 addresses.
    #[builder(default = 24)]
    public_prefix: u8,
    /// The prefix length of private subnets, 16 to 28. Default: 20, 4,091 addresses: every task takes one.
    #[builder(default = 20)]
    private_prefix: u8,
    /// The prefix length of data subnets, 16 to 28. Default: 23, 507 addresses.
    #[builder(default = 23)]
    data_prefix: u8,
    /// What the network is for. Default: production.
    #[builder(default)]
    environment: Environment,
    /// The NAT gateways. Default: one a zone, a single one in development.
    #[builder(default, setter(strip_option))]
    nat: Option<Nat>,
    /// Services with gateway endpoints, on the route tables of the private and the data tier. Default: S3.
    #[builder(default = vec![GatewayEndpoint::S3], setter(into))]
    gateway_endpoints: Vec<GatewayEndpoint>,
    /// Services with interface endpoints in the private subnets. Each costs by the hour and zone. Default: none.
    #[builder(default, setter(into))]
    interface_endpoints: Vec<InterfaceEndpoint>,
    /// The record of all traffic. Default: kept for 365 days, as PCI DSS 10.5.1 asks.
    #[builder(default = FlowLogs::Kept { days: 365 })]
    flow_logs: FlowLogs,
    /// Where alarms go. Default: nowhere, which every plan says.
    #[builder(default, setter(strip_option, into))]
    alerts: Option<AlertRoute>,
    /// Changes the VPC just before it is declared. Default: as is.
    #[builder(default = |vpc| vpc)]
    adjust_vpc: fn(Vpc) -> Vpc,
    /// Changes a subnet just before it is declared. Default: as is.
    #[builder(default = |_, subnet| subnet)]
    adjust_subnet: fn(Tier, Subnet) -> Subnet,
    /// Changes the entries of a tier's network ACL just before they are declared. Default: as they are.
    #[builder(default = |_, entries| entries)]
    adjust_acl: fn(Tier, Vec<NetworkAclEntry>) -> Vec<NetworkAclEntry>,
    /// Changes a gateway endpoint just before it is declared. Default: as is.
    #[builder(default = |_, endpoint| endpoint)]
    adjust_gateway_endpoint: fn(GatewayEndpoint, GatewayVpcEndpoint) -> GatewayVpcEndpoint,
    /// Changes an interface endpoint just before it is declared. Default: as is.
    #[builder(default = |_, endpoint| endpoint)]
    adjust_interface_endpoint: fn(InterfaceEndpoint, InterfaceVpcEndpoint) -> InterfaceVpcEndpoint,
    /// Changes the flow log just before it is declared. Default: as is.
    #[builder(default = |log| log)]
    adjust_flow_log: fn(FlowLog) -> FlowLog,
}

/// How the private tier reaches the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nat {
    /// A NAT gateway in every zone: no zone depends on another.
    PerZone,
    /// One NAT gateway, in the first zone: cheaper, and gone with its zone.
    Single,
    /// None: AWS services are reached through endpoints.
    None,
}

/// The record of all traffic, one minute at a time, in an encrypted log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowLogs {
    /// Kept for so many days, one of the periods that CloudWatch Logs offers.
    Kept {
        /// The days.
        days: u16,
    },
    /// There is none, and why.
    Off(Waived),
}

impl Component<Aws> for Network {
    type Outputs = NetworkOutputs;

    fn declare(self, stack: &mut Stack) -> Result<NetworkOutputs, Invalid> {
        let prefixes = [
            (Tier::Public, self.public_prefix),
            (Tier::Private, self.private_prefix),
            (Tier::Data, self.data_prefix),
        ];
        let layout = Layout::new(self.cidr, &prefixes)?;
        let zones = zones::choose(stack.place(), self.zones, &self.zone_ids)?;
        let nat = self.nat.unwrap_or(match self.environment {
            Environment::Production => Nat::PerZone,
            Environment::Development => Nat::Single,
        });
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        let vpc = stack.add("vpc", (self.adjust_vpc)(Vpc::builder().cidr(self.cidr).build()))?;
        let plan = Plan { network: &self, nat, layout: &layout, zones: &zones, vpc: &vpc };
        let tiers = plan.tiers(stack)?;
        let endpoints = plan.endpoints(stack, &tiers)?;
        let log_group = plan.flow_logs(stack)?;
        let alarms = plan.alarms(stack, &tiers, &endpoints)?;
        Ok(outputs(&plan, Parts { tiers, endpoints, log_group, alarms }))
    }
}

/// What was declared.
struct Parts {
    tiers: Tiers,
    endpoints: Endpoints,
    log_group: Option<LogGroupRefs>,
    alarms: Vec<Input<AlarmName>>,
}

fn outputs(plan: &Plan<'_>, parts: Parts) -> NetworkOutputs {
    let Parts { tiers, endpoints, log_group, alarms } = parts;
    let nats = tiers.gateways.iter().map(|gateway| gateway.nat.address());
    let gateways = endpoints.gateways.iter().map(Addressed::address);
    let interfaces = endpoints.interfaces.iter().map(|(_, endpoint)| endpoint.address());
    let ways_out = nats.chain(gateways).chain(interfaces).cloned().collect();
    let mut outputs = NetworkOutputs::existing()
        .vpc(&plan.vpc.id)
        .cidr(plan.network.cidr)
        .subnets(tiers.subnets)
        .egress(if plan.nat == Nat::None { Egress::None } else { Egress::Internet })
        .route_tables(tiers.route_tables)
        .network_acls(tiers.network_acls)
        .internet_gateway(tiers.internet_gateway)
        .nat_addresses(tiers.gateways.into_iter().map(|gateway| gateway.address).collect())
        .gateway_endpoints(plan.network.gateway_endpoints.iter().copied().collect())
        .interface_endpoints(plan.network.interface_endpoints.iter().copied().collect())
        .ways_out(ways_out)
        .alarms(alarms)
        .build();
    outputs.flow_log_group = log_group.map(|group| group.name.into());
    outputs.endpoint_security_group = endpoints.security_group.map(|group| group.id.into());
    outputs
}

/// Every resource type of this crate, for a stack that no longer has a network to delete what it had.
pub fn kinds() -> Vec<Kind<Aws>> {
    vec![
        Kind::of::<DefaultNetworkAcl>(),
        Kind::of::<DefaultSecurityGroup>(),
        Kind::of::<DhcpOptions>(),
        Kind::of::<DhcpOptionsAssociation>(),
        Kind::of::<ElasticIp>(),
        Kind::of::<FlowLog>(),
        Kind::of::<GatewayVpcEndpoint>(),
        Kind::of::<InterfaceVpcEndpoint>(),
        Kind::of::<InternetGateway>(),
        Kind::of::<InternetGatewayAttachment>(),
        Kind::of::<NatGateway>(),
        Kind::of::<NetworkAcl>(),
        Kind::of::<NetworkAclAssociation>(),
        Kind::of::<NetworkAclEntry>(),
        Kind::of::<Route>(),
        Kind::of::<RouteTable>(),
        Kind::of::<RouteTableAssociation>(),
        Kind::of::<Subnet>(),
        Kind::of::<Vpc>(),
    ]
}

fn default_cidr() -> Ipv4Net {
    Ipv4Net::new_assert([10, 0, 0, 0].into(), 16)
}
