//! Attributes of load balancers:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html>

use super::{LOAD_BALANCER, log, named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elbv2::attribute::{Allowed, Attribute, defaults, listed, of_request, set};
use serde_json::{Value, json};

const KNOWN: [Attribute; 23] = [
    ("access_logs.s3.enabled", "false", Allowed::Flag),
    ("access_logs.s3.bucket", "", Allowed::Text(63)),
    ("access_logs.s3.prefix", "", Allowed::Text(512)),
    ("idle_timeout.timeout_seconds", "60", Allowed::Number(1, 4000)),
    ("deletion_protection.enabled", "false", Allowed::Flag),
    ("routing.http2.enabled", "true", Allowed::Flag),
    ("routing.http.drop_invalid_header_fields.enabled", "false", Allowed::Flag),
    ("routing.http.xff_client_port.enabled", "false", Allowed::Flag),
    ("routing.http.preserve_host_header.enabled", "false", Allowed::Flag),
    (
        "routing.http.xff_header_processing.mode",
        "append",
        Allowed::OneOf(&["append", "preserve", "remove"]),
    ),
    ("load_balancing.cross_zone.enabled", "true", Allowed::Fixed),
    (
        "routing.http.desync_mitigation_mode",
        "defensive",
        Allowed::OneOf(&["monitor", "defensive", "strictest"]),
    ),
    ("client_keep_alive.seconds", "3600", Allowed::Number(60, 604_800)),
    ("waf.fail_open.enabled", "false", Allowed::Flag),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Allowed::Flag),
    ("zonal_shift.config.enabled", "false", Allowed::Flag),
    ("connection_logs.s3.enabled", "false", Allowed::Flag),
    ("connection_logs.s3.bucket", "", Allowed::Text(63)),
    ("connection_logs.s3.prefix", "", Allowed::Text(512)),
    ("health_check_logs.s3.enabled", "false", Allowed::Flag),
    ("health_check_logs.s3.bucket", "", Allowed::Text(63)),
    ("health_check_logs.s3.prefix", "", Allowed::Text(512)),
    ("ipv6.deny_all_igw_traffic", "false", Allowed::Flag),
];

/// The attributes that a new load balancer has.
pub(super) fn of_new(public: bool) -> Value {
    let mut all = defaults(&KNOWN);
    if !public {
        all["ipv6.deny_all_igw_traffic"] = json!("true");
    }
    all
}

/// `DescribeLoadBalancerAttributes`.
pub(in super::super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("LoadBalancerArn"))?;
    Ok(json!({"Attributes": listed(&KNOWN, &row)}))
}

/// `ModifyLoadBalancerAttributes`: where logs are to go, a test object is written first.
pub(in super::super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut row = named(call, input.text("LoadBalancerArn"))?;
    let fresh = of_request(&KNOWN, input.items("Attributes"))?;
    let asked: Vec<String> = fresh.keys().cloned().collect();
    set(&mut row, fresh);
    log::check(call, &row, &asked)?;
    let arn = row.text("_arn").to_owned();
    call.merge(LOAD_BALANCER, &arn, json!({"_attributes": row["_attributes"]}));
    Ok(json!({"Attributes": listed(&KNOWN, &row)}))
}
