//! Subscription filters, of which there are none: this cloud has no service that they could deliver to.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html>

use super::pattern::Pattern;
use super::reference::{self, not_found};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// `PutSubscriptionFilter`.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    reference::group(call, input.text("logGroupName"))?;
    Pattern::parse(input.text("filterPattern"))?;
    Err(Fault::not_implemented("logs PutSubscriptionFilter: it has nothing to deliver events to"))
}

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
