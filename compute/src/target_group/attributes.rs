//! Attributes of target groups:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html>

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;
use globecart_aws::engine::{CallResult, Invalid};
use globecart_aws::{Aws, Doing, TargetGroupArn, absent_is_none};

use super::{Balancing, TargetGroup};

const DELAY: &str = "deregistration_delay.timeout_seconds";
const SLOW_START: &str = "slow_start.duration_seconds";
const ALGORITHM: &str = "load_balancing.algorithm.type";
const STICKY: &str = "stickiness.enabled";
const STICKY_SECS: &str = "stickiness.lb_cookie.duration_seconds";

/// A week, in seconds.
const WEEK: u32 = 604_800;

pub(super) fn check(of: &TargetGroup) -> Result<(), Invalid> {
    if of.deregistration_delay_secs > 3600 {
        let problem = format!("{} must be 0 to 3,600", of.deregistration_delay_secs);
        return Err(Invalid::new("deregistration_delay_secs", problem));
    }
    if of.slow_start_secs != 0 {
        if !(30..=900).contains(&of.slow_start_secs) {
            let problem = format!("{} must be 30 to 900, or 0", of.slow_start_secs);
            return Err(Invalid::new("slow_start_secs", problem));
        }
        if of.balancing != Balancing::RoundRobin {
            let problem = "a slow start goes with `Balancing::RoundRobin` alone";
            return Err(Invalid::new("slow_start_secs", problem));
        }
    }
    match of.sticky_secs {
        Some(seconds) if !(1..=WEEK).contains(&seconds) => {
            Err(Invalid::new("sticky_secs", format!("{seconds} must be 1 to 604,800")))
        }
        _ => Ok(()),
    }
}

fn declared(of: &TargetGroup) -> Vec<(&'static str, String)> {
    let mut all = vec![
        (DELAY, of.deregistration_delay_secs.to_string()),
        (SLOW_START, of.slow_start_secs.to_string()),
        (ALGORITHM, of.balancing.as_str().to_owned()),
        (STICKY, of.sticky_secs.is_some().to_string()),
    ];
    all.extend(of.sticky_secs.map(|seconds| (STICKY_SECS, seconds.to_string())));
    all
}

/// Sets the attributes that differ from those of `old`, or all, in one call.
pub(super) async fn write(
    aws: &Aws,
    arn: &TargetGroupArn,
    of: &TargetGroup,
    old: Option<&TargetGroup>,
) -> CallResult<()> {
    let before = old.map(declared).unwrap_or_default();
    let attribute = |(key, value)| TargetGroupAttribute::builder().key(key).value(value).build();
    let fresh = declared(of).into_iter().filter(|attribute| !before.contains(attribute));
    let fresh: Vec<TargetGroupAttribute> = fresh.map(attribute).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let call = aws.elb().modify_target_group_attributes().target_group_arn(arn.as_str());
    let call = call.set_attributes(Some(fresh));
    call.send().await.map(|_| ()).doing("setting the target group's attributes")
}

/// The arguments with the live attributes; `None` where there is no such target group.
pub(super) async fn read(
    aws: &Aws,
    arn: &TargetGroupArn,
    args: TargetGroup,
) -> CallResult<Option<TargetGroup>> {
    let call = aws.elb().describe_target_group_attributes().target_group_arn(arn.as_str());
    let answer = absent_is_none(call.send().await.doing("reading target group attributes"))?;
    let Some(answer) = answer else { return Ok(None) };
    let pairs = answer.attributes.unwrap_or_default().into_iter();
    let all: BTreeMap<String, String> =
        pairs.filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect();
    let text = |key: &str| all.get(key).map(String::as_str).unwrap_or_default();
    let sticky = (text(STICKY) == "true").then(|| text(STICKY_SECS).parse().ok()).flatten();
    Ok(Some(TargetGroup {
        deregistration_delay_secs: text(DELAY).parse().unwrap_or_default(),
        slow_start_secs: text(SLOW_START).parse().unwrap_or_default(),
        balancing: Balancing::described(text(ALGORITHM)),
        sticky_secs: sticky,
        ..args
    }))
}
