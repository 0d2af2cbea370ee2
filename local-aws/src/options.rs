//! How an embedded cloud behaves.

use std::collections::BTreeMap;

/// The settings of an embedded cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// From which ids and jitter are made: the same seed and the same calls give the same ids. Default: 0.
    pub seed: u64,
    /// Simulated seconds per real second. Default: 1.
    pub rate: f64,
    /// Simulated time at which a new cloud starts, in seconds since 1970. Default: the system's time.
    pub start: Option<f64>,
    /// Simulated seconds that every API call takes, half of them before its effect. Default: 0.1.
    pub api_seconds: f64,
    /// Whether times to ready vary, by seed, between the least and the most seen, instead of being the usual ones. Default: no.
    pub jitter: bool,
    /// How many reads after a write still see the row as it was before. Default: 0.
    pub stale_reads: u32,
    /// Quotas that differ from AWS's defaults, by name, such as `ec2.vpcs`.
    pub quotas: BTreeMap<String, usize>,
    /// Times to ready that differ from the usual ones in seconds, such as `ec2.nat_gateway.create`.
    /// `tagging.resource.visible` is how far the tagging API lags behind changes of tags, usually 0.
    pub latencies: BTreeMap<String, f64>,
    /// Whether Lambda functions really run, as processes of this machine that can do what this process can. It takes real
    /// time, and a tokio runtime with I/O. Default: no; an invocation then answers with an error that says so.
    pub functions: bool,
    /// The PostgreSQL that databases of the embedded RDS are made on. It takes real time, and a tokio runtime with I/O.
    /// Default: none; clusters are then records alone.
    #[cfg(all(unix, feature = "postgres"))]
    pub postgres: Option<crate::database::Postgres>,
}

impl Options {
    /// Whether anything happens in real time, so that the cloud must go on without requests.
    pub(crate) fn goes_on(&self) -> bool {
        self.functions || backs_databases(self)
    }
}

/// Whether databases of the embedded RDS are really there.
#[cfg(all(unix, feature = "postgres"))]
pub(crate) fn backs_databases(options: &Options) -> bool {
    options.postgres.is_some()
}

/// Without a PostgreSQL none is.
#[cfg(not(all(unix, feature = "postgres")))]
pub(crate) fn backs_databases(_: &Options) -> bool {
    false
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            rate: 1.0,
            start: None,
            api_seconds: 0.1,
            jitter: false,
            stale_reads: 0,
            quotas: BTreeMap::new(),
            latencies: BTreeMap::new(),
            functions: false,
            #[cfg(all(unix, feature = "postgres"))]
            postgres: None,
        }
    }
}
