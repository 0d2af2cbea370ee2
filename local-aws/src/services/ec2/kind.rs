//! What all kinds of EC2 resources have in common: ids, Describe with filters and pages, tags, and the usual errors.

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter::{self, Field};
use crate::store::Table;
use crate::tags::{self, BadTag};
use serde_json::{Value, json};
use std::sync::Arc;

/// A kind of resource.
pub(super) struct Kind {
    pub(super) table: Table,
    /// What its ids start with, before the dash.
    pub(super) prefix: &'static str,
    /// Its name in tag specifications, in `DescribeTags` and in ARNs.
    pub(super) resource_type: &'static str,
    /// Its name in messages.
    pub(super) noun: &'static str,
    /// The code for an id that does not exist.
    pub(super) not_found: &'static str,
    /// The code for an id that cannot exist; some kinds have none and answer as for one that does not exist.
    pub(super) malformed: Option<&'static str>,
    /// The filters of its Describe operation; every kind has the tag filters besides.
    pub(super) filters: &'static [Field],
}

impl Kind {
    /// A row, or the error for an id that does not exist.
    pub(super) fn row(&self, call: &Call, id: &str) -> Result<Value, Fault> {
        call.get(self.table, id).cloned().ok_or_else(|| self.missing(id))
    }

    /// The error for an id that does not exist.
    pub(super) fn missing(&self, id: &str) -> Fault {
        let digits = id.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('-'));
        let well_formed = digits.is_some_and(|digits| {
            [8, 17].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        match self.malformed {
            Some(code) if !well_formed => Fault::new(
                code,
                format!("Invalid id: \"{id}\" (expecting \"{}-...\")", self.prefix),
            ),
            _ => Fault::new(self.not_found, format!("The {} '{id}' does not exist", self.noun)),
        }
    }

    /// The ARN of a resource of this kind.
    pub(super) fn arn(&self, call: &Call, id: &str) -> String {
        call.arn("ec2", &format!("{}/{id}", self.resource_type))
    }

    /// Writes a new row with what every resource has: its ARN and the tags of the request.
    pub(super) fn create(&self, call: &mut Call, id: &str, mut row: Value) -> Result<Value, Fault> {
        row["Tags"] = Value::Array(self.tags_of_request(&call.input())?);
        row["_arn"] = json!(self.arn(call, id));
        call.put(self.table, id, row.clone());
        Ok(row)
    }

    /// The tags that the request gives to what it creates.
    pub(super) fn tags_of_request(&self, input: &Value) -> Result<Vec<Value>, Fault> {
        let mut all = Vec::new();
        for specification in input.items("TagSpecifications") {
            let of = specification.text("ResourceType");
            if of != self.resource_type {
                let message =
                    format!("'{of}' is not a valid taggable resource type for this operation.");
                return Err(Fault::new("InvalidParameterValue", message));
            }
            all.extend_from_slice(specification.items("Tags"));
        }
        tags::check(&all).map_err(|bad| bad_tag(&bad))?;
        let whole = |tag: &Value| json!({"Key": tag.text("Key"), "Value": tag.text("Value")});
        Ok(all.iter().map(whole).collect())
    }

    /// The rows that a Describe request asks for, as `view` shows them: by ids, or those that pass the filters.
    pub(super) fn describe(
        &self,
        call: &Call,
        ids: &str,
        filters: &str,
        view: impl Fn(&Call, &Value) -> Value,
    ) -> Result<Value, Fault> {
        let input: Arc<Value> = call.input();
        let wanted = input.texts(ids);
        if !wanted.is_empty() && input.has("MaxResults") {
            let message =
                format!("The parameter {ids} cannot be used with the parameter MaxResults");
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        if let Some(missing) = wanted.iter().find(|id| call.get(self.table, id).is_none()) {
            return Err(self.missing(missing));
        }
        let rows = call.rows(self.table).filter(|(id, _)| wanted.is_empty() || wanted.contains(id));
        let mut shown = Vec::new();
        for (id, row) in rows {
            let mut seen = view(call, row);
            if filter::passes(&seen, input.items(filters), self.filters).map_err(unknown_filter)? {
                seen["_key"] = json!(id);
                shown.push(seen);
            }
        }
        Ok(Value::Array(shown))
    }
}

/// The error for a filter that the operation does not have.
pub(super) fn unknown_filter(name: String) -> Fault {
    Fault::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))
}

/// The error for tags that EC2 refuses.
pub(super) fn bad_tag(bad: &BadTag) -> Fault {
    let code = if *bad == BadTag::TooMany { "TagLimitExceeded" } else { "InvalidParameterValue" };
    Fault::new(code, bad.message())
}

/// The error for deleting what others need.
pub(super) fn has_dependencies(noun: &str, id: &str) -> Fault {
    Fault::new(
        "DependencyViolation",
        format!("The {noun} '{id}' has dependencies and cannot be deleted."),
    )
}

/// A refusal of a parameter's value.
pub(super) fn invalid_value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// The error for a parameter that is needed here, though the model leaves it open.
pub(super) fn missing_parameter(name: &str) -> Fault {
    Fault::new("MissingParameter", format!("The request must contain the parameter {name}"))
}

/// Refuses parameters that AWS has and this cloud does not: they are never silently ignored.
pub(super) fn refuse_unsupported(call: &Call, members: &[&str]) -> Result<(), Fault> {
    let input = call.input();
    let asks = |name: &&&str| {
        input.get(**name).is_some_and(|value| *value != json!(false) && *value != json!([]))
    };
    match members.iter().find(asks) {
        Some(name) => Err(Fault::not_implemented(&format!(
            "ec2 {} with the parameter {name}",
            call.operation()
        ))),
        None => Ok(()),
    }
}

/// The one member of several that the request sets, where setting two is an error.
pub(super) fn only_one<'a>(input: &Value, members: &[&'a str]) -> Result<Option<&'a str>, Fault> {
    let set: Vec<&str> = members.iter().copied().filter(|name| input.has(name)).collect();
    match set.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let message =
                format!("Only one of these parameters can be given: {}", several.join(", "));
            Err(Fault::new("InvalidParameterCombination", message))
        }
    }
}
