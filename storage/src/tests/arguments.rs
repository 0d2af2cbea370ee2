//! What a change of each argument means, and what EFS would refuse.

use std::collections::BTreeSet;

use globecart_aws::engine::{Argument, CallError, Class, Effect, Operation, Order, Resource};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{Aws, FileSystemId, SecurityGroupId, SubnetId};
use serde_json::Value;

use crate::{
    AccessPoint, FileSystem, FileSystemPolicy, LifecycleConfiguration, MountTarget, Throughput,
    UnusedFor,
};

const IN_PLACE: Argument = Argument::InPlace(Effect::AtOnce);
const CREATE_FIRST: Argument = Argument::Replace(Order::CreateFirst);
const DELETE_FIRST: Argument = Argument::Replace(Order::DeleteFirst);

#[track_caller]
fn change<R: Resource<Aws>>(expected: &[(&str, Argument)]) {
    for (name, argument) in expected {
        assert_eq!(R::argument(name, &Value::Null, &Value::Null), *argument, "{} {name}", R::TYPE);
    }
}

#[test]
fn what_a_zone_has_room_for_once_goes_before_its_successor() {
    change::<FileSystem>(&[
        ("kms_key", CREATE_FIRST),
        ("throughput", IN_PLACE),
        ("backup", IN_PLACE),
    ]);
    change::<MountTarget>(&[
        ("file_system", CREATE_FIRST),
        ("subnet", DELETE_FIRST),
        ("security_groups", IN_PLACE),
    ]);
    change::<AccessPoint>(&[("path", CREATE_FIRST), ("uid", CREATE_FIRST)]);
    change::<LifecycleConfiguration>(&[("file_system", CREATE_FIRST), ("archive", IN_PLACE)]);
    change::<FileSystemPolicy>(&[("file_system", CREATE_FIRST), ("policy", IN_PLACE)]);
}

#[track_caller]
fn refused(resource: &impl Resource<Aws>, expected: &str) {
    assert_eq!(resource.check().unwrap_err().to_string(), expected);
}

fn point() -> AccessPoint {
    AccessPoint::builder()
        .file_system(FileSystemId::new("fs-1"))
        .path("/media")
        .uid(1000)
        .gid(1000)
        .build()
}

#[test]
fn root_is_refused_as_user_group_and_directory() {
    let root = "0 is root, who may do anything; give the clients an id of their own";
    assert!(point().check().is_ok());
    refused(&AccessPoint { uid: 0, ..point() }, &format!("uid: {root}"));
    refused(&AccessPoint { gid: 0, ..point() }, &format!("gid: {root}"));
    let secondary_gids = BTreeSet::from([0]);
    refused(&AccessPoint { secondary_gids, ..point() }, &format!("secondary_gids: {root}"));
    let secondary_gids = (1..=17).collect();
    refused(
        &AccessPoint { secondary_gids, ..point() },
        "secondary_gids: an access point has at most 16 secondary groups, not 17",
    );
    let at = |path: &str| AccessPoint { path: path.to_owned(), ..point() };
    refused(
        &at("/"),
        "path: `/` is the root of the file system, in which every client would see everything; name a directory",
    );
    let names = "must be `/` and names that do not start with a dot and have none of $#<>;`|&?{}^*";
    for path in ["media", "/.git", "/a//b", "/a/", "/a*", ""] {
        refused(&at(path), &format!("path: `{path}` {names}"));
    }
    refused(
        &at("/a/b/c/d/e"),
        "path: `/a/b/c/d/e` must have at most four levels and 100 characters",
    );
    let with = |permissions: &str| AccessPoint { permissions: permissions.to_owned(), ..point() };
    refused(&with("rwx"), "permissions: `rwx` must be three or four octal digits, as in `0750`");
    refused(
        &with("0777"),
        "permissions: `0777` lets everybody write; give the group what others need",
    );
}

#[test]
fn what_efs_would_refuse_is_refused_before() {
    let none = Throughput::Provisioned(0);
    refused(
        &FileSystem::builder().throughput(none).build(),
        "throughput: provisioned throughput is at least 1 MiB/s",
    );
    let target = |groups: usize| {
        let groups = (0..groups).map(|_| SecurityGroupId::new("sg-1").into()).collect::<Vec<_>>();
        MountTarget::builder()
            .file_system(FileSystemId::new("fs-1"))
            .subnet(SubnetId::new("subnet-1"))
            .security_groups(groups)
            .build()
    };
    refused(&target(0), "security_groups: a mount target has 1 to 5 security groups, not 0");
    refused(&target(6), "security_groups: a mount target has 1 to 5 security groups, not 6");
    let everybody = Statement::allow(["elasticfilesystem:ClientMount"]).anybody().on_any();
    let policy = FileSystemPolicy::builder().file_system(FileSystemId::new("fs-1"));
    refused(
        &policy.policy(PolicyDocument::new([everybody])).build(),
        "policy: allows everybody something without a condition",
    );
}

#[test]
fn periods_read_back_as_they_are_written() {
    for (rule, days) in [("AFTER_1_DAY", 1), ("AFTER_90_DAYS", 90), ("AFTER_365_DAYS", 365)] {
        let period = UnusedFor::described(rule).unwrap();
        assert_eq!((period.rule(), period.days()), (rule, days));
    }
    assert_eq!(UnusedFor::described("AFTER_2_DAYS"), None);
}

#[test]
fn a_change_of_throughput_within_a_day_is_not_tried_again_and_a_new_role_is() {
    let error = |class, code: &str, message: &str| {
        CallError::new(class, "changing", message).with_code(code.to_owned())
    };
    let soon = error(Class::Throttled, "TooManyRequests", "once in 24 hours");
    assert_eq!(FileSystem::class_of(&soon, Operation::Update), Class::Invalid);
    assert_eq!(FileSystem::class_of(&soon, Operation::Create), Class::Throttled);
    let unseen = error(Class::Invalid, "InvalidPolicyException", "unknown principal: role");
    assert_eq!(FileSystemPolicy::class_of(&unseen, Operation::Create), Class::Propagation);
    let locked = error(Class::Invalid, "InvalidPolicyException", "keeps its author out");
    assert_eq!(FileSystemPolicy::class_of(&locked, Operation::Create), Class::Invalid);
}
