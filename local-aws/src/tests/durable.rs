//! The cloud's folder: what is acknowledged stays, one process at a time.

use super::create_vpc;
use crate::cloud::{Cloud, OpenError, Opened};
use crate::options::Options;
use crate::store::LoadError;
use crate::testing::{Probe, START};
use serde_json::json;
use std::fs;
use std::path::Path;

fn open(folder: &Path) -> Result<Opened, OpenError> {
    Cloud::open(folder, Options { start: Some(START), api_seconds: 0.0, ..Options::default() })
}

fn owned(folder: &Path) -> Probe {
    Probe::over(|| match open(folder) {
        Ok(Opened::Owned(cloud)) => cloud,
        other => panic!("{other:?}"),
    })
}

fn vpcs(cloud: &Probe) -> Vec<String> {
    let rows = cloud.cloud.rows().into_iter().filter(|row| row.table == "ec2.vpc");
    rows.map(|row| format!("{} {}", row.id, row.value["State"])).collect()
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let first = owned(folder.path());
    first.ok("ec2", "CreateVpc", create_vpc());
    first.pass(2.0);
    first.ok("ec2", "DescribeVpcs", json!({}));
    first.ok("ec2", "CreateVpc", create_vpc());
    // What a kill leaves behind: the file as it is now, without the clean end.
    fs::copy(folder.path().join("log"), copy.path().join("log")).unwrap();
    let second = owned(copy.path());
    assert_eq!(vpcs(&second), vpcs(&first));
    assert!(vpcs(&second)[0].contains("available") != vpcs(&second)[1].contains("available"));
    assert!(second.now() >= START + 2.0, "time goes on from where it was");
    second.pass(2.0);
    let all = second.ok("ec2", "DescribeVpcs", json!({}));
    assert!(all["Vpcs"].as_array().unwrap().iter().all(|vpc| vpc["State"] == "available"));
}

#[test]
fn every_cut_of_the_last_line_loads_and_every_earlier_damage_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = owned(folder.path());
    cloud.ok("ec2", "CreateVpc", create_vpc());
    let whole = fs::read(folder.path().join("log")).unwrap();
    cloud.ok("ec2", "CreateInternetGateway", json!({}));
    let more = fs::read(folder.path().join("log")).unwrap();
    drop(cloud);
    let load = |bytes: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("log"), bytes).unwrap();
        open(folder.path()).map(|opened| match opened {
            Opened::Owned(cloud) => cloud.rows().len(),
            Opened::Served(address) => panic!("served at {address}"),
        })
    };
    let before = load(&whole).unwrap();
    for end in whole.len()..more.len() {
        assert_eq!(load(&more[..end]).unwrap(), before, "cut at {end}");
    }
    assert_eq!(load(&more).unwrap(), before + 1);
    for at in (0..whole.len()).step_by(97) {
        let mut damaged = more.clone();
        damaged[at] ^= 1;
        let refused = matches!(
            load(&damaged),
            Err(OpenError::Load(LoadError::Damaged { .. } | LoadError::Format { .. }))
        );
        assert!(refused, "damage at {at} goes unseen");
    }
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let holder = owned(folder.path());
    assert!(matches!(open(folder.path()), Err(OpenError::Busy(_))));
    holder.cloud.announce(Some("127.0.0.1:4566")).unwrap();
    assert!(
        matches!(open(folder.path()), Ok(Opened::Served(address)) if address == "127.0.0.1:4566")
    );
    // A server that is killed leaves its address behind, but not its lock.
    drop(holder);
    owned(folder.path());
    assert!(!folder.path().join("address").exists());
}

#[test]
fn a_clean_end_writes_the_rows_once() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = owned(folder.path());
    for _ in 0..20 {
        let id = cloud.ok("ec2", "CreateVpc", create_vpc())["Vpc"]["VpcId"].clone();
        cloud.ok("ec2", "DeleteVpc", json!({"VpcId": id}));
    }
    let long = fs::metadata(folder.path().join("log")).unwrap().len();
    cloud.cloud.save().unwrap();
    assert!(fs::metadata(folder.path().join("log")).unwrap().len() < long / 10);
    let kept = cloud.ok("ec2", "CreateVpc", create_vpc())["Vpc"]["VpcId"].clone();
    drop(cloud);
    let again = owned(folder.path());
    assert!(vpcs(&again)[0].starts_with(kept.as_str().unwrap()));
}
