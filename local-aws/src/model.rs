//! A service model: operations, shapes and pagination rules, as trimmed by `cargo xtask models`.

mod check;
mod pattern;

pub(crate) use self::check::{Problem, Rule, check};

use indexmap::IndexMap;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// A service model.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    /// Operations of AWS that this cloud does not model.
    pub(crate) others: BTreeMap<String, Http>,
    shapes: BTreeMap<String, Shape>,
    #[serde(default)]
    pub(crate) pagination: BTreeMap<String, Paginator>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) json_version: Option<String>,
    pub(crate) target_prefix: Option<String>,
    pub(crate) protocols: Vec<String>,
    #[serde(default)]
    pub(crate) xml_namespace: String,
    #[serde(default)]
    pub(crate) aws_query_compatible: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

/// A use of a shape: a member, an element, an input or an output.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    pub(crate) location: Option<Location>,
    pub(crate) location_name: Option<String>,
    pub(crate) query_name: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    pub(crate) timestamp_format: Option<TimestampFormat>,
    pub(crate) result_wrapper: Option<String>,
    #[serde(default)]
    pub(crate) xml_namespace: Option<XmlNamespace>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct XmlNamespace {
    pub(crate) uri: String,
    pub(crate) prefix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Location {
    Header,
    Headers,
    Querystring,
    Uri,
    StatusCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TimestampFormat {
    Iso8601,
    Rfc822,
    UnixTimestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Character,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Timestamp,
    Blob,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) members: IndexMap<String, Reference>,
    #[serde(default)]
    pub(crate) required: BTreeSet<String>,
    #[serde(default)]
    pub(crate) member: Option<Reference>,
    #[serde(default)]
    pub(crate) key: Option<Reference>,
    #[serde(default)]
    pub(crate) value: Option<Reference>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) values: Vec<String>,
    pub(crate) payload: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    pub(crate) xml_namespace: Option<XmlNamespace>,
    pub(crate) timestamp_format: Option<TimestampFormat>,
    pub(crate) error: Option<ErrorTrait>,
    /// The pattern, compiled when first needed; `None` within: this regex dialect cannot express it.
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: Option<u16>,
    #[serde(default)]
    pub(crate) sender_fault: bool,
}

/// How an operation's answer comes in pages.
#[derive(Debug, Deserialize)]
pub(crate) struct Paginator {
    pub(crate) input_token: Vec<String>,
    pub(crate) output_token: Vec<String>,
    pub(crate) limit_key: Option<String>,
    pub(crate) result_key: Vec<String>,
    pub(crate) more_results: Option<String>,
}

static NOTHING: OnceLock<Shape> = OnceLock::new();

impl Model {
    /// Reads a shipped model.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("the shipped models are valid")
    }

    pub(crate) fn shape(&self, reference: &Reference) -> &Shape {
        self.named(&reference.shape)
    }

    pub(crate) fn named(&self, name: &str) -> &Shape {
        self.shapes.get(name).expect("a model has every shape that it refers to")
    }

    /// The shape of an input or output; without one, a structure without members.
    pub(crate) fn side(&self, side: Option<&Reference>) -> &Shape {
        side.map_or_else(|| NOTHING.get_or_init(Shape::nothing), |reference| self.shape(reference))
    }

    #[cfg(test)]
    pub(crate) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.values()
    }

    /// The error shape that a code means: by its query code, or by its own name.
    pub(crate) fn error(&self, code: &str) -> Option<(&str, &Shape)> {
        let named = self.shapes.get_key_value(code).filter(|(_, shape)| shape.error.is_some());
        let coded = || {
            self.shapes.iter().find(|(_, shape)| {
                shape.error.as_ref().is_some_and(|error| error.code.as_deref() == Some(code))
            })
        };
        let exception = || self.shapes.get_key_value(code);
        named.or_else(coded).or_else(exception).map(|(name, shape)| (name.as_str(), shape))
    }

    /// The namespace of bodies, where inputs as a whole have one.
    pub(crate) fn body_namespace(&self) -> Option<&str> {
        let inputs = self.operations.values().filter_map(|operation| operation.input.as_ref());
        let mut namespaces = inputs.filter_map(|input| input.xml_namespace.as_ref());
        namespaces.next().map(|namespace| namespace.uri.as_str())
    }

    /// Whether requests can come in a protocol, by its name in the model.
    pub(crate) fn speaks(&self, protocol: &str) -> bool {
        self.metadata.protocols.iter().any(|known| known == protocol)
    }
}

impl Shape {
    fn nothing() -> Self {
        serde_json::from_str(r#"{"type": "structure"}"#).expect("an empty structure is valid")
    }

    /// The compiled pattern, if the shape has one that can be checked.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.pattern.as_deref().and_then(pattern::compile)).as_ref()
    }
}
