//! What is there when a run begins, what it is to do, and what an undisturbed one does and leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use globecart_local_aws::{CallRecord, Row};
use globecart_tests::{At, Boundary};

use super::server::Server;
use crate::binary::Folder;

/// A run that is to be disturbed, as it is declared.
pub(super) struct Plot {
    name: &'static str,
    /// The settings with which the stack came up before, if it did.
    before: Option<&'static str>,
    settings: &'static str,
    verb: &'static [&'static str],
}

pub(super) const DESTROY: &[&str] = &["destroy", "--yes", "--confirm-data-loss", "globecart"];

const TWO_ZONES: &str = "[network]\nzones = 2\n";

/// Other private subnets replace them, in place of each other; the flow log's group is changed in place.
const OTHER_SUBNETS: &str = "[network]\nzones = 2\nprivate_prefix = 21\nflow_log_days = 400\n";

pub(super) const SCENARIOS: [Plot; 3] = [
    Plot { name: "up", before: None, settings: TWO_ZONES, verb: UP },
    Plot { name: "change", before: Some(TWO_ZONES), settings: OTHER_SUBNETS, verb: UP_ANYHOW },
    Plot { name: "destroy", before: Some(TWO_ZONES), settings: TWO_ZONES, verb: DESTROY },
];

/// GlobeCart's network, and what it needs.
const UP: &[&str] = &["up", "--only", "network"];

const UP_ANYHOW: &[&str] =
    &["up", "--only", "network", "--yes", "--confirm-data-loss", "globecart"];

/// How many rows each table has, those aside that AWS shows although they are gone.
pub(super) type Inventory = BTreeMap<String, usize>;

/// A run that is to be disturbed, and what it comes to when it is not.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) verb: &'static [&'static str],
    start: Folder,
    /// Every call that changes something.
    pub(super) calls: Vec<Boundary>,
    /// What there is after the run, and after a destroy that follows it.
    pub(super) made: Inventory,
    pub(super) left: Inventory,
}

impl Scenario {
    pub(super) fn prepare(plot: &Plot) -> Self {
        let start = Folder::new();
        if let Some(before) = plot.before {
            start.configure(before);
            start.run_well(UP);
        }
        start.configure(plot.settings);
        let folder = copy(&start);
        let server = Server::start(&folder);
        server.cloud.clear_records();
        folder.run_well(plot.verb);
        let (calls, made) = (calls(&server.cloud.records()), inventory(&server.cloud.rows()));
        folder.run_well(DESTROY);
        let rows = server.cloud.rows();
        let ours: Vec<&Row> = rows.iter().filter(|row| is_there(row) && is_ours(row)).collect();
        assert!(ours.is_empty(), "{}: left after a destroy: {ours:#?}", plot.name);
        let left = inventory(&rows);
        server.stop();
        let (name, verb) = (plot.name, plot.verb);
        Self { name, verb, start, calls, made, left }
    }

    /// A folder in which the run can begin.
    pub(super) fn folder(&self) -> Folder {
        copy(&self.start)
    }
}

pub(super) fn inventory(rows: &[Row]) -> Inventory {
    // What is recorded of what happened depends on how long it took.
    let history =
        ["cloudwatch.alarm_history", "cloudwatch.metric", "cloudwatch.minute", "sns.message"];
    let mut tables = Inventory::new();
    for row in rows.iter().filter(|row| is_there(row) && !history.contains(&row.table.as_str())) {
        *tables.entry(row.table.clone()).or_insert(0) += 1;
    }
    tables
}

/// A key or a secret counts as gone once its deletion is scheduled, a NAT gateway although it is described for another hour.
/// Recovery points and automatic snapshots come at a time of the day.
fn is_there(row: &Row) -> bool {
    let automatic =
        ["SnapshotType", "SnapshotSource"].iter().any(|of| row.value[*of] == "automated");
    row.value["KeyState"] != "PendingDeletion"
        && !row.value["DeletedDate"].is_number()
        && row.value["State"] != "deleted"
        && row.table != "backup.recovery_point"
        && !automatic
}

/// Whether a destroy should have taken it: it carries the stack's tags and is not kept on purpose, as last snapshots,
/// their keys and the backups of a deleted cluster are.
fn is_ours(row: &Row) -> bool {
    let kept =
        ["elasticache.snapshot", "rds.db_cluster_automated_backup", "rds.db_cluster_snapshot"];
    let value = row.value.to_string();
    value.contains("globecart:stack")
        && !value.contains("globecart:kept")
        && !kept.contains(&row.table.as_str())
}

/// The calls that changed something, each told from those that are like it by its number among them.
fn calls(records: &[CallRecord]) -> Vec<Boundary> {
    let mut seen: BTreeMap<(&str, &str, Option<&str>), u64> = BTreeMap::new();
    let changed = records.iter().filter(|call| call.is_mutating() && call.effect.is_some());
    let boundaries = changed.map(|call| {
        // A rule without an address counts every call of its operation.
        let of_operation = seen.entry((call.service, &call.operation, None)).or_default();
        *of_operation += 1;
        let mut nth = *of_operation;
        if let Some(address) = &call.address {
            let of_address =
                seen.entry((call.service, &call.operation, Some(address))).or_default();
            *of_address += 1;
            nth = *of_address;
        }
        Boundary {
            service: call.service.to_owned(),
            operation: call.operation.clone(),
            address: call.address.clone(),
            nth,
            at: At::Call,
        }
    });
    boundaries.collect()
}

/// The same folder again: the settings, the state and the cloud.
fn copy(folder: &Folder) -> Folder {
    let copy = Folder::new();
    copy_all(folder.path(), copy.path());
    copy
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
