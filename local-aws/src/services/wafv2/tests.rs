use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn visibility(name: &str) -> Value {
    json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name})
}

fn managed(priority: u32, name: &str) -> Value {
    json!({
        "Name": name, "Priority": priority, "OverrideAction": {"None": {}}, "VisibilityConfig": visibility(name),
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
    })
}

fn rate(priority: u32) -> Value {
    json!({
        "Name": "rate", "Priority": priority, "Action": {"Block": {}}, "VisibilityConfig": visibility("rate"),
        "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
    })
}

fn input(name: &str, rules: Value) -> Value {
    json!({
        "Name": name, "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "Rules": rules,
        "VisibilityConfig": visibility(name),
    })
}

fn web_acl(cloud: &Probe, name: &str) -> Value {
    let rules = json!([managed(0, "AWSManagedRulesCommonRuleSet"), rate(1)]);
    cloud.ok("wafv2", "CreateWebACL", input(name, rules))["Summary"].clone()
}

/// An active load balancer.
fn balancer(cloud: &Probe) -> String {
    let vpc = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = vpc["Vpc"].text("VpcId").to_owned();
    let subnet = |at: u8, zone: &str| {
        let block = format!("10.0.{at}.0/24");
        let input = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone});
        cloud.ok("ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].clone()
    };
    let subnets = [subnet(0, "us-east-1a"), subnet(1, "us-east-1b")];
    let input = json!({"Name": "shop", "Subnets": subnets, "Scheme": "internal"});
    let made = cloud.ok("elbv2", "CreateLoadBalancer", input);
    made["LoadBalancers"][0].text("LoadBalancerArn").to_owned()
}

#[test]
fn a_web_acl_is_changed_only_by_who_knows_how_it_is() {
    let cloud = Probe::new();
    let made = web_acl(&cloud, "shop");
    assert!(made.text("ARN").contains(":regional/webacl/shop/"));
    let named = json!({"Name": "shop", "Scope": "REGIONAL", "Id": made["Id"]});
    let seen = cloud.ok("wafv2", "GetWebACL", named.clone());
    assert_eq!(seen["WebACL"]["Capacity"], 702);
    assert_eq!(
        seen["WebACL"]["Rules"][1]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"],
        300
    );
    assert_eq!(seen["LockToken"], made["LockToken"]);
    assert_eq!(cloud.ok("wafv2", "GetWebACL", json!({"ARN": made["ARN"]})), seen);
    let mut change = input("shop", json!([rate(0)]));
    change["Id"] = made["Id"].clone();
    change["LockToken"] = seen["LockToken"].clone();
    let next = cloud.ok("wafv2", "UpdateWebACL", change.clone());
    assert_eq!(cloud.err("wafv2", "UpdateWebACL", change), "WAFOptimisticLockException");
    let mut gone = named.clone();
    gone["LockToken"] = made["LockToken"].clone();
    assert_eq!(cloud.err("wafv2", "DeleteWebACL", gone.clone()), "WAFOptimisticLockException");
    gone["LockToken"] = next["NextLockToken"].clone();
    cloud.ok("wafv2", "DeleteWebACL", gone);
    assert_eq!(cloud.err("wafv2", "GetWebACL", named), "WAFNonexistentItemException");
}

