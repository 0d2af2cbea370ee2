//! The account as a whole: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use super::instance_profile::PROFILE;
use super::policy::POLICY;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::tables::IAM_ROLE;
use serde_json::{Value, json};

/// `GetAccountSummary`: what there is, and how much there may be.
pub(super) fn summary(call: &mut Call) -> Result<Value, Fault> {
    let versions: usize =
        call.rows(POLICY).map(|(_, policy)| policy.items("_versions").len()).sum();
    Ok(json!({"SummaryMap": {
        "Users": 0, "UsersQuota": 5000, "Groups": 0, "GroupsQuota": 300, "GroupsPerUserQuota": 10, "Providers": 0, "MFADevices": 0,
        "MFADevicesInUse": 0, "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0, "ServerCertificates": 0, "ServerCertificatesQuota": 20, "AccessKeysPerUserQuota": 2,
        "SigningCertificatesPerUserQuota": 2, "UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120,
        "AttachedPoliciesPerGroupQuota": 10, "AttachedPoliciesPerUserQuota": 10, "GlobalEndpointTokenVersion": 1,
        "Roles": call.rows(IAM_ROLE).count(), "RolesQuota": call.quota("iam.roles", 1000),
        "InstanceProfiles": call.rows(PROFILE).count(), "InstanceProfilesQuota": call.quota("iam.instance_profiles", 1000),
        "Policies": call.rows(POLICY).count(), "PoliciesQuota": call.quota("iam.policies", 1500), "PolicyVersionsInUse": versions,
        "PolicyVersionsInUseQuota": 10_000, "VersionsPerPolicyQuota": call.quota("iam.versions_of_a_policy", 5),
        "PolicySizeQuota": call.quota("iam.policy_characters", 6144), "RolePolicySizeQuota": call.quota("iam.inline_policy_characters", 10_240),
        "AssumeRolePolicySizeQuota": call.quota("iam.trust_policy_characters", 2048),
        "AttachedPoliciesPerRoleQuota": call.quota("iam.policies_of_a_role", 10),
    }}))
}

/// `ListAccountAliases`: this account has none.
pub(super) fn aliases(_: &mut Call) -> Result<Value, Fault> {
    Ok(json!({"AccountAliases": []}))
}
