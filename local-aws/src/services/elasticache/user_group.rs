//! User groups: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html>

use super::event;
use super::kind::{Kind, checked_name, invalid_combination, invalid_value, within_quota};
use super::replication_group;
use super::user::{self, DEFAULT, engine};
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::iam;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `UserGroup` without `ReplicationGroups`.
pub(super) const USER_GROUP: Kind = Kind {
    table: Table::regional("elasticache.user_group"),
    name: "UserGroupId",
    arn: "usergroup",
    noun: "UserGroup",
    not_found: "UserGroupNotFound",
};

/// The task that ends a change of a group's users; the argument is the group's id.
pub(super) const CHANGED: &str = "user_group_changed";

/// User groups of an account and region.
const QUOTA: usize = 200;

/// Users of one group.
const USERS_QUOTA: usize = 100;

fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    let users = || row.texts("UserIds").into_iter().filter_map(|id| user::named(call, id).ok());
    let least = users().map(|user| user.text("MinimumEngineVersion").to_owned()).max();
    seen["MinimumEngineVersion"] = json!(least.unwrap_or_else(|| "6.0".to_owned()));
    seen["ReplicationGroups"] =
        json!(replication_group::of_user_group(call, row.text("UserGroupId")));
    seen
}

/// The groups of a user.
pub(super) fn of_user(call: &Call, id: &str) -> Vec<String> {
    let groups = call.rows(USER_GROUP.table).filter(|(_, row)| row.texts("UserIds").contains(&id));
    groups.map(|(group, _)| group.to_owned()).collect()
}

/// Whether a group would be without its default user if this one went.
pub(super) fn needs_default(call: &Call, user: &str) -> bool {
    call.rows(USER_GROUP.table)
        .any(|(_, row)| row.texts("UserIds").contains(&user) && row.text("Engine") == "redis")
}

/// Refuses changing a user so that its groups could not have it.
pub(super) fn check_user(call: &Call, id: &str, authentication: &Value) -> Result<(), Fault> {
    for group in of_user(call, id) {
        let group = USER_GROUP.row(call, &group)?;
        check_engine(group.text("Engine"), id, authentication)?;
    }
    Ok(())
}

/// A group of Valkey has only users who prove who they are; one of Redis OSS has users of both engines.
fn check_engine(group: &str, id: &str, authentication: &Value) -> Result<(), Fault> {
    if group == "valkey" && authentication.text("Type") == "no-password" {
        return Err(invalid_value(format!(
            "User {id} needs no password, which users in a group of the engine valkey must."
        )));
    }
    Ok(())
}

/// Refuses users who cannot be in one group.
fn check_users(call: &Call, engine: &str, ids: &[String]) -> Result<(), Fault> {
    if ids.len() > call.quota("elasticache.users_per_group", USERS_QUOTA) {
        let message = "The number of users in a user group exceeds its quota.";
        return Err(Fault::new("UserGroupQuotaExceeded", message));
    }
    let mut names: Vec<String> = Vec::new();
    for id in ids {
        let user = user::named(call, id)?;
        check_engine(engine, id, &user["Authentication"])?;
        let name = user.text("UserName").to_owned();
        if names.contains(&name) {
            let message = format!("The user name {name} is there more than once in the group.");
            return Err(Fault::new("DuplicateUserName", message));
        }
        names.push(name);
    }
    if engine == "redis" && !names.iter().any(|name| name == DEFAULT) {
        let message = "User group needs to contain a user with the user name default.";
        return Err(Fault::new("DefaultUserRequired", message));
    }
    Ok(())
}

/// `CreateUserGroup`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = checked_name("UserGroupId", input.text("UserGroupId"), 40)?;
    let engine = engine(input.text("Engine"))?;
    if call.get(USER_GROUP.table, &id).is_some() {
        return Err(Fault::new(
            "UserGroupAlreadyExists",
            format!("User Group {id} already exists."),
        ));
    }
    let users = lower(&input.texts("UserIds"));
    check_users(call, engine, &users)?;
    let quota = (USER_GROUP.table, "elasticache.user_groups", QUOTA);
    within_quota(call, quota, "UserGroupQuotaExceeded")?;
    iam::ensure_linked_role(call, "elasticache.amazonaws.com");
    let row = json!({"Status": "creating", "Engine": engine, "UserIds": users});
    let row = USER_GROUP.create(call, &id, row)?;
    let seconds = call.latency("elasticache.user_group", "create");
    call.schedule(seconds, USER_GROUP.table, &id, Step::Merge(json!({"Status": "active"})));
    Ok(view(call, &row))
}

