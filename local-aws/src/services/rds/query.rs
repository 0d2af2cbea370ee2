//! What Describe operations of RDS have in common, and its usual errors.

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter::{Field, values};
use crate::store::Table;
use serde_json::{Value, json};

/// A refusal of a parameter's value.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// A refusal of parameters that do not go together.
pub(super) fn combination(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterCombination", message)
}

/// Refuses parameters that AWS has and this cloud does not: they are never silently ignored.
pub(super) fn refuse_unsupported(call: &Call, members: &[&str]) -> Result<(), Fault> {
    let input = call.input();
    let asks = |name: &&&str| {
        input.get(**name).is_some_and(|value| *value != json!(false) && *value != json!([]))
    };
    match members.iter().find(asks) {
        Some(name) => Err(Fault::not_implemented(&format!(
            "rds {} with the parameter {name}",
            call.operation()
        ))),
        None => Ok(()),
    }
}

/// Pages have 20 to 100 elements.
pub(super) fn page_size(input: &Value) -> Result<(), Fault> {
    match input.int("MaxRecords") {
        Some(size) if !(20..=100).contains(&size) => {
            Err(invalid(format!("Invalid value {size} for MaxRecords. Must be between 20 and 100")))
        }
        _ => Ok(()),
    }
}

/// How a Describe operation finds its rows.
pub(super) struct Query {
    pub(super) table: Table,
    /// The member of the request that names one.
    pub(super) id: &'static str,
    /// The kind in ARNs, which some requests give in place of the name.
    pub(super) kind: &'static str,
    /// The error for a name that does not exist.
    pub(super) missing: fn(&str) -> Fault,
    pub(super) filters: &'static [Field],
}

impl Query {
    /// The rows that a request asks for, as `view` shows them.
    pub(super) fn run(
        &self,
        call: &Call,
        view: impl Fn(&Call, &Value) -> Value,
    ) -> Result<Vec<Value>, Fault> {
        let input = call.input();
        page_size(&input)?;
        if let Some(name) = input.opt(self.id) {
            let id = super::name::of(call, self.kind, name);
            let row = call.get(self.table, &id).ok_or_else(|| (self.missing)(name))?;
            return Ok(vec![shown(call, &id, row, &view)]);
        }
        let mut found = Vec::new();
        for (id, row) in call.rows(self.table) {
            let seen = shown(call, id, row, &view);
            if passes(&seen, input.items("Filters"), self.filters)? {
                found.push(seen);
            }
        }
        Ok(found)
    }
}

fn shown(call: &Call, id: &str, row: &Value, view: impl Fn(&Call, &Value) -> Value) -> Value {
    let mut seen = view(call, row);
    seen["_key"] = json!(id);
    seen
}

/// Whether a row passes all filters: names with values of which one is the row's.
pub(super) fn passes(row: &Value, filters: &[Value], fields: &[Field]) -> Result<bool, Fault> {
    for filter in filters {
        let name = filter.text("Name");
        let field = fields.iter().find(|(known, _)| *known == name);
        let (_, path) =
            field.ok_or_else(|| invalid(format!("Unrecognized filter name: {name}")))?;
        let wanted = filter.texts("Values");
        let found = values(row, path);
        // An ARN can stand for the name.
        let same = |wanted: &&str| {
            let last = wanted.rsplit(':').next().unwrap_or_default();
            found.iter().any(|text| text == wanted || text.eq_ignore_ascii_case(last))
        };
        if !wanted.iter().any(same) {
            return Ok(false);
        }
    }
    Ok(true)
}
