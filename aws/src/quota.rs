//! Published request rates, by service and operation.

/// How many calls may be made at once, and how many a second after that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    pub(crate) burst: f64,
    pub(crate) per_second: f64,
}

/// The rate of an operation's bucket: each operation has its own, as AWS counts.
///
/// EC2: <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>; CloudWatch:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html>; where nothing is
/// published (IAM and others) a cautious value.
pub(crate) fn rate(service: &str, operation: &str) -> Rate {
    let (burst, per_second) = match service {
        "EC2" => ec2(operation),
        "CloudWatch" => cloudwatch(operation),
        "CloudWatch Logs" => (10.0, 10.0),
        "KMS" if is_read(operation) => (500.0, 500.0),
        "KMS" => (5.0, 5.0),
        "SNS" if operation == "ListTagsForResource" => (10.0, 10.0),
        "SNS" => (100.0, 30.0),
        "IAM" => (20.0, 10.0),
        "Resource Groups Tagging API" => (15.0, 15.0),
        "S3" => (200.0, 100.0),
        _ => (50.0, 20.0),
    };
    Rate { burst, per_second }
}

/// Whether an operation only reads, so that repeating it is harmless.
pub(crate) fn is_read(operation: &str) -> bool {
    ["Describe", "Get", "List", "Head", "Search"].iter().any(|verb| operation.starts_with(verb))
}

fn ec2(operation: &str) -> (f64, f64) {
    match operation {
        // Without filter and page size these two draw on the smaller bucket.
        "DescribeSecurityGroups" | "DescribeNetworkInterfaces" => (50.0, 10.0),
        "CreateVpcEndpoint" | "ModifyVpcEndpoint" | "DeleteVpcEndpoints" => (4.0, 0.3),
        "CreateNatGateway"
        | "DeleteNatGateway"
        | "AssociateNatGatewayAddress"
        | "DisassociateNatGatewayAddress" => (10.0, 1.0),
        "CreateTags" | "DeleteTags" => (100.0, 10.0),
        "CreateNetworkInterface" | "DeleteNetworkInterface" | "ModifyNetworkInterfaceAttribute" => {
            (100.0, 5.0)
        }
        read if is_read(read) => (100.0, 20.0),
        _ => (50.0, 5.0),
    }
}

fn cloudwatch(operation: &str) -> (f64, f64) {
    match operation {
        "PutMetricAlarm" | "PutCompositeAlarm" | "DeleteAlarms" | "EnableAlarmActions"
        | "SetAlarmState" => (3.0, 3.0),
        "DescribeAlarms" => (9.0, 9.0),
        "TagResource" | "UntagResource" => (20.0, 20.0),
        _ => (10.0, 10.0),
    }
}
