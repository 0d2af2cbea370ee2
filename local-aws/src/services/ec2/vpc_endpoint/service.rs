//! The services that endpoints can lead to: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html>

use crate::call::{Call, digest};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter;
use crate::region;
use crate::services::ec2::kind::unknown_filter;
use serde_json::{Value, json};

/// The services with gateway endpoints.
const GATEWAY: [&str; 2] = ["dynamodb", "s3"];

/// The services with interface endpoints: the last part of their names, and the name in the private DNS zone.
const INTERFACE: [(&str, &str); 42] = [
    ("acm-pca", "acm-pca"),
    ("application-autoscaling", "application-autoscaling"),
    ("athena", "athena"),
    ("autoscaling", "autoscaling"),
    ("backup", "backup"),
    ("cloudformation", "cloudformation"),
    ("cloudtrail", "cloudtrail"),
    ("config", "config"),
    ("dynamodb", "dynamodb"),
    ("ec2", "ec2"),
    ("ec2messages", "ec2messages"),
    ("ecr.api", "api.ecr"),
    ("ecr.dkr", "*.dkr.ecr"),
    ("ecs", "ecs"),
    ("ecs-agent", "ecs-a"),
    ("ecs-telemetry", "ecs-t"),
    ("elasticache", "elasticache"),
    ("elasticfilesystem", "elasticfilesystem"),
    ("elasticloadbalancing", "elasticloadbalancing"),
    ("events", "events"),
    ("execute-api", "*.execute-api"),
    ("firehose", "firehose"),
    ("glue", "glue"),
    ("guardduty-data", "guardduty-data"),
    ("kinesis-streams", "kinesis"),
    ("kms", "kms"),
    ("lambda", "lambda"),
    ("logs", "logs"),
    ("monitoring", "monitoring"),
    ("rds", "rds"),
    ("rds-data", "rds-data"),
    ("s3", "s3"),
    ("secretsmanager", "secretsmanager"),
    ("securityhub", "securityhub"),
    ("sns", "sns"),
    ("sqs", "sqs"),
    ("ssm", "ssm"),
    ("ssmmessages", "ssmmessages"),
    ("states", "states"),
    ("sts", "sts"),
    ("synthetics", "synthetics"),
    ("xray", "xray"),
];

/// Whether a service has endpoints of a type.
pub(super) fn offers(call: &Call, name: &str, endpoint_type: &str) -> bool {
    let Some(short) = short(call.region(), name) else { return false };
    match endpoint_type {
        "Gateway" => GATEWAY.contains(&short),
        "Interface" => INTERFACE.iter().any(|(known, _)| *known == short),
        _ => false,
    }
}

fn short<'n>(region: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix("com.amazonaws.")?.strip_prefix(region)?.strip_prefix('.')
}

/// The private DNS name of a service with interface endpoints.
pub(super) fn private_dns_name(region: &str, name: &str) -> Option<String> {
    let short = short(region, name)?;
    let (_, dns) = INTERFACE.iter().find(|(known, _)| *known == short)?;
    Some(format!("{dns}.{region}.amazonaws.com"))
}

fn detail(region: &str, short: &str, endpoint_type: &str) -> Value {
    let name = format!("com.amazonaws.{region}.{short}");
    let zones = region::zones(region);
    let mut detail = json!({
        "ServiceName": name, "ServiceId": format!("vpce-svc-0{}", &digest(&name)[..16]), "ServiceRegion": region,
        "ServiceType": [{"ServiceType": endpoint_type}], "Owner": "amazon", "AcceptanceRequired": false,
        "ManagesVpcEndpoints": false, "VpcEndpointPolicySupported": true, "SupportedIpAddressTypes": ["ipv4"], "Tags": [],
        "AvailabilityZones": zones.iter().map(|(zone, _)| zone.clone()).collect::<Vec<_>>(),
        "AvailabilityZoneIds": zones.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>(),
        "BaseEndpointDnsNames": [format!("{short}.{region}.{}", if endpoint_type == "Gateway" { "amazonaws.com" } else { "vpce.amazonaws.com" })],
        "_key": format!("{name} {endpoint_type}"),
    });
    if let (Some(dns), "Interface") = (private_dns_name(region, &name), endpoint_type) {
        detail["PrivateDnsName"] = json!(dns);
        detail["PrivateDnsNames"] = json!([{"PrivateDnsName": dns}]);
        detail["PrivateDnsNameVerificationState"] = json!("verified");
    }
    detail
}

/// `DescribeVpcEndpointServices`.
pub(in crate::services::ec2) fn describe(call: &mut Call) -> Result<Value, Fault> {
    const FILTERS: &[filter::Field] = &[
        ("owner", "Owner"),
        ("service-name", "ServiceName"),
        ("service-region", "ServiceRegion"),
        ("service-type", "ServiceType[].ServiceType"),
        ("supported-ip-address-types", "SupportedIpAddressTypes[]"),
    ];
    let input = call.input();
    let names = input.texts("ServiceNames");
    let region = call.region();
    let gateways = GATEWAY.iter().map(|short| detail(region, short, "Gateway"));
    let interfaces = INTERFACE.iter().map(|(short, _)| detail(region, short, "Interface"));
    let mut details: Vec<Value> = gateways.chain(interfaces).collect();
    details.sort_by(|a, b| a.text("_key").cmp(b.text("_key")));
    if let Some(missing) =
        names.iter().find(|name| details.iter().all(|detail| detail.text("ServiceName") != **name))
    {
        return Err(no_service(missing));
    }
    let mut found = Vec::new();
    for detail in details
        .into_iter()
        .filter(|detail| names.is_empty() || names.contains(&detail.text("ServiceName")))
    {
        if filter::passes(&detail, input.items("Filters"), FILTERS).map_err(unknown_filter)? {
            found.push(detail);
        }
    }
    let mut found_names: Vec<&str> =
        found.iter().map(|detail| detail.text("ServiceName")).collect();
    found_names.dedup();
    Ok(json!({"ServiceNames": found_names, "ServiceDetails": found}))
}

/// The error for a service that has no endpoints of the type.
pub(super) fn no_service(name: &str) -> Fault {
    Fault::new("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist"))
}
