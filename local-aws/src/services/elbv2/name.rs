//! Names and ARNs of load balancers, target groups, listeners and rules.

use super::validation;
use crate::fault::Fault;

/// The longest name of a load balancer or a target group.
const LONGEST: usize = 32;

/// Checks a name: letters, digits and hyphens, not at its ends.
pub(super) fn check(noun: &str, name: &str) -> Result<(), Fault> {
    if name.is_empty() || name.len() > LONGEST {
        return Err(validation(format!(
            "The {noun} name '{name}' cannot be longer than '{LONGEST}' characters"
        )));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(validation(format!(
            "The {noun} name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(validation(format!(
            "The {noun} name '{name}' cannot begin or end with a hyphen"
        )));
    }
    Ok(())
}

/// What comes after the type in an ARN: `app/NAME/ID` of a load balancer, the same and its own id of a listener.
pub(super) fn path(arn: &str) -> &str {
    let rest = arn.splitn(6, ':').nth(5).unwrap_or_default();
    rest.split_once('/').map_or("", |(_, path)| path)
}

/// What kind of resource an ARN is of: `loadbalancer`, `targetgroup`, `listener` or `listener-rule`.
pub(super) fn kind(arn: &str) -> &str {
    let rest = arn.splitn(6, ':').nth(5).unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}
