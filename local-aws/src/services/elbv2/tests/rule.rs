use super::{balancer, http, network, target_group};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn rule(cloud: &Probe, listener: &str, priority: u32, conditions: &Value) -> Result<Value, String> {
    let input = json!({
        "ListenerArn": listener, "Priority": priority, "Conditions": conditions,
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain"}}],
    });
    let made = cloud.call("elbv2", "CreateRule", &input).map_err(|(code, _)| code)?;
    Ok(made["Rules"][0].clone())
}

fn listener(cloud: &Probe) -> String {
    let (vpc, subnets) = network(cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(cloud, "shop", &subnets, &[]);
    http(cloud, &arn, 80, &target_group(cloud, "web", &vpc))
}

#[test]
fn rules_have_priorities_of_their_own_and_can_change_places() {
    let cloud = Probe::new();
    let listener = listener(&cloud);
    let path = json!([{"Field": "path-pattern", "Values": ["/api/*"]}]);
    let host = json!([{"Field": "host-header", "HostHeaderConfig": {"Values": ["shop.example"]}}]);
    let first = rule(&cloud, &listener, 10, &path).unwrap();
    assert_eq!(first["Priority"], "10");
    assert_eq!(first["Conditions"][0]["PathPatternConfig"], json!({"Values": ["/api/*"]}));
    let second = rule(&cloud, &listener, 20, &host).unwrap();
    assert_eq!(second["Conditions"][0]["Values"], json!(["shop.example"]));
    assert_eq!(rule(&cloud, &listener, 10, &host), Err("PriorityInUse".to_owned()));
    let swapped = json!({"RulePriorities": [
        {"RuleArn": first["RuleArn"], "Priority": 20}, {"RuleArn": second["RuleArn"], "Priority": 10},
    ]});
    cloud.ok("elbv2", "SetRulePriorities", swapped);
    let taken = json!({"RulePriorities": [{"RuleArn": first["RuleArn"], "Priority": 10}]});
    assert_eq!(cloud.err("elbv2", "SetRulePriorities", taken), "PriorityInUse");
    let all = cloud.ok("elbv2", "DescribeRules", json!({"ListenerArn": listener}));
    let order: Vec<&str> = all.items("Rules").iter().map(|rule| rule.text("Priority")).collect();
    assert_eq!(order, ["10", "20", "default"]);
    assert_eq!(all["Rules"][0]["RuleArn"], second["RuleArn"]);
    let default = json!({"RuleArn": all["Rules"][2]["RuleArn"]});
    assert_eq!(cloud.err("elbv2", "DeleteRule", default), "OperationNotPermitted");
    cloud.ok("elbv2", "DeleteRule", json!({"RuleArn": first["RuleArn"]}));
    let gone = json!({"RuleArns": [first["RuleArn"]]});
    assert_eq!(cloud.err("elbv2", "DescribeRules", gone), "RuleNotFound");
}

#[test]
fn conditions_are_checked() {
    let cloud = Probe::new();
    let listener = listener(&cloud);
    let refused = |conditions: Value| rule(&cloud, &listener, 1, &conditions).unwrap_err();
    assert_eq!(refused(json!([])), "ValidationError");
    assert_eq!(refused(json!([{"Field": "colour", "Values": ["red"]}])), "ValidationError");
    assert_eq!(refused(json!([{"Field": "path-pattern"}])), "ValidationError");
    let twice = json!([
        {"Field": "host-header", "Values": ["a.example"]}, {"Field": "host-header", "Values": ["b.example"]},
    ]);
    assert_eq!(refused(twice), "ValidationError");
    let many = json!([{"Field": "path-pattern", "Values": ["/1", "/2", "/3", "/4", "/5", "/6"]}]);
    assert_eq!(refused(many), "ValidationError");
    let mixed = json!([{"Field": "source-ip", "PathPatternConfig": {"Values": ["/"]}}]);
    assert_eq!(refused(mixed), "ValidationError");
    let query = json!([
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x", "Values": ["y"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
    ]);
    rule(&cloud, &listener, 1, &query).unwrap();
}

#[test]
fn weights_are_kept_and_a_rule_holds_its_groups() {
    let cloud = Probe::new();
    let listener = listener(&cloud);
    let vpc =
        cloud.ok("elbv2", "DescribeTargetGroups", json!({}))["TargetGroups"][0]["VpcId"].clone();
    let vpc = vpc.as_str().unwrap();
    let (blue, green) = (target_group(&cloud, "blue", vpc), target_group(&cloud, "green", vpc));
    let forward = json!([{"Type": "forward", "ForwardConfig": {"TargetGroups": [
        {"TargetGroupArn": blue, "Weight": 9}, {"TargetGroupArn": green},
    ]}}]);
    let input = json!({
        "ListenerArn": listener, "Priority": 5, "Conditions": [{"Field": "path-pattern", "Values": ["/"]}],
        "Actions": forward,
    });
    let made = cloud.ok("elbv2", "CreateRule", input);
    let config = &made["Rules"][0]["Actions"][0]["ForwardConfig"];
    assert_eq!(config["TargetGroups"][0]["Weight"], 9);
    assert_eq!(config["TargetGroups"][1]["Weight"], 1);
    assert_eq!(config["TargetGroupStickinessConfig"], json!({"Enabled": false}));
    let held = json!({"TargetGroupArn": blue});
    assert_eq!(cloud.err("elbv2", "DeleteTargetGroup", held.clone()), "ResourceInUse");
    let only = json!([{"Type": "forward", "TargetGroupArn": green}]);
    let change = json!({"RuleArn": made["Rules"][0]["RuleArn"], "Actions": only});
    cloud.ok("elbv2", "ModifyRule", change);
    cloud.ok("elbv2", "DeleteTargetGroup", held);
}
