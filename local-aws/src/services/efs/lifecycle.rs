//! When files move between storage classes.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_PutLifecycleConfiguration.html>

use super::bad_request;
use super::file_system::{self, FILE_SYSTEM};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const TO_IA: &str = "TransitionToIA";
const TO_ARCHIVE: &str = "TransitionToArchive";
const TRANSITIONS: [&str; 3] = [TO_IA, TO_ARCHIVE, "TransitionToPrimaryStorageClass"];

/// `PutLifecycleConfiguration`: without policies there is none any more.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = file_system::available(call, input.text("FileSystemId"))?;
    let policies = input.items("LifecyclePolicies");
    check(&row, policies)?;
    call.merge(FILE_SYSTEM, row.text("FileSystemId"), json!({"_lifecycle": policies}));
    Ok(json!({"LifecyclePolicies": policies}))
}

fn check(row: &Value, policies: &[Value]) -> Result<(), Fault> {
    let malformed = || bad_request("One or more LifecyclePolicy objects specified are malformed.");
    let mut seen = Vec::new();
    for policy in policies {
        let named: Vec<&str> = TRANSITIONS.into_iter().filter(|name| policy.has(name)).collect();
        match named[..] {
            [one] if !seen.contains(&one) => seen.push(one),
            _ => return Err(malformed()),
        }
    }
    let Some(archive) = days(policies, TO_ARCHIVE) else { return Ok(()) };
    if row.text("ThroughputMode") != "elastic" || row.text("PerformanceMode") != "generalPurpose" {
        let message = "TransitionToArchive needs the throughput mode elastic and the performance mode generalPurpose.";
        return Err(bad_request(message));
    }
    if days(policies, TO_IA).is_some_and(|ia| ia >= archive) {
        return Err(bad_request("TransitionToArchive must be later than TransitionToIA."));
    }
    Ok(())
}

/// The days in `AFTER_30_DAYS`.
fn days(policies: &[Value], transition: &str) -> Option<u32> {
    let rule = policies.iter().find_map(|policy| policy.opt(transition))?;
    rule.split('_').nth(1)?.parse().ok()
}

/// Whether files of a file system are moved to the Archive storage class.
pub(super) fn archives(row: &Value) -> bool {
    row.items("_lifecycle").iter().any(|policy| policy.has(TO_ARCHIVE))
}

/// `DescribeLifecycleConfiguration`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let row = file_system::named(call, call.input().text("FileSystemId"))?;
    Ok(json!({"LifecyclePolicies": row["_lifecycle"]}))
}
