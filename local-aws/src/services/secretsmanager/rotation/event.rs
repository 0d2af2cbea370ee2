//! What Secrets Manager tells of rotations, by way of EventBridge:
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html>

use super::PRINCIPAL;
use crate::call::{ACCOUNT, Call};
use crate::model::TimestampFormat;
use crate::protocol::timestamp;
use crate::services::events::{self, Event};
use serde_json::{Value, json};

/// Tells of something that happened to a secret.
pub(super) fn emit(call: &mut Call, row: &Value, name: &str, reason: Value) {
    let time = timestamp(call.now().floor(), TimestampFormat::Iso8601).replace(".000Z", "Z");
    let mut detail = json!({
        "eventVersion": "1.08", "userIdentity": {"accountId": ACCOUNT, "invokedBy": PRINCIPAL}, "eventTime": time,
        "eventSource": PRINCIPAL, "eventName": name, "awsRegion": call.region(), "sourceIPAddress": PRINCIPAL, "userAgent": PRINCIPAL,
        "requestParameters": null, "responseElements": null, "additionalEventData": {"SecretId": row["ARN"]},
        "eventID": call.new_uuid("secretsmanager.event"), "readOnly": false, "eventType": "AwsServiceEvent",
        "managementEvent": true, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
    });
    if !reason.is_null() {
        detail["errorMessage"] = reason;
    }
    let event = Event {
        source: "aws.secretsmanager",
        detail_type: "AWS Service Event via CloudTrail",
        resources: &[],
        detail,
    };
    events::emit(call, &event);
}
