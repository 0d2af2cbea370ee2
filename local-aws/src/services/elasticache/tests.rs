//! The behaviour of caches, as a client sees it.

mod access;
mod change;
mod guard;
mod parameter;
mod shard;
mod snapshot;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

const CACHE: &str = "elasticache";

/// A VPC with a subnet in three zones, a subnet group `net` of them, and a security group.
struct Net {
    cloud: Probe,
    vpc: String,
    subnets: Vec<String>,
    group: String,
}

fn net() -> Net {
    net_on(Probe::new())
}

fn net_on(cloud: Probe) -> Net {
    let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = vpc["Vpc"].text("VpcId").to_owned();
    let subnets: Vec<String> = (0..3).map(|at| subnet(&cloud, &vpc, at)).collect();
    let input = json!({"VpcId": vpc, "GroupName": "cache", "Description": "cache"});
    let group = cloud.ok("ec2", "CreateSecurityGroup", input).text("GroupId").to_owned();
    let input = json!({"CacheSubnetGroupName": "net", "CacheSubnetGroupDescription": "data", "SubnetIds": subnets});
    cloud.ok(CACHE, "CreateCacheSubnetGroup", input);
    Net { cloud, vpc, subnets, group }
}

fn subnet(cloud: &Probe, vpc: &str, at: usize) -> String {
    let zone = ["us-east-1a", "us-east-1b", "us-east-1c"][at];
    let input =
        json!({"VpcId": vpc, "CidrBlock": format!("10.0.{at}.0/24"), "AvailabilityZone": zone});
    cloud.ok("ec2", "CreateSubnet", input)["Subnet"].text("SubnetId").to_owned()
}

impl Net {
    /// What a group of three shards with a replica each is made of, with more or other members.
    fn asked(&self, more: Value) -> Value {
        let mut input = json!({
            "ReplicationGroupId": "shop", "ReplicationGroupDescription": "sessions", "Engine": "redis", "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.small", "CacheParameterGroupName": "default.redis7.cluster.on", "CacheSubnetGroupName": "net",
            "SecurityGroupIds": [self.group], "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": true,
            "MultiAZEnabled": true, "TransitEncryptionEnabled": true, "AtRestEncryptionEnabled": true,
        });
        for (member, value) in more.as_object().unwrap() {
            input[member] = value.clone();
            if value.is_null() {
                input.as_object_mut().unwrap().remove(member);
            }
        }
        input
    }

    /// Makes a group and waits until it is available.
    fn make(&self, more: Value) -> Value {
        self.cloud.ok(CACHE, "CreateReplicationGroup", self.asked(more));
        self.cloud.pass(780.0);
        self.shop()
    }

    fn shop(&self) -> Value {
        let found = json!({"ReplicationGroupId": "shop"});
        self.cloud.ok(CACHE, "DescribeReplicationGroups", found)["ReplicationGroups"][0].clone()
    }

    #[track_caller]
    fn refused(&self, operation: &str, input: Value, code: &str) {
        assert_eq!(self.cloud.err(CACHE, operation, input.clone()), code, "{operation} {input}");
    }

    /// Modifies the group at once.
    fn modify(&self, more: Value) -> Value {
        let mut input = json!({"ReplicationGroupId": "shop", "ApplyImmediately": true});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.cloud.ok(CACHE, "ModifyReplicationGroup", input)["ReplicationGroup"].clone()
    }

    fn nodes(&self) -> Vec<Value> {
        let input = json!({"ShowCacheNodeInfo": true});
        self.cloud.ok(CACHE, "DescribeCacheClusters", input).items("CacheClusters").to_vec()
    }

    fn interfaces(&self) -> Vec<Value> {
        let owned =
            json!({"Filters": [{"Name": "requester-id", "Values": ["amazon-elasticache"]}]});
        let found = self.cloud.ok("ec2", "DescribeNetworkInterfaces", owned);
        found.items("NetworkInterfaces").to_vec()
    }
}

