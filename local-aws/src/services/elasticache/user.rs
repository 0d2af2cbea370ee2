//! Users: <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html>

mod authentication;

use self::authentication::Authentication;
use super::access_string;
use super::event;
use super::kind::{
    Kind, MOST_RECORDS, check_page, checked_name, invalid_combination, invalid_value, within_quota,
};
use super::user_group;
use crate::call::{Call, Step};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::filter;
use crate::services::iam;
use crate::store::Table;
use serde_json::{Value, json};

/// Rows are a `User` without `UserGroupIds`. The user `default` of AWS has no row.
pub(super) const USER: Kind = Kind {
    table: Table::regional("elasticache.user"),
    name: "UserId",
    arn: "user",
    noun: "User",
    not_found: "UserNotFound",
};

/// The id of the user that every account has, and the name of the one that connections without a name are.
pub(super) const DEFAULT: &str = "default";

/// The task that ends a user.
pub(super) const DELETED: &str = "user_deleted";

/// Users of an account and region.
const QUOTA: usize = 1000;

const FILTERS: [filter::Field; 4] =
    [("engine", "Engine"), ("status", "Status"), ("user-id", "UserId"), ("user-name", "UserName")];

/// The row of a user, AWS's own among them.
pub(super) fn named(call: &Call, id: &str) -> Result<Value, Fault> {
    if id.eq_ignore_ascii_case(DEFAULT) { Ok(default(call)) } else { USER.row(call, id) }
}

/// The user that every account has, which may do everything without a password.
fn default(call: &Call) -> Value {
    json!({
        "UserId": DEFAULT, "UserName": DEFAULT, "Status": "active", "Engine": "redis", "MinimumEngineVersion": "6.0",
        "AccessString": "on ~* +@all", "Authentication": {"Type": "no-password"}, "ARN": USER.arn_of(call, DEFAULT), "_key": DEFAULT,
    })
}

fn view(call: &Call, row: &Value) -> Value {
    let mut seen = row.clone();
    seen["UserGroupIds"] = json!(user_group::of_user(call, row.text("UserId")));
    seen
}

/// `CreateUser`.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let id = checked_name("UserId", input.text("UserId"), 40)?;
    let engine = engine(input.text("Engine"))?;
    let access = access_string::checked(input.text("AccessString"))?;
    let authentication = Authentication::of_request(&input)?.ok_or_else(|| {
        invalid_combination(
            "No authentication mode is given: passwords, IAM, or that none is required.",
        )
    })?;
    authentication.check(engine, &id, input.text("UserName"))?;
    if id == DEFAULT || call.get(USER.table, &id).is_some() {
        return Err(Fault::new("UserAlreadyExists", format!("User {id} already exists.")));
    }
    within_quota(call, (USER.table, "elasticache.users", QUOTA), "UserQuotaExceeded")?;
    iam::ensure_linked_role(call, "elasticache.amazonaws.com");
    let row = json!({
        "UserName": input["UserName"], "Status": "active", "Engine": engine, "AccessString": access,
        "MinimumEngineVersion": authentication.least_version(engine), "Authentication": authentication.described(),
    });
    let row = USER.create(call, &id, row)?;
    Ok(view(call, &row))
}

/// The engine of a user or of a group of users.
pub(super) fn engine(text: &str) -> Result<&'static str, Fault> {
    ["redis", "valkey"].into_iter().find(|known| text.eq_ignore_ascii_case(known)).ok_or_else(
        || invalid_value(format!("The parameter Engine must be redis or valkey, not {text}.")),
    )
}

/// `DescribeUsers`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    check_page(&input, MOST_RECORDS)?;
    if let Some(id) = input.opt("UserId") {
        return Ok(json!({"Users": [view(call, &named(call, id)?)]}));
    }
    let own = call.rows(USER.table).map(|(_, row)| row.clone());
    let mut users = Vec::new();
    for user in own.chain([default(call)]) {
        let passes = filter::passes(&user, input.items("Filters"), &FILTERS)
            .map_err(|name| invalid_value(format!("The filter {name} is not supported.")))?;
        if passes
            && input
                .opt("Engine")
                .is_none_or(|engine| user.text("Engine").eq_ignore_ascii_case(engine))
        {
            users.push(view(call, &user));
        }
    }
    users.sort_by_key(|user| user.text("_key").to_owned());
    Ok(json!({"Users": users}))
}

/// `ModifyUser`.
pub(super) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = own(call, input.text("UserId"))?;
    let id = row.text("UserId");
    let engine = engine(input.opt("Engine").unwrap_or(row.text("Engine")))?;
    let access = match (input.opt("AccessString"), input.opt("AppendAccessString")) {
        (Some(_), Some(_)) => {
            let message = "AccessString and AppendAccessString cannot be used together.";
            return Err(invalid_combination(message));
        }
        (Some(text), None) => access_string::checked(text)?,
        (None, Some(more)) => {
            access_string::checked(&format!("{} {more}", row.text("AccessString")))?
        }
        (None, None) => row.text("AccessString").to_owned(),
    };
    let authentication = match Authentication::of_request(&input)? {
        Some(new) => new,
        None => Authentication::of_row(&row),
    };
    authentication.check(engine, id, row.text("UserName"))?;
    user_group::check_user(call, id, &authentication.described())?;
    let seconds = call.latency("elasticache.user", "update");
    call.merge(USER.table, id, json!({"Status": "modifying"}));
    let changed = json!({
        "Status": "active", "Engine": engine, "AccessString": access, "Authentication": authentication.described(),
        "MinimumEngineVersion": authentication.least_version(engine),
    });
    call.schedule(seconds, USER.table, id, Step::Merge(changed.clone()));
    let mut answer = row.clone();
    for (member, value) in changed.as_object().into_iter().flatten() {
        answer[member] = value.clone();
    }
    answer["Status"] = json!("modifying");
    Ok(view(call, &answer))
}

/// `DeleteUser`: it leaves its groups.
pub(super) fn delete(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let row = own(call, input.text("UserId"))?;
    let id = row.text("UserId");
    if row.text("UserName") == DEFAULT && user_group::needs_default(call, id) {
        let message = format!("User {id} is the default user of a user group.");
        return Err(Fault::new("DefaultUserAssociatedToUserGroup", message));
    }
    let seconds = call.latency("elasticache.user", "delete");
    call.merge(USER.table, id, json!({"Status": "deleting"}));
    call.schedule(seconds, USER.table, id, Step::Run(DELETED, json!(id)));
    let mut answer = view(call, &row);
    answer["Status"] = json!("deleting");
    Ok(answer)
}

/// The end of a user.
pub(super) fn deleted(call: &mut Call, id: &Value) {
    let id = id.as_str().unwrap_or_default();
    user_group::remove_user(call, id);
    call.remove(USER.table, id);
    event::note(call, ("user", id), "User deleted");
}

/// A user that can be changed: not AWS's, and nothing under way.
fn own(call: &Call, id: &str) -> Result<Value, Fault> {
    if id.eq_ignore_ascii_case(DEFAULT) {
        return Err(invalid_value("The default user cannot be modified or deleted."));
    }
    let row = USER.row(call, id)?;
    if row.text("Status") != "active" {
        let message = format!("User {id} is in the state {}, not active.", row.text("Status"));
        return Err(Fault::new("InvalidUserState", message));
    }
    Ok(row)
}
