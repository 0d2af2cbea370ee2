//! Functions: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>

use super::reference::{FUNCTION, LATEST, Named, VERSION};
use super::{code, configuration, conflict, invalid, network, tags, version};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What answers show of a row.
const SHOWN: [&str; 30] = [
    "Architectures",
    "CodeSha256",
    "CodeSize",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FunctionArn",
    "FunctionName",
    "Handler",
    "KMSKeyArn",
    "LastModified",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "RevisionId",
    "Role",
    "Runtime",
    "RuntimeVersionConfig",
    "SnapStart",
    "State",
    "StateReason",
    "StateReasonCode",
    "Timeout",
    "TracingConfig",
    "Version",
    "VpcConfig",
    "_key",
];

/// `CreateFunction`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    configuration::refuse_unsupported(call)?;
    let named = Named::of_request(&input);
    configuration::check(call, &input)?;
    let tags = tags::given(&input["Tags"])?;
    let package = code::of_request(&input["Code"])?;
    if !input.has("Runtime") || !input.has("Handler") {
        return Err(invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ));
    }
    configuration::role(call, input.text("Role"))?;
    if call.get(FUNCTION, &named.name).is_some() {
        return Err(conflict(format!("Function already exist: {}", named.name)));
    }
    let arn = call.arn("lambda", &format!("function:{}", named.name));
    let mut row = configuration::defaults(&named.name);
    row["FunctionName"] = json!(named.name);
    row["FunctionArn"] = json!(arn);
    row["_arn"] = json!(arn);
    row["_key"] = json!(named.name);
    row["Version"] = json!(LATEST);
    row["Tags"] = json!(tags);
    row["State"] = json!("Pending");
    row["StateReason"] = json!("The function is being created.");
    row["StateReasonCode"] = json!("Creating");
    row["RuntimeVersionConfig"] = json!({"RuntimeVersionArn": runtime_version(call, &input)});
    configuration::apply(call, &mut row, &input)?;
    code::store(call, &mut row, &package);
    touch(call, &mut row);
    let seconds = network::attach(call, &mut row, &input, "create")?;
    call.put(FUNCTION, &named.name, row);
    let active = json!({
        "State": "Active", "StateReason": null, "StateReasonCode": null, "LastUpdateStatus": "Successful",
    });
    call.schedule(seconds, FUNCTION, &named.name, Step::Merge(active));
    if input.flag("Publish") {
        return version::make(call, &named.name, None);
    }
    Ok(shown(&call.get(FUNCTION, &named.name).cloned().unwrap_or_default()))
}

/// The version of the runtime that a function got; the same for all of a runtime.
fn runtime_version(call: &Call, input: &Value) -> String {
    let id = crate::call::digest(input.text("Runtime"));
    format!("arn:aws:lambda:{}::runtime:{id}", call.region())
}

/// Notes a change: its time, and a new revision.
pub(super) fn touch(call: &mut Call, row: &mut Value) {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any year AWS knows fit")]
    let now = Timestamp::from_millisecond((call.now() * 1000.0) as i64).unwrap_or_default();
    row["LastModified"] = json!(now.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string());
    row["RevisionId"] = json!(call.new_uuid("lambda.revision"));
}

/// What answers show of a function.
pub(super) fn shown(row: &Value) -> Value {
    let members = SHOWN.iter().filter(|name| row.has(name));
    members.map(|name| ((*name).to_owned(), row[*name].clone())).collect()
}

/// `GetFunction`, with where its code is.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    let (function, version) = (named.function(call)?, named.version(call)?);
    let mut configuration = shown(&version);
    name_qualifier(&mut configuration, &named);
    let location = format!(
        "https://awslambda-{region}-tasks.s3.{region}.amazonaws.com/snapshots/{}/{}",
        crate::call::ACCOUNT,
        version.text("FunctionName"),
        region = call.region()
    );
    let mut answer = json!({
        "Configuration": configuration, "Code": {"RepositoryType": "S3", "Location": location},
    });
    if !function.items("Tags").is_empty() {
        answer["Tags"] = crate::tags::to_map(function.items("Tags"));
    }
    if function.has("_reserved") {
        answer["Concurrency"] = json!({"ReservedConcurrentExecutions": function["_reserved"]});
    }
    Ok(answer)
}

/// `GetFunctionConfiguration`.
pub(super) fn get_configuration(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    let mut configuration = shown(&named.version(call)?);
    name_qualifier(&mut configuration, &named);
    Ok(configuration)
}

/// The unpublished version has the qualifier in its ARN where the request named it.
fn name_qualifier(configuration: &mut Value, named: &Named) {
    if named.qualifier.as_deref() == Some(LATEST) {
        let arn = configuration.text("FunctionArn").to_owned();
        configuration["FunctionArn"] = json!(format!("{arn}:{LATEST}"));
    }
}

/// `ListFunctions`: what the state of a function is, is left to `GetFunction`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let mut rows: Vec<Value> = call.rows(FUNCTION).map(|(_, row)| row.clone()).collect();
    if input.opt("FunctionVersion") == Some("ALL") {
        rows.extend(call.rows(VERSION).map(|(_, row)| row.clone()));
        rows.sort_by(|a, b| a.text("_key").cmp(b.text("_key")));
    }
    let stateless = |row: &Value| {
        let mut shown = shown(row);
        if let Some(members) = shown.as_object_mut() {
            members.retain(|name, _| !name.starts_with("State") && !name.starts_with("LastUpdate"));
        }
        shown
    };
    Ok(json!({"Functions": rows.iter().map(stateless).collect::<Vec<Value>>()}))
}

/// `DeleteFunction`: all of it, or one published version.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let named = Named::of_request(&call.input());
    let row = named.version(call)?;
    match named.qualifier.as_deref() {
        Some(LATEST) => {
            Err(invalid("$LATEST version cannot be deleted without deleting the function."))
        }
        Some(_) => {
            call.remove(VERSION, row.text("_key"));
            Ok(json!({"StatusCode": 204}))
        }
        None => {
            call.remove(FUNCTION, &named.name);
            version::remove_all(call, &named.name);
            code::remove_all(call, &named.name);
            network::detach(call, &row);
            Ok(json!({"StatusCode": 204}))
        }
    }
}
