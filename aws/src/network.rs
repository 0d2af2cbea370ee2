//! What a network offers to the components that stand in it.

use std::collections::BTreeSet;
use std::fmt;

use globecart_engine::{Address, Addressed, Input, Zone};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use crate::{
    AlarmName, InternetGatewayId, Ipv4, LogGroupName, NetworkAclId, RouteTableId, SecurityGroupId,
    Stack, SubnetId, VpcId,
};

/// How far a subnet is from the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Routed to the internet gateway: load balancers and NAT gateways.
    Public,
    /// Reaches the outside through NAT gateways or endpoints, and is not reached from there: services.
    Private,
    /// Reaches and is reached by the private tier alone: databases, caches, file systems.
    Data,
}

/// A network for other components to stand in: what the network component made, or a VPC that is there already.
///
/// ```
/// use globecart_aws::engine::Zone;
/// use globecart_aws::network::{Egress, NetworkOutputs, NetworkSubnet, Tier};
/// use globecart_aws::{SubnetId, VpcId};
///
/// let zone = Zone { name: "eu-central-1a".into(), id: "euc1-az2".into() };
/// let private = "10.1.16.0/20".parse().unwrap();
/// let network = NetworkOutputs::existing()
///     .vpc(VpcId::new("vpc-0a1b"))
///     .cidr("10.1.0.0/16".parse().unwrap())
///     .subnets(vec![NetworkSubnet::new(Tier::Private, zone, private, SubnetId::new("subnet-0c2d"))])
///     .egress(Egress::Internet)
///     .build();
/// assert_eq!(network.subnet_ids(Tier::Private).len(), 1);
/// assert!(network.subnet_ids(Tier::Data).is_empty());
/// ```
///
/// Another id than a VPC's does not fit:
///
/// ```compile_fail,E0277
/// use globecart_aws::SubnetId;
/// use globecart_aws::network::NetworkOutputs;
/// let network = NetworkOutputs::existing().vpc(SubnetId::new("subnet-0c2d"));
/// ```
///
/// Nor can one be left out:
///
/// ```compile_fail,E0061
/// use globecart_aws::VpcId;
/// use globecart_aws::network::{Egress, NetworkOutputs};
/// let network = NetworkOutputs::existing()
///     .vpc(VpcId::new("vpc-0a1b"))
///     .cidr("10.1.0.0/16".parse().unwrap())
///     .egress(Egress::Internet)
///     .build();
/// ```
#[derive(Debug, Clone, TypedBuilder)]
#[builder(builder_method(
    name = existing,
    doc = "Describes a VPC that is there already, by its plain ids; nothing of it is changed."
))]
pub struct NetworkOutputs {
    /// The VPC.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// Its IPv4 range.
    pub cidr: Ipv4Net,
    /// Its subnets.
    pub subnets: Vec<NetworkSubnet>,
    /// How the private tier reaches the internet; checks of other components rely on it.
    pub egress: Egress,
    /// The route tables of the subnets. Default: none known.
    #[builder(default)]
    pub route_tables: Vec<NetworkRouteTable>,
    /// The network ACLs of the tiers. Default: none known.
    #[builder(default)]
    pub network_acls: Vec<(Tier, Input<NetworkAclId>)>,
    /// The internet gateway, once it is attached. Default: none known.
    #[builder(default, setter(strip_option, into))]
    pub internet_gateway: Option<Input<InternetGatewayId>>,
    /// The public addresses that the private tier's traffic comes from, for partners to allow. Default: none
    /// known.
    #[builder(default)]
    pub nat_addresses: Vec<Input<Ipv4>>,
    /// The services that have a gateway endpoint. Default: none.
    #[builder(default)]
    pub gateway_endpoints: BTreeSet<GatewayEndpoint>,
    /// The services that have an interface endpoint with private DNS. Default: none.
    #[builder(default)]
    pub interface_endpoints: BTreeSet<InterfaceEndpoint>,
    /// The security group of the interface endpoints. Default: none known.
    #[builder(default, setter(strip_option, into))]
    pub endpoint_security_group: Option<Input<SecurityGroupId>>,
    /// The log group that records its traffic. Default: none known.
    #[builder(default, setter(strip_option, into))]
    pub flow_log_group: Option<Input<LogGroupName>>,
    /// The alarms that watch it. Default: none known.
    #[builder(default)]
    pub alarms: Vec<Input<AlarmName>>,
    /// The resources of this stack through which the private tier reaches the outside: NAT gateways and
    /// endpoints. Default: none, they are there.
    #[builder(default)]
    pub ways_out: Vec<Address>,
}

/// One subnet of a network.
#[derive(Debug, Clone)]
pub struct NetworkSubnet {
    /// Its tier.
    pub tier: Tier,
    /// Its zone.
    pub zone: Zone,
    /// Its IPv4 range.
    pub cidr: Ipv4Net,
    /// Its id, usable once the subnet has its routes and its network ACL.
    pub id: Input<SubnetId>,
}

/// One route table of a network.
#[derive(Debug, Clone)]
pub struct NetworkRouteTable {
    /// The tier whose subnets have it.
    pub tier: Tier,
    /// The zone whose subnet has it; `None` for those of every zone.
    pub zone: Option<Zone>,
    /// Its id.
    pub id: Input<RouteTableId>,
}

/// How the private tier reaches the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Egress {
    /// Through NAT.
    Internet,
    /// Not at all; AWS services are reached through endpoints.
    None,
}

