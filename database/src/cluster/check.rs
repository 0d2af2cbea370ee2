//! What RDS would refuse of a cluster.

use globecart_aws::engine::Invalid;

use super::DbCluster;

/// Names that PostgreSQL or RDS keep for themselves.
const RESERVED: [&str; 7] =
    ["admin", "postgres", "rdsadmin", "rdsrepladmin", "rdstopmgr", "root", "public"];

impl DbCluster {
    pub(super) fn checked(&self) -> Result<(), Invalid> {
        self.capacity.check()?;
        self.insights.check()?;
        major(&self.engine_version)?;
        if !(1..=35).contains(&self.backup_retention_days) {
            let days = self.backup_retention_days;
            let problem = format!("must be 1 to 35 days, not {days}");
            return Err(Invalid::new("backup_retention_days", problem));
        }
        if self.port < 1150 {
            let problem = format!("must be 1150 to 65535, not {}", self.port);
            return Err(Invalid::new("port", problem));
        }
        let name = self.master_username.as_str();
        if !is_name(name) || name.len() > 63 {
            let problem =
                format!("`{name}` must be 1 to 63 letters, digits and `_`, first a letter");
            return Err(Invalid::new("master_username", problem));
        }
        // `postgres` would work, and is the first that everybody tries: RDS.24 and RDS.25.
        if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            let problem =
                format!("`{name}` is reserved, or the first that is tried: choose another");
            return Err(Invalid::new("master_username", problem));
        }
        match &self.database_name {
            Some(name) if !is_name(name) || name.len() > 63 => {
                let problem =
                    format!("`{name}` must be 1 to 63 letters, digits and `_`, first a letter");
                Err(Invalid::new("database_name", problem))
            }
            _ => Ok(()),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
}

/// The major version of `17` or `17.4`.
pub(crate) fn major(version: &str) -> Result<u16, Invalid> {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    match (major.parse::<u16>(), minor.parse::<u16>()) {
        (Ok(major), Ok(_)) if major >= 13 => Ok(major),
        _ => {
            let problem =
                format!("`{version}` must be a major version such as `17`, or one such as `17.4`");
            Err(Invalid::new("engine_version", problem))
        }
    }
}
