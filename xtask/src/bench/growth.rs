//! How the cost grows with the size: 1 is in proportion, 2 is with the square.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// The growth exponent between two sizes that follow one another.
#[derive(Debug, PartialEq)]
pub(crate) struct Growth {
    shape: String,
    phase: String,
    from: u64,
    to: u64,
    pub(super) exponent: f64,
}

impl Growth {
    pub(crate) fn json(&self) -> Value {
        let Self { shape, phase, from, to, exponent } = self;
        json!({ "shape": shape, "phase": phase, "from": from, "to": to, "exponent": exponent })
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, phase, from, to, exponent } = self;
        write!(
            f,
            "{shape:<12}{phase:<10} CPU from {from:>6} to {to:>6} nodes: exponent {exponent:.2}"
        )
    }
}

/// The exponents of processor time, for every shape and phase. Runs without a figure are left out.
#[expect(clippy::cast_precision_loss, reason = "sizes are small")]
pub(crate) fn exponents(runs: &[Value]) -> Vec<Growth> {
    let mut costs: BTreeMap<(String, String), BTreeMap<u64, f64>> = BTreeMap::new();
    for run in runs {
        let text = |name: &str| Some(run[name].as_str()?.to_owned());
        let (Some(shape), Some(phase)) = (text("shape"), text("phase")) else { continue };
        if let (Some(nodes), Some(cpu)) = (run["nodes"].as_u64(), run["cpu_seconds"].as_f64()) {
            costs.entry((shape, phase)).or_default().insert(nodes, cpu);
        }
    }
    let of_costs = |((shape, phase), costs): ((String, String), BTreeMap<u64, f64>)| {
        let pairs: Vec<_> = costs.iter().zip(costs.iter().skip(1)).collect();
        let growth = |((from, less), (to, more)): ((&u64, &f64), (&u64, &f64))| Growth {
            shape: shape.clone(),
            phase: phase.clone(),
            from: *from,
            to: *to,
            exponent: exponent(*to as f64 / *from as f64, more / less),
        };
        pairs.into_iter().map(growth).collect::<Vec<_>>()
    };
    costs.into_iter().flat_map(of_costs).collect()
}

fn exponent(size: f64, cost: f64) -> f64 {
    (cost.ln() / size.ln() * 100.0).round() / 100.0
}
