//! Where a subscription delivers to: <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use super::arn::invalid;
use crate::fault::Fault;

/// Checks protocol and endpoint of a subscription.
pub(super) fn check(protocol: &str, endpoint: &str) -> Result<(), Fault> {
    let fits = match protocol {
        "http" | "https" => {
            let start = format!("{protocol}://");
            return if endpoint.strip_prefix(&start).is_some_and(|host| !host.is_empty()) {
                Ok(())
            } else {
                Err(invalid("Endpoint must match the specified protocol"))
            };
        }
        "email" | "email-json" => is_email(endpoint),
        "sms" => is_phone_number(endpoint),
        "sqs" | "lambda" | "firehose" => {
            if is_arn(endpoint, protocol) {
                return Ok(());
            }
            return Err(invalid(&format!("{} endpoint ARN", service_name(protocol))));
        }
        "application" => is_arn(endpoint, "sns"),
        _ => return Err(invalid(&format!("Does not support this protocol string: {protocol}"))),
    };
    match (fits, protocol) {
        (true, _) => Ok(()),
        (false, "sms") => Err(invalid(&format!("Invalid SMS endpoint: {endpoint}"))),
        (false, "email" | "email-json") => Err(invalid("Email address")),
        (false, _) => Err(invalid("Application endpoint arn invalid")),
    }
}

/// Whether somebody at the endpoint has to agree before anything is delivered.
pub(super) fn needs_confirmation(protocol: &str) -> bool {
    ["http", "https", "email", "email-json"].contains(&protocol)
}

fn service_name(protocol: &str) -> &str {
    match protocol {
        "sqs" => "SQS",
        "lambda" => "Lambda",
        _ => "Firehose",
    }
}

fn is_email(text: &str) -> bool {
    let named = text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    named.is_some_and(|(_, host)| !host.contains('@')) && !text.contains(char::is_whitespace)
}

fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let allowed = |byte: u8| byte.is_ascii_digit() || b" -()".contains(&byte);
    (3..=20).contains(&digits.len()) && digits.bytes().all(allowed)
}

fn is_arn(text: &str, service: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    parts.len() == 6 && parts[0] == "arn" && parts[2] == service && !parts[5].is_empty()
}