fn lower(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| id.to_ascii_lowercase()).collect()
}

/// `DescribeUserGroups`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"UserGroups": USER_GROUP.describe(call, view)?}))
}

/// `ModifyUserGroup`.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = active(call, input.text("UserGroupId"))?;
    let id = row.text("UserGroupId");
    let (add, remove) =
        (lower(&input.texts("UserIdsToAdd")), lower(&input.texts("UserIdsToRemove")));
    let new_engine = input.opt("Engine").map(engine).transpose()?;
    if add.is_empty() && remove.is_empty() && new_engine.is_none() {
        return Err(invalid_combination("No modifications were requested."));
    }
    let mut users: Vec<String> = row.texts("UserIds").into_iter().map(str::to_owned).collect();
    if let Some(known) = add.iter().find(|user| users.contains(user)) {
        return Err(invalid_value(format!("User {known} is in the group {id} already.")));
    }
    if let Some(unknown) = remove.iter().find(|user| !users.contains(user)) {
        return Err(invalid_value(format!("User {unknown} is not in the group {id}.")));
    }
    users.retain(|user| !remove.contains(user));
    users.extend(add.iter().cloned());
    let engine = new_engine.unwrap_or(row.text("Engine"));
    check_users(call, engine, &users)?;
    replication_group::check_engine_of_users(call, id, engine)?;
    let pending = json!({
        "Status": "modifying", "PendingChanges": {"UserIdsToAdd": add, "UserIdsToRemove": remove},
        "_next": {"UserIds": users, "Engine": engine},
    });
    call.merge(USER_GROUP.table, id, pending);
    let seconds = call.latency("elasticache.user_group", "update");
    call.schedule(seconds, USER_GROUP.table, id, Step::Run(CHANGED, json!(id)));
    let row = USER_GROUP.row(call, id)?;
    Ok(view(call, &row))
}

/// The end of a change of a group's users.
pub(super) fn changed(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    let Some(next) = call.get(USER_GROUP.table, id).map(|row| row["_next"].clone()) else { return };
    let change = json!({
        "Status": "active", "UserIds": next["UserIds"], "Engine": next["Engine"], "PendingChanges": null, "_next": null,
    });
    call.merge(USER_GROUP.table, id, change);
    event::note(call, ("user-group", id), "User group modification complete");
}

/// Takes a user out of all groups.
pub(super) fn remove_user(call: &mut Call, user: &str) {
    for group in of_user(call, user) {
        call.update(USER_GROUP.table, &group, |row| {
            for list in ["/UserIds", "/_next/UserIds"] {
                if let Some(users) = row.pointer_mut(list).and_then(Value::as_array_mut) {
                    users.retain(|known| known != user);
                }
            }
        });
    }
}

/// `DeleteUserGroup`.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = active(call, input.text("UserGroupId"))?;
    let id = row.text("UserGroupId");
    if let Some(group) = replication_group::of_user_group(call, id).first() {
        let message = format!("User Group {id} is attached to the replication group {group}.");
        return Err(Fault::new("InvalidUserGroupState", message));
    }
    let seconds = call.latency("elasticache.user_group", "delete");
    call.merge(USER_GROUP.table, id, json!({"Status": "deleting"}));
    call.schedule(seconds, USER_GROUP.table, id, Step::Remove);
    let mut answer = view(call, &row);
    answer["Status"] = json!("deleting");
    Ok(answer)
}

/// A group with nothing under way.
pub(super) fn active(call: &Call, id: &str) -> Result<Value, Fault> {
    let row = USER_GROUP.row(call, id)?;
    if row.text("Status") != "active" {
        let message =
            format!("User Group {id} is in the state {}, not active.", row.text("Status"));
        return Err(Fault::new("InvalidUserGroupState", message));
    }
    Ok(row)
}
