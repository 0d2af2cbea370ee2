//! Containers and volumes with the defaults that AWS describes back.

use super::register::{refuse, wrong};
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The containers of a request.
pub(super) fn whole(input: &Value) -> Result<Vec<Value>, Fault> {
    let own_network = input.text("networkMode") == "awsvpc";
    let containers = input.items("containerDefinitions").iter();
    containers.map(|one| container(one, own_network)).collect()
}

fn container(given: &Value, own_network: bool) -> Result<Value, Fault> {
    refuse(given, &["firelensConfiguration", "credentialSpecs"], "containers")?;
    let (name, image) = (given.text("name"), given.text("image"));
    if name.is_empty() {
        return Err(wrong("Container.name should not be null or empty."));
    }
    if image.is_empty() {
        return Err(wrong("Container.image should not be null or empty."));
    }
    let mut row = given.clone();
    for list in ["environment", "mountPoints", "volumesFrom", "systemControls"] {
        row[list] = json!(given.items(list));
    }
    row["cpu"] = json!(given.int("cpu").unwrap_or(0));
    row["essential"] = json!(given.opt_flag("essential").unwrap_or(true));
    let ports = given.items("portMappings").iter();
    row["portMappings"] = ports.map(|one| port(one, own_network)).collect::<Result<_, _>>()?;
    names(given)?;
    log(&mut row);
    health(&mut row)?;
    Ok(row)
}

fn port(given: &Value, own_network: bool) -> Result<Value, Fault> {
    let mut row = given.clone();
    let (inside, outside) = (given.int("containerPort"), given.int("hostPort"));
    if own_network && outside.is_some_and(|port| Some(port) != inside && port != 0) {
        let message = "When networkMode=awsvpc, the host ports and container ports in port mappings must match.";
        return Err(wrong(message));
    }
    row["hostPort"] = json!(if own_network { inside } else { outside.or(Some(0)) });
    row["protocol"] = json!(given.opt("protocol").unwrap_or("tcp"));
    Ok(row)
}

/// A name is a setting's or a secret's, not both's.
fn names(container: &Value) -> Result<(), Fault> {
    let mut seen: Vec<&str> =
        container.items("environment").iter().map(|one| one.text("name")).collect();
    for secret in container.items("secrets") {
        let name = secret.text("name");
        if seen.contains(&name) {
            return Err(wrong(format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '{name}'."
            )));
        }
        seen.push(name);
    }
    Ok(())
}

fn log(row: &mut Value) {
    if row.has("logConfiguration") {
        let options = row["logConfiguration"].items("secretOptions").to_vec();
        row["logConfiguration"]["secretOptions"] = json!(options);
    }
}

fn health(row: &mut Value) -> Result<(), Fault> {
    if !row.has("healthCheck") {
        return Ok(());
    }
    for (member, default, least, most) in
        [("interval", 30, 5, 300), ("timeout", 5, 2, 60), ("retries", 3, 1, 10)]
    {
        let value = row["healthCheck"].int(member).unwrap_or(default);
        if !(least..=most).contains(&value) {
            let message =
                format!("Container.healthCheck.{member} must be between {least} and {most}.");
            return Err(wrong(message));
        }
        row["healthCheck"][member] = json!(value);
    }
    if row["healthCheck"].items("command").is_empty() {
        return Err(wrong("Container.healthCheck.command should not be empty."));
    }
    Ok(())
}

/// The volumes of a request.
pub(super) fn volumes(given: &[Value]) -> Result<Vec<Value>, Fault> {
    given.iter().map(volume).collect()
}

fn volume(given: &Value) -> Result<Value, Fault> {
    let others = [
        "dockerVolumeConfiguration",
        "fsxWindowsFileServerVolumeConfiguration",
        "s3filesVolumeConfiguration",
    ];
    refuse(given, &others, "volumes")?;
    let mut row = given.clone();
    if given.has("efsVolumeConfiguration") {
        row["efsVolumeConfiguration"] = efs(&given["efsVolumeConfiguration"])?;
    } else if !given.has("host") {
        row["host"] = json!({});
    }
    Ok(row)
}

fn efs(given: &Value) -> Result<Value, Fault> {
    let mut row = given.clone();
    let authorization = &given["authorizationConfig"];
    let point = authorization.has("accessPointId");
    let guarded = point || authorization.text("iam") == "ENABLED";
    if guarded && given.text("transitEncryption") != "ENABLED" {
        let message = "EFSVolumeConfiguration.transitEncryption must be ENABLED when an access point or IAM authorization is used.";
        return Err(wrong(message));
    }
    if point && given.opt("rootDirectory").is_some_and(|path| path != "/") {
        let message = "EFSVolumeConfiguration.rootDirectory must be omitted or set to / when an access point is used.";
        return Err(wrong(message));
    }
    row["rootDirectory"] = json!(given.opt("rootDirectory").unwrap_or("/"));
    Ok(row)
}
