//! What users of Application Auto Scaling rely on.

use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

const RESOURCE: &str = "service/shop/web";

/// A service of two tasks that need not run: what counts here is how many it is to have.
struct Ground {
    cloud: Probe,
}

impl Ground {
    fn new() -> Self {
        let cloud = Probe::new();
        let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = vpc["Vpc"].text("VpcId").to_owned();
        let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24"});
        let subnet = cloud.ok("ec2", "CreateSubnet", subnet)["Subnet"].text("SubnetId").to_owned();
        cloud.ok("ecs", "CreateCluster", json!({"clusterName": "shop"}));
        let definition = json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [{"name": "web", "image": "public.ecr.aws/shop/web:1"}],
        });
        cloud.ok("ecs", "RegisterTaskDefinition", definition);
        let service = json!({
            "cluster": "shop", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": [subnet]}},
        });
        cloud.ok("ecs", "CreateService", service);
        Self { cloud }
    }

    fn ask(&self, operation: &str, more: Value) -> Value {
        self.cloud.ok("application-autoscaling", operation, input(more))
    }

    #[track_caller]
    fn refused(&self, operation: &str, more: Value) -> String {
        self.cloud.err("application-autoscaling", operation, input(more))
    }

    fn target(&self) {
        self.ask("RegisterScalableTarget", json!({"MinCapacity": 2, "MaxCapacity": 6}));
    }

    fn tracks(&self, name: &str, metric: &str) -> Value {
        let policy = json!({"PolicyName": name, "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0, "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
            "ScaleOutCooldown": 120, "ScaleInCooldown": 300,
        }});
        self.ask("PutScalingPolicy", policy)
    }

    fn desired(&self) -> i64 {
        let seen = self.cloud.ok(
            "ecs",
            "DescribeServices",
            json!({"cluster": "shop", "services": ["web"]}),
        );
        seen["services"][0].int("desiredCount").unwrap()
    }

    /// Puts a value of the service's CPU for every minute.
    fn load(&self, value: f64, minutes: usize) {
        for _ in 0..minutes {
            let data = json!({"Namespace": "AWS/ECS", "MetricData": [{
                "MetricName": "CPUUtilization", "Value": value,
                "Dimensions": [{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName", "Value": "web"}],
            }]});
            self.cloud.ok("cloudwatch", "PutMetricData", data);
            self.cloud.pass(60.0);
        }
    }

    fn activities(&self, all: bool) -> Vec<Value> {
        let seen = self.cloud.ok(
            "application-autoscaling",
            "DescribeScalingActivities",
            json!({"ServiceNamespace": "ecs", "IncludeNotScaledActivities": all}),
        );
        seen.items("ScalingActivities").to_vec()
    }
}

fn input(more: Value) -> Value {
    let mut input = json!({
        "ServiceNamespace": "ecs", "ResourceId": RESOURCE, "ScalableDimension": "ecs:service:DesiredCount",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[test]
fn a_policy_makes_its_alarms_and_takes_them_along() {
    let ground = Ground::new();
    assert_eq!(ground.refused("PutScalingPolicy", json!({"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}})), "ObjectNotFoundException");
    ground.target();
    let made = ground.tracks("cpu", "ECSServiceAverageCPUUtilization");
    assert_eq!(made.items("Alarms").len(), 2);
    let alarms = ground.cloud.ok("cloudwatch", "DescribeAlarms", json!({}));
    let high = &alarms["MetricAlarms"][0];
    assert!(high.text("AlarmName").starts_with("TargetTracking-service/shop/web-AlarmHigh-"));
    assert_eq!((high.number("Threshold"), high.int("EvaluationPeriods")), (Some(60.0), Some(3)));
    let low = &alarms["MetricAlarms"][1];
    assert_eq!((low.number("Threshold"), low.int("EvaluationPeriods")), (Some(54.0), Some(15)));
    let again = ground.tracks("cpu", "ECSServiceAverageMemoryUtilization");
    assert_eq!(again["Alarms"], made["Alarms"], "an update keeps them");
    ground.ask("DeregisterScalableTarget", json!({}));
    let alarms = ground.cloud.ok("cloudwatch", "DescribeAlarms", json!({}));
    assert_eq!(alarms["MetricAlarms"], json!([]));
}

#[test]
fn load_scales_out_and_its_end_scales_in() {
    let ground = Ground::new();
    ground.target();
    ground.tracks("cpu", "ECSServiceAverageCPUUtilization");
    ground.load(90.0, 4);
    assert_eq!(ground.desired(), 3, "2 tasks at 90 % are 3 at 60 %");
    ground.load(240.0, 3);
    assert_eq!(ground.desired(), 6, "no more than the maximum");
    ground.load(10.0, 30);
    assert_eq!(ground.desired(), 2, "no fewer than the minimum");
    let text = |activity: &Value| activity.text("Description").to_owned();
    let said: Vec<String> = ground.activities(false).iter().map(text).collect();
    assert_eq!(said.last().map(String::as_str), Some("Setting desired count to 3."));
    assert!(ground.activities(true).len() > ground.activities(false).len());
}

#[test]
fn scaling_in_takes_all_policies() {
    let ground = Ground::new();
    ground.cloud.ok(
        "ecs",
        "UpdateService",
        json!({"cluster": "shop", "service": "web", "desiredCount": 4}),
    );
    ground.target();
    ground.tracks("cpu", "ECSServiceAverageCPUUtilization");
    ground.tracks("memory", "ECSServiceAverageMemoryUtilization");
    ground.load(10.0, 20);
    assert_eq!(ground.desired(), 4, "nothing is known of the memory");
}

#[test]
fn a_target_brings_its_service_into_its_bounds() {
    let ground = Ground::new();
    ground.ask(
        "RegisterScalableTarget",
        json!({"MinCapacity": 3, "MaxCapacity": 6, "Tags": {"a": "b"}}),
    );
    assert_eq!(ground.desired(), 3);
    let bad = json!({"MinCapacity": 7});
    assert_eq!(ground.refused("RegisterScalableTarget", bad), "ValidationException");
    let other = json!({"ResourceId": "service/shop/none", "MinCapacity": 1, "MaxCapacity": 1});
    assert_eq!(ground.refused("RegisterScalableTarget", other), "ValidationException");
    let seen = ground.cloud.ok(
        "application-autoscaling",
        "DescribeScalableTargets",
        json!({"ServiceNamespace": "ecs", "ResourceIds": [RESOURCE]}),
    );
    let arn = seen["ScalableTargets"][0]["ScalableTargetARN"].clone();
    assert_eq!(seen["ScalableTargets"][0]["MinCapacity"], 3);
    let tags = ground.cloud.ok(
        "application-autoscaling",
        "ListTagsForResource",
        json!({"ResourceARN": arn}),
    );
    assert_eq!(tags["Tags"], json!({"a": "b"}));
}

#[test]
fn steps_answer_their_users_alarm() {
    let ground = Ground::new();
    ground.target();
    let policy = json!({"PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {
        "AdjustmentType": "ChangeInCapacity", "Cooldown": 120, "StepAdjustments": [
            {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.0, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 20.0, "ScalingAdjustment": 3},
        ],
    }});
    let arn = ground.ask("PutScalingPolicy", policy)["PolicyARN"].clone();
    let alarm = json!({
        "AlarmName": "mine", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 70.0, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [arn],
        "Dimensions": [{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName", "Value": "web"}],
    });
    ground.cloud.ok("cloudwatch", "PutMetricAlarm", alarm);
    ground.load(95.0, 2);
    assert_eq!(ground.desired(), 5);
}
