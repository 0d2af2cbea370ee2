//! What functions are configured with: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>

use super::reference::{FUNCTION, Named, revision, settled};
use super::{code, environment, function, invalid, network};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam;
use crate::services::policy::Who;
use serde_json::{Value, json};

/// What Lambda acts as.
pub(super) const PRINCIPAL: &str = "lambda.amazonaws.com";

/// Seconds that an invocation may take at most.
const LONGEST: i64 = 900;

/// Megabytes that a function may have at most.
const LARGEST: i64 = 10_240;

const UNSUPPORTED: [&str; 11] = [
    "AcceleratorConfig",
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "DeadLetterConfig",
    "DurableConfig",
    "FileSystemConfigs",
    "ImageConfig",
    "Layers",
    "PublishTo",
    "RuntimeConfig",
    "TenancyConfig",
];

/// Members that are kept as they are given.
const PLAIN: [&str; 7] = [
    "Architectures",
    "Description",
    "EphemeralStorage",
    "Handler",
    "MemorySize",
    "Runtime",
    "Timeout",
];

/// Refuses what this cloud does not have; empty values ask for nothing.
pub(super) fn refuse_unsupported(call: &Call) -> Result<(), Fault> {
    let input = call.input();
    let asks = |value: &Value| match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => members.values().any(|value| value != ""),
        _ => true,
    };
    let other_type = input.opt("PackageType").is_some_and(|kind| kind != "Zip");
    let snap_start = input["SnapStart"].opt("ApplyOn").is_some_and(|on| on != "None");
    let asked = UNSUPPORTED.iter().copied().find(|member| asks(&input[*member]));
    let asked = asked.or(other_type.then_some("PackageType")).or(snap_start.then_some("SnapStart"));
    match asked {
        None => Ok(()),
        Some(member) => Err(Fault::not_implemented(&format!(
            "lambda {} with the parameter {member}",
            call.operation()
        ))),
    }
}

/// What a new function has where the request says nothing.
pub(super) fn defaults(name: &str) -> Value {
    json!({
        "Architectures": ["x86_64"], "Description": "", "EphemeralStorage": {"Size": 512}, "MemorySize": 128,
        "PackageType": "Zip", "Timeout": 3, "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{name}")},
    })
}

/// Checks what the model does not say.
pub(super) fn check(call: &mut Call, input: &Value) -> Result<(), Fault> {
    let within = |member: &str, most: i64| match input.int(member) {
        Some(given) if given > most => Err(Fault::new(
            "ValidationException",
            format!(
                "1 validation error detected: Value '{given}' at '{}' failed to satisfy constraint: Member must have value less than or equal to {most}",
                member[..1].to_lowercase() + &member[1..]
            ),
        )),
        _ => Ok(()),
    };
    within("Timeout", LONGEST)?;
    within("MemorySize", LARGEST)?;
    logging(&input["LoggingConfig"])?;
    environment::check(call, input)
}

fn logging(given: &Value) -> Result<(), Fault> {
    let levels = given.has("ApplicationLogLevel") || given.has("SystemLogLevel");
    if levels && given.opt("LogFormat") != Some("JSON") {
        return Err(invalid(
            "You can't set log levels when your LogFormat is Text. To set log levels, use the JSON LogFormat.",
        ));
    }
    Ok(())
}

/// Refuses a role that Lambda cannot assume (yet).
pub(super) fn role(call: &Call, arn: &str) -> Result<(), Fault> {
    let context = [("aws:SourceAccount", ACCOUNT)];
    if iam::assumable(call, arn, Who::Service(PRINCIPAL), &context).is_none() {
        return Err(invalid("The role defined for the function cannot be assumed by Lambda."));
    }
    Ok(())
}

/// Sets on a row what a request names.
pub(super) fn apply(call: &mut Call, row: &mut Value, input: &Value) -> Result<(), Fault> {
    for member in PLAIN {
        if input.has(member) {
            row[member] = input[member].clone();
        }
    }
    if input.has("Role") {
        row["Role"] = input["Role"].clone();
    }
    if let Some(mode) = input["TracingConfig"].opt("Mode") {
        row["TracingConfig"] = json!({"Mode": mode});
    }
    if input.has("LoggingConfig") {
        row["LoggingConfig"] = logging_config(row, &input["LoggingConfig"]);
    }
    environment::apply(call, row, input)
}

fn logging_config(row: &Value, given: &Value) -> Value {
    let format = given.opt("LogFormat").unwrap_or("Text");
    let group = format!("/aws/lambda/{}", row.text("FunctionName"));
    let mut config =
        json!({"LogFormat": format, "LogGroup": given.opt("LogGroup").unwrap_or(&group)});
    if format == "JSON" {
        for level in ["ApplicationLogLevel", "SystemLogLevel"] {
            config[level] = json!(given.opt(level).unwrap_or("INFO"));
        }
    }
    config
}

/// `UpdateFunctionConfiguration`.
pub(super) fn update(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    refuse_unsupported(call)?;
    let named = Named::of_request(&input);
    let mut row = named.function(call)?;
    revision(&input, &row)?;
    check(call, &input)?;
    if let Some(arn) = input.opt("Role") {
        role(call, arn)?;
    }
    settled(&row)?;
    apply(call, &mut row, &input)?;
    code::updating(call, &mut row);
    let before = row.clone();
    let seconds = network::attach(call, &mut row, &input, "update")?;
    call.put(FUNCTION, &named.name, row.clone());
    network::detach(call, &before);
    code::updated_after(call, &named.name, seconds);
    Ok(function::shown(&row))
}
