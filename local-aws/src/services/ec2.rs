//! EC2, its networks: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/>

mod account;
mod address;
mod cidr;
mod dhcp_options;
mod egress;
mod flow_log;
mod found;
mod interface;
mod internet_gateway;
mod kind;
mod nat_gateway;
mod network_acl;
mod placed;
mod prefix_list;
mod reach;
mod route_table;
mod security_group;
mod subnet;
mod tags;
#[cfg(test)]
mod tests;
mod vpc;
mod vpc_endpoint;

pub(crate) use self::found::{
    free_addresses, groups_at, has_internet_gateway, subnet_of, vpc_exists,
};
pub(crate) use self::placed::{
    Placed, Spot, default_group, of_type, place, place_public, regroup, spot, vpc_of_group,
    withdraw,
};

pub(crate) use self::egress::{From, reaches_internet, reaches_service};
pub(crate) use self::reach::reaches;

use self::kind::Kind;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Task, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "ec2",
    model: LazyLock::new(|| Model::read(include_str!("../../models/ec2.json"))),
    style: Style {
        validation: Validation::Ec2,
        bad_page_token: "InvalidNextToken",
        page_size: None,
        throttle: ("RequestLimitExceeded", 503),
        expired: "RequestExpired",
    },
    operations: OPERATIONS,
    tasks: TASKS,
};

/// Every kind of resource that has tags.
static KINDS: [&Kind; 14] = [
    &address::ADDRESS,
    &dhcp_options::DHCP_OPTIONS,
    &flow_log::FLOW_LOG,
    &interface::INTERFACE,
    &internet_gateway::INTERNET_GATEWAY,
    &nat_gateway::NAT_GATEWAY,
    &network_acl::NETWORK_ACL,
    &prefix_list::PREFIX_LIST,
    &route_table::ROUTE_TABLE,
    &security_group::RULE,
    &security_group::SECURITY_GROUP,
    &subnet::SUBNET,
    &vpc::VPC,
    &vpc_endpoint::VPC_ENDPOINT,
];

/// The kind of resource that an id is of, by what it starts with.
fn kind_of(id: &str) -> Option<&'static Kind> {
    let prefix = id.split_once('-')?.0;
    KINDS.into_iter().find(|kind| kind.prefix == prefix)
}

const TASKS: &[(&str, Task)] = &[
    (nat_gateway::DELETED, nat_gateway::deleted),
    (vpc_endpoint::DELETED, vpc_endpoint::deleted),
    (vpc_endpoint::INTERFACES_GONE, vpc_endpoint::interfaces_gone),
];

