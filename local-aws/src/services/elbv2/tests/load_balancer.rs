use super::{balancer, described, group, http, network, subnet, target_group};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

#[test]
fn it_becomes_active_and_holds_its_subnets_groups_and_gateway_until_it_is_gone() {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let web = group(&cloud, &vpc, "web");
    let arn = balancer(&cloud, "shop", &subnets, &[&web]);
    let seen = described(&cloud, &arn);
    assert_eq!(seen["State"]["Code"], "provisioning");
    assert_eq!(seen["Scheme"], "internet-facing");
    assert_eq!(seen["CanonicalHostedZoneId"], "Z35SXDOTRQ7X7K");
    assert!(seen.text("DNSName").starts_with("shop-"));
    assert!(seen.text("DNSName").ends_with(".us-east-1.elb.amazonaws.com"));
    assert!(arn.contains(":loadbalancer/app/shop/"));
    cloud.pass(151.0);
    assert_eq!(described(&cloud, &arn)["State"]["Code"], "provisioning");
    cloud.pass(1.0);
    assert_eq!(described(&cloud, &arn)["State"]["Code"], "active");
    let filters = json!({"Filters": [{"Name": "requester-id", "Values": ["amazon-elb"]}]});
    let interfaces = cloud.ok("ec2", "DescribeNetworkInterfaces", filters);
    let interfaces = interfaces.items("NetworkInterfaces");
    assert_eq!(interfaces.len(), 2);
    assert!(interfaces[0].text("Description").starts_with("ELB app/shop/"));
    assert_eq!(interfaces[0]["Association"]["IpOwnerId"], "amazon-elb");
    let gateways = cloud.ok("ec2", "DescribeInternetGateways", json!({}));
    let gateway = &gateways["InternetGateways"][0]["InternetGatewayId"];
    let blocked = |cloud: &Probe| {
        [
            ("DetachInternetGateway", json!({"InternetGatewayId": gateway, "VpcId": vpc})),
            ("DeleteSubnet", json!({"SubnetId": subnets[0]})),
            ("DeleteSecurityGroup", json!({"GroupId": web})),
        ]
        .map(|(operation, input)| cloud.err("ec2", operation, input))
    };
    assert_eq!(blocked(&cloud), ["DependencyViolation"; 3]);
    cloud.ok("elbv2", "DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    let one = json!({"LoadBalancerArns": [arn]});
    assert_eq!(cloud.err("elbv2", "DescribeLoadBalancers", one), "LoadBalancerNotFound");
    assert_eq!(blocked(&cloud), ["DependencyViolation"; 3]);
    cloud.pass(30.0);
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnets[0]}));
    cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": web}));
    cloud.ok("elbv2", "DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    let role = json!({"RoleName": "AWSServiceRoleForElasticLoadBalancing"});
    cloud.ok("iam", "GetRole", role);
}

