//! Changes of rules: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>

use super::named;
use super::permission::{
    self, PEERS, check_description, reference, same, sentence, traffic, v4, v6,
};
use super::rule::{self, RULE};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::ec2::kind::{invalid_value, missing_parameter, only_one};
use crate::services::ec2::prefix_list;
use serde_json::{Value, json};

/// AWS's default quota per group and direction.
const QUOTA: usize = 60;

/// `AuthorizeSecurityGroupIngress`.
pub(in crate::services::ec2) fn authorize_ingress(call: &mut Call) -> Result<Value, Fault> {
    authorize(call, false)
}

/// `AuthorizeSecurityGroupEgress`.
pub(in crate::services::ec2) fn authorize_egress(call: &mut Call) -> Result<Value, Fault> {
    authorize(call, true)
}

/// All rules of the request or none.
fn authorize(call: &mut Call, egress: bool) -> Result<Value, Fault> {
    let input = call.input();
    let group = named(call, &input)?;
    let rules = permission::rules(call, &input, &group, egress)?;
    let tags = RULE.tags_of_request(&input)?;
    let known = rule::of(call, group.text("GroupId"), egress);
    for (index, fresh) in rules.iter().enumerate() {
        if rules[..index].iter().any(|earlier| same(earlier, fresh)) {
            return Err(invalid_value("The same permission must not appear multiple times"));
        }
        if known.iter().any(|known| same(known, fresh)) {
            return Err(duplicate(fresh));
        }
    }
    if known.len() + rules.len() > call.quota("ec2.rules_per_security_group", QUOTA) {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(Fault::new("RulesPerSecurityGroupLimitExceeded", message));
    }
    let made: Vec<Value> =
        rules.into_iter().map(|fresh| rule::create(call, fresh, &tags)).collect();
    Ok(json!({"Return": true, "SecurityGroupRules": made}))
}

fn duplicate(rule: &Value) -> Fault {
    let message = format!("the specified rule \"{}\" already exists", sentence(rule));
    Fault::new("InvalidPermission.Duplicate", message)
}

/// `RevokeSecurityGroupIngress`.
pub(in crate::services::ec2) fn revoke_ingress(call: &mut Call) -> Result<Value, Fault> {
    revoke(call, false)
}

/// `RevokeSecurityGroupEgress`.
pub(in crate::services::ec2) fn revoke_egress(call: &mut Call) -> Result<Value, Fault> {
    revoke(call, true)
}

/// All rules of the request or none: by id, or by what they allow.
fn revoke(call: &mut Call, egress: bool) -> Result<Value, Fault> {
    let input = call.input();
    let group = named(call, &input)?;
    let known = rule::of(call, group.text("GroupId"), egress);
    let ids = input.texts("SecurityGroupRuleIds");
    let gone = if ids.is_empty() {
        let meant = permission::rules(call, &input, &group, egress)?;
        meant.iter().map(|meant| found(&known, meant)).collect::<Result<Vec<_>, _>>()?
    } else {
        ids.iter().map(|id| by_id(&known, id)).collect::<Result<Vec<_>, _>>()?
    };
    for rule in &gone {
        call.remove(RULE.table, rule.text("SecurityGroupRuleId"));
    }
    Ok(
        json!({"Return": true, "RevokedSecurityGroupRules": gone.iter().map(|rule| revoked(rule)).collect::<Vec<_>>()}),
    )
}

/// A rule as the answer names it: the referenced group by its id alone.
fn revoked(rule: &Value) -> Value {
    let mut shown = json!({"ReferencedGroupId": rule["ReferencedGroupInfo"]["GroupId"]});
    let members = [
        "SecurityGroupRuleId",
        "GroupId",
        "IsEgress",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIpv4",
        "CidrIpv6",
        "PrefixListId",
        "Description",
    ];
    for member in members {
        shown[member] = rule[member].clone();
    }
    shown
}

