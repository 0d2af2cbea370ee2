//! What users of ECS rely on.

mod balanced;
mod cluster;
mod definition;
mod failing;
mod service;
mod task;

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

const IMAGE: &str = "public.ecr.aws/shop/web:1";

/// A network with a subnet in each of three zones and a way out, a cluster on Fargate, a role and a log group.
struct Ground {
    cloud: Probe,
    subnets: Vec<String>,
    security_group: String,
    role: String,
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
        let input = json!({"GroupName": "web", "Description": "web", "VpcId": vpc});
        let security_group =
            cloud.ok("ec2", "CreateSecurityGroup", input).text("GroupId").to_owned();
        let gateway = cloud.ok("ec2", "CreateInternetGateway", json!({}));
        let gateway = gateway["InternetGateway"].text("InternetGatewayId").to_owned();
        cloud.ok(
            "ec2",
            "AttachInternetGateway",
            json!({"InternetGatewayId": gateway, "VpcId": vpc}),
        );
        let tables = cloud.ok("ec2", "DescribeRouteTables", json!({}));
        let table = tables["RouteTables"][0].text("RouteTableId").to_owned();
        let route = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway});
        cloud.ok("ec2", "CreateRoute", route);
        let made = json!({"RoleName": "execution", "AssumeRolePolicyDocument": TRUST});
        let role = cloud.ok("iam", "CreateRole", made)["Role"].text("Arn").to_owned();
        cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "/shop/web"}));
        let ground = Self { cloud, subnets, security_group, role };
        ground.allow(json!(["logs:CreateLogStream", "logs:PutLogEvents"]));
        let fargate = json!({
            "clusterName": "shop", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
        });
        ground.ask("CreateCluster", fargate);
        ground.cloud.pass(20.0);
        ground
    }

    fn allow(&self, actions: Value) {
        let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        let input = json!({"RoleName": "execution", "PolicyName": "all", "PolicyDocument": document.to_string()});
        self.cloud.ok("iam", "PutRolePolicy", input);
    }

    #[track_caller]
    fn ask(&self, operation: &str, input: Value) -> Value {
        self.cloud.ok("ecs", operation, input)
    }

    /// Code and message of a refusal.
    #[track_caller]
    fn refused(&self, operation: &str, input: Value) -> (String, String) {
        match self.cloud.call("ecs", operation, &input) {
            Ok(output) => panic!("{operation} succeeded: {output}"),
            Err(refusal) => refusal,
        }
    }

    fn container() -> Value {
        json!({
            "name": "web", "image": IMAGE, "portMappings": [{"containerPort": 8443}], "readonlyRootFilesystem": true,
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/shop/web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web",
            }},
        })
    }

    /// The request for a task definition `web`, with more members of its container.
    fn definition(&self, more: Value) -> Value {
        let mut container = Self::container();
        merge(&mut container, more);
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "executionRoleArn": self.role, "taskRoleArn": self.role, "containerDefinitions": [container],
        })
    }

    /// Registers one; its ARN.
    fn registered(&self, more: Value) -> String {
        let made = self.ask("RegisterTaskDefinition", self.definition(more));
        made["taskDefinition"].text("taskDefinitionArn").to_owned()
    }

    fn network(&self) -> Value {
        json!({"awsvpcConfiguration": {
            "subnets": self.subnets, "securityGroups": [self.security_group], "assignPublicIp": "ENABLED",
        }})
    }

    /// The request for a service `web` of three tasks.
    fn service(&self, more: Value) -> Value {
        let mut input = json!({
            "cluster": "shop", "serviceName": "web", "taskDefinition": "web", "desiredCount": 3,
            "networkConfiguration": self.network(),
            "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": true}},
        });
        merge(&mut input, more);
        input
    }

    /// Makes the service and waits until it is steady.
    fn running(&self, more: Value) -> Value {
        self.registered(json!({}));
        self.ask("CreateService", self.service(more));
        self.cloud.pass(75.0);
        self.seen()
    }

    fn seen(&self) -> Value {
        let input = json!({"cluster": "shop", "services": ["web"], "include": ["TAGS"]});
        self.ask("DescribeServices", input)["services"][0].clone()
    }

    /// The tasks that are to run.
    fn tasks(&self) -> Vec<Value> {
        self.tasks_that(json!({}))
    }

    fn stopped(&self) -> Vec<Value> {
        self.tasks_that(json!({"desiredStatus": "STOPPED"}))
    }

    fn tasks_that(&self, more: Value) -> Vec<Value> {
        let mut input = json!({"cluster": "shop"});
        merge(&mut input, more);
        let arns = self.ask("ListTasks", input)["taskArns"].clone();
        if arns == json!([]) {
            return Vec::new();
        }
        let input = json!({"cluster": "shop", "tasks": arns, "include": ["TAGS"]});
        self.ask("DescribeTasks", input).items("tasks").to_vec()
    }

    fn interfaces(&self) -> usize {
        let filter = json!({"Filters": [{"Name": "requester-id", "Values": ["amazon-ecs"]}]});
        self.cloud.ok("ec2", "DescribeNetworkInterfaces", filter).items("NetworkInterfaces").len()
    }

    fn events(&self) -> Vec<String> {
        self.seen().items("events").iter().map(|event| event.text("message").to_owned()).collect()
    }
}

fn merge(value: &mut Value, more: Value) {
    for (name, member) in more.as_object().into_iter().flatten() {
        value[name] = member.clone();
    }
}

fn sorted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort();
    all
}
