//! The keys of log groups: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>

use super::reference::{self, invalid};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::kms::{Unusable, usable};
use crate::services::tables::{KMS_KEY, LOG_GROUP};
use serde_json::{Value, json};

const ACTIONS: [&str; 3] = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];

/// Checks that Logs may encrypt a group with a key, which must be symmetric and given by its ARN.
pub(super) fn check(call: &mut Call, key: &str, group_arn: &str) -> Result<(), Fault> {
    let unusable = || {
        format!(
            "The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
        )
    };
    let Some((_, id)) = key.split_once(":key/").filter(|_| key.starts_with("arn:")) else {
        return Err(invalid(format!(
            "The specified KMS Key Id '{key}' is not the ARN of a KMS key."
        )));
    };
    let service = format!("logs.{}.amazonaws.com", call.region());
    let context = [
        ("kms:EncryptionContext:aws:logs:arn", group_arn),
        ("kms:EncryptionContextKeys", "aws:logs:arn"),
    ];
    match usable(call, key, &service, &ACTIONS, &context) {
        Ok(_) => {}
        Err(Unusable::NotFound | Unusable::State) => return Err(invalid(unusable())),
        Err(Unusable::Denied(_)) => return Err(Fault::new("AccessDeniedException", unusable())),
    }
    let symmetric =
        call.get(KMS_KEY, id).is_some_and(|key| key.text("KeySpec") == "SYMMETRIC_DEFAULT");
    if symmetric {
        Ok(())
    } else {
        Err(invalid("Only symmetric KMS keys can be used to encrypt log groups."))
    }
}

/// `AssociateKmsKey`.
pub(super) fn associate(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = group_of(call, &input)?;
    let key = input.text("kmsKeyId");
    let arn = reference::group(call, &name)?.text("logGroupArn").to_owned();
    check(call, key, &arn)?;
    call.merge(LOG_GROUP, &name, json!({"kmsKeyId": key}));
    Ok(json!({}))
}

/// `DisassociateKmsKey`.
pub(super) fn disassociate(call: &mut Call) -> Result<Value, Fault> {
    let name = group_of(call, &call.input())?;
    call.merge(LOG_GROUP, &name, json!({"kmsKeyId": null}));
    Ok(json!({}))
}

fn group_of(call: &Call, input: &Value) -> Result<String, Fault> {
    if input.text("resourceIdentifier").contains(":query-result:") {
        return Err(Fault::not_implemented("keys for query results of logs"));
    }
    reference::one_of(call, input, "resourceIdentifier")
}
