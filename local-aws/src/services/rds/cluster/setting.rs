//! What requests say of a cluster, checked as RDS does.

use super::super::query::{combination, invalid};
use super::super::{engine, subnet_group};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{self, Unusable};
use crate::services::policy::Who;
use crate::services::{ec2, iam};
use serde_json::{Value, json};

/// Who sends the metrics of Enhanced Monitoring, and assumes the role for that.
const MONITOR: &str = "monitoring.rds.amazonaws.com";

/// What RDS does with the key of a store, in its caller's name.
const KEY_ACTIONS: [&str; 5] =
    ["kms:CreateGrant", "kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"];

/// Least retention of Database Insights in its advanced mode, in days.
const ADVANCED_DAYS: i64 = 465;

/// The ARN of a key that RDS may use.
pub(in super::super) fn key(call: &mut Call, key: &str) -> Result<String, Fault> {
    let arn = kms::usable_via(call, key, "rds", &KEY_ACTIONS);
    arn.map_err(|why| {
        let reason = match why {
            Unusable::NotFound => "does not exist",
            Unusable::State => "is not enabled",
            Unusable::Denied(_) => "cannot be used by its policy",
        };
        let message = format!("The specified KMS key [{key}] {reason}.");
        Fault::new("KMSKeyNotAccessibleFault", message)
    })
}

/// The subnet group of a request, by its name.
pub(super) fn subnet_group(call: &Call, input: &Value) -> Result<Value, Fault> {
    match input.opt("DBSubnetGroupName") {
        Some(name) => subnet_group::group(call, &name.to_ascii_lowercase()),
        None => Err(Fault::new(
            "InvalidSubnet",
            "No default subnet detected in VPC. Please contact AWS Support to recreate the default Subnets.",
        )),
    }
}

/// The security groups of a request, which are of the cluster's VPC; the VPC's default one without any.
pub(super) fn groups(call: &Call, input: &Value, vpc: &str) -> Result<Vec<String>, Fault> {
    let named = input.texts("VpcSecurityGroupIds");
    if named.is_empty() {
        return Ok(ec2::default_group(call, vpc).into_iter().collect());
    }
    for group in &named {
        let of = ec2::vpc_of_group(call, group).ok_or_else(|| {
            invalid(format!("Invalid security group , groupId= {group}, groupName=."))
        })?;
        if of != vpc {
            return Err(combination(format!(
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in {vpc} and the EC2 security group is in {of}"
            )));
        }
    }
    Ok(named.into_iter().map(str::to_owned).collect())
}

/// The capacity range of Serverless v2 in a request, and what of it stays from before.
pub(super) fn capacity(asked: &Value, before: &Value) -> Result<Value, Fault> {
    let value = |name: &str| asked.number(name).or(before.number(name));
    let (Some(least), Some(most)) = (value("MinCapacity"), value("MaxCapacity")) else {
        return Err(combination(
            "Serverless v2 scaling configuration needs both a minimum and a maximum capacity.",
        ));
    };
    let half = |capacity: f64| ((capacity * 2.0).fract()).abs() < f64::EPSILON;
    if !half(least) || !(0.0..=256.0).contains(&least) {
        return Err(invalid(format!(
            "Serverless v2 minimum capacity {least} isn't valid. The minimum capacity must be from 0 to 256 in increments of 0.5."
        )));
    }
    if !half(most) || !(1.0..=256.0).contains(&most) {
        return Err(invalid(format!(
            "Serverless v2 maximum capacity {most} isn't valid. The maximum capacity must be from 1 to 256 in increments of 0.5."
        )));
    }
    if least > most {
        return Err(combination(
            "Serverless v2 maximum capacity must be greater than or equal to the minimum capacity.",
        ));
    }
    let mut capacity = json!({"MinCapacity": least, "MaxCapacity": most});
    let pause = asked.int("SecondsUntilAutoPause");
    let pauses = least == 0.0;
    match pause {
        Some(_) if !pauses => {
            return Err(combination(
                "To specify SecondsUntilAutoPause, set the minimum capacity to 0.",
            ));
        }
        Some(seconds) if !(300..=86_400).contains(&seconds) => {
            return Err(invalid("SecondsUntilAutoPause must be from 300 to 86400 seconds."));
        }
        // Leaving a minimum of 0 drops the time.
        _ if pauses => {
            let before = before.int("SecondsUntilAutoPause");
            capacity["SecondsUntilAutoPause"] = json!(pause.or(before).unwrap_or(300));
        }
        _ => {}
    }
    Ok(capacity)
}

