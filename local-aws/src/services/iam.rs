//! IAM: <https://docs.aws.amazon.com/IAM/latest/APIReference/>

mod account;
mod attachment;
mod document;
mod managed_policy;
mod policy_version;
mod role;
mod role_policy;
mod role_settings;
mod service_linked_role;
mod tagging;
#[cfg(test)]
mod tests;

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
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
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AttachRolePolicy", attachment::attach),
    ("CreatePolicy", managed_policy::create),
    ("CreatePolicyVersion", policy_version::create),
    ("CreateRole", role::create),
    ("CreateServiceLinkedRole", service_linked_role::create),
    ("DeletePolicy", managed_policy::delete),
    ("DeletePolicyVersion", policy_version::delete),
    ("DeleteRole", role::delete),
    ("DeleteRolePermissionsBoundary", role_settings::remove_boundary),
    ("DeleteRolePolicy", role_policy::delete),
    ("DeleteServiceLinkedRole", service_linked_role::delete),
    ("DetachRolePolicy", attachment::detach),
    ("GetAccountAuthorizationDetails", account::authorization_details),
    ("GetAccountSummary", account::summary),
    ("GetPolicy", managed_policy::get),
    ("GetPolicyVersion", policy_version::get),
    ("GetRole", role::get),
    ("GetRolePolicy", role_policy::get),
    ("GetServiceLinkedRoleDeletionStatus", service_linked_role::deletion_status),
    ("ListAccountAliases", account::aliases),
    ("ListAttachedRolePolicies", attachment::list),
    ("ListEntitiesForPolicy", attachment::entities),
    ("ListInstanceProfiles", account::instance_profiles),
    ("ListInstanceProfilesForRole", account::instance_profiles_of),
    ("ListPolicies", managed_policy::list),
    ("ListPolicyTags", tagging::of_policy),
    ("ListPolicyVersions", policy_version::list),
    ("ListRolePolicies", role_policy::list),
    ("ListRoleTags", tagging::of_role),
    ("ListRoles", role::list),
    ("PutRolePermissionsBoundary", role_settings::put_boundary),
    ("PutRolePolicy", role_policy::put),
    ("SetDefaultPolicyVersion", policy_version::set_default),
    ("TagPolicy", tagging::tag_policy),
    ("TagRole", tagging::tag_role),
    ("UntagPolicy", tagging::untag_policy),
    ("UntagRole", tagging::untag_role),
    ("UpdateAssumeRolePolicy", role_settings::update_trust),
    ("UpdateRole", role_settings::update),
    ("UpdateRoleDescription", role_settings::update_description),
];

/// A new unique id in IAM's form: the prefix that tells its kind (`AROA`, `ANPA`, ...) and 17 letters and digits.
pub(crate) fn unique_id(call: &mut crate::call::Call, prefix: &str) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hex = call.new_hex(prefix, 34);
    let value = |pair: &str| usize::from_str_radix(pair, 16).unwrap_or_default() % 32;
    let letters = (0..17).map(|index| char::from(DIGITS[value(&hex[2 * index..2 * index + 2])]));
    format!("{prefix}{}", letters.collect::<String>())
}