fn found<'k>(known: &'k [Value], meant: &Value) -> Result<&'k Value, Fault> {
    let missing = || {
        Fault::new(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        )
    };
    known.iter().find(|rule| same(rule, meant)).ok_or_else(missing)
}

fn by_id<'k>(known: &'k [Value], id: &str) -> Result<&'k Value, Fault> {
    known.iter().find(|rule| rule.text("SecurityGroupRuleId") == id).ok_or_else(|| RULE.missing(id))
}

/// `UpdateSecurityGroupRuleDescriptionsIngress`.
pub(in crate::services::ec2) fn update_descriptions_ingress(
    call: &mut Call,
) -> Result<Value, Fault> {
    update_descriptions(call, false)
}

/// `UpdateSecurityGroupRuleDescriptionsEgress`.
pub(in crate::services::ec2) fn update_descriptions_egress(
    call: &mut Call,
) -> Result<Value, Fault> {
    update_descriptions(call, true)
}

fn update_descriptions(call: &mut Call, egress: bool) -> Result<Value, Fault> {
    let input = call.input();
    let group = named(call, &input)?;
    let known = rule::of(call, group.text("GroupId"), egress);
    let mut changes = Vec::new();
    for named in input.items("SecurityGroupRuleDescriptions") {
        check_description(named.text("Description"))?;
        changes.push((
            by_id(&known, named.text("SecurityGroupRuleId"))?,
            named["Description"].clone(),
        ));
    }
    if changes.is_empty() {
        for meant in permission::rules(call, &input, &group, egress)? {
            changes.push((found(&known, &meant)?, meant["Description"].clone()));
        }
    }
    for (rule, description) in changes {
        call.merge(
            RULE.table,
            rule.text("SecurityGroupRuleId"),
            json!({"Description": description}),
        );
    }
    Ok(json!({"Return": true}))
}

/// `ModifySecurityGroupRules`: what a rule allows and its description, but not whether it names a block, a list or a group.
pub(in crate::services::ec2) fn modify(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let group = named(call, &input)?;
    for change in input.items("SecurityGroupRules") {
        let id = change.text("SecurityGroupRuleId");
        let old = RULE.row(call, id)?;
        if old["GroupId"] != group["GroupId"] {
            return Err(RULE.missing(id));
        }
        let fresh = modified(call, &old, &change["SecurityGroupRule"], &group)?;
        let siblings = rule::of(call, group.text("GroupId"), old.flag("IsEgress"));
        if siblings
            .iter()
            .any(|known| known.text("SecurityGroupRuleId") != id && same(known, &fresh))
        {
            return Err(duplicate(&fresh));
        }
        call.put(RULE.table, id, fresh);
    }
    Ok(json!({"Return": true}))
}

fn modified(call: &Call, old: &Value, wanted: &Value, group: &Value) -> Result<Value, Fault> {
    let members = ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"];
    let member = only_one(wanted, &members)?.ok_or_else(|| missing_parameter("CidrIpv4"))?;
    let text = wanted.text(member);
    let (kept, peer) = match member {
        "CidrIpv4" => ("CidrIpv4", json!(v4(text)?)),
        "CidrIpv6" => ("CidrIpv6", json!(v6(text)?)),
        "PrefixListId" => {
            ("PrefixListId", prefix_list::existing(call, text)?["PrefixListId"].clone())
        }
        _ => ("ReferencedGroupInfo", reference(call, text, group)?),
    };
    if !old.has(kept) {
        let message =
            format!("The source type of {} cannot be changed", old.text("SecurityGroupRuleId"));
        return Err(invalid_value(message));
    }
    let mut fresh = old.clone();
    for (name, value) in traffic(wanted)?.as_object().into_iter().flatten() {
        fresh[name] = value.clone();
    }
    for part in PEERS {
        fresh[part] = Value::Null;
    }
    fresh[kept] = peer;
    check_description(wanted.text("Description"))?;
    fresh["Description"] = wanted["Description"].clone();
    if let Some(members) = fresh.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    Ok(fresh)
}
