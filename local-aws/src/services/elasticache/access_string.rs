//! What a user may do: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html#Access-string>

use super::kind::invalid_value;
use crate::fault::Fault;

/// Categories of commands.
const CATEGORIES: [&str; 22] = [
    "admin",
    "all",
    "bitmap",
    "blocking",
    "connection",
    "dangerous",
    "fast",
    "geo",
    "hash",
    "hyperloglog",
    "keyspace",
    "list",
    "pubsub",
    "read",
    "scripting",
    "set",
    "slow",
    "sortedset",
    "stream",
    "string",
    "transaction",
    "write",
];

const WORDS: [&str; 8] = [
    "on",
    "off",
    "allkeys",
    "resetkeys",
    "allchannels",
    "resetchannels",
    "allcommands",
    "nocommands",
];

/// Checks an access string. A user that it turns neither on nor off is off.
pub(super) fn checked(text: &str) -> Result<String, Fault> {
    let mut rest = text.trim();
    let mut switched = false;
    while !rest.is_empty() {
        let (rule, after) = next(rest).ok_or_else(|| invalid(rest))?;
        if !is_rule(rule) {
            return Err(invalid(rule));
        }
        switched |= rule == "on" || rule == "off";
        rest = after;
    }
    let text = text.trim();
    Ok(if switched { text.to_owned() } else { format!("off {text}") })
}

/// The first rule and what follows; a selector in brackets is one rule.
fn next(text: &str) -> Option<(&str, &str)> {
    let end = if text.starts_with('(') {
        text.find(')')? + 1
    } else {
        text.find(char::is_whitespace).unwrap_or(text.len())
    };
    Some((&text[..end], text[end..].trim_start()))
}

fn is_rule(rule: &str) -> bool {
    if let Some(selector) = rule.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return selector
            .split_whitespace()
            .all(|rule| rule != "on" && rule != "off" && is_rule(rule));
    }
    if WORDS.contains(&rule) {
        return true;
    }
    if let Some(command) = rule.strip_prefix(['+', '-']) {
        return match command.strip_prefix('@') {
            Some(category) => CATEGORIES.contains(&category.to_ascii_lowercase().as_str()),
            None => is_command(command),
        };
    }
    let keys = ["~", "%R~", "%W~", "%RW~", "&"];
    keys.iter().any(|start| rule.strip_prefix(start).is_some_and(|pattern| !pattern.is_empty()))
}

/// A command, perhaps with a subcommand, such as `config|get`.
fn is_command(command: &str) -> bool {
    let letters = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    command.split('|').count() <= 2 && command.split('|').all(letters)
}

fn invalid(rule: &str) -> Fault {
    invalid_value(format!(
        "The access string has an invalid rule: {rule}. Passwords and reset are not part of access strings."
    ))
}
