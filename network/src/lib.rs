//! A multi-AZ VPC with public, private and isolated subnets.

pub use default_network_acl::{DefaultNetworkAcl, DefaultNetworkAclOutputs, DefaultNetworkAclRefs};
pub use default_security_group::{
    DefaultSecurityGroup, DefaultSecurityGroupOutputs, DefaultSecurityGroupRefs,
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
pub use network_acl_entry::{
    AclAction, AclTraffic, NetworkAclEntry, NetworkAclEntryOutputs, NetworkAclEntryRefs,
};
pub use route::{Route, RouteOutputs, RouteRefs, Target};
pub use route_table::{RouteTable, RouteTableOutputs, RouteTableRefs};
pub use route_table_association::{
    RouteTableAssociation, RouteTableAssociationOutputs, RouteTableAssociationRefs,
};
pub use subnet::{Subnet, SubnetOutputs, SubnetRefs};
pub use vpc::{Vpc, VpcOutputs, VpcRefs};

mod answer;
mod cidr;
mod default_network_acl;
mod default_security_group;
mod elastic_ip;
mod flow_log;
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
mod vpc;
mod vpc_endpoint;
