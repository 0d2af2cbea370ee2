//! What holds for all certificates: <https://docs.aws.amazon.com/acm/latest/APIReference/API_PutAccountConfiguration.html>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// One row, named so: the `GetAccountConfiguration` answer.
const ACCOUNT_CONFIGURATION: Table = Table::regional("acm.account_configuration");
const ONLY: &str = "account";

/// Days before the end of a certificate at which events start.
const DAYS: i64 = 45;

/// `GetAccountConfiguration`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let default = || json!({"ExpiryEvents": {"DaysBeforeExpiry": DAYS}});
    Ok(call.get(ACCOUNT_CONFIGURATION, ONLY).cloned().unwrap_or_else(default))
}

/// `PutAccountConfiguration`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let days = input["ExpiryEvents"].int("DaysBeforeExpiry").unwrap_or(DAYS);
    let row = json!({"ExpiryEvents": {"DaysBeforeExpiry": days}});
    call.put(ACCOUNT_CONFIGURATION, ONLY, row);
    Ok(json!({}))
}