/// A service with gateway endpoints, which are routes and free of charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayEndpoint {
    /// Amazon S3, where ECR keeps the layers of images too.
    S3,
    /// Amazon DynamoDB.
    DynamoDb,
}

/// A service with interface endpoints, which cost by the hour and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterfaceEndpoint {
    /// The API of Amazon ECR.
    EcrApi,
    /// The image registry of Amazon ECR; layers come from S3.
    EcrDkr,
    /// Amazon CloudWatch Logs.
    Logs,
    /// Metrics and alarms of Amazon CloudWatch.
    Monitoring,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS KMS.
    Kms,
    /// AWS STS.
    Sts,
    /// AWS Systems Manager.
    Ssm,
    /// Sessions of AWS Systems Manager, which ECS Exec uses.
    SsmMessages,
    /// Amazon EC2.
    Ec2,
    /// Messages to the agents of AWS Systems Manager.
    Ec2Messages,
    /// Amazon ECS.
    Ecs,
    /// The agents of Amazon ECS.
    EcsAgent,
    /// The telemetry of Amazon ECS.
    EcsTelemetry,
    /// Amazon RDS.
    Rds,
    /// The Data API of Amazon RDS.
    RdsData,
    /// Amazon `ElastiCache`.
    ElastiCache,
    /// The API of Amazon EFS.
    Efs,
    /// AWS Lambda.
    Lambda,
    /// Amazon SNS.
    Sns,
    /// Amazon SQS.
    Sqs,
    /// Amazon `EventBridge`.
    Events,
    /// AWS X-Ray.
    Xray,
}

impl Tier {
    /// All tiers.
    pub const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Data];
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Data => "data",
        })
    }
}

impl NetworkSubnet {
    /// A subnet of a VPC that is there already.
    pub fn new(tier: Tier, zone: Zone, cidr: Ipv4Net, id: impl Into<Input<SubnetId>>) -> Self {
        Self { tier, zone, cidr, id: id.into() }
    }
}

impl NetworkOutputs {
    /// The subnets of a tier, one a zone.
    pub fn tier(&self, tier: Tier) -> impl Iterator<Item = &NetworkSubnet> {
        self.subnets.iter().filter(move |subnet| subnet.tier == tier)
    }

    /// The ids of the subnets of a tier.
    pub fn subnet_ids(&self, tier: Tier) -> Vec<Input<SubnetId>> {
        self.tier(tier).map(|subnet| subnet.id.clone()).collect()
    }

    /// The subnet of a tier in a zone, by the zone's id.
    pub fn subnet(&self, tier: Tier, zone_id: &str) -> Option<&NetworkSubnet> {
        self.tier(tier).find(|subnet| subnet.zone.id == zone_id)
    }

    /// Whether the private tier reaches a service, through its endpoint or by way of the internet.
    pub fn reaches(&self, service: InterfaceEndpoint) -> bool {
        self.egress == Egress::Internet || self.interface_endpoints.contains(&service)
    }

    /// Whether the private tier reaches Amazon S3, through its endpoint or by way of the internet.
    pub fn reaches_s3(&self) -> bool {
        self.egress == Egress::Internet || self.gateway_endpoints.contains(&GatewayEndpoint::S3)
    }

    /// Makes `later` wait until the private tier reaches the outside, and keeps it so until `later` is gone.
    ///
    /// A subnet can be used before that: a NAT gateway takes two minutes to start.
    pub fn wait_for_egress(&self, stack: &mut Stack, later: &impl Addressed) {
        for way_out in &self.ways_out {
            stack.after(later, &WayOut(way_out));
        }
    }
}

/// A resource of which only the address is known.
struct WayOut<'a>(&'a Address);

impl Addressed for WayOut<'_> {
    fn address(&self) -> &Address {
        self.0
    }
}

impl GatewayEndpoint {
    /// The service as AWS abbreviates it, as in `s3`.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
        }
    }

    /// The name of the endpoint service, as in `com.amazonaws.eu-central-1.s3`.
    pub fn service_name(self, region: &str) -> String {
        format!("com.amazonaws.{region}.{}", self.abbreviation())
    }
}

impl InterfaceEndpoint {
    /// The service as AWS abbreviates it, as in `ecr.api`.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Self::EcrApi => "ecr.api",
            Self::EcrDkr => "ecr.dkr",
            Self::Logs => "logs",
            Self::Monitoring => "monitoring",
            Self::SecretsManager => "secretsmanager",
            Self::Kms => "kms",
            Self::Sts => "sts",
            Self::Ssm => "ssm",
            Self::SsmMessages => "ssmmessages",
            Self::Ec2 => "ec2",
            Self::Ec2Messages => "ec2messages",
            Self::Ecs => "ecs",
            Self::EcsAgent => "ecs-agent",
            Self::EcsTelemetry => "ecs-telemetry",
            Self::Rds => "rds",
            Self::RdsData => "rds-data",
            Self::ElastiCache => "elasticache",
            Self::Efs => "elasticfilesystem",
            Self::Lambda => "lambda",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::Events => "events",
            Self::Xray => "xray",
        }
    }

    /// The name of the endpoint service, as in `com.amazonaws.eu-central-1.ecr.api`.
    pub fn service_name(self, region: &str) -> String {
        format!("com.amazonaws.{region}.{}", self.abbreviation())
    }
}
