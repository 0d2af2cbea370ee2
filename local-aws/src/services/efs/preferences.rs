//! How long ids are: <https://docs.aws.amazon.com/efs/latest/ug/API_PutAccountPreferences.html>

use super::bad_request;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DescribeAccountPreferences`.
pub(super) fn describe(_: &mut Call) -> Result<Value, Fault> {
    Ok(preference())
}

/// `PutAccountPreferences`: since October 2021 all new ids are long.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    if call.input().text("ResourceIdType") == "SHORT_ID" {
        return Err(bad_request("Short resource IDs cannot be chosen any more."));
    }
    Ok(preference())
}

fn preference() -> Value {
    json!({"ResourceIdPreference": {"ResourceIdType": "LONG_ID", "Resources": ["FILE_SYSTEM", "MOUNT_TARGET"]}})
}
