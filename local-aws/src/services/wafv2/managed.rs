//! Rule groups that AWS keeps:
//! <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>

use super::{nonexistent, page, regional};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// A group: its name, its capacity, what it is for, whether it has versions, its rules where they are known here.
type Group = (&'static str, u64, &'static str, bool, &'static [&'static str]);

const GROUPS: [Group; 15] = [
    (
        "AWSManagedRulesACFPRuleSet",
        50,
        "Protects the creation of accounts against fraud.",
        true,
        &[],
    ),
    (
        "AWSManagedRulesATPRuleSet",
        50,
        "Protects login pages against stolen credentials.",
        true,
        &[],
    ),
    (
        "AWSManagedRulesAdminProtectionRuleSet",
        100,
        "Blocks outside access to exposed pages of administrators.",
        true,
        &["AdminProtection_URIPATH"],
    ),
    (
        "AWSManagedRulesAmazonIpReputationList",
        25,
        "Blocks addresses that Amazon knows for bots and other threats.",
        false,
        &["AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"],
    ),
    (
        "AWSManagedRulesAnonymousIpList",
        50,
        "Blocks services that hide who is using them.",
        false,
        &["AnonymousIPList", "HostingProviderIPList"],
    ),
    (
        "AWSManagedRulesAntiDDoSRuleSet",
        50,
        "Manages requests that take part in denial of service.",
        true,
        &[],
    ),
    ("AWSManagedRulesBotControlRuleSet", 50, "Manages requests of bots.", true, &[]),
    (
        "AWSManagedRulesCommonRuleSet",
        700,
        "Protects against what is commonly exploited, such as OWASP publishes.",
        true,
        &[
            "NoUserAgent_HEADER",
            "UserAgent_BadBots_HEADER",
            "SizeRestrictions_QUERYSTRING",
            "SizeRestrictions_Cookie_HEADER",
            "SizeRestrictions_BODY",
            "SizeRestrictions_URIPATH",
            "EC2MetaDataSSRF_BODY",
            "EC2MetaDataSSRF_COOKIE",
            "EC2MetaDataSSRF_URIPATH",
            "EC2MetaDataSSRF_QUERYARGUMENTS",
            "GenericLFI_QUERYARGUMENTS",
            "GenericLFI_URIPATH",
            "GenericLFI_BODY",
            "RestrictedExtensions_URIPATH",
            "RestrictedExtensions_QUERYARGUMENTS",
            "GenericRFI_QUERYARGUMENTS",
            "GenericRFI_BODY",
            "GenericRFI_URIPATH",
            "CrossSiteScripting_COOKIE",
            "CrossSiteScripting_QUERYARGUMENTS",
            "CrossSiteScripting_BODY",
            "CrossSiteScripting_URIPATH",
        ],
    ),
    (
        "AWSManagedRulesKnownBadInputsRuleSet",
        200,
        "Blocks requests that are known to be malicious.",
        true,
        &[
            "JavaDeserializationRCE_HEADER",
            "JavaDeserializationRCE_BODY",
            "JavaDeserializationRCE_URIPATH",
            "JavaDeserializationRCE_QUERYSTRING",
            "Host_localhost_HEADER",
            "PROPFIND_METHOD",
            "ExploitablePaths_URIPATH",
            "Log4JRCE_HEADER",
            "Log4JRCE_QUERYSTRING",
            "Log4JRCE_BODY",
            "Log4JRCE_URIPATH",
        ],
    ),
    (
        "AWSManagedRulesLinuxRuleSet",
        200,
        "Blocks what exploits Linux.",
        true,
        &["LFI_URIPATH", "LFI_QUERYSTRING", "LFI_HEADER"],
    ),
    (
        "AWSManagedRulesPHPRuleSet",
        100,
        "Blocks what exploits PHP.",
        true,
        &[
            "PHPHighRiskMethodsVariables_HEADER",
            "PHPHighRiskMethodsVariables_QUERYSTRING",
            "PHPHighRiskMethodsVariables_BODY",
        ],
    ),
    (
        "AWSManagedRulesSQLiRuleSet",
        200,
        "Blocks what exploits SQL databases.",
        true,
        &[
            "SQLi_QUERYARGUMENTS",
            "SQLiExtendedPatterns_QUERYARGUMENTS",
            "SQLi_BODY",
            "SQLiExtendedPatterns_BODY",
            "SQLi_COOKIE",
        ],
    ),
    (
        "AWSManagedRulesUnixRuleSet",
        100,
        "Blocks what exploits POSIX systems.",
        true,
        &[
            "UNIXShellCommandsVariables_QUERYSTRING",
            "UNIXShellCommandsVariables_BODY",
            "UNIXShellCommandsVariables_HEADER",
        ],
    ),
    ("AWSManagedRulesWindowsRuleSet", 200, "Blocks what exploits Windows.", true, &[]),
    (
        "AWSManagedRulesWordPressRuleSet",
        100,
        "Blocks what exploits WordPress.",
        true,
        &["WordPressExploitableCommands_QUERYSTRING", "WordPressExploitablePaths_URIPATH"],
    ),
];

fn find(vendor: &str, name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|(known, ..)| vendor == "AWS" && *known == name)
}

/// The capacity that a group of a vendor uses, if there is one.
pub(super) fn capacity(vendor: &str, name: &str) -> Option<u64> {
    find(vendor, name).map(|group| group.1)
}

/// `ListAvailableManagedRuleGroups`: AWS's, as the account has subscribed to no other.
pub(super) fn list(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let one = |(name, _, description, versions, _): &Group| {
        let summary = json!({
            "VendorName": "AWS", "Name": name, "Description": description, "VersioningSupported": versions,
        });
        ((*name).to_owned(), summary)
    };
    page::answer(&input, "ManagedRuleGroups", GROUPS.iter().map(one).collect())
}

/// `DescribeManagedRuleGroup`: its default version.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    regional(&input)?;
    let group = find(input.text("VendorName"), input.text("Name")).ok_or_else(nonexistent)?;
    let (name, capacity, _, _, rules) = group;
    if rules.is_empty() || input.has("VersionName") {
        return Err(Fault::not_implemented(&format!("a description of {name} or of its versions")));
    }
    let namespace = name.trim_start_matches("AWSManagedRules").trim_end_matches("RuleSet");
    let rule = |rule: &&str| json!({"Name": rule, "Action": {"Block": {}}});
    Ok(json!({
        "Capacity": capacity, "Rules": rules.iter().map(rule).collect::<Vec<Value>>(),
        "LabelNamespace": format!("awswaf:managed:aws:{}:", namespace.to_lowercase()),
        "AvailableLabels": [], "ConsumedLabels": [],
    }))
}
