//! Instance profiles: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>

use super::{conflict, done, entity_tags, full, missing, role, unique_id};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use crate::store::Table;
use serde_json::{Value, json};

/// Instance profiles by name: an `InstanceProfile`, with the name of its role in `_role`.
pub(super) const PROFILE: Table = Table::global("iam.instance_profile");

const QUOTA: usize = 1000;

/// `CreateInstanceProfile`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("InstanceProfileName");
    let tags = entity_tags::given(&input)?;
    if call.rows(PROFILE).any(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return Err(Fault::new(
            "EntityAlreadyExists",
            format!("Instance Profile {name} already exists."),
        ));
    }
    let limit = call.quota("iam.instance_profiles", QUOTA);
    if call.rows(PROFILE).count() >= limit {
        return Err(full("InstanceProfilesPerAccount", limit));
    }
    let path = input.opt("Path").unwrap_or("/");
    let arn = call.global_arn("iam", &format!("instance-profile{path}{name}"));
    let row = json!({
        "InstanceProfileName": name, "Path": path, "InstanceProfileId": unique_id(call, "AIPA"), "Arn": arn, "CreateDate": call.now(),
        "Tags": tags, "_arn": arn, "_key": name,
    });
    call.put(PROFILE, name, row.clone());
    Ok(json!({"InstanceProfile": described(call, &row)}))
}

pub(super) fn known<'c>(call: &'c Call, name: &str) -> Result<&'c Value, Fault> {
    call.get(PROFILE, name)
        .ok_or_else(|| missing(format!("Instance Profile {name} cannot be found.")))
}

fn described(call: &Call, profile: &Value) -> Value {
    let mut profile = profile.clone();
    let role = profile.opt("_role").and_then(|name| call.get(IAM_ROLE, name)).map(role::listed);
    profile["Roles"] = json!(role.into_iter().collect::<Vec<Value>>());
    if profile.items("Tags").is_empty() {
        profile["Tags"] = Value::Null;
    }
    profile
}

/// `GetInstanceProfile`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let profile = known(call, call.input().text("InstanceProfileName"))?;
    Ok(json!({"InstanceProfile": described(call, profile)}))
}

/// `ListInstanceProfiles`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let wanted = call
        .rows(PROFILE)
        .filter(|(_, profile)| profile.text("Path").starts_with(input.text("PathPrefix")));
    Ok(
        json!({"InstanceProfiles": wanted.map(|(_, profile)| listed(call, profile)).collect::<Vec<Value>>()}),
    )
}

fn listed(call: &Call, profile: &Value) -> Value {
    let mut profile = described(call, profile);
    profile["Tags"] = Value::Null;
    profile
}

/// The instance profiles that a role is in.
pub(super) fn of_role(call: &Call, name: &str) -> Vec<Value> {
    let profiles = call.rows(PROFILE).filter(|(_, profile)| profile.text("_role") == name);
    profiles.map(|(_, profile)| listed(call, profile)).collect()
}

/// `ListInstanceProfilesForRole`.
pub(super) fn list_for_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("RoleName");
    role::known(call, name)?;
    Ok(json!({"InstanceProfiles": of_role(call, name)}))
}

/// `AddRoleToInstanceProfile`: a profile holds one role.
pub(super) fn add_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, role) = (input.text("InstanceProfileName"), input.text("RoleName"));
    let profile = known(call, name)?;
    role::modifiable(call, role)?;
    if profile.has("_role") {
        return Err(full("InstanceSessionsPerInstanceProfile", 1));
    }
    call.merge(PROFILE, name, json!({"_role": role}));
    done()
}

/// `RemoveRoleFromInstanceProfile`.
pub(super) fn remove_role(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (name, role) = (input.text("InstanceProfileName"), input.text("RoleName"));
    if known(call, name)?.text("_role") != role {
        return Err(missing(format!("The role with name {role} cannot be found.")));
    }
    call.merge(PROFILE, name, json!({"_role": null}));
    done()
}

/// `DeleteInstanceProfile`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let name = input.text("InstanceProfileName");
    if known(call, name)?.has("_role") {
        return Err(conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    call.remove(PROFILE, name);
    done()
}