#[test]
fn a_group_comes_up_as_declared_with_its_nodes_in_different_zones() {
    let net = net();
    let made = net.cloud.ok(CACHE, "CreateReplicationGroup", net.asked(json!({
        "SnapshotRetentionLimit": 5, "PreferredMaintenanceWindow": "sun:23:00-mon:01:30", "SnapshotWindow": "03:00-05:00",
        "Tags": [{"Key": "team", "Value": "shop"}],
    })));
    assert_eq!(made["ReplicationGroup"]["Status"], "creating");
    assert_eq!(made["ReplicationGroup"]["ConfigurationEndpoint"], Value::Null);
    net.cloud.pass(779.0);
    assert_eq!(net.shop()["Status"], "creating");
    net.cloud.pass(1.0);
    let shop = net.shop();
    for (member, value) in [
        ("Status", json!("available")),
        ("Description", json!("sessions")),
        ("ClusterEnabled", json!(true)),
        ("ClusterMode", json!("enabled")),
        ("AutomaticFailover", json!("enabled")),
        ("MultiAZ", json!("enabled")),
        ("CacheNodeType", json!("cache.t4g.small")),
        ("Engine", json!("redis")),
        ("SnapshotRetentionLimit", json!(5)),
        ("SnapshotWindow", json!("03:00-05:00")),
        ("TransitEncryptionEnabled", json!(true)),
        ("TransitEncryptionMode", json!("required")),
        ("AtRestEncryptionEnabled", json!(true)),
        ("AutoMinorVersionUpgrade", json!(true)),
        ("AuthTokenEnabled", json!(false)),
        ("ARN", json!("arn:aws:elasticache:us-east-1:123456789012:replicationgroup:shop")),
    ] {
        assert_eq!(shop[member], value, "{member}");
    }
    let endpoint = &shop["ConfigurationEndpoint"];
    assert_eq!(endpoint["Port"], 6379);
    assert!(endpoint.text("Address").starts_with("clustercfg.shop."), "{endpoint}");
    assert!(endpoint.text("Address").ends_with(".use1.cache.amazonaws.com"), "{endpoint}");
    let slots: Vec<&str> =
        shop.items("NodeGroups").iter().map(|shard| shard.text("Slots")).collect();
    assert_eq!(slots, ["0-5460", "5461-10922", "10923-16383"]);
    let members: Vec<&str> = shop.texts("MemberClusters");
    assert_eq!(
        members,
        [
            "shop-0001-001",
            "shop-0001-002",
            "shop-0002-001",
            "shop-0002-002",
            "shop-0003-001",
            "shop-0003-002",
        ]
    );
    for shard in shop.items("NodeGroups") {
        let [one, two] = shard.items("NodeGroupMembers") else { panic!("{shard}") };
        assert_ne!(one["PreferredAvailabilityZone"], two["PreferredAvailabilityZone"]);
    }
}

#[test]
fn nodes_have_what_their_group_has() {
    let net = net();
    net.make(json!({"PreferredMaintenanceWindow": "sun:23:00-mon:01:30", "Tags": [{"Key": "team", "Value": "shop"}]}));
    let nodes = net.nodes();
    assert_eq!(nodes.len(), 6);
    let node = &nodes[0];
    for (member, value) in [
        ("CacheClusterId", json!("shop-0001-001")),
        ("CacheClusterStatus", json!("available")),
        ("ReplicationGroupId", json!("shop")),
        ("EngineVersion", json!("7.1.0")),
        ("CacheSubnetGroupName", json!("net")),
        ("PreferredMaintenanceWindow", json!("sun:23:00-mon:01:30")),
        ("NumCacheNodes", json!(1)),
    ] {
        assert_eq!(node[member], value, "{member}");
    }
    assert_eq!(node["CacheParameterGroup"]["CacheParameterGroupName"], "default.redis7.cluster.on");
    assert_eq!(node["SecurityGroups"][0]["SecurityGroupId"], net.group.as_str());
    let endpoint = node["CacheNodes"][0]["Endpoint"].text("Address");
    assert!(endpoint.starts_with("shop-0001-001.shop."), "{endpoint}");
    let tags =
        json!({"ResourceName": "arn:aws:elasticache:us-east-1:123456789012:cluster:shop-0003-002"});
    let tags = net.cloud.ok(CACHE, "ListTagsForResource", tags);
    assert_eq!(tags["TagList"], json!([{"Key": "team", "Value": "shop"}]));
    let alone = json!({"ShowCacheClustersNotInReplicationGroups": true});
    assert_eq!(net.cloud.ok(CACHE, "DescribeCacheClusters", alone)["CacheClusters"], json!([]));
}

