//! `cargo xtask models`: cuts the service models of the embedded AWS out of the `botocore` package.
//!
//! `local-aws/models/operations.toml` says which operations and which botocore. The models come without
//! documentation, with only the shapes that those operations reach, and with the pagination rules.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// What `operations.toml` says: topics with operation names, by service.
type Wanted = BTreeMap<String, BTreeSet<String>>;

/// The table of `operations.toml` that is no service: members of shapes, by service and shape, that replace the model's.
const CORRECTIONS: &str = "corrections";

/// Prints the model and the pagination rules of one service as one JSON document.
const DUMP: &str = "import json, sys
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader
loader = Loader()
try:
    pagination = loader.load_service_model(sys.argv[1], 'paginators-1')['pagination']
except DataNotFoundError:
    pagination = {}
json.dump({'model': loader.load_service_model(sys.argv[1], 'service-2'), 'pagination': pagination}, sys.stdout)";

/// What is kept of a shape, apart from its members and its element types.
const SHAPE: [&str; 15] = [
    "type",
    "required",
    "min",
    "max",
    "pattern",
    "enum",
    "payload",
    "locationName",
    "flattened",
    "error",
    "exception",
    "xmlNamespace",
    "timestampFormat",
    "union",
    "eventstream",
];
/// What is kept of a reference to a shape.
const REFERENCE: [&str; 11] = [
    "shape",
    "location",
    "locationName",
    "queryName",
    "flattened",
    "xmlAttribute",
    "xmlNamespace",
    "streaming",
    "timestampFormat",
    "idempotencyToken",
    "resultWrapper",
];

/// Writes `local-aws/models/<service>.json` for every service in `operations.toml`.
pub(crate) fn run() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../local-aws/models");
    let list = read(&folder.join("operations.toml"))?;
    let (version, wanted, corrections) = parse(&list)?;
    let python = botocore(&version)?;
    for (service, operations) in &wanted {
        let mut whole = dump(&python, service)?;
        correct(&mut whole, object(&corrections[service]))
            .map_err(|missing| format!("{service} has no shape {missing} to correct"))?;
        let trimmed = trim(&whole, operations)
            .map_err(|missing| format!("{service} has no operation {missing}"))?;
        let mut text = serde_json::to_string(&trimmed).map_err(|error| error.to_string())?;
        text.push('\n');
        let path = folder.join(format!("{service}.json"));
        fs::write(&path, text)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn parse(list: &str) -> Result<(String, Wanted, Value), String> {
    let mut list: toml::Table =
        list.parse().map_err(|error| format!("operations.toml: {error}"))?;
    let version = list
        .get("botocore")
        .and_then(toml::Value::as_str)
        .ok_or("operations.toml: no botocore version")?
        .to_owned();
    let corrections = match list.remove(CORRECTIONS) {
        Some(corrections) => {
            serde_json::to_value(corrections).map_err(|error| error.to_string())?
        }
        None => Value::Null,
    };
    let wanted = (list.iter())
        .filter_map(|(service, topics)| {
            Some((service.clone(), operation_names(topics.as_table()?)))
        })
        .collect();
    Ok((version, wanted, corrections))
}

fn operation_names(topics: &toml::Table) -> BTreeSet<String> {
    let names = topics.values().filter_map(toml::Value::as_array).flatten();
    names.filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

/// The interpreter of a Python environment under the target folder that has this botocore.
fn botocore(version: &str) -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let environment = target.join(format!("botocore-{version}"));
    let python = environment.join("bin/python");
    if !python.exists() {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let package = format!("botocore=={version}");
    succeed(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &package,
    ]))?;
    Ok(python)
}

fn succeed(command: &mut Command) -> Result<Vec<u8>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {name}: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{name} failed: {}", output.status))
    }
}

fn dump(python: &Path, service: &str) -> Result<Value, String> {
    let output = succeed(Command::new(python).args(["-c", DUMP, service]))?;
    serde_json::from_slice(&output).map_err(|error| format!("the model of {service}: {error}"))
}

/// Sets members of shapes to what they are corrected to.
fn correct(whole: &mut Value, corrections: &Map<String, Value>) -> Result<(), String> {
    for (name, members) in corrections {
        let shape = whole["model"]["shapes"].get_mut(name).ok_or(name)?;
        for (member, value) in object(members) {
            shape[member] = value.clone();
        }
    }
    Ok(())
}

