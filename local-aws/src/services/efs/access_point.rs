//! Access points: <https://docs.aws.amazon.com/efs/latest/ug/API_CreateAccessPoint.html>

use super::{bad_request, file_system, id_of, tags};
use crate::call::{ACCOUNT, Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are an `AccessPointDescription` without its name, by id.
pub(super) const ACCESS_POINT: Table = Table::regional("efs.access_point");

/// AWS's quota per file system.
const QUOTA: usize = 10_000;

/// How many directories deep a root directory may be.
const MAX_DEPTH: usize = 4;

/// An access point by id or ARN, in whatever state.
pub(super) fn named(call: &Call, reference: &str) -> Result<Value, Fault> {
    let id = id_of(reference);
    call.get(ACCESS_POINT, id).cloned().ok_or_else(|| {
        Fault::new("AccessPointNotFound", format!("Access point '{id}' does not exist."))
    })
}

/// `CreateAccessPoint`: a token that made one which is not gone names it in a refusal.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let token = input.text("ClientToken");
    let known = call.rows(ACCESS_POINT).find(|(_, row)| row.text("ClientToken") == token);
    if let Some((id, _)) = known {
        let message = format!("Access point '{id}' already exists with client token '{token}'");
        return Err(Fault::new("AccessPointAlreadyExists", message).with("AccessPointId", id));
    }
    let of = file_system::available(call, input.text("FileSystemId"))?;
    let file_system = of.text("FileSystemId");
    let siblings =
        call.rows(ACCESS_POINT).filter(|(_, row)| row.text("FileSystemId") == file_system);
    let quota = call.quota("efs.access_points_per_file_system", QUOTA);
    if siblings.count() >= quota {
        let message = format!("The file system has {quota} access points, which is the limit.");
        return Err(Fault::new("AccessPointLimitExceeded", message));
    }
    let tags = tags::given(input.items("Tags"))?;
    let root = root_directory(&input)?;
    let id = call.new_id("fsap");
    let arn = call.arn("elasticfilesystem", &format!("access-point/{id}"));
    let row = json!({
        "AccessPointId": id, "AccessPointArn": arn, "ClientToken": token, "FileSystemId": file_system,
        "OwnerId": ACCOUNT, "LifeCycleState": "creating", "PosixUser": input["PosixUser"], "RootDirectory": root,
        "Tags": tags, "_arn": arn,
    });
    call.put(ACCESS_POINT, &id, row.clone());
    let seconds = call.latency("efs.access_point", "create");
    let ready = json!({"LifeCycleState": "available"});
    call.schedule(seconds, ACCESS_POINT, &id, Step::Merge(ready));
    Ok(view(&row))
}

fn root_directory(input: &Value) -> Result<Value, Fault> {
    let mut root = json!({"Path": "/"});
    let given = &input["RootDirectory"];
    if let Some(path) = given.opt("Path") {
        if !is_path(path) {
            return Err(bad_request(format!("The path {path} is not valid.")));
        }
        root["Path"] = json!(path);
    }
    if given.has("CreationInfo") {
        root["CreationInfo"] = given["CreationInfo"].clone();
    }
    Ok(root)
}

/// The model's pattern, which looks ahead and so is not checked with the others.
fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let mut directories = rest.split('/');
    let fits = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && !name.contains(|c| "$#<>;`|&?{}^*\n".contains(c))
    };
    path == "/" || (directories.clone().count() <= MAX_DEPTH && directories.all(fits))
}

fn view(row: &Value) -> Value {
    let mut seen = row.clone();
    if let Some(name) = crate::tags::value(row, "Name") {
        seen["Name"] = json!(name);
    }
    seen["_key"] = seen["AccessPointId"].clone();
    seen
}

/// `DescribeAccessPoints`: all, those of a file system, or one.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let found: Vec<Value> = match (input.opt("AccessPointId"), input.opt("FileSystemId")) {
        (Some(_), Some(_)) => {
            return Err(bad_request("AccessPointId and FileSystemId cannot be used together."));
        }
        (Some(id), None) => vec![view(&named(call, id)?)],
        (None, Some(id)) => {
            let row = file_system::named(call, id)?;
            let of = row.text("FileSystemId");
            let all = call.rows(ACCESS_POINT).filter(|(_, row)| row.text("FileSystemId") == of);
            all.map(|(_, row)| view(row)).collect()
        }
        (None, None) => call.rows(ACCESS_POINT).map(|(_, row)| view(row)).collect(),
    };
    Ok(json!({"AccessPoints": found}))
}

/// `DeleteAccessPoint`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let row = named(call, call.input().text("AccessPointId"))?;
    let id = row.text("AccessPointId");
    if row.text("LifeCycleState") != "deleting" {
        call.unschedule(ACCESS_POINT, id);
        call.merge(ACCESS_POINT, id, json!({"LifeCycleState": "deleting"}));
        let seconds = call.latency("efs.access_point", "delete");
        call.schedule(seconds, ACCESS_POINT, id, Step::Remove);
    }
    Ok(json!({}))
}

/// Removes the access points of a file system that is gone.
pub(super) fn remove_of(call: &mut Call, file_system: &str) {
    let of = call.rows(ACCESS_POINT).filter(|(_, row)| row.text("FileSystemId") == file_system);
    let ids: Vec<String> = of.map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.remove(ACCESS_POINT, &id);
    }
}
