//! IAM policy documents: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use globecart_engine::{CallError, CallResult, Class, Input, Part, Place};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use form::one_or_many;
pub use statement::{Effect, Principal, Statement};

mod check;
mod form;
mod same;
mod services;
mod statement;
mod unrestricted;

/// A policy document: who may do what, on what, and when.
///
/// It serialises to the JSON that AWS takes, always with lists, and reads whatever form AWS answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    #[serde(default = "first_version")]
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    statement: Vec<Statement>,
}

impl PolicyDocument {
    /// A document of these statements.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self {
            version: "2012-10-17".to_owned(),
            id: None,
            statement: statements.into_iter().collect(),
        }
    }

    /// A trust policy: the AWS service may assume the role, for this account's own resource `source` alone.
    ///
    /// `source` is an ARN, with `*` where its end is not known, as in `arn:aws:ec2:eu-central-1:…:vpc-flow-log/*`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
    pub fn trust(service: &str, place: &Place, source: impl Into<Input<String>>) -> Self {
        let statement = Statement::allow(["sts:AssumeRole"]).service(service);
        Self::new([statement.from_account(place).from_source(source)])
    }

    /// A KMS key policy: the account's own identities as their IAM policies say, and these statements.
    pub fn for_key(place: &Place, statements: impl IntoIterator<Item = Statement>) -> Self {
        Self::new([Statement::account_administers(place)]).with(statements)
    }

    /// The document with these statements added.
    #[must_use]
    pub fn with(mut self, statements: impl IntoIterator<Item = Statement>) -> Self {
        self.statement.extend(statements);
        self
    }

    /// Adds a statement, unless the document has the very same one.
    pub fn add(&mut self, statement: Statement) {
        if !self.statement.contains(&statement) {
            self.statement.push(statement);
        }
    }

    /// The statements.
    pub fn statements(&self) -> &[Statement] {
        &self.statement
    }

    /// The JSON text that AWS takes. Called where all inputs are known.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a policy is plain data that JSON can hold")
    }

    /// Reads a document as AWS answers it: JSON, from IAM percent-encoded.
    pub fn parse(text: &str) -> CallResult<Self> {
        let encoded = !text.trim_start().starts_with('{');
        let plain =
            if encoded { percent_decode_str(text).decode_utf8_lossy() } else { text.into() };
        serde_json::from_str(&plain).map_err(|error| {
            CallError::new(Class::Other, "reading a policy document", error.to_string())
        })
    }

    /// The recorded document where the live `text` means the same, else the live one.
    pub fn live(text: &str, recorded: &Self) -> CallResult<Self> {
        let live = Self::parse(text)?;
        Ok(if live.same_as(recorded) { recorded.clone() } else { live })
    }
}

/// The text of `arn` followed by `suffix`, as in a bucket's ARN and `/*`.
pub fn suffixed<T: AsRef<str>>(arn: &Input<T>, suffix: &str) -> Input<String> {
    match arn.get() {
        Some(arn) => format!("{}{suffix}", arn.as_ref()).into(),
        None => Input::join(arn.part().into_iter().chain([Part::from(suffix)])),
    }
}

/// What a document without a version counts as.
fn first_version() -> String {
    "2008-10-17".to_owned()
}

#[cfg(test)]
mod tests;
