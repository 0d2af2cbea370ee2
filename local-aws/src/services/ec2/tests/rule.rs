//! Security groups, their rules, and network ACLs.

use super::{found, group, id, vpc};
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn https(peers: Value) -> Value {
    let mut permission = json!({"IpProtocol": "6", "FromPort": 443, "ToPort": 443});
    for (name, value) in peers.as_object().unwrap() {
        permission[name] = value.clone();
    }
    permission
}

#[test]
fn a_group_has_rules_with_ids_and_permissions() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let (web, app) = (group(&cloud, &vpc, "web"), group(&cloud, &vpc, "app"));
    let permission = https(json!({
        "IpRanges": [{"CidrIp": "10.0.0.9/8", "Description": "inside"}],
        "Ipv6Ranges": [{"CidrIpv6": "2001:db8:0::/48"}],
        "UserIdGroupPairs": [{"GroupId": app}],
    }));
    let tags =
        json!([{"ResourceType": "security-group-rule", "Tags": [{"Key": "a", "Value": "b"}]}]);
    let input = json!({"GroupId": web, "IpPermissions": [permission], "TagSpecifications": tags});
    let made = cloud.ok("ec2", "AuthorizeSecurityGroupIngress", input.clone());
    assert_eq!(made.items("SecurityGroupRules").len(), 3);
    assert_eq!(
        cloud.err("ec2", "AuthorizeSecurityGroupIngress", input),
        "InvalidPermission.Duplicate"
    );
    assert_eq!(found(&cloud, "SecurityGroupRules", "tag:a", "b").len(), 3);

    let seen = found(&cloud, "SecurityGroups", "group-id", &web)[0].clone();
    let permissions = seen.items("IpPermissions");
    assert_eq!(permissions.len(), 1, "rules for the same traffic are one permission");
    assert_eq!(permissions[0]["IpProtocol"], "tcp");
    assert_eq!(
        permissions[0]["IpRanges"],
        json!([{"CidrIp": "10.0.0.0/8", "Description": "inside"}])
    );
    assert_eq!(permissions[0]["Ipv6Ranges"][0]["CidrIpv6"], "2001:db8::/48");
    assert_eq!(
        cloud.err("ec2", "DeleteSecurityGroup", json!({"GroupId": app})),
        "DependencyViolation"
    );

    let rule = id(&made["SecurityGroupRules"][0], "SecurityGroupRuleId");
    let change =
        json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIpv4": "10.0.0.0/8"});
    let modify = |rule: &str, change: &Value| json!({"GroupId": web, "SecurityGroupRules": [{"SecurityGroupRuleId": rule, "SecurityGroupRule": change}]});
    cloud.ok("ec2", "ModifySecurityGroupRules", modify(&rule, &change));
    let v6 = id(&made["SecurityGroupRules"][1], "SecurityGroupRuleId");
    assert_eq!(
        cloud.err("ec2", "ModifySecurityGroupRules", modify(&v6, &change)),
        "InvalidParameterValue"
    );
    let descriptions = json!([{"SecurityGroupRuleId": rule, "Description": "plain"}]);
    let input = json!({"GroupId": web, "SecurityGroupRuleDescriptions": descriptions});
    cloud.ok("ec2", "UpdateSecurityGroupRuleDescriptionsIngress", input);
    let read = json!({"SecurityGroupRuleIds": [rule]});
    let read = cloud.ok("ec2", "DescribeSecurityGroupRules", read)["SecurityGroupRules"][0].clone();
    assert_eq!((read.int("FromPort"), read.text("Description")), (Some(80), "plain"));

    let by_content = json!({"GroupId": web, "IpPermissions": [https(json!({"UserIdGroupPairs": [{"GroupId": app}]}))]});
    cloud.ok("ec2", "RevokeSecurityGroupIngress", by_content.clone());
    assert_eq!(
        cloud.err("ec2", "RevokeSecurityGroupIngress", by_content),
        "InvalidPermission.NotFound"
    );
    let by_id = json!({"GroupId": web, "SecurityGroupRuleIds": [rule, v6]});
    let revoked = cloud.ok("ec2", "RevokeSecurityGroupIngress", by_id);
    assert_eq!(revoked.items("RevokedSecurityGroupRules").len(), 2);
    cloud.ok("ec2", "DeleteSecurityGroup", json!({"GroupId": app}));
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let web = group(&cloud, &vpc, "web");
    let anywhere = json!([{"CidrIp": "0.0.0.0/0"}]);
    let cases = [
        (json!({"IpProtocol": "tcp", "IpRanges": anywhere}), "MissingParameter"),
        (
            json!({"IpProtocol": "tcp", "FromPort": 9, "ToPort": 8, "IpRanges": anywhere}),
            "InvalidParameterValue",
        ),
        (json!({"IpProtocol": "carrier-pigeon", "IpRanges": anywhere}), "InvalidParameterValue"),
        (json!({"IpProtocol": "-1"}), "MissingParameter"),
        (json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0"}]}), "InvalidParameterValue"),
        (
            json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "é"}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "10.0.0.1/8"}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-12345678"}]}),
            "InvalidGroup.NotFound",
        ),
        (
            json!({"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-12345678"}]}),
            "InvalidPrefixListID.NotFound",
        ),
    ];
    for (permission, code) in cases {
        let input = json!({"GroupId": web, "IpPermissions": [permission]});
        assert_eq!(cloud.err("ec2", "AuthorizeSecurityGroupIngress", input), code, "{permission}");
    }
    // The rule that lets everything out is there from the start.
    let out =
        json!({"GroupId": web, "IpPermissions": [{"IpProtocol": "all", "IpRanges": anywhere}]});
    assert_eq!(
        cloud.err("ec2", "AuthorizeSecurityGroupEgress", out.clone()),
        "InvalidPermission.Duplicate"
    );
    let mut described = out.clone();
    described["IpPermissions"][0]["IpRanges"][0]["Description"] = json!("everything");
    cloud.ok("ec2", "UpdateSecurityGroupRuleDescriptionsEgress", described);
    let rules = found(&cloud, "SecurityGroupRules", "group-id", &web);
    assert_eq!(rules[0].text("Description"), "everything");
    cloud.ok("ec2", "RevokeSecurityGroupEgress", out);
    let flat = json!({"GroupId": web, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"});
    cloud.ok("ec2", "AuthorizeSecurityGroupIngress", flat);
    let twice = json!({"VpcId": vpc, "GroupName": "web", "Description": "again"});
    assert_eq!(cloud.err("ec2", "CreateSecurityGroup", twice), "InvalidGroup.Duplicate");
    let no_vpc = json!({"GroupName": "web", "Description": "again"});
    assert_eq!(cloud.err("ec2", "CreateSecurityGroup", no_vpc), "VPCIdNotSpecified");
    let listed = cloud.ok("ec2", "GetSecurityGroupsForVpc", json!({"VpcId": vpc}));
    assert_eq!(listed.items("SecurityGroupForVpcs").len(), 2);
    let stale = cloud.ok("ec2", "DescribeStaleSecurityGroups", json!({"VpcId": vpc}));
    assert_eq!(stale["StaleSecurityGroupSet"], json!([]));
    let references = cloud.ok("ec2", "DescribeSecurityGroupReferences", json!({"GroupId": [web]}));
    assert_eq!(references["SecurityGroupReferenceSet"], json!([]));
}

#[test]
fn acl_entries_are_known_by_number_and_direction() {
    let cloud = Probe::new();
    let vpc = vpc(&cloud);
    let acl = cloud.ok("ec2", "CreateNetworkAcl", json!({"VpcId": vpc}));
    let acl = id(&acl["NetworkAcl"], "NetworkAclId");
    let entry = |number: i64, more: &Value| {
        let mut entry = json!({
            "NetworkAclId": acl, "RuleNumber": number, "Egress": false, "Protocol": "tcp", "RuleAction": "allow",
            "CidrBlock": "10.0.0.1/8", "PortRange": {"From": 443, "To": 443},
        });
        for (name, value) in more.as_object().unwrap() {
            entry[name] = value.clone();
        }
        entry
    };
    cloud.ok("ec2", "CreateNetworkAclEntry", entry(100, &json!({})));
    cloud.ok("ec2", "CreateNetworkAclEntry", entry(100, &json!({"Egress": true})));
    let cases = [
        ("CreateNetworkAclEntry", 100, json!({}), "NetworkAclEntryAlreadyExists"),
        ("CreateNetworkAclEntry", 32767, json!({}), "InvalidParameterValue"),
        ("CreateNetworkAclEntry", 1, json!({"PortRange": null}), "MissingParameter"),
        ("CreateNetworkAclEntry", 1, json!({"Protocol": "icmp"}), "MissingParameter"),
        ("CreateNetworkAclEntry", 1, json!({"CidrBlock": "x"}), "InvalidParameterValue"),
        ("CreateNetworkAclEntry", 1, json!({"RuleAction": "maybe"}), "InvalidParameterValue"),
        ("ReplaceNetworkAclEntry", 1, json!({}), "InvalidNetworkAclEntry.NotFound"),
    ];
    for (operation, number, more, code) in cases {
        let mut input = entry(number, &more);
        input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(cloud.err("ec2", operation, input), code, "{operation} {number} {more}");
    }
    cloud.ok("ec2", "ReplaceNetworkAclEntry", entry(100, &json!({"RuleAction": "deny"})));
    let seen = found(&cloud, "NetworkAcls", "network-acl-id", &acl)[0].clone();
    let replaced = seen.items("Entries").iter().find(|entry| !entry.flag("Egress")).unwrap();
    let expected = json!({
        "RuleNumber": 100, "Egress": false, "Protocol": "6", "RuleAction": "deny", "CidrBlock": "10.0.0.0/8",
        "PortRange": {"From": 443, "To": 443},
    });
    assert_eq!(*replaced, expected);
    let delete = json!({"NetworkAclId": acl, "RuleNumber": 100, "Egress": false});
    cloud.ok("ec2", "DeleteNetworkAclEntry", delete.clone());
    assert_eq!(
        cloud.err("ec2", "DeleteNetworkAclEntry", delete),
        "InvalidNetworkAclEntry.NotFound"
    );
}
