//! A newtype for every physical id, ARN and endpoint, so that wiring one where another belongs does not compile.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a newtype of a text that AWS gives.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as AWS gives it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// The id of a VPC, `vpc-…`.
    VpcId;
    /// The id of a subnet, `subnet-…`.
    SubnetId;
    /// The id of an internet gateway, `igw-…`.
    InternetGatewayId;
    /// The allocation id of an Elastic IP address, `eipalloc-…`.
    AllocationId;
    /// The id of a NAT gateway, `nat-…`.
    NatGatewayId;
    /// The id of a route table, `rtb-…`.
    RouteTableId;
    /// The id of the association of a route table with a subnet, `rtbassoc-…`.
    RouteTableAssociationId;
    /// The id of a network ACL, `acl-…`.
    NetworkAclId;
    /// The id of the association of a network ACL with a subnet, `aclassoc-…`.
    NetworkAclAssociationId;
    /// The id of a security group, `sg-…`.
    SecurityGroupId;
    /// The id of a security group rule, `sgr-…`.
    SecurityGroupRuleId;
    /// The id of a prefix list, `pl-…`.
    PrefixListId;
    /// The id of a VPC endpoint, `vpce-…`.
    VpcEndpointId;
    /// The id of a flow log, `fl-…`.
    FlowLogId;
    /// The id of a set of DHCP options, `dopt-…`.
    DhcpOptionsId;
    /// The name of an availability zone in this account, as in `eu-central-1a`.
    ZoneName;
    /// An IPv4 address.
    Ipv4;
    /// The id of a KMS key, a UUID.
    KeyId;
    /// The ARN of a KMS key.
    KeyArn;
    /// The name of a KMS alias, `alias/…`.
    AliasName;
    /// The name of an IAM role.
    RoleName;
    /// The ARN of an IAM role.
    RoleArn;
    /// The ARN of an IAM managed policy.
    PolicyArn;
    /// The name of a CloudWatch Logs log group.
    LogGroupName;
    /// The ARN of a CloudWatch Logs log group, without the trailing `:*`.
    LogGroupArn;
    /// The name of an `ElastiCache` subnet group.
    CacheSubnetGroupName;
    /// The name of an `ElastiCache` parameter group.
    CacheParameterGroupName;
    /// The id of an `ElastiCache` user.
    CacheUserId;
    /// The ARN of an `ElastiCache` user.
    CacheUserArn;
    /// The id of an `ElastiCache` user group.
    CacheUserGroupId;
    /// The id of an `ElastiCache` replication group.
    ReplicationGroupId;
    /// The ARN of an `ElastiCache` replication group.
    ReplicationGroupArn;
    /// The name under which clients find all nodes of a cache with cluster mode.
    CacheConfigurationEndpoint;
    /// The name of a CloudWatch alarm.
    AlarmName;
    /// The ARN of a CloudWatch alarm.
    AlarmArn;
    /// The ARN of an SNS topic.
    TopicArn;
    /// The name of an SNS topic.
    TopicName;
    /// The ARN of an SNS subscription.
    SubscriptionArn;
    /// The name of an S3 bucket.
    BucketName;
    /// The ARN of an S3 bucket.
    BucketArn;
    /// The name of a DB subnet group.
    DbSubnetGroupName;
    /// The name of a DB cluster parameter group.
    DbClusterParameterGroupName;
    /// The name of a DB parameter group.
    DbParameterGroupName;
    /// The identifier of a DB cluster.
    DbClusterId;
    /// The ARN of a DB cluster.
    DbClusterArn;
    /// What tells a DB cluster from every other, `cluster-…`.
    DbClusterResourceId;
    /// The host name that always leads to the writer of a DB cluster.
    WriterEndpoint;
    /// The host name that leads to the readers of a DB cluster, and to the writer if there are none.
    ReaderEndpoint;
    /// The identifier of a DB instance.
    DbInstanceId;
    /// The ARN of a DB instance.
    DbInstanceArn;
    /// The name of an RDS event subscription.
    DbEventSubscriptionName;
    /// The ARN of a secret.
    SecretArn;
    /// The name of a secret.
    SecretName;
    /// The name of a Lambda function.
    FunctionName;
    /// The ARN of a Lambda function.
    FunctionArn;
    /// The id of a statement in the policy of a Lambda function.
    PermissionId;
    /// The name of an `EventBridge` rule.
    RuleName;
    /// The ARN of an `EventBridge` rule.
    RuleArn;
    /// The id of a target of an `EventBridge` rule.
    RuleTargetId;
    /// The id of an EFS file system, `fs-…`.
    FileSystemId;
    /// The ARN of an EFS file system.
    FileSystemArn;
    /// The id of an EFS mount target, `fsmt-…`.
    MountTargetId;
    /// The ARN of a load balancer.
    LoadBalancerArn;
    /// A load balancer as CloudWatch's dimensions name it, `app/…`.
    LoadBalancerFullName;
    /// The host name of a load balancer.
    LoadBalancerDnsName;
    /// The ARN of a target group.
    TargetGroupArn;
    /// A target group as CloudWatch's dimensions name it, `targetgroup/…`.
    TargetGroupFullName;
    /// The ARN of a listener.
    ListenerArn;
    /// The ARN of a listener's rule.
    ListenerRuleArn;
    /// The ARN of a certificate.
    CertificateArn;
    /// The id of a Route 53 hosted zone, `Z…`.
    HostedZoneId;
    /// A name of a domain, with a dot at its end.
    DnsName;
    /// The id of a change of records, until all name servers have it.
    DnsChangeId;
    /// The ARN of a web ACL.
    WebAclArn;
    /// The id of a web ACL, a UUID.
    WebAclId;
    /// The name of a web ACL.
    WebAclName;
    /// The name of a policy by which services write log events.
    LogResourcePolicyName;
    /// The id of an EFS access point, `fsap-…`.
    AccessPointId;
    /// The ARN of an EFS access point.
    AccessPointArn;
    /// The name of an ECS cluster.
    EcsClusterName;
    /// The ARN of an ECS cluster.
    EcsClusterArn;
    /// The ARN of a revision of an ECS task definition.
    TaskDefinitionArn;
    /// The name of an ECS service.
    EcsServiceName;
    /// The ARN of an ECS service.
    EcsServiceArn;
    /// What Application Auto Scaling calls an ECS service, `service/CLUSTER/SERVICE`.
    ScalableResourceId;
    /// The ARN of a scalable target of Application Auto Scaling.
    ScalableTargetArn;
    /// The name of a scaling policy.
    ScalingPolicyName;
    /// The ARN of a scaling policy.
    ScalingPolicyArn;
    /// The name of an ECR repository.
    EcrRepositoryName;
}