/// Days for which backups are kept.
pub(super) fn retention(days: i64) -> Result<(), Fault> {
    if (1..=35).contains(&days) {
        return Ok(());
    }
    Err(invalid(format!(
        "Invalid backup retention period: {days}. Retention period must be between 1 and 35."
    )))
}

/// The logs that a request exports.
pub(super) fn exports(names: &[&str]) -> Result<(), Fault> {
    match names.iter().find(|name| !engine::LOG_TYPES.contains(name)) {
        None => Ok(()),
        Some(name) => Err(combination(format!(
            "You cannot use the log types '{name}' with engine version {}. For supported log types, see the documentation.",
            engine::ENGINE
        ))),
    }
}

/// Enhanced Monitoring: an interval with a role that its service can assume.
pub(in super::super) fn monitoring(
    call: &Call,
    interval: i64,
    role: Option<&str>,
    source: &str,
) -> Result<(), Fault> {
    if ![0, 1, 5, 10, 15, 30, 60].contains(&interval) {
        return Err(invalid(format!(
            "Invalid MonitoringInterval: {interval}. Valid values are 0, 1, 5, 10, 15, 30, 60."
        )));
    }
    if interval == 0 {
        return match role {
            None => Ok(()),
            Some(_) => Err(combination(
                "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.",
            )),
        };
    }
    let Some(role) = role else {
        return Err(combination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.",
        ));
    };
    let context = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", source)];
    if iam::assumable(call, role, Who::Service(MONITOR), &context).is_none() {
        return Err(invalid(
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING",
        ));
    }
    Ok(())
}

/// Database Insights and the Performance Insights under it: what a request asks for over what was before.
pub(in super::super) fn insights(
    call: &mut Call,
    input: &Value,
    before: &Value,
) -> Result<Value, Fault> {
    let mode = input.opt("DatabaseInsightsMode").or(before.opt("DatabaseInsightsMode"));
    let mode = mode.unwrap_or("standard").to_owned();
    let on = input
        .opt_flag("EnablePerformanceInsights")
        .or(before.opt_flag("PerformanceInsightsEnabled"))
        .unwrap_or_default();
    let days = input
        .int("PerformanceInsightsRetentionPeriod")
        .or(before.int("PerformanceInsightsRetentionPeriod").filter(|_| on))
        .unwrap_or(7);
    if mode == "advanced" && (!on || days < ADVANCED_DAYS) {
        return Err(combination(
            "To enable the Advanced mode of Database Insights, modify your cluster to enable Performance Insights and set the retention period for Performance Insights to at least 465 days.",
        ));
    }
    let mut set = json!({"DatabaseInsightsMode": mode, "PerformanceInsightsEnabled": on});
    if !on {
        let asked = ["PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod"];
        if asked.iter().any(|member| input.has(member)) {
            return Err(combination(
                "Performance Insights must be enabled to set its retention period or its key.",
            ));
        }
        set["PerformanceInsightsKMSKeyId"] = Value::Null;
        set["PerformanceInsightsRetentionPeriod"] = Value::Null;
        return Ok(set);
    }
    if days != 7 && days != 731 && (days % 31 != 0 || !(31..=713).contains(&days)) {
        return Err(invalid(format!(
            "Invalid Performance Insights retention period: {days}. Valid values are 7, month * 31 for 1 to 23 months, and 731."
        )));
    }
    let named = input.opt("PerformanceInsightsKMSKeyId");
    let known = before.opt("PerformanceInsightsKMSKeyId");
    let arn = match (named, known) {
        (None, Some(known)) => known.to_owned(),
        (named, known) => {
            let arn = key(call, named.unwrap_or("alias/aws/rds"))?;
            if known.is_some_and(|known| known != arn) {
                return Err(combination(
                    "You can't change the KMS key of Performance Insights once it is set.",
                ));
            }
            arn
        }
    };
    set["PerformanceInsightsKMSKeyId"] = json!(arn);
    set["PerformanceInsightsRetentionPeriod"] = json!(days);
    Ok(set)
}

/// Whether there is extended support, which costs.
pub(super) fn lifecycle(input: &Value) -> Result<&str, Fault> {
    const CHOICES: [&str; 2] =
        ["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"];
    let wanted = input.opt("EngineLifecycleSupport").unwrap_or(CHOICES[0]);
    let known = CHOICES.contains(&wanted);
    known
        .then_some(wanted)
        .ok_or_else(|| invalid(format!("Invalid EngineLifecycleSupport: {wanted}.")))
}

/// A port that a database may listen to.
pub(super) fn port(port: i64) -> Result<(), Fault> {
    if (1150..=65_535).contains(&port) {
        return Ok(());
    }
    Err(invalid(format!("Invalid endpoint port {port}, valid port range is 1150-65535")))
}
