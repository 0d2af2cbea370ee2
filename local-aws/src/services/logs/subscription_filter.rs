//! Subscription filters, of which there are none: this cloud has no service that they could deliver to.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html>

use super::reference::{self, not_found};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `DescribeSubscriptionFilters`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    reference::group(call, call.input().text("logGroupName"))?;
    Ok(json!({"subscriptionFilters": []}))
}

/// `DeleteSubscriptionFilter`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    reference::group(call, call.input().text("logGroupName"))?;
    Err(not_found("The specified subscription filter does not exist."))
}
