//! What all kinds of ElastiCache resources have in common: names in lower case, ARNs, tags, Describe by name.

use super::tags;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// A kind of resource, with rows as they are described.
pub(super) struct Kind {
    pub(super) table: Table,
    /// The member of requests and answers that has its name.
    pub(super) name: &'static str,
    /// Its type in ARNs.
    pub(super) arn: &'static str,
    /// Its name in messages.
    pub(super) noun: &'static str,
    /// The code for a name that does not exist.
    pub(super) not_found: &'static str,
}

impl Kind {
    /// The row of a name in any case, or the error for one that does not exist.
    pub(super) fn row(&self, call: &Call, name: &str) -> Result<Value, Fault> {
        let name = name.to_ascii_lowercase();
        call.get(self.table, &name).cloned().ok_or_else(|| self.missing(&name))
    }

    /// The error for a name that does not exist.
    pub(super) fn missing(&self, name: &str) -> Fault {
        Fault::new(self.not_found, format!("{} {name} not found.", self.noun))
    }

    /// Writes a new row with what every resource has: its ARN and the tags of the request.
    pub(super) fn create(
        &self,
        call: &mut Call,
        name: &str,
        mut row: Value,
    ) -> Result<Value, Fault> {
        let input = call.input();
        row["Tags"] = json!(tags::of_request(input.items("Tags"))?);
        row["ARN"] = json!(self.arn_of(call, name));
        row["_arn"] = row["ARN"].clone();
        row["_key"] = json!(name);
        row[self.name] = json!(name);
        call.put(self.table, name, row.clone());
        Ok(row)
    }

    /// The ARN of a resource of this kind.
    pub(super) fn arn_of(&self, call: &Call, name: &str) -> String {
        call.arn("elasticache", &format!("{}:{name}", self.arn))
    }

    /// The rows that a Describe request asks for, as `view` shows them: the one it names, or all.
    pub(super) fn describe(
        &self,
        call: &Call,
        view: impl Fn(&Call, &Value) -> Value,
    ) -> Result<Vec<Value>, Fault> {
        let input = call.input();
        check_page(&input, MOST_RECORDS)?;
        match input.opt(self.name) {
            Some(name) => Ok(vec![view(call, &self.row(call, name)?)]),
            None => Ok(call.rows(self.table).map(|(_, row)| view(call, row)).collect()),
        }
    }
}

/// Most records of one page in most operations.
pub(super) const MOST_RECORDS: i64 = 100;

/// Checks the size of the page that a request asks for.
pub(super) fn check_page(input: &Value, most: i64) -> Result<(), Fault> {
    match input.int("MaxRecords") {
        Some(size) if !(20..=most).contains(&size) => Err(invalid_value(format!(
            "The parameter MaxRecords must be between 20 and {most}, not {size}."
        ))),
        _ => Ok(()),
    }
}

/// The lower-case form of a new name: letters, digits and hyphens, first a letter, no hyphen at the end and no two in a row.
pub(super) fn checked_name(member: &str, name: &str, most: usize) -> Result<String, Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let begins = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    if begins
        && name.len() <= most
        && name.bytes().all(allowed)
        && !name.ends_with('-')
        && !name.contains("--")
    {
        return Ok(name.to_ascii_lowercase());
    }
    Err(invalid_value(format!(
        "The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive hyphens; and must have at most {most} characters."
    )))
}

/// A refusal of a parameter's value.
pub(super) fn invalid_value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// A refusal of parameters that do not go together.
pub(super) fn invalid_combination(message: impl Into<String>) -> Fault {
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
            "elasticache {} with the parameter {name}",
            call.operation()
        ))),
        None => Ok(()),
    }
}

/// Refuses a new resource beyond a quota.
pub(super) fn within_quota(
    call: &Call,
    (table, name, default): (Table, &str, usize),
    code: &str,
) -> Result<(), Fault> {
    if call.rows(table).count() < call.quota(name, default) {
        return Ok(());
    }
    Err(Fault::new(code, format!("The quota {name} of this account and region has been reached.")))
}
