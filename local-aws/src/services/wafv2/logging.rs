//! Where a web ACL's logs go: <https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html>

use super::web_acl::WEB_ACL;
use super::{invalid, nonexistent, page, regional};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam::ensure_linked_role;
use crate::services::logs;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `LoggingConfiguration` by the ARN of the web ACL.
const LOGGING: Table = Table::regional("wafv2.logging");

/// How the names of destinations start.
const PREFIX: &str = "aws-waf-logs-";

/// `PutLoggingConfiguration`: over the one that is there.
pub(super) fn put(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let configuration = &input["LoggingConfiguration"];
    let arn = configuration.text("ResourceArn");
    call.get(WEB_ACL, arn).ok_or_else(nonexistent)?;
    if configuration.opt("LogScope").is_some_and(|scope| scope != "CUSTOMER") {
        return Err(Fault::not_implemented("logging for Security Lake"));
    }
    let [destination] = configuration.texts("LogDestinationConfigs")[..] else {
        let reason = "Exactly one destination must be given";
        return Err(invalid(reason, "LOG_DESTINATION", "LogDestinationConfigs"));
    };
    deliverable(call, destination)?;
    ensure_linked_role(call, "wafv2.amazonaws.com");
    let mut row = configuration.clone();
    row["ManagedByFirewallManager"] = json!(false);
    row["LogType"] = json!(configuration.opt("LogType").unwrap_or("WAF_LOGS"));
    row["LogScope"] = json!("CUSTOMER");
    call.put(LOGGING, arn, row.clone());
    Ok(json!({"LoggingConfiguration": row}))
}

/// Whether logs can be written to a destination.
fn deliverable(call: &mut Call, destination: &str) -> Result<(), Fault> {
    let bad = || {
        let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.";
        invalid(reason, "LOG_DESTINATION", destination)
    };
    let mut parts = destination.splitn(6, ':').skip(2);
    let (service, rest) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    if ["s3", "firehose"].contains(&service) {
        return Err(Fault::not_implemented("wafv2 with logs to S3 or Firehose"));
    }
    let name = rest.strip_prefix("log-group:").filter(|_| service == "logs").ok_or_else(bad)?;
    let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
    if !name.starts_with(PREFIX) {
        return Err(bad());
    }
    match logs::ensure_delivery(call, &name) {
        Ok(()) => Ok(()),
        Err(logs::NoDelivery::NoGroup) => Err(bad()),
        Err(logs::NoDelivery::Policies) => Err(Fault::new(
            "WAFLogDestinationPermissionIssueException",
            "Unable to deliver logs to the configured destination. You might need to grant log delivery permissions for the destination.",
        )),
    }
}

/// `GetLoggingConfiguration`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = call.get(LOGGING, input.text("ResourceArn")).ok_or_else(nonexistent)?;
    Ok(json!({"LoggingConfiguration": row}))
}

/// `ListLoggingConfigurations`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let rows = call.rows(LOGGING).map(|(arn, row)| (arn.to_owned(), row.clone()));
    page::answer(&input, "LoggingConfigurations", rows.collect())
}

/// `DeleteLoggingConfiguration`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    call.remove(LOGGING, input.text("ResourceArn")).ok_or_else(nonexistent)?;
    Ok(json!({}))
}

/// Forgets the configuration of a web ACL that is deleted.
pub(super) fn forget_of(call: &mut Call, web_acl: &str) {
    call.remove(LOGGING, web_acl);
}
