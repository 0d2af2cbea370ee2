//! Reserved concurrency: <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html>

use super::invalid;
use super::reference::{FUNCTION, Named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Invocations at once that an account may have.
pub(super) const ACCOUNT_LIMIT: usize = 1000;

/// What stays for functions without a reservation.
const UNRESERVED_LEAST: i64 = 100;

/// The invocations at once that functions have reserved, without one.
pub(super) fn reserved(call: &Call, except: &str) -> i64 {
    let others = call.rows(FUNCTION).filter(|(name, _)| *name != except);
    others.filter_map(|(_, row)| row.int("_reserved")).sum()
}

/// The quota of the account.
pub(super) fn limit(call: &Call) -> i64 {
    i64::try_from(call.quota("lambda.concurrent_executions", ACCOUNT_LIMIT)).unwrap_or(i64::MAX)
}

/// What functions without a reservation share.
pub(super) fn unreserved(call: &Call) -> i64 {
    limit(call) - reserved(call, "")
}

/// `PutFunctionConcurrency`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let named = Named::of_request(&input);
    named.function(call)?;
    let wanted = input.int("ReservedConcurrentExecutions").unwrap_or_default();
    if limit(call) - reserved(call, &named.name) - wanted < UNRESERVED_LEAST {
        return Err(invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_LEAST}]."
        )));
    }
    call.merge(FUNCTION, &named.name, json!({"_reserved": wanted}));
    Ok(json!({"ReservedConcurrentExecutions": wanted}))
}

/// `GetFunctionConcurrency`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let row = Named::of_request(&call.input()).function(call)?;
    Ok(match row.int("_reserved") {
        Some(reserved) => json!({"ReservedConcurrentExecutions": reserved}),
        None => json!({}),
    })
}

/// `DeleteFunctionConcurrency`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    named.function(call)?;
    call.merge(FUNCTION, &named.name, json!({"_reserved": null}));
    Ok(json!({}))
}
