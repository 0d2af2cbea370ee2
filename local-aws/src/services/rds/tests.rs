//! What users of RDS rely on.

mod backup;
mod change;
mod group;
mod life;
mod writer;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

/// A network with a group and a subnet in each of three zones, and a DB subnet group over them.
struct Ground {
    cloud: Probe,
    subnets: Vec<String>,
    security_group: String,
}

impl Ground {
    fn new() -> Self {
        let cloud = Probe::new();
        let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}))["Vpc"]
            .text("VpcId")
            .to_owned();
        let subnet = |(at, zone): (usize, &str)| {
            let input = json!({
                "VpcId": vpc, "CidrBlock": format!("10.0.{at}.0/24"), "AvailabilityZone": format!("us-east-1{zone}"),
            });
            cloud.ok("ec2", "CreateSubnet", input)["Subnet"].text("SubnetId").to_owned()
        };
        let subnets: Vec<String> = ["a", "b", "c"].into_iter().enumerate().map(subnet).collect();
        let input = json!({"GroupName": "db", "Description": "db", "VpcId": vpc});
        let security_group =
            cloud.ok("ec2", "CreateSecurityGroup", input).text("GroupId").to_owned();
        let group = json!({"DBSubnetGroupName": "Data", "DBSubnetGroupDescription": "data", "SubnetIds": subnets});
        cloud.ok("rds", "CreateDBSubnetGroup", group);
        Self { cloud, subnets, security_group }
    }

    fn ask(&self, operation: &str, input: Value) -> Value {
        self.cloud.ok("rds", operation, input)
    }

    #[track_caller]
    fn refused(&self, operation: &str, input: Value) -> String {
        self.cloud.err("rds", operation, input)
    }

    /// The request for a serverless cluster `shop`.
    fn cluster(&self) -> Value {
        json!({
            "DBClusterIdentifier": "shop", "Engine": "aurora-postgresql", "EngineVersion": "17", "MasterUsername": "globecart",
            "ManageMasterUserPassword": true, "DBSubnetGroupName": "data", "VpcSecurityGroupIds": [self.security_group],
            "StorageEncrypted": true, "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 16},
        })
    }

    /// Makes the cluster, with more settings, and waits until it is available.
    fn made(&self, more: Value) -> Value {
        let mut input = self.cluster();
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        self.ask("CreateDBCluster", input);
        self.cloud.pass(50.0);
        self.seen()
    }

    fn instance(&self, id: &str, more: Value) {
        let mut input = json!({
            "DBInstanceIdentifier": id, "DBClusterIdentifier": "shop", "Engine": "aurora-postgresql", "DBInstanceClass": "db.serverless",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        self.ask("CreateDBInstance", input);
    }

    /// A cluster with a writer in the first zone and readers in the others, all available.
    fn running(&self) {
        self.made(json!({"EnableCloudwatchLogsExports": ["postgresql"]}));
        for (id, zone, tier) in [("w", "a", 1), ("r1", "b", 1), ("r2", "c", 2)] {
            let zone = format!("us-east-1{zone}");
            self.instance(id, json!({"AvailabilityZone": zone, "PromotionTier": tier}));
        }
        self.cloud.pass(400.0);
    }

    fn seen(&self) -> Value {
        let input = json!({"DBClusterIdentifier": "shop"});
        self.ask("DescribeDBClusters", input)["DBClusters"][0].clone()
    }

    fn instance_seen(&self, id: &str) -> Value {
        let input = json!({"DBInstanceIdentifier": id});
        self.ask("DescribeDBInstances", input)["DBInstances"][0].clone()
    }

    fn writer(&self) -> String {
        let cluster = self.seen();
        let mut members = cluster.items("DBClusterMembers").iter();
        members
            .find(|one| one.flag("IsClusterWriter"))
            .map_or("", |one| one.text("DBInstanceIdentifier"))
            .to_owned()
    }

    fn interfaces(&self) -> usize {
        self.cloud
            .ok("ec2", "DescribeNetworkInterfaces", json!({}))
            .items("NetworkInterfaces")
            .len()
    }
}
