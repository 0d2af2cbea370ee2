//! What a function runs.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use globecart_engine::{CallError, CallResult, Class};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::zip;

/// What a function runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A zip file on this machine, of at most 50 MB.
    Zip(PathBuf),
    /// Nothing: a package that answers every invocation with an error, which is this text.
    Refusal(String),
}

/// The most that Lambda takes in a request.
const MOST_BYTES: usize = 50 * 1024 * 1024;

/// The package's bytes, and their hash as Lambda tells it.
pub(super) struct Package {
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
}

impl Code {
    /// Reads or makes the package.
    pub(super) fn package(&self) -> CallResult<Package> {
        let bytes = match self {
            Self::Zip(path) => std::fs::read(path)
                .map_err(|error| unreadable(format!("{}: {error}", path.display())))?,
            Self::Refusal(why) => zip::of_one("bootstrap", refusal(why).as_bytes()),
        };
        if bytes.len() > MOST_BYTES {
            let size = format!("the zip has {} bytes, and Lambda takes {MOST_BYTES}", bytes.len());
            return Err(unreadable(size));
        }
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        Ok(Package { bytes, sha256 })
    }
}

fn unreadable(message: String) -> CallError {
    CallError::new(Class::Invalid, "reading the function's code", message)
}

/// A `bootstrap` that asks for invocations and answers each with an error; where it cannot ask, it ends with it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
fn refusal(why: &str) -> String {
    let told = json!({ "errorType": "NotBuilt", "errorMessage": why });
    let (why, told) = (quoted(why), quoted(&told.to_string()));
    format!(
        r#"#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
if ! command -v curl >/dev/null 2>&1; then
  echo {why} >&2
  exit 1
fi
while true; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | tr -d '\r' \
    | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *//p')
  if [ -z "$id" ]; then
    echo {why} >&2
    exit 1
  fi
  curl -sS -o /dev/null -H 'Lambda-Runtime-Function-Error-Type: NotBuilt' -d {told} "$api/$id/error"
done
"#
    )
}

/// One word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_the_same_bytes_every_time_and_says_why() {
        let code = Code::Refusal("it's not built: run `make`".to_owned());
        let [one, two] = [code.package().unwrap(), code.package().unwrap()];
        assert_eq!((one.bytes.as_slice(), &one.sha256), (two.bytes.as_slice(), &two.sha256));
        let text = String::from_utf8_lossy(&one.bytes);
        assert!(text.contains(r"it'\''s not built: run `make`"), "{text}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Code::Zip("no/such.zip".into()).package().err().unwrap();
        assert!(error.class == Class::Invalid && error.message.contains("no/such.zip"), "{error}");
    }
}
