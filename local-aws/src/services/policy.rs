//! Policy documents: what AWS accepts as one, and whether one allows something.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod condition;
mod grammar;
#[cfg(test)]
mod tests;

pub(crate) use self::grammar::{Kind, parse};

use crate::call::{ACCOUNT, Call};
use crate::fields::Fields;
use crate::filter;
use crate::services::tables::IAM_ROLE;
use serde_json::Value;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who<'a> {
    /// The account itself, as any credentials mean it.
    Account,
    /// An AWS service by its principal, such as `logs.us-east-1.amazonaws.com`.
    Service(&'a str),
    /// A role of the account, by its ARN.
    Role(&'a str),
    /// Somebody who does not say who it is.
    Anybody,
    /// Whoever has the policy: those of identities name no principal.
    Holder,
}

/// What a policy is asked about.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) who: Who<'a>,
    /// Such as `kms:Encrypt`.
    pub(crate) action: &'a str,
    /// The ARN of what is acted on.
    pub(crate) resource: &'a str,
    /// Condition keys, such as `aws:SourceAccount`, with the values of this request.
    pub(crate) context: &'a [(&'a str, &'a str)],
}

/// Whether a policy of a resource (or a role's trust policy) allows it: a statement does, and none denies it.
pub(crate) fn allows(document: &Value, asked: &Asked) -> bool {
    let allowed =
        |statement: &Value| statement.text("Effect") == "Allow" && matches(statement, asked);
    statements(document).iter().any(allowed) && !denies(document, asked)
}

/// Whether a statement of a policy denies it, whatever others allow.
pub(crate) fn denies(document: &Value, asked: &Asked) -> bool {
    let denied =
        |statement: &Value| statement.text("Effect") == "Deny" && matches(statement, asked);
    statements(document).iter().any(denied)
}

/// The statements; a lone one may stand without a list.
pub(crate) fn statements(document: &Value) -> &[Value] {
    list(&document["Statement"])
}

/// A list, or a lone element as a list of one.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// The texts of an element, which may be a list or a lone one.
pub(crate) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}

fn matches(statement: &Value, asked: &Asked) -> bool {
    let action = asked.action.to_ascii_lowercase();
    let names = |pattern: &str| filter::like(&pattern.to_ascii_lowercase(), &action);
    let covers = |pattern: &str| filter::like(pattern, asked.resource);
    let principal = if statement.has("NotPrincipal") {
        !is_principal(&statement["NotPrincipal"], asked.who)
    } else {
        is_principal(&statement["Principal"], asked.who)
    };
    principal
        && either(statement, "Action", "NotAction", names)
        && either(statement, "Resource", "NotResource", covers)
        && condition::holds(&statement["Condition"], asked.context)
}

/// Whether one of an element's values fits, or none of the negated element's. A trust policy has no resources: they fit.
fn either(statement: &Value, element: &str, negated: &str, fits: impl Fn(&str) -> bool) -> bool {
    if statement.has(negated) {
        return !texts(&statement[negated]).any(fits);
    }
    !statement.has(element) || texts(&statement[element]).any(fits)
}

fn is_principal(principal: &Value, who: Who) -> bool {
    if principal == "*" {
        return true;
    }
    let named = |wanted: &dyn Fn(&str) -> bool| texts(&principal["AWS"]).any(wanted);
    match who {
        Who::Account => named(&|name| name == "*" || name == ACCOUNT || is_root(name)),
        Who::Service(service) => {
            texts(&principal["Service"]).any(|name| name == service) || named(&|name| name == "*")
        }
        // The account as a principal leaves it to the role's own policies.
        Who::Role(arn) => named(&|name| name == "*" || name == arn),
        Who::Anybody => named(&|name| name == "*"),
        Who::Holder => true,
    }
}

fn is_root(arn: &str) -> bool {
    arn.strip_suffix(":root").is_some_and(|start| start.ends_with(&format!(":iam::{ACCOUNT}")))
}

/// The first AWS principal of a document that does not exist: a role of this account that other services do not see (yet), or no ARN.
pub(crate) fn unknown_principal(call: &Call, document: &Value) -> Option<String> {
    let elements = statements(document)
        .iter()
        .flat_map(|statement| [&statement["Principal"], &statement["NotPrincipal"]]);
    let mut names =
        elements.filter(|element| element.is_object()).flat_map(|element| texts(&element["AWS"]));
    names.find(|name| !exists(call, name)).map(str::to_owned)
}

/// Whether a principal of a policy exists. Other accounts cannot be looked into: their principals do.
pub(crate) fn exists(call: &Call, name: &str) -> bool {
    let is_account =
        |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if name == "*" || is_account(name) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [_, _, service, "", account, rest] = parts[..] else { return false };
    if account != ACCOUNT {
        return is_account(account) || service == "cloudfront";
    }
    let seen = |name: &str| {
        call.get(IAM_ROLE, name)
            .is_some_and(|role| role.number("_usable_at").unwrap_or(0.0) <= call.now())
    };
    match rest.split_once('/') {
        None => rest == "root",
        Some(("role", path)) => path.rsplit('/').next().is_some_and(seen),
        Some(("assumed-role", path)) => path.split('/').next().is_some_and(seen),
        Some(_) => false,
    }
}
