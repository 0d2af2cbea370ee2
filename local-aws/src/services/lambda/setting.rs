//! Settings that functions of this cloud have as AWS makes them, and the account's.

use super::concurrency;
use super::reference::{FUNCTION, Named};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// Bytes of packages that an account may keep.
const TOTAL_CODE: u64 = 75 * 1024 * 1024 * 1024;

/// `GetFunctionCodeSigningConfig`: none has one.
pub(super) fn code_signing(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    named.function(call)?;
    Ok(json!({"FunctionName": named.name, "CodeSigningConfigArn": ""}))
}

/// `GetFunctionRecursionConfig`.
pub(super) fn recursion(call: &mut Call) -> Result<Value, Fault> {
    Named::of_request(&call.input()).function(call)?;
    Ok(json!({"RecursiveLoop": "Terminate"}))
}

/// `GetRuntimeManagementConfig`.
pub(super) fn runtime_management(call: &mut Call) -> Result<Value, Fault> {
    let row = Named::of_request(&call.input()).version(call)?;
    Ok(json!({"UpdateRuntimeOn": "Auto", "FunctionArn": row["FunctionArn"]}))
}

fn of_function(call: &Call, list: &str) -> Result<Value, Fault> {
    Named::of_request(&call.input()).function(call)?;
    Ok(json!({list: []}))
}

/// `ListAliases`.
pub(super) fn aliases(call: &mut Call) -> Result<Value, Fault> {
    of_function(call, "Aliases")
}

/// `ListFunctionUrlConfigs`.
pub(super) fn urls(call: &mut Call) -> Result<Value, Fault> {
    of_function(call, "FunctionUrlConfigs")
}

/// `ListFunctionEventInvokeConfigs`.
pub(super) fn event_invoke_configs(call: &mut Call) -> Result<Value, Fault> {
    of_function(call, "FunctionEventInvokeConfigs")
}

/// `ListProvisionedConcurrencyConfigs`.
pub(super) fn provisioned(call: &mut Call) -> Result<Value, Fault> {
    of_function(call, "ProvisionedConcurrencyConfigs")
}

/// `ListEventSourceMappings`.
pub(super) fn event_sources(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("FunctionName") {
        Named::of_request(&input).function(call)?;
    }
    Ok(json!({"EventSourceMappings": []}))
}

/// `GetAccountSettings`.
pub(super) fn account(call: &mut Call) -> Result<Value, Fault> {
    let limit = concurrency::limit(call);
    let used: i64 = call.rows(FUNCTION).filter_map(|(_, row)| row.int("CodeSize")).sum();
    Ok(json!({
        "AccountLimit": {
            "TotalCodeSize": TOTAL_CODE, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800, "ConcurrentExecutions": limit,
            "UnreservedConcurrentExecutions": concurrency::unreserved(call),
        },
        "AccountUsage": {"TotalCodeSize": used, "FunctionCount": call.rows(FUNCTION).count()},
    }))
}
