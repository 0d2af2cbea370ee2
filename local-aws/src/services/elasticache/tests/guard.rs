//! What is refused, and with which code.

use super::{CACHE, net, net_on};
use crate::options::Options;
use crate::testing::Probe;
use serde_json::{Value, json};

#[test]
fn a_group_that_cannot_be_is_refused() {
    let net = net();
    let combination = "InvalidParameterCombination";
    let value = "InvalidParameterValue";
    for (more, code) in [
        (json!({"ReplicationGroupId": "1shop"}), value),
        (json!({"ReplicationGroupId": "shop-"}), value),
        (json!({"ReplicationGroupId": "a--b"}), value),
        (json!({"ReplicationGroupId": "a".repeat(41)}), value),
        (json!({"Engine": "reddis"}), value),
        (json!({"EngineVersion": "99"}), value),
        (json!({"CacheNodeType": "cache.huge"}), value),
        (json!({"CacheNodeType": null}), value),
        (json!({"CacheNodeType": "cache.r6gd.xlarge"}), "NotImplemented"),
        (json!({"CacheParameterGroupName": "none"}), "CacheParameterGroupNotFound"),
        (json!({"CacheParameterGroupName": "default.valkey8.cluster.on"}), combination),
        (json!({"CacheParameterGroupName": "default.redis7"}), combination),
        (json!({"ClusterMode": "disabled"}), combination),
        (json!({"CacheSubnetGroupName": null}), "CacheSubnetGroupNotFoundFault"),
        (json!({"SecurityGroupIds": ["sg-00000000000000000"]}), value),
        (json!({"ReplicasPerNodeGroup": 6}), value),
        (json!({"ReplicasPerNodeGroup": 0}), combination),
        (json!({"NumNodeGroups": 0}), value),
        (json!({"AutomaticFailoverEnabled": false, "MultiAZEnabled": false}), combination),
        (json!({"NumCacheClusters": 3, "ReplicasPerNodeGroup": null}), combination),
        (json!({"Port": 0}), value),
        (json!({"SnapshotRetentionLimit": 36}), value),
        (json!({"SnapshotWindow": "03:00-03:30"}), value),
        (json!({"PreferredMaintenanceWindow": "someday"}), value),
        (json!({"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/none"}), value),
        (json!({"KmsKeyId": "alias/x", "AtRestEncryptionEnabled": false}), combination),
        (
            json!({"TransitEncryptionEnabled": false, "TransitEncryptionMode": "required"}),
            combination,
        ),
        (json!({"UserGroupIds": ["none"]}), "UserGroupNotFound"),
        (json!({"SnapshotName": "none"}), "SnapshotNotFoundFault"),
        (json!({"NodeGroupConfiguration": [{"Slots": "0-16383"}]}), combination),
        (json!({"NetworkType": "ipv6"}), "NotImplemented"),
        (json!({"Durability": "sync"}), "NotImplemented"),
        (json!({"GlobalReplicationGroupId": "g"}), "NotImplemented"),
    ] {
        net.refused("CreateReplicationGroup", net.asked(more), code);
    }
    net.make(json!({}));
    net.refused(
        "CreateReplicationGroup",
        net.asked(json!({"ReplicationGroupId": "SHOP"})),
        "ReplicationGroupAlreadyExists",
    );
}

#[test]
fn quotas_hold() {
    let quotas = [
        ("elasticache.nodes", 5),
        ("elasticache.shards_per_group", 3),
        ("elasticache.nodes_per_group", 7),
    ];
    let quotas = quotas.into_iter().map(|(name, most)| (name.to_owned(), most)).collect();
    let net = net_on(Probe::with(Options { quotas, ..Options::default() }));
    net.refused("CreateReplicationGroup", net.asked(json!({})), "NodeQuotaForCustomerExceeded");
    let shards = net.asked(json!({"NumNodeGroups": 4}));
    net.refused("CreateReplicationGroup", shards, "NodeGroupsPerReplicationGroupQuotaExceeded");
    let nodes = net.asked(json!({"ReplicasPerNodeGroup": 2}));
    net.refused("CreateReplicationGroup", nodes, "NodeQuotaForClusterExceeded");
}

#[test]
fn a_key_that_cannot_be_used_is_refused() {
    let net = net();
    let made = net.cloud.ok("kms", "CreateKey", json!({}));
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    net.cloud.ok("kms", "DisableKey", json!({"KeyId": key}));
    let asked = net.asked(json!({"KmsKeyId": key}));
    net.refused("CreateReplicationGroup", asked, "InvalidParameterValue");
    net.cloud.ok("kms", "EnableKey", json!({"KeyId": key}));
    let shop = net.make(json!({"KmsKeyId": key}));
    assert_eq!(shop["KmsKeyId"], made["KeyMetadata"]["Arn"]);
    assert_eq!(shop["StorageEncryptionType"], "sse-kms");
}

#[test]
fn subnet_groups_have_subnets_of_one_vpc() {
    let net = net();
    let create = |subnets: Value, code: &str| {
        let input = json!({"CacheSubnetGroupName": "g", "CacheSubnetGroupDescription": "d", "SubnetIds": subnets});
        net.refused("CreateCacheSubnetGroup", input, code);
    };
    create(json!(["subnet-00000000000000000"]), "InvalidSubnet");
    let vpc = net.cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.1.0.0/16"}));
    let input = json!({"VpcId": vpc["Vpc"]["VpcId"], "CidrBlock": "10.1.0.0/24"});
    let other = net.cloud.ok("ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].clone();
    create(json!([net.subnets[0], other]), "InvalidSubnet");
    let same = json!({"CacheSubnetGroupName": "NET", "CacheSubnetGroupDescription": "d", "SubnetIds": net.subnets});
    net.refused("CreateCacheSubnetGroup", same, "CacheSubnetGroupAlreadyExists");
    let found =
        net.cloud.ok(CACHE, "DescribeCacheSubnetGroups", json!({"CacheSubnetGroupName": "net"}));
    let group = &found["CacheSubnetGroups"][0];
    assert_eq!(group["VpcId"], net.vpc.as_str());
    assert_eq!(group["Subnets"][1]["SubnetAvailabilityZone"]["Name"], "us-east-1b");
    let fewer = json!({"CacheSubnetGroupName": "net", "CacheSubnetGroupDescription": "less", "SubnetIds": net.subnets[..2]});
    let changed = net.cloud.ok(CACHE, "ModifyCacheSubnetGroup", fewer);
    assert_eq!(changed["CacheSubnetGroup"]["Subnets"].as_array().unwrap().len(), 2);
    net.refused(
        "DeleteCacheSubnetGroup",
        json!({"CacheSubnetGroupName": "none"}),
        "CacheSubnetGroupNotFoundFault",
    );
}
