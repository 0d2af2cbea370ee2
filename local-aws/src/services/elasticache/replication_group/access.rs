//! Who gets in: encryption in transit, tokens, and user groups.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::elasticache::kind::{invalid_combination, invalid_value};
use crate::services::elasticache::user_group;
use serde_json::{Value, json};

/// What a token may have besides letters and digits.
const TOKEN_CHARACTERS: &str = "!&#$^<>-";

/// Refuses a token that the engine does not take.
pub(super) fn check_token(token: &str) -> Result<(), Fault> {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || TOKEN_CHARACTERS.contains(letter);
    if (16..=128).contains(&token.len()) && token.chars().all(allowed) {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The AUTH token must have 16 to 128 letters, digits and characters of {TOKEN_CHARACTERS}."
    )))
}

/// The user groups that a group with an engine may have: one, and only with encryption in transit.
pub(super) fn user_groups(
    call: &Call,
    ids: &[&str],
    engine: &str,
    encrypted: bool,
) -> Result<Vec<String>, Fault> {
    if ids.len() > 1 {
        return Err(invalid_combination("A replication group can have at most one user group."));
    }
    if !ids.is_empty() && !encrypted {
        return Err(invalid_combination("User groups need encryption in transit to be enabled."));
    }
    let mut all = Vec::new();
    for id in ids {
        let group = user_group::active(call, id)?;
        if engine == "redis" && group.text("Engine") != "redis" {
            return Err(invalid_combination(format!(
                "The user group {id} is of the engine {}, which a cluster of the engine redis cannot use.",
                group.text("Engine")
            )));
        }
        all.push(group.text("UserGroupId").to_owned());
    }
    Ok(all)
}

/// Encryption in transit of a new group: whether, and its mode.
pub(super) fn transit_of_new(input: &Value) -> Result<(bool, Option<&str>), Fault> {
    let enabled = input.flag("TransitEncryptionEnabled");
    match (enabled, input.opt("TransitEncryptionMode")) {
        (true, mode) => Ok((true, Some(mode.unwrap_or("required")))),
        (false, None) => Ok((false, None)),
        (false, Some(_)) => Err(invalid_combination(
            "TransitEncryptionMode needs TransitEncryptionEnabled to be true.",
        )),
    }
}

/// The change of encryption in transit that a request asks for: it is switched on and off by way of `preferred`.
pub(super) fn transit_change(group: &Value, input: &Value) -> Result<Option<Value>, Fault> {
    let enabled = group.flag("TransitEncryptionEnabled");
    let mode = group.opt("TransitEncryptionMode");
    let wanted = input.opt_flag("TransitEncryptionEnabled").unwrap_or(enabled);
    let wanted_mode = input.opt("TransitEncryptionMode").or(mode);
    if (wanted, wanted_mode) == (enabled, mode) {
        return Ok(None);
    }
    if !input.flag("ApplyImmediately") {
        return Err(invalid_combination(
            "Encryption in transit can only be modified with ApplyImmediately.",
        ));
    }
    match (enabled, mode, wanted, wanted_mode) {
        (_, _, true, Some("preferred")) => Ok(Some(
            json!({"TransitEncryptionEnabled": true, "TransitEncryptionMode": "preferred"}),
        )),
        (true, Some("preferred"), true, Some("required")) => {
            Ok(Some(json!({"TransitEncryptionMode": "required"})))
        }
        (false, _, true, _) => Err(invalid_combination(
            "TransitEncryptionMode must be preferred when encryption in transit is enabled for an existing cluster.",
        )),
        (true, Some("preferred"), false, _) if input.opt("TransitEncryptionMode").is_none() => {
            Ok(Some(json!({"TransitEncryptionEnabled": false, "TransitEncryptionMode": null})))
        }
        (true, _, false, _) => Err(invalid_combination(
            "TransitEncryptionMode must be preferred before encryption in transit is disabled.",
        )),
        _ => Err(invalid_combination(
            "TransitEncryptionMode can be set to required only where it is preferred.",
        )),
    }
}

/// The change of tokens that a request asks for: the members of the row, and the pending status.
pub(super) fn token_change(
    group: &Value,
    input: &Value,
) -> Result<Option<(Value, &'static str)>, Fault> {
    let strategy = input.opt("AuthTokenUpdateStrategy");
    let has = group.flag("AuthTokenEnabled");
    let Some(token) = input.opt("AuthToken") else {
        return match strategy {
            None => Ok(None),
            Some("DELETE") if has => Ok(Some((json!({"AuthTokenEnabled": false}), "SETTING"))),
            Some(_) => Err(invalid_combination(
                "AuthTokenUpdateStrategy needs AuthToken, except to delete one.",
            )),
        };
    };
    check_token(token)?;
    if !group.flag("TransitEncryptionEnabled") {
        return Err(invalid_combination("AuthToken needs encryption in transit to be enabled."));
    }
    if !input.flag("ApplyImmediately") {
        return Err(invalid_combination("AuthToken can only be modified with ApplyImmediately."));
    }
    match strategy {
        Some("DELETE") => Err(invalid_combination("AuthToken cannot be given to delete one.")),
        Some("SET") if !group.flag("_rotated") && has => {
            Err(invalid_combination("The strategy SET is allowed only after ROTATE."))
        }
        Some("SET") => Ok(Some((json!({"AuthTokenEnabled": true, "_rotated": null}), "SETTING"))),
        _ => Ok(Some((json!({"AuthTokenEnabled": true, "_rotated": true}), "ROTATING"))),
    }
}

/// The change of user groups that a request asks for: those after it, and what is pending.
pub(super) fn user_group_change(
    call: &Call,
    group: &Value,
    input: &Value,
    (engine, encrypted): (&str, bool),
) -> Result<Option<(Vec<String>, Value)>, Fault> {
    let old = group.texts("UserGroupIds");
    let add = input.texts("UserGroupIdsToAdd");
    let remove = if input.flag("RemoveUserGroups") {
        if !add.is_empty() || input.has("UserGroupIdsToRemove") {
            return Err(invalid_combination(
                "RemoveUserGroups cannot be used together with other changes of user groups.",
            ));
        }
        old.clone()
    } else {
        input.texts("UserGroupIdsToRemove")
    };
    if let Some(unknown) = remove.iter().find(|id| !old.contains(id)) {
        return Err(invalid_value(format!("The user group {unknown} is not attached.")));
    }
    if add.is_empty() && remove.is_empty() {
        return Ok(None);
    }
    let mut next: Vec<&str> = old.into_iter().filter(|id| !remove.contains(id)).collect();
    next.extend(add.iter().filter(|id| !group.texts("UserGroupIds").contains(id)));
    let next = user_groups(call, &next, engine, encrypted)?;
    let token_stays =
        group.flag("AuthTokenEnabled") && input.opt("AuthTokenUpdateStrategy") != Some("DELETE");
    if !next.is_empty() && token_stays {
        return Err(invalid_combination(
            "A replication group with an AUTH token gets user groups only while the token is deleted.",
        ));
    }
    Ok(Some((next, json!({"UserGroupIdsToAdd": add, "UserGroupIdsToRemove": remove}))))
}