const OPERATIONS: &[(&str, Handler)] = &[
    ("AllocateAddress", address::allocate),
    ("AssignPrivateIpAddresses", interface::assign),
    ("AssignPrivateNatGatewayAddress", nat_gateway::assign_private_address),
    ("AssociateAddress", address::associate),
    ("AssociateDhcpOptions", dhcp_options::associate),
    ("AssociateNatGatewayAddress", nat_gateway::associate_address),
    ("AssociateRouteTable", route_table::associate),
    ("AssociateVpcCidrBlock", vpc::associate_cidr_block),
    ("AttachInternetGateway", internet_gateway::attach),
    ("AuthorizeSecurityGroupEgress", security_group::authorize_egress),
    ("AuthorizeSecurityGroupIngress", security_group::authorize_ingress),
    ("CreateDhcpOptions", dhcp_options::create),
    ("CreateFlowLogs", flow_log::create),
    ("CreateInternetGateway", internet_gateway::create),
    ("CreateManagedPrefixList", prefix_list::create),
    ("CreateNatGateway", nat_gateway::create),
    ("CreateNetworkAcl", network_acl::create),
    ("CreateNetworkAclEntry", network_acl::create_entry),
    ("CreateNetworkInterface", interface::create),
    ("CreateRoute", route_table::create_route),
    ("CreateRouteTable", route_table::create),
    ("CreateSecurityGroup", security_group::create),
    ("CreateSubnet", subnet::create),
    ("CreateTags", tags::create),
    ("CreateVpc", vpc::create),
    ("CreateVpcEndpoint", vpc_endpoint::create),
    ("DeleteDhcpOptions", dhcp_options::delete),
    ("DeleteFlowLogs", flow_log::delete),
    ("DeleteInternetGateway", internet_gateway::delete),
    ("DeleteManagedPrefixList", prefix_list::delete),
    ("DeleteNatGateway", nat_gateway::delete),
    ("DeleteNetworkAcl", network_acl::delete),
    ("DeleteNetworkAclEntry", network_acl::delete_entry),
    ("DeleteNetworkInterface", interface::delete),
    ("DeleteRoute", route_table::delete_route),
    ("DeleteRouteTable", route_table::delete),
    ("DeleteSecurityGroup", security_group::delete),
    ("DeleteSubnet", subnet::delete),
    ("DeleteTags", tags::delete),
    ("DeleteVpc", vpc::delete),
    ("DeleteVpcEndpoints", vpc_endpoint::delete),
    ("DescribeAccountAttributes", account::describe_attributes),
    ("DescribeAddresses", address::describe),
    ("DescribeAddressesAttribute", address::describe_attribute),
    ("DescribeAvailabilityZones", account::describe_zones),
    ("DescribeDhcpOptions", dhcp_options::describe),
    ("DescribeFlowLogs", flow_log::describe),
    ("DescribeInternetGateways", internet_gateway::describe),
    ("DescribeManagedPrefixLists", prefix_list::describe),
    ("DescribeNatGateways", nat_gateway::describe),
    ("DescribeNetworkAcls", network_acl::describe),
    ("DescribeNetworkInterfaceAttribute", interface::describe_attribute),
    ("DescribeNetworkInterfaces", interface::describe),
    ("DescribePrefixLists", prefix_list::describe_aws),
    ("DescribeRegions", account::describe_regions),
    ("DescribeRouteTables", route_table::describe),
    ("DescribeSecurityGroupReferences", security_group::describe_references),
    ("DescribeSecurityGroupRules", security_group::describe_rules),
    ("DescribeSecurityGroups", security_group::describe),
    ("DescribeStaleSecurityGroups", security_group::describe_stale),
    ("DescribeSubnets", subnet::describe),
    ("DescribeTags", tags::describe),
    ("DescribeVpcAttribute", vpc::describe_attribute),
    ("DescribeVpcEndpointServices", vpc_endpoint::describe_services),
    ("DescribeVpcEndpoints", vpc_endpoint::describe),
    ("DescribeVpcs", vpc::describe),
    ("DetachInternetGateway", internet_gateway::detach),
    ("DisassociateAddress", address::disassociate),
    ("DisassociateNatGatewayAddress", nat_gateway::disassociate_address),
    ("DisassociateRouteTable", route_table::disassociate),
    ("DisassociateVpcCidrBlock", vpc::disassociate_cidr_block),
    ("GetManagedPrefixListAssociations", prefix_list::associations),
    ("GetManagedPrefixListEntries", prefix_list::entries),
    ("GetSecurityGroupsForVpc", security_group::of_vpc),
    ("ModifyManagedPrefixList", prefix_list::modify),
    ("ModifyNetworkInterfaceAttribute", interface::modify_attribute),
    ("ModifySecurityGroupRules", security_group::modify),
    ("ModifySubnetAttribute", subnet::modify_attribute),
    ("ModifyVpcAttribute", vpc::modify_attribute),
    ("ModifyVpcEndpoint", vpc_endpoint::modify),
    ("ReleaseAddress", address::release),
    ("ReplaceNetworkAclAssociation", network_acl::replace_association),
    ("ReplaceNetworkAclEntry", network_acl::replace_entry),
    ("ReplaceRoute", route_table::replace_route),
    ("ReplaceRouteTableAssociation", route_table::replace_association),
    ("ResetNetworkInterfaceAttribute", interface::reset_attribute),
    ("RevokeSecurityGroupEgress", security_group::revoke_egress),
    ("RevokeSecurityGroupIngress", security_group::revoke_ingress),
    ("UnassignPrivateIpAddresses", interface::unassign),
    ("UnassignPrivateNatGatewayAddress", nat_gateway::unassign_private_address),
    ("UpdateSecurityGroupRuleDescriptionsEgress", security_group::update_descriptions_egress),
    ("UpdateSecurityGroupRuleDescriptionsIngress", security_group::update_descriptions_ingress),
];
