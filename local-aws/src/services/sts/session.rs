//! Temporary credentials: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam;
use crate::services::policy::{self, Kind, Who};
use crate::store::Table;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Sessions of roles by access key: who their bearer is.
pub(super) const SESSION: Table = Table::global("sts.session");

const DAY_SECONDS: i64 = 24 * 3600;
const HOUR_SECONDS: i64 = 3600;

/// `AssumeRole`.
pub(super) fn assume_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let arn = input.text("RoleArn");
    let role = trusting_role(call, arn, input.opt("ExternalId"))?;
    let seconds = input.int("DurationSeconds").unwrap_or(HOUR_SECONDS);
    if seconds > role.int("MaxSessionDuration").unwrap_or(HOUR_SECONDS) {
        return Err(Fault::new(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if let Some(text) = input.opt("Policy") {
        policy::parse(text, Kind::Identity)
            .map_err(|message| Fault::new("MalformedPolicyDocument", message))?;
    }
    let session = input.text("RoleSessionName");
    let user = json!({
        "Arn": call.global_arn("sts", &format!("assumed-role/{}/{session}", role.text("RoleName"))),
        "AssumedRoleId": format!("{}:{session}", role.text("RoleId")),
    });
    let credentials = credentials(call, seconds);
    let key = credentials.text("AccessKeyId");
    call.put(SESSION, key, user.clone());
    call.schedule(seconds_of(seconds), SESSION, key, Step::Remove);
    Ok(
        json!({"AssumedRoleUser": user, "Credentials": credentials, "PackedPolicySize": 0, "SourceIdentity": input["SourceIdentity"]}),
    )
}

/// `GetSessionToken`.
pub(super) fn session_token(call: &mut Call) -> Result<Value, Fault> {
    let seconds = call.input().int("DurationSeconds").unwrap_or(DAY_SECONDS / 2);
    Ok(json!({"Credentials": credentials(call, seconds)}))
}

fn trusting_role(call: &Call, arn: &str, external_id: Option<&str>) -> Result<Value, Fault> {
    let context: Vec<_> = external_id.into_iter().map(|id| ("sts:ExternalId", id)).collect();
    iam::assumable(call, arn, Who::Account, &context).cloned().ok_or_else(|| {
        let user = call.global_arn("iam", "root");
        let message =
            format!("User: {user} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        Fault::new("AccessDenied", message).with_status(403)
    })
}

fn credentials(call: &mut Call, seconds: i64) -> Value {
    let key = iam::unique_id(call, "ASIA");
    let secret = STANDARD.encode(&call.new_hex("sts.secret", 60)[..30]);
    let token = STANDARD.encode(call.new_hex("sts.token", 64));
    json!({"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token, "Expiration": call.now() + seconds_of(seconds)})
}

#[expect(clippy::cast_precision_loss, reason = "sessions last at most 36 hours")]
fn seconds_of(seconds: i64) -> f64 {
    seconds as f64
}