#[test]
fn a_name_is_used_once_and_the_same_request_answers_the_same() {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b", "us-east-1b"]);
    let web = group(&cloud, &vpc, "web");
    let first = balancer(&cloud, "shop", &subnets[..2], &[&web]);
    assert_eq!(balancer(&cloud, "shop", &subnets[..2], &[&web]), first);
    let refused = |more: Value| {
        let mut input = json!({"Name": "shop", "Subnets": subnets[..2], "SecurityGroups": [web]});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cloud.err("elbv2", "CreateLoadBalancer", input)
    };
    assert_eq!(refused(json!({"Scheme": "internal"})), "DuplicateLoadBalancerName");
    let tag = json!([{"Key": "a", "Value": "b"}]);
    assert_eq!(refused(json!({"Tags": tag})), "DuplicateLoadBalancerName");
    assert_eq!(refused(json!({"Name": "-shop"})), "ValidationError");
    assert_eq!(refused(json!({"Name": "a".repeat(33)})), "ValidationError");
    assert_eq!(refused(json!({"Name": "internal-shop"})), "ValidationError");
    assert_eq!(refused(json!({"Name": "b", "Subnets": [subnets[0]]})), "ValidationError");
    let zone = json!({"Name": "b", "Subnets": [subnets[1], subnets[2]]});
    assert_eq!(refused(zone), "InvalidConfigurationRequest");
    let gone = "subnet-0123456789abcdef0";
    assert_eq!(refused(json!({"Name": "b", "Subnets": [subnets[0], gone]})), "SubnetNotFound");
    let unknown = json!({"Name": "b", "SecurityGroups": ["sg-0123456789abcdef0"]});
    assert_eq!(refused(unknown), "InvalidSecurityGroup");
    assert_eq!(refused(json!({"Name": "b", "Type": "network"})), "NotImplemented");
    let twice = json!([{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]);
    assert_eq!(refused(json!({"Name": "b", "Tags": twice})), "DuplicateTagKeys");
    let dark = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let dark = dark["Vpc"].text("VpcId");
    let inside = [subnet(&cloud, dark, 1, "us-east-1a"), subnet(&cloud, dark, 2, "us-east-1b")];
    let other = group(&cloud, dark, "other");
    let foreign = json!({"Name": "b", "SecurityGroups": [other]});
    assert_eq!(refused(foreign), "InvalidConfigurationRequest");
    let closed = json!({"Name": "b", "Subnets": inside, "SecurityGroups": []});
    assert_eq!(refused(closed.clone()), "InvalidSubnet");
    let mut closed = closed;
    closed["Scheme"] = json!("internal");
    let made = cloud.ok("elbv2", "CreateLoadBalancer", closed);
    assert!(made["LoadBalancers"][0].text("DNSName").starts_with("internal-b-"));
}

#[test]
fn subnets_and_groups_can_be_changed() {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b", "us-east-1c"]);
    let (web, other) = (group(&cloud, &vpc, "web"), group(&cloud, &vpc, "other"));
    let arn = balancer(&cloud, "shop", &subnets[..2], &[&web]);
    let moved = json!({"LoadBalancerArn": arn, "Subnets": subnets[1..]});
    let zones = cloud.ok("elbv2", "SetSubnets", moved);
    assert_eq!(zones["AvailabilityZones"][1]["ZoneName"], "us-east-1c");
    cloud.ok("ec2", "DeleteSubnet", json!({"SubnetId": subnets[0]}));
    let regrouped = json!({"LoadBalancerArn": arn, "SecurityGroups": [other]});
    cloud.ok("elbv2", "SetSecurityGroups", regrouped);
    cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": web}));
    let held = json!({"GroupId": other});
    assert_eq!(cloud.err("ec2", "DeleteSecurityGroup", held), "DependencyViolation");
    assert_eq!(described(&cloud, &arn)["SecurityGroups"], json!([other]));
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

#[test]
fn attributes_are_checked_and_protect_from_deletion() {
    let cloud = Probe::new();
    let (_, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "shop", &subnets, &[]);
    let set = |key: &str, value: &str| {
        cloud.call(
            "elbv2",
            "ModifyLoadBalancerAttributes",
            &json!({"LoadBalancerArn": arn, "Attributes": [attribute(key, value)]}),
        )
    };
    let one = json!({"LoadBalancerArn": arn});
    let all = cloud.ok("elbv2", "DescribeLoadBalancerAttributes", one.clone());
    assert!(all.items("Attributes").contains(&attribute("idle_timeout.timeout_seconds", "60")));
    for (key, value) in [
        ("idle_timeout.timeout_seconds", "0"),
        ("deletion_protection.enabled", "yes"),
        ("load_balancing.cross_zone.enabled", "false"),
        ("routing.http.desync_mitigation_mode", "lax"),
        ("no.such.attribute", "true"),
    ] {
        assert_eq!(set(key, value).unwrap_err().0, "ValidationError", "{key}");
    }
    set("deletion_protection.enabled", "true").unwrap();
    assert_eq!(cloud.err("elbv2", "DeleteLoadBalancer", one.clone()), "OperationNotPermitted");
    set("deletion_protection.enabled", "false").unwrap();
    cloud.ok("elbv2", "DeleteLoadBalancer", one);
}

#[test]
fn logs_need_a_bucket_that_takes_them() {
    let cloud = Probe::new();
    let (_, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "shop", &subnets, &[]);
    let enable = |bucket: &str| {
        let attributes = [
            attribute("access_logs.s3.enabled", "true"),
            attribute("access_logs.s3.bucket", bucket),
            attribute("access_logs.s3.prefix", "shop"),
        ];
        let input = json!({"LoadBalancerArn": arn, "Attributes": attributes});
        cloud.call("elbv2", "ModifyLoadBalancerAttributes", &input).map_err(|(code, _)| code)
    };
    let refused = Err("InvalidConfigurationRequest".to_owned());
    assert_eq!(enable("shop-logs"), refused);
    cloud.ok("s3", "CreateBucket", json!({"Bucket": "shop-logs"}));
    assert_eq!(enable("shop-logs"), refused);
    let policy = |service: &str| {
        let statement = json!({
            "Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::shop-logs/shop/AWSLogs/123456789012/*",
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/*"}},
        });
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let input = json!({"Bucket": "shop-logs", "Policy": document.to_string()});
        cloud.ok("s3", "PutBucketPolicy", input);
    };
    policy("delivery.logs.amazonaws.com");
    assert_eq!(enable("shop-logs"), refused);
    policy("logdelivery.elasticloadbalancing.amazonaws.com");
    enable("shop-logs").unwrap();
    let key = "shop/AWSLogs/123456789012/ELBAccessLogTestFile";
    cloud.ok("s3", "GetObject", json!({"Bucket": "shop-logs", "Key": key}));
    let by_kms =
        json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]});
    let input = json!({"Bucket": "shop-logs", "ServerSideEncryptionConfiguration": by_kms});
    cloud.ok("s3", "PutBucketEncryption", input);
    assert_eq!(enable("shop-logs"), refused);
}

#[test]
fn tags_quotas_and_pages() {
    let cloud = Probe::new();
    let (vpc, subnets) = network(&cloud, &["us-east-1a", "us-east-1b"]);
    let arn = balancer(&cloud, "one", &subnets, &[]);
    balancer(&cloud, "two", &subnets, &[]);
    let group = target_group(&cloud, "web", &vpc);
    let listener = http(&cloud, &arn, 80, &group);
    let named = [arn.as_str(), group.as_str(), listener.as_str()];
    let tag = json!([{"Key": "team", "Value": "shop"}]);
    cloud.ok("elbv2", "AddTags", json!({"ResourceArns": named, "Tags": tag}));
    let tags = cloud.ok("elbv2", "DescribeTags", json!({"ResourceArns": named}));
    assert_eq!(tags.items("TagDescriptions").len(), 3);
    assert_eq!(tags["TagDescriptions"][2]["Tags"], tag);
    cloud.ok("elbv2", "RemoveTags", json!({"ResourceArns": named, "TagKeys": ["team"]}));
    let found = cloud.ok(
        "resourcegroupstaggingapi",
        "GetResources",
        json!({"ResourceTypeFilters": ["elasticloadbalancing:loadbalancer"]}),
    );
    assert_eq!(found.items("ResourceTagMappingList").len(), 0);
    let page = cloud.ok("elbv2", "DescribeLoadBalancers", json!({"PageSize": 1}));
    assert_eq!(page["LoadBalancers"][0]["LoadBalancerName"], "one");
    let rest = json!({"PageSize": 1, "Marker": page["NextMarker"]});
    let rest = cloud.ok("elbv2", "DescribeLoadBalancers", rest);
    assert_eq!(rest["LoadBalancers"][0]["LoadBalancerName"], "two");
    assert!(!rest.has("NextMarker"));
    let limits = cloud.ok("elbv2", "DescribeAccountLimits", json!({}));
    assert_eq!(limits["Limits"][0], json!({"Name": "application-load-balancers", "Max": "50"}));
    let missing = json!({"ResourceArns": [arn.replace("one", "three")]});
    assert_eq!(cloud.err("elbv2", "DescribeTags", missing), "LoadBalancerNotFound");
}
