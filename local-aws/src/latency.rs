//! How long things take on AWS: the least, usual and most seconds until ready, by kind of resource and phase.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Table = BTreeMap<String, BTreeMap<String, [f64; 3]>>;

static LATENCIES: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/latencies.json"))
        .expect("the shipped latencies are valid")
});

/// Least, usual and most seconds of a phase such as `create` of a kind such as `ec2.nat_gateway`.
pub(crate) fn of(kind: &str, phase: &str) -> Option<[f64; 3]> {
    LATENCIES.get(kind)?.get(phase).copied()
}
