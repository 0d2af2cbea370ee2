//! Users, their groups, tokens, and encryption in transit.

use super::{CACHE, Net, net};
use crate::fields::Fields;
use serde_json::{Value, json};

fn user(net: &Net, id: &str, more: Value) -> Value {
    let mut input = json!({"UserId": id, "UserName": id, "Engine": "redis", "AccessString": "on ~* +@all", "AuthenticationMode": {"Type": "iam"}});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    net.cloud.ok(CACHE, "CreateUser", input)
}

/// A switched-off user `default`, a user `app` with IAM, and the group `team` of both.
fn team(net: &Net) {
    user(
        net,
        "off",
        json!({"UserName": "default", "AccessString": "off -@all", "AuthenticationMode": {"Type": "no-password-required"}}),
    );
    user(net, "app", json!({}));
    let input = json!({"UserGroupId": "team", "Engine": "redis", "UserIds": ["off", "app"]});
    assert_eq!(net.cloud.ok(CACHE, "CreateUserGroup", input)["Status"], "creating");
    net.cloud.pass(30.0);
}

fn group(net: &Net, id: &str) -> Value {
    net.cloud.ok(CACHE, "DescribeUserGroups", json!({"UserGroupId": id}))["UserGroups"][0].clone()
}

#[test]
fn a_user_group_lets_its_users_into_a_cluster_and_stays_while_it_does() {
    let net = net();
    team(&net);
    assert_eq!(group(&net, "team")["Status"], "active");
    let shop = net.make(json!({"UserGroupIds": ["team"]}));
    assert_eq!(shop["UserGroupIds"], json!(["team"]));
    assert_eq!(group(&net, "team")["ReplicationGroups"], json!(["shop"]));
    net.refused("DeleteUserGroup", json!({"UserGroupId": "team"}), "InvalidUserGroupState");
    let changing = net.modify(json!({"RemoveUserGroups": true}));
    assert_eq!(changing["Status"], "modifying");
    assert_eq!(
        changing["PendingModifiedValues"]["UserGroups"]["UserGroupIdsToRemove"],
        json!(["team"])
    );
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["UserGroupIds"], json!([]));
    net.cloud.ok(CACHE, "DeleteUserGroup", json!({"UserGroupId": "team"}));
    net.cloud.pass(30.0);
    net.refused("DescribeUserGroups", json!({"UserGroupId": "team"}), "UserGroupNotFound");
}

