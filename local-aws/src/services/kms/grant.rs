//! Grants: <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>

use super::{cipher, key_state, reference};
use crate::call::{ACCOUNT, Call};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::policy;
use crate::store::Table;
use serde_json::{Value, json};

/// Grants by id: a `GrantListEntry` with `_token`.
pub(super) const GRANT: Table = Table::regional("kms.grant");

const QUOTA_OF_A_KEY: usize = 50_000;

/// Operations of grants for which there is no symmetric encryption key.
const SYMMETRIC: [&str; 9] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
];

/// `CreateGrant`: one with the same name and content is answered again.
pub(super) fn create(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (_, key) = reference::key(call, input.text("KeyId"))?;
    key_state::enabled(&key)?;
    principals(call, &input)?;
    if let Some(other) =
        input.texts("Operations").into_iter().find(|operation| !SYMMETRIC.contains(operation))
    {
        let message =
            format!("The operation {other} is not supported for a key of spec SYMMETRIC_DEFAULT.");
        return Err(Fault::new("ValidationException", message));
    }
    cipher::dry_run(&input)?;
    let arn = key.text("Arn");
    if let Some(known) = same(call, &input, arn) {
        return Ok(json!({"GrantId": known["GrantId"], "GrantToken": known["_token"]}));
    }
    if call.rows(GRANT).filter(|(_, grant)| grant.text("KeyId") == arn).count()
        >= call.quota("kms.grants_of_a_key", QUOTA_OF_A_KEY)
    {
        return Err(Fault::new(
            "LimitExceededException",
            "The number of grants of the key has reached its quota.",
        ));
    }
    let id = call.new_hex("kms.grant", 64);
    let token = call.new_hex("kms.grant_token", 64);
    let mut row = json!({
        "GrantId": id, "KeyId": arn, "CreationDate": call.now(), "_token": token, "_key": id,
        "IssuingAccount": call.global_arn("iam", "root"),
    });
    for member in CONTENT {
        if input.has(member) {
            row[member] = input[member].clone();
        }
    }
    call.put(GRANT, &id, row);
    Ok(json!({"GrantId": id, "GrantToken": token}))
}

/// What a grant is made of.
const CONTENT: [&str; 7] = [
    "Name",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "Operations",
    "Constraints",
];

/// A grant with the same name and content. Without a name every grant is new.
fn same(call: &Call, input: &Value, arn: &str) -> Option<Value> {
    input.opt("Name")?;
    let equal = |grant: &Value| CONTENT.iter().all(|member| grant.get(member) == input.get(member));
    call.rows(GRANT)
        .map(|(_, grant)| grant)
        .find(|grant| grant.text("KeyId") == arn && equal(grant))
        .cloned()
}

fn principals(call: &Call, input: &Value) -> Result<(), Fault> {
    if input.has("GranteePrincipal") == input.has("GranteeServicePrincipal") {
        let message = "Exactly one of GranteePrincipal and GranteeServicePrincipal must be given.";
        return Err(Fault::new("ValidationException", message));
    }
    for member in ["GranteePrincipal", "RetiringPrincipal"] {
        if let Some(name) = input
            .opt(member)
            .filter(|name| !name.ends_with(".amazonaws.com") && !policy::exists(call, name))
        {
            return Err(Fault::new(
                "InvalidArnException",
                format!("ARN does not refer to a valid principal: {name}"),
            ));
        }
    }
    Ok(())
}

/// `ListGrants`.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(50);
    let input = call.input();
    let (_, key) = reference::key(call, input.text("KeyId"))?;
    let filters = ["GrantId", "GranteePrincipal", "GranteeServicePrincipal"];
    let wanted = |grant: &&Value| {
        grant["KeyId"] == key["Arn"]
            && filters.iter().all(|name| !input.has(name) || grant[*name] == input[*name])
    };
    let grants: Vec<&Value> = call.rows(GRANT).map(|(_, grant)| grant).filter(wanted).collect();
    Ok(json!({"Grants": grants}))
}

/// `ListRetirableGrants`.
pub(super) fn list_retirable(call: &mut Call) -> Result<Value, Fault> {
    call.default_page_size(50);
    let input = call.input();
    let filters = ["RetiringPrincipal", "RetiringServicePrincipal"];
    let named = filters.iter().filter(|name| input.has(name)).count();
    if named != 1 {
        let message =
            "Exactly one of RetiringPrincipal and RetiringServicePrincipal must be given.";
        return Err(Fault::new("ValidationException", message));
    }
    let wanted = |grant: &&Value| {
        filters.iter().all(|name| !input.has(name) || grant[*name] == input[*name])
    };
    let grants: Vec<&Value> = call.rows(GRANT).map(|(_, grant)| grant).filter(wanted).collect();
    Ok(json!({"Grants": grants}))
}

/// `RevokeGrant`.
pub(super) fn revoke(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let (_, key) = reference::key(call, input.text("KeyId"))?;
    end(call, &input, input.text("GrantId"), &key)
}

/// `RetireGrant`: by token, or by key and id.
pub(super) fn retire(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    if let Some(token) = input.opt("GrantToken") {
        let id = call
            .rows(GRANT)
            .find(|(_, grant)| grant.text("_token") == token)
            .map(|(id, _)| id.to_owned());
        let id = id.ok_or_else(|| {
            Fault::new("InvalidGrantTokenException", "The grant token is not valid.")
        })?;
        cipher::dry_run(&input)?;
        call.remove(GRANT, &id);
        return Ok(json!({}));
    }
    let (Some(key), Some(id)) = (input.opt("KeyId"), input.opt("GrantId")) else {
        return Err(Fault::new(
            "ValidationException",
            "A grant token, or a key ID and a grant ID, must be given.",
        ));
    };
    let (_, key) = reference::key(call, key)?;
    end(call, &input, id, &key)
}

fn end(call: &mut Call, input: &Value, id: &str, key: &Value) -> Result<Value, Fault> {
    if call.get(GRANT, id).is_none_or(|grant| grant["KeyId"] != key["Arn"]) {
        return Err(reference::not_found(format!("Grant ID {id} not found in account {ACCOUNT}")));
    }
    cipher::dry_run(input)?;
    call.remove(GRANT, id);
    Ok(json!({}))
}