/// The model with the wanted operations alone; the names of all others stay, so that they can be refused by name.
fn trim(whole: &Value, wanted: &BTreeSet<String>) -> Result<Value, String> {
    let model = &whole["model"];
    let all = object(&model["operations"]);
    if let Some(missing) = wanted.iter().find(|name| !all.contains_key(*name)) {
        return Err(missing.clone());
    }
    let operations: Map<String, Value> = all
        .iter()
        .filter(|(name, _)| wanted.contains(*name))
        .map(|(name, value)| (name.clone(), operation(value)))
        .collect();
    let others: Map<String, Value> = all
        .iter()
        .filter(|(name, _)| !wanted.contains(*name))
        .map(|(name, value)| (name.clone(), http(value)))
        .collect();
    let pagination: Map<String, Value> = (object(&whole["pagination"]).iter())
        .filter(|(name, _)| wanted.contains(*name))
        .map(|(name, rule)| (name.clone(), paginator(rule)))
        .collect();
    Ok(json!({
        "metadata": keep(&model["metadata"], &["endpointPrefix", "signingName", "jsonVersion", "protocols", "targetPrefix", "xmlNamespace", "awsQueryCompatible", "apiVersion"]),
        "shapes": reached(object(&model["shapes"]), &operations),
        "operations": operations,
        "others": others,
        "pagination": pagination,
    }))
}

/// A pagination rule whose tokens and results are lists, also where there is only one.
fn paginator(rule: &Value) -> Value {
    let listed = |name: &str, value: &Value| match (name, value) {
        ("input_token" | "output_token" | "result_key", Value::String(_)) => json!([value]),
        _ => value.clone(),
    };
    object(rule).iter().map(|(name, value)| (name.clone(), listed(name, value))).collect()
}

fn operation(value: &Value) -> Value {
    let mut kept = Map::from_iter([("http".to_owned(), http(value))]);
    for side in ["input", "output"] {
        if value.get(side).is_some() {
            kept.insert(side.to_owned(), keep(&value[side], &REFERENCE));
        }
    }
    let errors: Vec<&Value> =
        value["errors"].as_array().into_iter().flatten().map(|error| &error["shape"]).collect();
    if !errors.is_empty() {
        kept.insert("errors".to_owned(), json!(errors));
    }
    Value::Object(kept)
}

fn http(value: &Value) -> Value {
    keep(&value["http"], &["method", "requestUri", "responseCode"])
}

/// The shapes that inputs, outputs and errors of the operations lead to.
fn reached(shapes: &Map<String, Value>, operations: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    let mut open: Vec<String> = operations.values().flat_map(shapes_of_operation).collect();
    while let Some(name) = open.pop() {
        if kept.contains_key(&name) {
            continue;
        }
        let shape = shape(&shapes[&name]);
        open.extend(
            references(&shape)
                .filter_map(|reference| reference["shape"].as_str())
                .map(str::to_owned),
        );
        kept.insert(name, shape);
    }
    kept
}

fn shapes_of_operation(operation: &Value) -> Vec<String> {
    let sides =
        ["input", "output"].into_iter().filter_map(|side| operation[side]["shape"].as_str());
    let errors = operation["errors"].as_array().into_iter().flatten().filter_map(Value::as_str);
    sides.chain(errors).map(str::to_owned).collect()
}

fn shape(value: &Value) -> Value {
    let mut kept = keep(value, &SHAPE);
    for element in ["member", "key", "value"] {
        if value.get(element).is_some() {
            kept[element] = keep(&value[element], &REFERENCE);
        }
    }
    if let Some(members) = value.get("members") {
        let members =
            object(members).iter().map(|(name, member)| (name.clone(), keep(member, &REFERENCE)));
        kept["members"] = Value::Object(members.collect());
    }
    kept
}

fn references(shape: &Value) -> impl Iterator<Item = &Value> {
    let members = shape["members"].as_object().into_iter().flat_map(Map::values);
    members.chain(["member", "key", "value"].into_iter().filter_map(|element| shape.get(element)))
}

fn keep(value: &Value, names: &[&str]) -> Value {
    names.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone()))).collect()
}

fn object(value: &Value) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}
