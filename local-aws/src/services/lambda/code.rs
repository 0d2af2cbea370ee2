//! Packages of code: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use super::reference::{FUNCTION, Named, revision, settled};
use super::{function, invalid, version};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// The packages of functions by `NAME/SHA-256`: `zip` in base64. No inventory lists them.
const PACKAGE: Table = Table::regional("_lambda_package");

/// The largest package that a request can carry, in bytes.
const MOST_ZIPPED: usize = 50 * 1024 * 1024;

/// The largest package once unpacked, in bytes.
const MOST_UNZIPPED: u64 = 250 * 1024 * 1024;

/// A package of a request.
pub(super) struct Package {
    zip: String,
    sha256: String,
    size: usize,
}

/// The package in a request, if it can be unpacked.
pub(super) fn of_request(code: &Value) -> Result<Package, Fault> {
    if let Some(member) =
        ["S3Bucket", "S3Key", "ImageUri", "SourceKMSKeyArn"].iter().find(|name| code.has(name))
    {
        return Err(Fault::not_implemented(&format!("Lambda code by {member}; send ZipFile")));
    }
    let Some(zip) = code.opt("ZipFile") else {
        return Err(invalid("Please provide a source for function code."));
    };
    let bytes = STANDARD.decode(zip).unwrap_or_default();
    if bytes.len() > MOST_ZIPPED {
        return Err(Fault::new(
            "RequestEntityTooLargeException",
            format!(
                "Request must be smaller than {} bytes for the CreateFunction operation",
                MOST_ZIPPED * 4 / 3
            ),
        )
        .with_status(413));
    }
    check(&bytes)?;
    Ok(Package {
        zip: zip.to_owned(),
        sha256: STANDARD.encode(Sha256::digest(&bytes)),
        size: bytes.len(),
    })
}

fn check(bytes: &[u8]) -> Result<(), Fault> {
    let unreadable = || {
        invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    if archive.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    let mut unzipped = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| unreadable())?;
        unzipped += entry.size();
    }
    if unzipped > MOST_UNZIPPED {
        return Err(invalid(format!("Unzipped size must be smaller than {MOST_UNZIPPED} bytes")));
    }
    Ok(())
}

/// Keeps a package and notes it on the function.
pub(super) fn store(call: &mut Call, row: &mut Value, package: &Package) {
    row["CodeSha256"] = json!(package.sha256);
    row["CodeSize"] = json!(package.size);
    let id = format!("{}/{}", row.text("FunctionName"), package.sha256);
    if call.get(PACKAGE, &id).is_none() {
        call.put(PACKAGE, &id, json!({"zip": package.zip}));
    }
}

/// The package of a version.
pub(super) fn package(call: &Call, row: &Value) -> Option<Vec<u8>> {
    let id = format!("{}/{}", row.text("FunctionName"), row.text("CodeSha256"));
    STANDARD.decode(call.get(PACKAGE, &id)?.text("zip")).ok()
}

/// Removes the packages of a function that is deleted.
pub(super) fn remove_all(call: &mut Call, name: &str) {
    retain(call, name, |_| false);
}

/// Removes the packages of a function that none of its versions has.
fn prune(call: &mut Call, name: &str) {
    let mut used: Vec<String> =
        version::of(call, name).map(|row| row.text("CodeSha256").to_owned()).collect();
    used.extend(call.get(FUNCTION, name).map(|row| row.text("CodeSha256").to_owned()));
    retain(call, name, |sha256| used.iter().any(|known| known == sha256));
}

fn retain(call: &mut Call, name: &str, keep: impl Fn(&str) -> bool) {
    let start = format!("{name}/");
    let mine = call.rows(PACKAGE).filter_map(|(id, _)| Some((id, id.strip_prefix(&start)?)));
    let gone: Vec<String> =
        mine.filter(|(_, sha256)| !keep(sha256)).map(|(id, _)| id.to_owned()).collect();
    for id in gone {
        call.remove(PACKAGE, &id);
    }
}

/// `UpdateFunctionCode`.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if input.has("PublishTo") {
        return Err(Fault::not_implemented("lambda UpdateFunctionCode with PublishTo"));
    }
    let named = Named::of_request(&input);
    let mut row = named.function(call)?;
    revision(&input, &row)?;
    let package = of_request(&input)?;
    settled(&row)?;
    if input.has("Architectures") {
        row["Architectures"] = input["Architectures"].clone();
    }
    if input.flag("DryRun") {
        row["CodeSha256"] = json!(package.sha256);
        row["CodeSize"] = json!(package.size);
        return Ok(function::shown(&row));
    }
    store(call, &mut row, &package);
    updating(call, &mut row);
    call.put(FUNCTION, &named.name, row.clone());
    prune(call, &named.name);
    let seconds = call.latency("lambda.function", "update");
    updated_after(call, &named.name, seconds);
    if input.flag("Publish") {
        return version::make(call, &named.name, None);
    }
    Ok(function::shown(&row))
}

/// Notes on a row that it is being changed.
pub(super) fn updating(call: &mut Call, row: &mut Value) {
    function::touch(call, row);
    row["LastUpdateStatus"] = json!("InProgress");
    row["LastUpdateStatusReason"] = json!("The function is being created.");
    row["LastUpdateStatusReasonCode"] = json!("Creating");
}

/// Ends a change after simulated seconds.
pub(super) fn updated_after(call: &mut Call, name: &str, seconds: f64) {
    let done = json!({
        "LastUpdateStatus": "Successful", "LastUpdateStatusReason": null, "LastUpdateStatusReasonCode": null,
    });
    call.schedule(seconds, FUNCTION, name, Step::Merge(done));
}
