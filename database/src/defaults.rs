//! The parameters that this component sets, and what differs between production and development.

use globecart_aws::Environment;

use crate::{Acu, Capacity, Parameter, Parameters};

/// Statements that take longer are written to the log, in milliseconds.
const SLOW_MILLIS: u32 = 1000;

/// How long a session may leave a transaction open and idle, in milliseconds: five minutes. It holds locks and keeps
/// old rows from being cleaned up.
const IDLE_MILLIS: u32 = 300_000;

/// What differs between the environments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) capacity: Capacity,
    pub(crate) readers: u8,
    pub(crate) backup_retention_days: u8,
    pub(crate) deletion_protection: bool,
    pub(crate) keep_after_destroy: bool,
    pub(crate) monitoring_secs: u8,
}

impl Profile {
    pub(crate) fn of(environment: Environment) -> Self {
        match environment {
            Environment::Production => Self {
                capacity: Capacity::between(Acu::HALF, Acu::whole(16)),
                readers: 1,
                backup_retention_days: 35,
                deletion_protection: true,
                keep_after_destroy: true,
                monitoring_secs: 60,
            },
            Environment::Development => Self {
                capacity: Capacity::pausing(Acu::whole(4)),
                readers: 0,
                backup_retention_days: 7,
                deletion_protection: false,
                keep_after_destroy: false,
                monitoring_secs: 0,
            },
        }
    }
}

/// The parameters of the cluster.
pub(crate) fn parameters(tls_required: bool) -> Parameters {
    let at_once = [
        // Stated, because the engine's own default differs from version to version.
        ("rds.force_ssl", if tls_required { "1" } else { "0" }.to_owned()),
        ("ssl_min_protocol_version", "TLSv1.2".to_owned()),
        ("rds.accepted_password_auth_method", "scram".to_owned()),
        ("log_connections", "1".to_owned()),
        ("log_disconnections", "1".to_owned()),
        ("log_lock_waits", "1".to_owned()),
        ("log_min_duration_statement", SLOW_MILLIS.to_string()),
        ("idle_in_transaction_session_timeout", IDLE_MILLIS.to_string()),
        // Who may do what, and what the tables look like: PCI DSS 10.2.1.
        ("pgaudit.log", "ddl,role".to_owned()),
    ];
    let at_reboot = [("shared_preload_libraries", "pg_stat_statements,pgaudit".to_owned())];
    let at_once = at_once.map(|(name, value)| (name.to_owned(), Parameter::at_once(value)));
    let at_reboot = at_reboot.map(|(name, value)| (name.to_owned(), Parameter::at_reboot(value)));
    at_once.into_iter().chain(at_reboot).collect()
}