#[test]
fn rules_are_checked() {
    let cloud = Probe::new();
    let refused = |rules: Value| cloud.err("wafv2", "CreateWebACL", input("shop", rules));
    assert_eq!(refused(json!([managed(0, "Unknown")])), "WAFNonexistentItemException");
    let same = json!([rate(0), managed(0, "AWSManagedRulesSQLiRuleSet")]);
    assert_eq!(refused(same), "WAFInvalidParameterException");
    let mut acting = managed(0, "AWSManagedRulesSQLiRuleSet");
    acting["Action"] = json!({"Block": {}});
    assert_eq!(refused(json!([acting])), "WAFInvalidParameterException");
    let mut windowed = rate(0);
    windowed["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] = json!(90);
    assert_eq!(refused(json!([windowed])), "WAFInvalidParameterException");
    let mut low = rate(0);
    low["Statement"]["RateBasedStatement"]["Limit"] = json!(9);
    assert_eq!(refused(json!([low])), "ValidationException");
    let mut global = input("shop", json!([]));
    global["Scope"] = json!("CLOUDFRONT");
    assert_eq!(cloud.err("wafv2", "CreateWebACL", global), "NotImplemented");
    web_acl(&cloud, "shop");
    assert_eq!(refused(json!([])), "WAFDuplicateItemException");
    let rules = json!([managed(0, "AWSManagedRulesAmazonIpReputationList"), rate(1)]);
    let check = json!({"Scope": "REGIONAL", "Rules": rules});
    assert_eq!(cloud.ok("wafv2", "CheckCapacity", check)["Capacity"], 27);
}

#[test]
fn an_association_waits_for_both_sides_and_holds_the_web_acl() {
    let cloud = Probe::new();
    let balancer = balancer(&cloud);
    let made = web_acl(&cloud, "shop");
    let both = json!({"WebACLArn": made["ARN"], "ResourceArn": balancer});
    assert_eq!(
        cloud.err("wafv2", "AssociateWebACL", both.clone()),
        "WAFUnavailableEntityException"
    );
    cloud.pass(152.0);
    cloud.ok("wafv2", "AssociateWebACL", both.clone());
    cloud.ok("wafv2", "AssociateWebACL", both);
    let of_resource = json!({"ResourceArn": balancer});
    let seen = cloud.ok("wafv2", "GetWebACLForResource", of_resource.clone());
    assert_eq!(seen["WebACL"]["ARN"], made["ARN"]);
    let of_acl = json!({"WebACLArn": made["ARN"]});
    let seen = cloud.ok("wafv2", "ListResourcesForWebACL", of_acl.clone());
    assert_eq!(seen["ResourceArns"], json!([balancer]));
    let gone = json!({
        "Name": "shop", "Scope": "REGIONAL", "Id": made["Id"], "LockToken": made["LockToken"],
    });
    assert_eq!(cloud.err("wafv2", "DeleteWebACL", gone.clone()), "WAFAssociatedItemException");
    cloud.ok("elbv2", "DeleteLoadBalancer", json!({"LoadBalancerArn": balancer}));
    assert_eq!(
        cloud.err("wafv2", "GetWebACLForResource", of_resource),
        "WAFNonexistentItemException"
    );
    assert_eq!(cloud.ok("wafv2", "ListResourcesForWebACL", of_acl)["ResourceArns"], json!([]));
    cloud.ok("wafv2", "DeleteWebACL", gone);
}

#[test]
fn logs_go_to_a_group_with_the_right_name_by_a_policy() {
    let cloud = Probe::new();
    let made = web_acl(&cloud, "shop");
    let put = |group: &str| {
        let destination = format!("arn:aws:logs:us-east-1:123456789012:log-group:{group}");
        let configuration =
            json!({"ResourceArn": made["ARN"], "LogDestinationConfigs": [destination]});
        let input = json!({"LoggingConfiguration": configuration});
        cloud.call("wafv2", "PutLoggingConfiguration", &input).map_err(|(code, _)| code)
    };
    for group in ["waf", "aws-waf-logs-shop"] {
        assert_eq!(put(group).unwrap_err(), "WAFInvalidParameterException");
    }
    cloud.ok("logs", "CreateLogGroup", json!({"logGroupName": "aws-waf-logs-shop"}));
    put("aws-waf-logs-shop").unwrap();
    let policies = cloud.ok("logs", "DescribeResourcePolicies", json!({}));
    assert_eq!(policies["resourcePolicies"][0]["policyName"], "AWSLogDeliveryWrite20150319");
    let of_acl = json!({"ResourceArn": made["ARN"]});
    let seen = cloud.ok("wafv2", "GetLoggingConfiguration", of_acl.clone());
    assert_eq!(seen["LoggingConfiguration"]["LogScope"], "CUSTOMER");
    let all = cloud.ok("wafv2", "ListLoggingConfigurations", json!({"Scope": "REGIONAL"}));
    assert_eq!(all.items("LoggingConfigurations").len(), 1);
    cloud.ok("wafv2", "DeleteLoggingConfiguration", of_acl.clone());
    assert_eq!(
        cloud.err("wafv2", "GetLoggingConfiguration", of_acl),
        "WAFNonexistentItemException"
    );
    cloud.ok("iam", "GetRole", json!({"RoleName": "AWSServiceRoleForWAFV2Logging"}));
}

#[test]
fn a_set_of_addresses_is_held_by_the_rules_that_name_it() {
    let cloud = Probe::new();
    let set = |addresses: Value| {
        let input = json!({
            "Name": "office", "Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": addresses,
        });
        cloud.call("wafv2", "CreateIPSet", &input).map_err(|(code, _)| code)
    };
    assert_eq!(set(json!(["0.0.0.0/0"])).unwrap_err(), "WAFInvalidParameterException");
    assert_eq!(set(json!(["::1/128"])).unwrap_err(), "WAFInvalidParameterException");
    let made = set(json!(["192.0.2.0/24"])).unwrap()["Summary"].clone();
    let rule = json!([{
        "Name": "office", "Priority": 0, "Action": {"Allow": {}}, "VisibilityConfig": visibility("office"),
        "Statement": {"IPSetReferenceStatement": {"ARN": made["ARN"]}},
    }]);
    cloud.ok("wafv2", "CreateWebACL", input("shop", rule));
    let named = json!({"Name": "office", "Scope": "REGIONAL", "Id": made["Id"]});
    let mut gone = named.clone();
    gone["LockToken"] = made["LockToken"].clone();
    assert_eq!(cloud.err("wafv2", "DeleteIPSet", gone), "WAFAssociatedItemException");
    let seen = cloud.ok("wafv2", "GetIPSet", named);
    assert_eq!(seen["IPSet"]["Addresses"], json!(["192.0.2.0/24"]));
}

#[test]
fn tags_lists_and_the_groups_that_aws_keeps() {
    let cloud = Probe::new();
    let made = web_acl(&cloud, "shop");
    web_acl(&cloud, "other");
    let page = json!({"Scope": "REGIONAL", "Limit": 1});
    let page = cloud.ok("wafv2", "ListWebACLs", page);
    assert_eq!(page["WebACLs"][0]["Name"], "other");
    let rest = json!({"Scope": "REGIONAL", "NextMarker": page["NextMarker"]});
    let rest = cloud.ok("wafv2", "ListWebACLs", rest);
    assert_eq!(rest["WebACLs"][0]["Name"], "shop");
    let tags = json!([{"Key": "team", "Value": "shop"}]);
    cloud.ok("wafv2", "TagResource", json!({"ResourceARN": made["ARN"], "Tags": tags}));
    let seen = cloud.ok("wafv2", "ListTagsForResource", json!({"ResourceARN": made["ARN"]}));
    assert_eq!(seen["TagInfoForResource"]["TagList"], tags);
    cloud.ok("wafv2", "UntagResource", json!({"ResourceARN": made["ARN"], "TagKeys": ["team"]}));
    let groups = json!({"Scope": "REGIONAL"});
    let groups = cloud.ok("wafv2", "ListAvailableManagedRuleGroups", groups);
    assert!(groups.items("ManagedRuleGroups").len() > 10);
    let one =
        json!({"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", "Scope": "REGIONAL"});
    assert_eq!(cloud.ok("wafv2", "DescribeManagedRuleGroup", one)["Capacity"], 200);
}