#[test]
fn users_say_how_they_prove_who_they_are() {
    let net = net();
    let app = user(&net, "app", json!({"UserId": "App", "UserName": "app"}));
    assert_eq!(app["UserId"], "app");
    assert_eq!(app["Authentication"], json!({"Type": "iam"}));
    assert_eq!(app["MinimumEngineVersion"], "7.0");
    let two = ["0123456789abcdef", "fedcba9876543210"];
    let old =
        user(&net, "old", json!({"AuthenticationMode": {"Type": "password", "Passwords": two}}));
    assert_eq!(old["Authentication"], json!({"Type": "password", "PasswordCount": 2}));
    let create = |more: Value, code: &str| {
        let mut input = json!({"UserId": "u", "UserName": "u", "Engine": "redis", "AccessString": "on ~* +@all"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        net.refused("CreateUser", input, code);
    };
    let combination = "InvalidParameterCombination";
    create(json!({}), combination);
    create(json!({"UserName": "other", "AuthenticationMode": {"Type": "iam"}}), combination);
    create(json!({"AuthenticationMode": {"Type": "iam", "Passwords": two}}), combination);
    create(json!({"Passwords": two, "NoPasswordRequired": true}), combination);
    create(json!({"Engine": "valkey", "NoPasswordRequired": true}), combination);
    create(json!({"Passwords": ["short"]}), "InvalidParameterValue");
    create(json!({"Engine": "memcached", "NoPasswordRequired": true}), "InvalidParameterValue");
    for access in ["on >secret ~*", "reset", "on +@nothing", "on ~", "on nopass"] {
        create(
            json!({"NoPasswordRequired": true, "AccessString": access}),
            "InvalidParameterValue",
        );
    }
    create(
        json!({"UserId": "app", "UserName": "app", "AuthenticationMode": {"Type": "iam"}}),
        "UserAlreadyExists",
    );
    create(json!({"UserId": "default", "NoPasswordRequired": true}), "UserAlreadyExists");
}

#[test]
fn no_password_is_kept_anywhere() {
    let net = net();
    user(
        &net,
        "old",
        json!({"AuthenticationMode": {"Type": "password", "Passwords": ["correct-horse-battery"]}}),
    );
    net.make(json!({"AuthToken": "staple-of-the-battery"}));
    let rows = format!("{:?}", net.cloud.cloud.rows());
    assert!(!rows.contains("battery"), "a secret is in a row");
}

#[test]
fn groups_refuse_users_they_cannot_have() {
    let net = net();
    team(&net);
    let create = |engine: &str, users: Value, code: &str| {
        net.refused(
            "CreateUserGroup",
            json!({"UserGroupId": "g", "Engine": engine, "UserIds": users}),
            code,
        );
    };
    create("redis", json!(["app"]), "DefaultUserRequired");
    create("redis", json!(["off", "default"]), "DuplicateUserName");
    create("redis", json!(["off", "nobody"]), "UserNotFound");
    create("valkey", json!(["off", "app"]), "InvalidParameterValue");
    net.refused(
        "CreateUserGroup",
        json!({"UserGroupId": "team", "Engine": "redis", "UserIds": ["off"]}),
        "UserGroupAlreadyExists",
    );
    let modify = |more: Value, code: &str| {
        let mut input = json!({"UserGroupId": "team"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        net.refused("ModifyUserGroup", input, code);
    };
    modify(json!({}), "InvalidParameterCombination");
    modify(json!({"UserIdsToRemove": ["off"]}), "DefaultUserRequired");
    modify(json!({"UserIdsToAdd": ["app"]}), "InvalidParameterValue");
    net.refused("DeleteUser", json!({"UserId": "off"}), "DefaultUserAssociatedToUserGroup");
    net.refused("DeleteUser", json!({"UserId": "default"}), "InvalidParameterValue");
}

#[test]
fn users_come_and_go_in_a_group() {
    let net = net();
    team(&net);
    user(&net, "report", json!({}));
    let change =
        json!({"UserGroupId": "team", "UserIdsToAdd": ["report"], "UserIdsToRemove": ["app"]});
    let changing = net.cloud.ok(CACHE, "ModifyUserGroup", change.clone());
    assert_eq!(changing["Status"], "modifying");
    assert_eq!(
        changing["PendingChanges"],
        json!({"UserIdsToAdd": ["report"], "UserIdsToRemove": ["app"]})
    );
    net.refused("ModifyUserGroup", change, "InvalidUserGroupState");
    net.cloud.pass(60.0);
    assert_eq!(group(&net, "team")["UserIds"], json!(["off", "report"]));
    let gone = net.cloud.ok(CACHE, "DeleteUser", json!({"UserId": "report"}));
    assert_eq!(gone["Status"], "deleting");
    net.refused(
        "ModifyUser",
        json!({"UserId": "report", "AccessString": "off -@all"}),
        "InvalidUserState",
    );
    net.cloud.pass(30.0);
    assert_eq!(group(&net, "team")["UserIds"], json!(["off"]));
}

#[test]
fn a_user_is_changed_over_time() {
    let net = net();
    user(&net, "app", json!({}));
    let change = json!({"UserId": "app", "AccessString": "~cart:* +@read"});
    assert_eq!(net.cloud.ok(CACHE, "ModifyUser", change)["Status"], "modifying");
    net.cloud.pass(30.0);
    let find = json!({"Filters": [{"Name": "user-id", "Values": ["app"]}]});
    let users = net.cloud.ok(CACHE, "DescribeUsers", find);
    assert_eq!(users["Users"][0]["Status"], "active");
    assert_eq!(
        users["Users"][0]["AccessString"], "off ~cart:* +@read",
        "neither on nor off is off"
    );
    let all = net.cloud.ok(CACHE, "DescribeUsers", json!({}));
    let ids: Vec<&str> = all.items("Users").iter().map(|user| user.text("UserId")).collect();
    assert_eq!(ids, ["app", "default"]);
}

#[test]
fn valkey_takes_groups_of_both_engines_and_redis_only_its_own() {
    let net = net();
    team(&net);
    user(&net, "v", json!({"Engine": "valkey"}));
    let input = json!({"UserGroupId": "vk", "Engine": "valkey", "UserIds": ["v", "app"]});
    net.cloud.ok(CACHE, "CreateUserGroup", input);
    net.cloud.pass(30.0);
    let redis = net.asked(json!({"UserGroupIds": ["vk"]}));
    net.refused("CreateReplicationGroup", redis, "InvalidParameterCombination");
    for (id, users) in [("one", "vk"), ("two", "team")] {
        let valkey = net.asked(json!({
            "ReplicationGroupId": id, "Engine": "valkey", "EngineVersion": "8.0", "CacheParameterGroupName": "default.valkey8.cluster.on", "UserGroupIds": [users],
        }));
        net.cloud.ok(CACHE, "CreateReplicationGroup", valkey);
    }
    let modify = json!({"UserGroupId": "team", "Engine": "valkey"});
    net.refused("ModifyUserGroup", modify, "InvalidParameterValue");
}

#[test]
fn encryption_in_transit_is_switched_on_and_off_in_two_steps() {
    let net = net();
    net.make(json!({"TransitEncryptionEnabled": false}));
    let modify = |more: Value| {
        let mut input = json!({"ReplicationGroupId": "shop", "ApplyImmediately": true});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let combination = "InvalidParameterCombination";
    for more in [
        json!({"TransitEncryptionEnabled": true}),
        json!({"TransitEncryptionEnabled": true, "TransitEncryptionMode": "required"}),
        json!({"TransitEncryptionEnabled": true, "TransitEncryptionMode": "preferred", "ApplyImmediately": false}),
    ] {
        net.refused("ModifyReplicationGroup", modify(more), combination);
    }
    let changing =
        net.modify(json!({"TransitEncryptionEnabled": true, "TransitEncryptionMode": "preferred"}));
    assert_eq!(changing["PendingModifiedValues"]["TransitEncryptionMode"], "preferred");
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["TransitEncryptionEnabled"], true);
    let endpoint = net.shop()["ConfigurationEndpoint"].clone();
    net.modify(json!({"TransitEncryptionMode": "required"}));
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["TransitEncryptionMode"], "required");
    assert_eq!(net.shop()["ConfigurationEndpoint"], endpoint);
    net.refused(
        "ModifyReplicationGroup",
        modify(json!({"TransitEncryptionEnabled": false})),
        combination,
    );
    net.modify(json!({"TransitEncryptionMode": "preferred"}));
    net.cloud.pass(120.0);
    net.modify(json!({"TransitEncryptionEnabled": false}));
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["TransitEncryptionEnabled"], false);
    assert_eq!(net.shop()["TransitEncryptionMode"], Value::Null);
}

#[test]
fn a_token_is_rotated_then_set_and_deleted_for_a_user_group() {
    let net = net();
    team(&net);
    let both = net.asked(json!({"AuthToken": "0123456789abcdef", "UserGroupIds": ["team"]}));
    net.refused("CreateReplicationGroup", both, "InvalidParameterCombination");
    net.refused(
        "CreateReplicationGroup",
        net.asked(json!({"AuthToken": "short"})),
        "InvalidParameterValue",
    );
    net.refused(
        "CreateReplicationGroup",
        net.asked(json!({"AuthToken": "0123456789@abcdef"})),
        "InvalidParameterValue",
    );
    net.make(json!({"AuthToken": "0123456789abcdef"}));
    let token = |strategy: &str| json!({"AuthToken": "fedcba9876543210", "AuthTokenUpdateStrategy": strategy});
    let mut early = token("SET");
    early["ReplicationGroupId"] = json!("shop");
    early["ApplyImmediately"] = json!(true);
    net.refused("ModifyReplicationGroup", early, "InvalidParameterCombination");
    assert_eq!(net.modify(token("ROTATE"))["PendingModifiedValues"]["AuthTokenStatus"], "ROTATING");
    net.cloud.pass(120.0);
    assert_eq!(net.modify(token("SET"))["PendingModifiedValues"]["AuthTokenStatus"], "SETTING");
    net.cloud.pass(120.0);
    let users = json!({"ReplicationGroupId": "shop", "ApplyImmediately": true, "UserGroupIdsToAdd": ["team"]});
    net.refused("ModifyReplicationGroup", users, "InvalidParameterCombination");
    net.modify(json!({"AuthTokenUpdateStrategy": "DELETE", "UserGroupIdsToAdd": ["team"]}));
    net.cloud.pass(120.0);
    assert_eq!(net.shop()["AuthTokenEnabled"], false);
    assert_eq!(net.shop()["UserGroupIds"], json!(["team"]));
}
