//! What AWS accepts as a policy document.

use super::{list, statements, texts};
use crate::fields::Fields;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a document is for, which decides the elements that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What a role may do: no principals.
    Identity,
    /// Who may assume a role: principals, no resources.
    Trust,
    /// Who may do what with a resource.
    Resource,
}

/// Reads a document; the error is the sentence that IAM answers.
pub(crate) fn parse(text: &str, kind: Kind) -> Result<Value, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|_| "Syntax errors in policy.".to_owned())?;
    let Some(members) = document.as_object() else {
        return Err("Syntax errors in policy.".to_owned());
    };
    if let Some(name) =
        members.keys().find(|name| !["Version", "Id", "Statement"].contains(&name.as_str()))
    {
        return Err(format!("Syntax error in policy: unknown element {name}."));
    }
    version(&document, kind)?;
    if statements(&document).is_empty() {
        return Err("Syntax errors in policy: there is no statement.".to_owned());
    }
    for element in statements(&document) {
        statement(element, kind)?;
    }
    unique_ids(&document)?;
    Ok(document)
}

fn version(document: &Value, kind: Kind) -> Result<(), String> {
    match document.opt("Version") {
        Some("2012-10-17" | "2008-10-17") => Ok(()),
        None if !document.has("Version") && kind != Kind::Identity => Ok(()),
        None if !document.has("Version") => {
            Err("Policy document must be version 2012-10-17 or greater.".to_owned())
        }
        _ => Err("The policy must contain a valid version string".to_owned()),
    }
}

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn statement(statement: &Value, kind: Kind) -> Result<(), String> {
    let Some(members) = statement.as_object() else {
        return Err("Syntax errors in policy.".to_owned());
    };
    if let Some(name) = members.keys().find(|name| !ELEMENTS.contains(&name.as_str())) {
        return Err(format!("Syntax error in policy: unknown element {name}."));
    }
    if !matches!(statement.opt("Effect"), Some("Allow" | "Deny")) {
        return Err("Policy statement must have an Effect of Allow or Deny.".to_owned());
    }
    one_of(statement, "Action", "NotAction", "Policy statement must contain actions.")?;
    let actions = texts(&statement["Action"]).chain(texts(&statement["NotAction"]));
    for action in actions {
        if action != "*"
            && !action
                .split_once(':')
                .is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty())
        {
            return Err(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                    .to_owned(),
            );
        }
    }
    principals(statement, kind)?;
    resources(statement, kind)?;
    let condition = &statement["Condition"];
    if condition.is_null()
        || condition.as_object().is_some_and(|tests| tests.values().all(Value::is_object))
    {
        Ok(())
    } else {
        Err("Syntax errors in policy: Condition must map operators to keys.".to_owned())
    }
}

fn principals(statement: &Value, kind: Kind) -> Result<(), String> {
    if kind == Kind::Identity {
        let named = statement.has("Principal") || statement.has("NotPrincipal");
        return if named {
            Err("Policy document should not specify a principal.".to_owned())
        } else {
            Ok(())
        };
    }
    one_of(statement, "Principal", "NotPrincipal", "Missing required field Principal")?;
    let principal = if statement.has("Principal") {
        &statement["Principal"]
    } else {
        &statement["NotPrincipal"]
    };
    let Some(kinds) = principal.as_object() else {
        return if principal == "*" {
            Ok(())
        } else {
            Err("Invalid principal in policy.".to_owned())
        };
    };
    for (kind, names) in kinds {
        if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str())
            || list(names).is_empty()
        {
            return Err(format!("Invalid principal in policy: \"{kind}\""));
        }
        if let Some(name) = texts(names).find(|name| kind == "Service" && !is_service(name)) {
            return Err(format!("Invalid principal in policy: \"SERVICE\":\"{name}\""));
        }
    }
    Ok(())
}

fn is_service(name: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".amazon.com"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn resources(statement: &Value, kind: Kind) -> Result<(), String> {
    if kind == Kind::Trust {
        let named = ["Resource", "NotResource"].into_iter().find(|name| statement.has(name));
        return named.map_or(Ok(()), |name| Err(format!("Has prohibited field {name}")));
    }
    one_of(statement, "Resource", "NotResource", "Policy statement must contain resources.")?;
    let named = texts(&statement["Resource"]).chain(texts(&statement["NotResource"]));
    let wrong =
        named.into_iter().find(|resource| *resource != "*" && !resource.starts_with("arn:"));
    match wrong {
        Some(resource) if kind == Kind::Identity => {
            Err(format!("Resource {resource} must be in ARN format or \"*\"."))
        }
        _ => Ok(()),
    }
}

/// One of an element and its negation must be there, with text in it.
fn one_of(statement: &Value, element: &str, negated: &str, missing: &str) -> Result<(), String> {
    match (statement.has(element), statement.has(negated)) {
        (true, true) => {
            Err(format!("Syntax errors in policy: {element} and {negated} exclude each other."))
        }
        (false, false) => Err(missing.to_owned()),
        (true, false) => filled(&statement[element], missing),
        (false, true) => filled(&statement[negated], missing),
    }
}

fn filled(value: &Value, missing: &str) -> Result<(), String> {
    let fits = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let full = value.is_object() || (!list(value).is_empty() && list(value).iter().all(fits));
    if full { Ok(()) } else { Err(missing.to_owned()) }
}

fn unique_ids(document: &Value) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for id in statements(document)
        .iter()
        .filter_map(|statement| statement.opt("Sid"))
        .filter(|id| !id.is_empty())
    {
        if !seen.insert(id) {
            return Err("Statement IDs (SID) in a single policy must be unique.".to_owned());
        }
    }
    Ok(())
}
