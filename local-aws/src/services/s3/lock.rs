//! Locks of objects: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use super::bucket::{self, access_denied};
use super::object;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const DAY: f64 = 24.0 * 3600.0;

/// The lock that a new object gets: the one it asks for, or its bucket's default.
pub(super) fn of_new_object(call: &Call, bucket: &Value, input: &Value) -> Result<Value, Fault> {
    let asked = ["ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"];
    if !bucket.has("_object_lock") {
        return if asked.iter().any(|member| input.has(member)) {
            Err(not_configured())
        } else {
            Ok(json!({}))
        };
    }
    if input.has("ObjectLockMode") != input.has("ObjectLockRetainUntilDate") {
        let message =
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
        return Err(bucket::invalid(message));
    }
    if input.number("ObjectLockRetainUntilDate").is_some_and(|until| until <= call.now()) {
        return Err(bucket::invalid("The retain until date must be in the future!"));
    }
    let default = &bucket["_object_lock"]["Rule"]["DefaultRetention"];
    let mut lock = json!({"_hold": input.get("ObjectLockLegalHoldStatus")});
    if input.has("ObjectLockMode") {
        lock["_mode"] = input["ObjectLockMode"].clone();
        lock["_until"] = input["ObjectLockRetainUntilDate"].clone();
    } else if default.has("Mode") {
        let days = default.number("Days").unwrap_or_default()
            + 365.0 * default.number("Years").unwrap_or_default();
        lock["_mode"] = default["Mode"].clone();
        lock["_until"] = json!(call.now() + days * DAY);
    }
    Ok(lock)
}

fn not_configured() -> Fault {
    Fault::new("InvalidRequest", "Bucket is missing Object Lock Configuration")
}

/// Adds the lock to an answer.
pub(super) fn show(answer: &mut Value) {
    for (member, row) in [
        ("ObjectLockMode", "_mode"),
        ("ObjectLockRetainUntilDate", "_until"),
        ("ObjectLockLegalHoldStatus", "_hold"),
    ] {
        if answer.has(row) {
            answer[member] = answer[row].clone();
        }
    }
}

/// Checks that a version may go.
pub(super) fn check(version: &Value, now: f64, bypass: bool) -> Result<(), Fault> {
    let retained = version.number("_until").is_some_and(|until| until > now);
    let forced = bypass && version.text("_mode") == "GOVERNANCE";
    if version.text("_hold") == "ON" || (retained && !forced) {
        return Err(Fault {
            message: "Access Denied because object protected by object lock.".to_owned(),
            ..access_denied()
        });
    }
    Ok(())
}

/// `PutObjectRetention`: a lock may become longer, and a governance lock shorter for who may bypass it.
pub(super) fn put_retention(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let version = lockable(call, &input)?;
    let asked = &input["Retention"];
    let (until, now) = (asked.number("RetainUntilDate"), call.now());
    if asked.has("Mode") != until.is_some() {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Fault::new("MalformedXML", message));
    }
    if until.is_some_and(|until| until <= now) {
        return Err(bucket::invalid("The retain until date must be in the future!"));
    }
    let shorter = until.unwrap_or(0.0) < version.number("_until").unwrap_or(0.0);
    let weaker = version.text("_mode") == "COMPLIANCE" && asked.text("Mode") != "COMPLIANCE";
    if shorter || weaker {
        let without_hold = json!({"_until": version.get("_until"), "_mode": version.get("_mode")});
        check(&without_hold, now, input.flag("BypassGovernanceRetention"))?;
    }
    let members = json!({"_mode": asked.get("Mode"), "_until": until});
    object::change(
        call,
        input.text("Bucket"),
        input.text("Key"),
        version.text("VersionId"),
        members,
    );
    Ok(json!({}))
}

/// `GetObjectRetention`.
pub(super) fn retention(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let version = lockable(call, &input)?;
    if !version.has("_until") {
        return Err(none());
    }
    Ok(json!({"Retention": {"Mode": version["_mode"], "RetainUntilDate": version["_until"]}}))
}

/// `PutObjectLegalHold`.
pub(super) fn put_legal_hold(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let version = lockable(call, &input)?;
    let members = json!({"_hold": input["LegalHold"].get("Status")});
    object::change(
        call,
        input.text("Bucket"),
        input.text("Key"),
        version.text("VersionId"),
        members,
    );
    Ok(json!({}))
}

/// `GetObjectLegalHold`.
pub(super) fn legal_hold(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let version = lockable(call, &input)?;
    if !version.has("_hold") {
        return Err(none());
    }
    Ok(json!({"LegalHold": {"Status": version["_hold"]}}))
}

fn none() -> Fault {
    let message = "The specified object does not have a ObjectLock configuration";
    Fault::new("NoSuchObjectLockConfiguration", message).with_status(404)
}

fn lockable(call: &Call, input: &Value) -> Result<Value, Fault> {
    if !bucket::find(call, input)?.has("_object_lock") {
        return Err(not_configured());
    }
    object::asked(call, input).cloned()
}
