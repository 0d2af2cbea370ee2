//! IAM: <https://docs.aws.amazon.com/IAM/latest/APIReference/>

mod account;
mod attachment;
mod authorization_details;
mod aws_managed;
mod document;
mod entity_tags;
mod instance_profile;
mod permitted;
mod policy;
mod policy_version;
mod role;
mod role_policy;
mod role_update;
mod service_linked_role;
#[cfg(test)]
mod tests;
mod trust;

pub(crate) use self::permitted::{Said, said_by_role};
pub(crate) use self::service_linked_role::ensure_linked_role;
pub(crate) use self::trust::assumable;

use crate::call::Call;
use crate::fault::Fault;
use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "iam",
    model: LazyLock::new(|| Model::read(include_str!("../../models/iam.json"))),
    style: Style {
        validation: Validation::Listed("ValidationError"),
        bad_page_token: "ValidationError",
        page_size: Some(100),
        throttle: ("Throttling", 400),
        expired: "ExpiredToken",
    },
    operations: OPERATIONS,
    tasks: &[("remove_role", service_linked_role::remove)],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddRoleToInstanceProfile", instance_profile::add_role),
    ("AttachRolePolicy", attachment::attach),
    ("CreateInstanceProfile", instance_profile::create),
    ("CreatePolicy", policy::create),
    ("CreatePolicyVersion", policy_version::create),
    ("CreateRole", role::create),
    ("CreateServiceLinkedRole", service_linked_role::create),
    ("DeleteInstanceProfile", instance_profile::delete),
    ("DeletePolicy", policy::delete),
    ("DeletePolicyVersion", policy_version::delete),
    ("DeleteRole", role::delete),
    ("DeleteRolePermissionsBoundary", role_update::delete_boundary),
    ("DeleteRolePolicy", role_policy::delete),
    ("DeleteServiceLinkedRole", service_linked_role::delete),
    ("DetachRolePolicy", attachment::detach),
    ("GetAccountAuthorizationDetails", authorization_details::get),
    ("GetAccountSummary", account::summary),
    ("GetInstanceProfile", instance_profile::get),
    ("GetPolicy", policy::get),
    ("GetPolicyVersion", policy_version::get),
    ("GetRole", role::get),
    ("GetRolePolicy", role_policy::get),
    ("GetServiceLinkedRoleDeletionStatus", service_linked_role::deletion_status),
    ("ListAccountAliases", account::aliases),
    ("ListAttachedRolePolicies", attachment::list),
    ("ListEntitiesForPolicy", attachment::entities),
    ("ListInstanceProfileTags", entity_tags::of_profile),
    ("ListInstanceProfiles", instance_profile::list),
    ("ListInstanceProfilesForRole", instance_profile::list_for_role),
    ("ListPolicies", policy::list),
    ("ListPolicyTags", entity_tags::of_policy),
    ("ListPolicyVersions", policy_version::list),
    ("ListRolePolicies", role_policy::list),
    ("ListRoleTags", entity_tags::of_role),
    ("ListRoles", role::list),
    ("PutRolePermissionsBoundary", role_update::put_boundary),
    ("PutRolePolicy", role_policy::put),
    ("RemoveRoleFromInstanceProfile", instance_profile::remove_role),
    ("SetDefaultPolicyVersion", policy_version::set_default),
    ("TagInstanceProfile", entity_tags::tag_profile),
    ("TagPolicy", entity_tags::tag_policy),
    ("TagRole", entity_tags::tag_role),
    ("UntagInstanceProfile", entity_tags::untag_profile),
    ("UntagPolicy", entity_tags::untag_policy),
    ("UntagRole", entity_tags::untag_role),
    ("UpdateAssumeRolePolicy", role_update::trust),
    ("UpdateRole", role_update::update),
    ("UpdateRoleDescription", role_update::description),
];

/// A new unique id in IAM's form: the prefix that tells its kind (`AROA`, `ANPA`, ...) and 17 letters and digits.
pub(crate) fn unique_id(call: &mut Call, prefix: &str) -> String {
    let hex = call.new_hex(prefix, 34);
    format!("{prefix}{}", letters(&hex))
}

/// One letter or digit for each two hexadecimal digits.
fn letters(hex: &str) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |at| {
        hex.get(at..at + 2)
            .and_then(|pair| usize::from_str_radix(pair, 16).ok())
            .unwrap_or_default()
            % 32
    };
    (0..hex.len() / 2).map(|index| char::from(DIGITS[value(2 * index)])).collect()
}

fn missing(message: String) -> Fault {
    Fault::new("NoSuchEntity", message)
}

fn conflict(message: &str) -> Fault {
    Fault::new("DeleteConflict", message)
}

/// A quota by the name that IAM's message uses.
fn full(quota: &str, limit: usize) -> Fault {
    Fault::new("LimitExceeded", format!("Cannot exceed quota for {quota}: {limit}"))
}

fn done() -> Result<Value, Fault> {
    Ok(json!({}))
}
