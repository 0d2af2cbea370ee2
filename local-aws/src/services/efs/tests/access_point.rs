use super::file_system;
use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn input(file_system: &str, token: &str) -> Value {
    json!({
        "FileSystemId": file_system, "ClientToken": token, "PosixUser": {"Uid": 1000, "Gid": 1000, "SecondaryGids": [2000]},
        "RootDirectory": {"Path": "/media/in", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0750"}},
        "Tags": [{"Key": "Name", "Value": "media"}],
    })
}

#[test]
fn an_access_point_is_described_as_it_was_made_and_comes_and_goes_over_time() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    let asked = input(&id, "p");
    let made = cloud.ok("efs", "CreateAccessPoint", asked.clone());
    for member in ["FileSystemId", "ClientToken", "PosixUser", "RootDirectory", "Tags"] {
        assert_eq!(made[member], asked[member], "{member}");
    }
    assert_eq!(made["Name"], "media");
    assert_eq!(made["LifeCycleState"], "creating");
    assert_eq!(cloud.err("efs", "CreateAccessPoint", asked), "AccessPointAlreadyExists");
    cloud.pass(5.0);
    let one = json!({"AccessPointId": made["AccessPointArn"]});
    let seen =
        |input: Value| cloud.ok("efs", "DescribeAccessPoints", input)["AccessPoints"].clone();
    assert_eq!(seen(one.clone())[0]["LifeCycleState"], "available");
    assert_eq!(seen(json!({"FileSystemId": id})), seen(one.clone()));
    assert_eq!(seen(json!({})), seen(one.clone()));
    let point = made.text("AccessPointId");
    cloud.ok(
        "efs",
        "TagResource",
        json!({"ResourceId": point, "Tags": [{"Key": "a", "Value": "b"}]}),
    );
    assert_eq!(seen(one.clone())[0].items("Tags").len(), 2);
    cloud.ok("efs", "DeleteAccessPoint", json!({"AccessPointId": point}));
    assert_eq!(seen(one.clone())[0]["LifeCycleState"], "deleting");
    cloud.pass(5.0);
    assert_eq!(cloud.err("efs", "DescribeAccessPoints", one), "AccessPointNotFound");
}

#[test]
fn paths_are_up_to_four_directories_below_the_root() {
    let cloud = Probe::new();
    let id = file_system(&cloud, "one", json!({}));
    for (path, fits) in [
        ("/", true),
        ("/a", true),
        ("/a/b/c/d", true),
        ("/a/b/c/d/e", false),
        ("a", false),
        ("/.hidden", false),
        ("/a/", false),
        ("/a//b", false),
        ("/a*", false),
    ] {
        let mut asked = input(&id, path);
        asked["RootDirectory"]["Path"] = json!(path);
        let answer = cloud.call("efs", "CreateAccessPoint", &asked);
        assert_eq!(answer.is_ok(), fits, "{path}: {answer:?}");
    }
    let plain =
        cloud.ok("efs", "CreateAccessPoint", json!({"FileSystemId": id, "ClientToken": "plain"}));
    assert_eq!(plain["RootDirectory"], json!({"Path": "/"}));
}