#[test]
fn nodes_hold_subnets_and_groups_until_they_are_gone() {
    let net = net();
    net.make(json!({}));
    assert_eq!(net.interfaces().len(), 6);
    assert_eq!(net.interfaces()[0]["Groups"][0]["GroupId"], net.group.as_str());
    net.refused(
        "DeleteCacheSubnetGroup",
        json!({"CacheSubnetGroupName": "net"}),
        "CacheSubnetGroupInUse",
    );
    let fewer = json!({"CacheSubnetGroupName": "net", "SubnetIds": net.subnets[1..]});
    net.refused("ModifyCacheSubnetGroup", fewer, "SubnetInUse");
    let gone = net.cloud.ok(CACHE, "DeleteReplicationGroup", json!({"ReplicationGroupId": "shop"}));
    assert_eq!(gone["ReplicationGroup"]["Status"], "deleting");
    net.refused(
        "DeleteReplicationGroup",
        json!({"ReplicationGroupId": "shop"}),
        "InvalidReplicationGroupState",
    );
    let delete = json!({"GroupId": net.group});
    assert_eq!(net.cloud.err("ec2", "DeleteSecurityGroup", delete.clone()), "DependencyViolation");
    net.cloud.pass(360.0);
    net.refused(
        "DescribeReplicationGroups",
        json!({"ReplicationGroupId": "shop"}),
        "ReplicationGroupNotFoundFault",
    );
    assert!(net.nodes().is_empty() && net.interfaces().is_empty());
    net.cloud.ok(CACHE, "DeleteCacheSubnetGroup", json!({"CacheSubnetGroupName": "net"}));
    net.cloud.ok("ec2", "DeleteSecurityGroup", delete);
    for subnet in &net.subnets {
        net.cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnet}));
    }
}

#[test]
fn the_first_cache_makes_the_role_of_the_service() {
    let net = net();
    let role = json!({"RoleName": "AWSServiceRoleForElastiCache"});
    assert_eq!(net.cloud.err("iam", "GetRole", role.clone()), "NoSuchEntity");
    net.make(json!({}));
    let made = net.cloud.ok("iam", "GetRole", role);
    assert_eq!(made["Role"]["Path"], "/aws-service-role/elasticache.amazonaws.com/");
}

#[test]
fn without_cluster_mode_there_is_a_primary_and_a_reader() {
    let net = net();
    let shop = net.make(json!({
        "CacheParameterGroupName": "default.redis7", "NumNodeGroups": null, "ReplicasPerNodeGroup": null, "NumCacheClusters": 2,
        "TransitEncryptionEnabled": false,
    }));
    assert_eq!(shop["ClusterEnabled"], false);
    assert_eq!(shop["ConfigurationEndpoint"], Value::Null);
    let shard = &shop["NodeGroups"][0];
    assert!(shard["PrimaryEndpoint"].text("Address").starts_with("shop."), "{shard}");
    assert!(shard["ReaderEndpoint"].text("Address").starts_with("shop-ro."), "{shard}");
    let roles: Vec<&str> =
        shard.items("NodeGroupMembers").iter().map(|node| node.text("CurrentRole")).collect();
    assert_eq!(roles, ["primary", "replica"]);
    assert_eq!(shop.texts("MemberClusters"), ["shop-001", "shop-002"]);
}

#[test]
fn lists_come_in_pages_and_tags_by_the_tagging_api() {
    let net = net();
    for at in 0..25 {
        let input = json!({"CacheParameterGroupName": format!("p{at:02}"), "CacheParameterGroupFamily": "redis7", "Description": "d", "Tags": [{"Key": "n", "Value": at.to_string()}]});
        net.cloud.ok(CACHE, "CreateCacheParameterGroup", input);
    }
    let first = net.cloud.ok(CACHE, "DescribeCacheParameterGroups", json!({"MaxRecords": 20}));
    assert_eq!(first.items("CacheParameterGroups").len(), 20);
    let second = json!({"MaxRecords": 20, "Marker": first["Marker"]});
    let rest = net.cloud.ok(CACHE, "DescribeCacheParameterGroups", second);
    // Eight of AWS's own: four families with cluster mode off and on.
    assert_eq!(rest.items("CacheParameterGroups").len(), 13);
    assert_eq!(rest["Marker"], Value::Null);
    net.refused("DescribeCacheParameterGroups", json!({"MaxRecords": 19}), "InvalidParameterValue");
    let filter = json!({"ResourceTypeFilters": ["elasticache:parametergroup"], "TagFilters": [{"Key": "n", "Values": ["7"]}]});
    let found = net.cloud.ok("resourcegroupstaggingapi", "GetResources", filter);
    assert_eq!(
        found["ResourceTagMappingList"][0]["ResourceARN"],
        "arn:aws:elasticache:us-east-1:123456789012:parametergroup:p07"
    );
}
