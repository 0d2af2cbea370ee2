//! Listing objects: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use super::bucket::{self, invalid};
use super::{checksum, object};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Entries of a page at most.
const MOST: usize = 1000;

/// The characters that S3 writes encoded in keys.
pub(super) const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'*');

/// A page of a listing: entries, and prefixes up to the delimiter that stand for many.
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    pub(super) prefixes: Vec<String>,
    /// Where the next page starts, if there is one: after this key or prefix.
    pub(super) next: Option<String>,
}

/// What a listing asks for.
pub(super) struct Ask<'a> {
    prefix: &'a str,
    delimiter: &'a str,
    pub(super) most: usize,
}

impl<'a> Ask<'a> {
    /// Reads `Prefix`, `Delimiter` and the member that limits a page.
    pub(super) fn new(input: &'a Value, limit: &str) -> Result<Self, Fault> {
        let most = input.int(limit).unwrap_or(1000);
        let most = usize::try_from(most).map_err(|_| {
            invalid(format!("Argument {limit} must be an integer between 0 and 2147483647"))
        })?;
        Ok(Self {
            prefix: input.text("Prefix"),
            delimiter: input.text("Delimiter"),
            most: most.min(MOST),
        })
    }

    /// Cuts a page from entries in the order of their keys; those that `seen` knows were on pages before.
    pub(super) fn page<T>(
        &self,
        all: impl Iterator<Item = (String, T)>,
        marker: &str,
        seen: impl Fn(&str, &T) -> bool,
    ) -> Page<T> {
        let mut page = Page { entries: Vec::new(), prefixes: Vec::new(), next: None };
        let mut last = String::new();
        for (key, entry) in all.filter(|(key, _)| key.starts_with(self.prefix)) {
            let common = self.common(&key);
            let over = match &common {
                Some(common) => {
                    common == marker
                        || (key.as_str() <= marker && !marker.is_empty())
                        || page.prefixes.last() == Some(common)
                }
                None => seen(&key, &entry),
            };
            if over {
                continue;
            }
            if page.entries.len() + page.prefixes.len() >= self.most {
                page.next = (self.most > 0).then_some(last);
                return page;
            }
            if let Some(common) = common {
                last.clone_from(&common);
                page.prefixes.push(common);
            } else {
                page.entries.push(entry);
                last = key;
            }
        }
        page
    }

    fn common(&self, key: &str) -> Option<String> {
        let start = self.prefix.len();
        let at = key[start..].find(self.delimiter).filter(|_| !self.delimiter.is_empty())?;
        Some(key[..start + at + self.delimiter.len()].to_owned())
    }
}

/// Text as the request wants keys to be written.
pub(super) fn written(input: &Value, text: &str) -> String {
    if input.text("EncodingType") == "url" {
        utf8_percent_encode(text, ENCODED).to_string()
    } else {
        text.to_owned()
    }
}

/// The members of every listing.
pub(super) fn shared(input: &Value, prefixes: &[String], truncated: bool) -> Value {
    let common: Vec<Value> =
        prefixes.iter().map(|prefix| json!({"Prefix": written(input, prefix)})).collect();
    json!({
        "Prefix": written(input, input.text("Prefix")), "Delimiter": input.opt("Delimiter").map(|text| written(input, text)),
        "EncodingType": input.get("EncodingType"), "IsTruncated": truncated, "CommonPrefixes": common,
    })
}

/// `ListObjects`.
pub(super) fn first(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let ask = Ask::new(&input, "MaxKeys")?;
    let marker = input.text("Marker");
    let page = objects(call, &input, &ask, marker)?;
    let mut answer = shared(&input, &page.prefixes, page.next.is_some());
    answer["Name"] = input["Bucket"].clone();
    answer["MaxKeys"] = json!(ask.most);
    answer["Marker"] = json!(written(&input, marker));
    answer["Contents"] = Value::Array(page.entries);
    // Without a delimiter the last key says where to go on.
    let next = page.next.filter(|_| input.has("Delimiter"));
    answer["NextMarker"] = json!(next.map(|next| written(&input, &next)));
    Ok(answer)
}

/// `ListObjectsV2`.
pub(super) fn second(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let ask = Ask::new(&input, "MaxKeys")?;
    let marker = match input.opt("ContinuationToken") {
        Some(token) => read_token(token)?,
        None => input.text("StartAfter").to_owned(),
    };
    let mut page = objects(call, &input, &ask, &marker)?;
    if !input.flag("FetchOwner") {
        page.entries
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(|entry| drop(entry.remove("Owner")));
    }
    let mut answer = shared(&input, &page.prefixes, page.next.is_some());
    answer["Name"] = input["Bucket"].clone();
    answer["MaxKeys"] = json!(ask.most);
    answer["KeyCount"] = json!(page.entries.len() + page.prefixes.len());
    answer["Contents"] = Value::Array(page.entries);
    answer["ContinuationToken"] = json!(input.get("ContinuationToken"));
    answer["NextContinuationToken"] = json!(page.next.map(|next| URL_SAFE_NO_PAD.encode(next)));
    answer["StartAfter"] = json!(input.opt("StartAfter").map(|text| written(&input, text)));
    Ok(answer)
}

fn read_token(token: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid("The continuation token provided is incorrect"))
}

fn objects(call: &Call, input: &Value, ask: &Ask, marker: &str) -> Result<Page<Value>, Fault> {
    bucket::find(call, input)?;
    let name = input.text("Bucket");
    let visible = object::keys(call, name).filter_map(|(key, versions)| {
        let version = object::version(call, name, key, versions.first()?)?;
        (!version.flag("_marker")).then(|| (key.to_owned(), described(input, key, version)))
    });
    Ok(ask.page(visible, marker, |key, _| !marker.is_empty() && key <= marker))
}

/// An object as listings describe it.
pub(super) fn described(input: &Value, key: &str, version: &Value) -> Value {
    json!({
        "Key": written(input, key), "LastModified": version["LastModified"], "ETag": version["ETag"],
        "Size": version["ContentLength"], "StorageClass": version["_class"], "Owner": bucket::owner(),
        "ChecksumAlgorithm": checksum::algorithm(version).map(|name| [name]), "ChecksumType": version["ChecksumType"],
    })
}
