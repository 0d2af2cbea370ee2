//! Throughput modes: <https://docs.aws.amazon.com/efs/latest/ug/performance.html#throughput-modes>

use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::services::efs::bad_request;
use serde_json::{Value, json};

/// The most MiB/s that an account gets provisioned for one file system without asking.
const QUOTA_MIBPS: usize = 1024;

/// How a file system's throughput is decided.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Throughput {
    pub(super) mode: String,
    pub(super) provisioned: Option<f64>,
}

impl Throughput {
    /// What a request or a row says; a request that names no mode means this one.
    pub(super) fn of(value: &Value, otherwise: &str) -> Result<Self, Fault> {
        let mode = value.opt("ThroughputMode").unwrap_or(otherwise).to_owned();
        let provisioned = value.number("ProvisionedThroughputInMibps");
        match (mode.as_str(), provisioned) {
            ("provisioned", None) => Err(bad_request(
                "ProvisionedThroughputInMibps is needed with the throughput mode provisioned.",
            )),
            ("provisioned", _) | (_, None) => Ok(Self { mode, provisioned }),
            _ => Err(bad_request(format!(
                "ProvisionedThroughputInMibps cannot be given with the throughput mode {mode}."
            ))),
        }
    }

    pub(super) fn check(&self, call: &Call, performance: &str) -> Result<(), Fault> {
        if self.mode == "elastic" && performance != "generalPurpose" {
            let message = "The throughput mode elastic needs the performance mode generalPurpose.";
            return Err(bad_request(message));
        }
        let quota = call.quota("efs.provisioned_mibps", QUOTA_MIBPS);
        #[expect(clippy::cast_precision_loss, reason = "a quota of MiB/s is far below 2^52")]
        if self.provisioned.is_some_and(|mibps| mibps > quota as f64) {
            let message = format!("The throughput limit of {quota} MiB/s has been reached.");
            return Err(Fault::new("ThroughputLimitExceeded", message));
        }
        Ok(())
    }

    /// Whether going from one to the other is what EFS lets happen once a day: another mode, or less of what is provisioned.
    pub(super) fn is_limited(&self, next: &Self) -> bool {
        self.mode != next.mode || next.provisioned < self.provisioned
    }

    pub(super) fn store(&self, row: &mut Value) {
        row["ThroughputMode"] = json!(self.mode);
        row["ProvisionedThroughputInMibps"] = json!(self.provisioned);
    }
}
