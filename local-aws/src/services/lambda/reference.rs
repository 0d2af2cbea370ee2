//! What requests call a function: its name, its ARN or a part of that, each with a qualifier or without.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#lambda-GetFunction-request-FunctionName>

use super::{conflict, missing};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::Value;

/// Functions by name: a `FunctionConfiguration` of the unpublished version, with `_policy` (a list of statements),
/// `_reserved` (concurrency), `_versions` (the last number) and `_arn`.
pub(super) const FUNCTION: Table = Table::regional("lambda.function");

/// Published versions by `NAME:NUMBER`: a `FunctionConfiguration`.
pub(super) const VERSION: Table = Table::regional("lambda.version");

/// The unpublished version.
pub(super) const LATEST: &str = "$LATEST";

/// A function that a request is about.
pub(super) struct Named {
    pub(super) name: String,
    /// `$LATEST`, a version's number, or an alias; without one the request names none.
    pub(super) qualifier: Option<String>,
}

impl Named {
    /// By what the request says in the members `FunctionName` and `Qualifier`.
    pub(super) fn of_request(input: &Value) -> Self {
        let mut named = Self::parse(input.text("FunctionName"));
        if let Some(qualifier) = input.opt("Qualifier") {
            named.qualifier = Some(qualifier.to_owned());
        }
        named
    }

    /// By an ARN, a partial ARN (`ACCOUNT:function:NAME`) or a name, each perhaps with a qualifier.
    pub(super) fn parse(text: &str) -> Self {
        let after = text.rsplit_once("function:").map_or(text, |(_, rest)| rest);
        let (name, qualifier) = match after.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (after, None),
        };
        Self { name: name.to_owned(), qualifier }
    }

    /// Its ARN, with the qualifier where there is one.
    pub(super) fn arn(&self, call: &Call) -> String {
        let rest = self.qualifier.as_ref().map_or_else(
            || format!("function:{}", self.name),
            |qualifier| format!("function:{}:{qualifier}", self.name),
        );
        call.arn("lambda", &rest)
    }

    /// The row of the function, whatever its version.
    pub(super) fn function(&self, call: &Call) -> Result<Value, Fault> {
        call.get(FUNCTION, &self.name).cloned().ok_or_else(|| self.not_found(call))
    }

    /// The configuration of the version that is asked for.
    pub(super) fn version(&self, call: &Call) -> Result<Value, Fault> {
        let function = self.function(call)?;
        match self.qualifier.as_deref() {
            None | Some(LATEST) => Ok(function),
            Some(number) => {
                let id = format!("{}:{number}", self.name);
                call.get(VERSION, &id).cloned().ok_or_else(|| self.not_found(call))
            }
        }
    }

    pub(super) fn not_found(&self, call: &Call) -> Fault {
        missing(format!("Function not found: {}", self.arn(call)))
    }
}

/// Refuses a change of a function that is being made or changed.
pub(super) fn settled(row: &Value) -> Result<(), Fault> {
    let state = row.text("State");
    if state != "Active" {
        return Err(conflict(format!(
            "The operation cannot be performed at this time. The function is currently in the following state: {state}"
        )));
    }
    if row.text("LastUpdateStatus") == "InProgress" {
        return Err(conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            row.text("FunctionArn")
        )));
    }
    Ok(())
}

/// Refuses a request for another revision than the function's.
pub(super) fn revision(input: &Value, row: &Value) -> Result<(), Fault> {
    match input.opt("RevisionId") {
        Some(wanted) if wanted != row.text("RevisionId") => Err(Fault::new(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
        )
        .with("Type", "User")),
        _ => Ok(()),
    }
}
