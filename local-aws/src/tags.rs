//! Tags in rows: a member `Tags`, a list of `{"Key": ..., "Value": ...}`, in every service.

use crate::fields::Fields;
use serde_json::{Value, json};

/// The tag that names the address of a resource in its stack.
pub(crate) const ADDRESS: &str = "globecart:resource";

/// Why tags are refused; each service has its own code for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadTag {
    /// More than the 50 that a resource may have.
    TooMany,
    /// A key is named twice.
    Twice(String),
    /// The key starts with `aws:`, which only AWS may set.
    Reserved(String),
    /// The key is empty or longer than 128 characters.
    KeyLength(String),
    /// The value is longer than 256 characters.
    ValueLength(String),
}

impl BadTag {
    /// A sentence for the answer.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::TooMany => "A resource can have at most 50 tags.".to_owned(),
            Self::Twice(key) => format!("The tag key {key} is given more than once."),
            Self::Reserved(key) => {
                format!("The tag key {key} is reserved: keys must not start with aws:.")
            }
            Self::KeyLength(key) => format!("The tag key {key} must have 1 to 128 characters."),
            Self::ValueLength(key) => {
                format!("The value of the tag {key} must have at most 256 characters.")
            }
        }
    }
}

/// Checks tags of a request by the rules that all services share.
pub(crate) fn check(tags: &[Value]) -> Result<(), BadTag> {
    for (index, tag) in tags.iter().enumerate() {
        let key = tag.text("Key");
        if key.starts_with("aws:") {
            return Err(BadTag::Reserved(key.to_owned()));
        }
        if key.is_empty() || key.chars().count() > 128 {
            return Err(BadTag::KeyLength(key.to_owned()));
        }
        if tag.text("Value").chars().count() > 256 {
            return Err(BadTag::ValueLength(key.to_owned()));
        }
        if tags[..index].iter().any(|earlier| earlier.text("Key") == key) {
            return Err(BadTag::Twice(key.to_owned()));
        }
    }
    if tags.len() > 50 { Err(BadTag::TooMany) } else { Ok(()) }
}

/// Tags from a map of key to value, as Logs has them.
pub(crate) fn from_map(map: &Value) -> Vec<Value> {
    let pairs = map.as_object().into_iter().flatten();
    pairs.map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Tags as a map of key to value.
pub(crate) fn to_map(tags: &[Value]) -> Value {
    tags.iter().map(|tag| (tag.text("Key").to_owned(), json!(tag.text("Value")))).collect()
}

/// Adds tags to a row, over those with the same keys; refused if the row would then have too many.
pub(crate) fn add(row: &mut Value, tags: &[Value]) -> Result<(), BadTag> {
    let mut all = row.items("Tags").to_vec();
    for tag in tags {
        let fresh = json!({"Key": tag.text("Key"), "Value": tag.text("Value")});
        match all.iter_mut().find(|old| old.text("Key") == tag.text("Key")) {
            Some(old) => *old = fresh,
            None => all.push(fresh),
        }
    }
    if all.iter().filter(|tag| !tag.text("Key").starts_with("aws:")).count() > 50 {
        return Err(BadTag::TooMany);
    }
    row["Tags"] = Value::Array(all);
    Ok(())
}

/// Removes the tags with these keys from a row.
pub(crate) fn remove(row: &mut Value, keys: &[&str]) {
    if let Some(tags) = row["Tags"].as_array_mut() {
        tags.retain(|tag| !keys.contains(&tag.text("Key")));
    }
}

/// The value of a tag of a row.
pub(crate) fn value<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row.items("Tags").iter().find(|tag| tag.text("Key") == key)?.opt("Value")
}
