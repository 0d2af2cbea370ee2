//! Names that users choose, which RDS keeps in lower case.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>

use super::query::invalid;
use crate::call::ACCOUNT;
use crate::call::Call;
use crate::fault::Fault;
use crate::region;

/// An identifier in the form in which RDS keeps it: 1 to `most` letters, digits and single hyphens, first a letter.
pub(super) fn identifier(member: &str, text: &str, most: usize) -> Result<String, Fault> {
    let lower = text.to_ascii_lowercase();
    let allowed = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let starts = lower.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    if allowed && starts && lower.len() <= most && !lower.ends_with('-') && !lower.contains("--") {
        return Ok(lower);
    }
    Err(invalid(format!(
        "The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )))
}

/// What a name or ARN of a kind (`cluster`, `db`, ...) means, in lower case.
pub(super) fn of(call: &Call, kind: &str, text: &str) -> String {
    let own = call.arn("rds", &format!("{kind}:"));
    text.strip_prefix(&own).unwrap_or(text).to_ascii_lowercase()
}

/// What is the same in all host names of the account in a region.
fn label(call: &Call) -> String {
    let digest = crate::call::digest(&format!("rds/{ACCOUNT}/{}", call.region()));
    format!("c{}", &digest[..11])
}

/// The name of a host: `ID.MIDDLE.REGION.rds.amazonaws.com`.
pub(super) fn host(call: &Call, id: &str, kind: &str) -> String {
    let suffix = if region::partition(call.region()) == "aws-cn" { ".cn" } else { "" };
    format!("{id}.{kind}{}.{}.rds.amazonaws.com{suffix}", label(call), call.region())
}

/// The hosted zone of the names of a region's databases.
pub(super) fn hosted_zone(call: &Call) -> String {
    match call.region() {
        "us-east-1" => "Z2R2ITUGPM61AM".to_owned(),
        region => {
            format!("Z{}", crate::call::digest(&format!("rds/{region}"))[..13].to_uppercase())
        }
    }
}
