//! Parameters and their defaults:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html>

use super::query::invalid;
use crate::fault::Fault;
use serde_json::{Value, json};

/// Whose parameter groups have a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Those of clusters alone.
    Cluster,
    /// Those of clusters and of instances.
    Both,
}

/// When a change takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apply {
    Dynamic,
    Static,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Values {
    /// `0` or `1`.
    Flag,
    /// Integers in a range.
    Range(i64, i64),
    /// One of these.
    One(&'static str),
    /// A list of some of these, with commas between.
    Some(&'static str),
    /// Any text.
    Text,
}

/// A parameter: its name, levels, when a change takes effect, values, and the default of the engine if it states one.
pub(super) struct Parameter(
    pub(super) &'static str,
    pub(super) Level,
    pub(super) Apply,
    pub(super) Values,
    pub(super) Option<&'static str>,
);

const LIBRARIES: &str = "auto_explain,orafce,pgaudit,pglogical,pg_bigm,pg_cron,pg_hint_plan,pg_prewarm,pg_similarity,pg_stat_statements,pg_tle,pg_transport,plprofiler,plrust";

const PARAMETERS: [Parameter; 38] = {
    use Apply::{Dynamic, Static};
    use Level::{Both, Cluster};
    use Values::{Flag, One, Range, Some as Several, Text};
    [
        Parameter(
            "apg_plan_mgmt.capture_plan_baselines",
            Both,
            Dynamic,
            One("automatic,manual,off"),
            Some("off"),
        ),
        Parameter("auto_explain.log_min_duration", Both, Dynamic, Range(-1, 2_147_483_647), None),
        Parameter("autovacuum", Cluster, Dynamic, Flag, Some("1")),
        Parameter(
            "autovacuum_max_workers",
            Cluster,
            Static,
            Range(1, 262_143),
            Some("GREATEST({DBInstanceClassMemory/64371566592},3)"),
        ),
        Parameter("client_encoding", Cluster, Dynamic, Text, None),
        Parameter("cron.database_name", Cluster, Static, Text, None),
        Parameter("deadlock_timeout", Both, Dynamic, Range(1, 2_147_483_647), Some("1000")),
        Parameter(
            "effective_cache_size",
            Both,
            Dynamic,
            Range(1, 2_147_483_647),
            Some("SUM({DBInstanceClassMemory/12038},-50003)"),
        ),
        Parameter(
            "idle_in_transaction_session_timeout",
            Both,
            Dynamic,
            Range(0, 2_147_483_647),
            Some("86400000"),
        ),
        Parameter("idle_session_timeout", Both, Dynamic, Range(0, 2_147_483_647), None),
        Parameter("lock_timeout", Both, Dynamic, Range(0, 2_147_483_647), None),
        Parameter("log_connections", Both, Dynamic, Flag, None),
        Parameter("log_disconnections", Both, Dynamic, Flag, None),
        Parameter("log_error_verbosity", Both, Dynamic, One("default,terse,verbose"), None),
        Parameter(
            "log_line_prefix",
            Cluster,
            Dynamic,
            One("%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:,%t:%r:%u@%d:[%p]:"),
            Some("%t:%r:%u@%d:[%p]:"),
        ),
        Parameter("log_lock_waits", Both, Dynamic, Flag, None),
        Parameter("log_min_duration_statement", Both, Dynamic, Range(-1, 2_147_483_647), None),
        Parameter(
            "log_min_error_statement",
            Both,
            Dynamic,
            One("debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic"),
            None,
        ),
        Parameter(
            "log_min_messages",
            Both,
            Dynamic,
            One("debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic"),
            None,
        ),
        Parameter("log_rotation_age", Cluster, Dynamic, Range(1, 1440), Some("60")),
        Parameter("log_rotation_size", Cluster, Dynamic, Range(50_000, 1_000_000), Some("100000")),
        Parameter("log_statement", Both, Dynamic, One("none,ddl,mod,all"), None),
        Parameter("log_temp_files", Both, Dynamic, Range(-1, 2_147_483_647), None),
        Parameter(
            "max_connections",
            Both,
            Static,
            Range(6, 262_143),
            Some("LEAST({DBInstanceClassMemory/9531392},5000)"),
        ),
        Parameter(
            "max_worker_processes",
            Both,
            Static,
            Range(0, 262_143),
            Some("GREATEST({DBInstanceVCPU*2},8)"),
        ),
        Parameter("password_encryption", Cluster, Dynamic, One("md5,scram-sha-256"), None),
        Parameter("pg_stat_statements.track", Both, Dynamic, One("none,top,all"), Some("top")),
        Parameter(
            "pgaudit.log",
            Both,
            Dynamic,
            Several(
                "ddl,function,misc,read,role,write,none,all,-ddl,-function,-misc,-read,-role,-write,misc_set,-misc_set",
            ),
            None,
        ),
        Parameter("pgaudit.role", Both, Dynamic, One("rds_pgaudit"), None),
        Parameter(
            "rds.accepted_password_auth_method",
            Cluster,
            Dynamic,
            One("md5+scram,scram"),
            Some("md5+scram"),
        ),
        Parameter("rds.force_ssl", Cluster, Dynamic, Flag, None),
        Parameter("rds.log_retention_period", Cluster, Dynamic, Range(1440, 10_080), Some("4320")),
        Parameter("rds.logical_replication", Cluster, Static, Flag, Some("0")),
        Parameter(
            "shared_preload_libraries",
            Both,
            Static,
            Several(LIBRARIES),
            Some("pg_stat_statements"),
        ),
        Parameter(
            "ssl_min_protocol_version",
            Cluster,
            Dynamic,
            One("TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"),
            None,
        ),
        Parameter("statement_timeout", Both, Dynamic, Range(0, 2_147_483_647), None),
        Parameter("timezone", Cluster, Dynamic, Text, Some("UTC")),
        Parameter("work_mem", Both, Dynamic, Range(64, 2_147_483_647), None),
    ]
};

/// The parameters of a level's groups.
pub(super) fn of(cluster: bool) -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter().filter(move |parameter| cluster || parameter.1 == Level::Both)
}

/// A parameter by its name.
pub(super) fn named(name: &str, cluster: bool) -> Result<&'static Parameter, Fault> {
    of(cluster)
        .find(|parameter| parameter.0 == name)
        .ok_or_else(|| invalid(format!("Could not find parameter with name: {name}")))
}

impl Parameter {
    /// The default in a family of a major version.
    fn default(&self, major: u16) -> Option<&'static str> {
        match self.0 {
            // <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html>
            "rds.force_ssl" => Some(if major >= 17 { "1" } else { "0" }),
            "password_encryption" => Some(if major >= 14 { "scram-sha-256" } else { "md5" }),
            _ => self.4,
        }
    }

    /// Refuses values that the parameter cannot have.
    pub(super) fn check(&self, value: &str) -> Result<(), Fault> {
        let fits = match self.3 {
            Values::Flag => ["0", "1"].contains(&value),
            Values::Range(least, most) => {
                value.contains('{')
                    || value.parse().is_ok_and(|number: i64| (least..=most).contains(&number))
            }
            Values::One(allowed) => allowed.split(',').any(|one| one == value),
            Values::Some(allowed) => value.split(',').all(|wanted| {
                allowed.split(',').any(|one| one.eq_ignore_ascii_case(wanted.trim()))
            }),
            Values::Text => true,
        };
        if fits {
            return Ok(());
        }
        Err(invalid(format!(
            "Invalid parameter value: {value} for: {} allowed values are: {}",
            self.0,
            self.allowed().unwrap_or_default()
        )))
    }

    fn allowed(&self) -> Option<String> {
        match self.3 {
            Values::Flag => Some("0,1".to_owned()),
            Values::Range(least, most) => Some(format!("{least}-{most}")),
            Values::One(allowed) | Values::Some(allowed) => Some(allowed.to_owned()),
            Values::Text => None,
        }
    }

    /// The parameter as a group describes it; `set` is the value and method that somebody set.
    pub(super) fn described(&self, major: u16, set: Option<&Value>) -> Value {
        let kind = match self.3 {
            Values::Flag => "boolean",
            Values::Range(..) => "integer",
            Values::Some(_) => "list",
            Values::One(_) | Values::Text => "string",
        };
        let own = self.default(major);
        let source = match (set, own) {
            (Some(_), _) => "user",
            (None, Some(_)) => "system",
            (None, None) => "engine-default",
        };
        json!({
            "ParameterName": self.0, "ParameterValue": set.map_or_else(|| json!(own), |set| set["value"].clone()),
            "Source": source, "ApplyType": if self.2 == Apply::Static { "static" } else { "dynamic" }, "DataType": kind,
            "AllowedValues": self.allowed(), "IsModifiable": true,
            "ApplyMethod": set.map_or_else(|| json!("pending-reboot"), |set| set["method"].clone()),
            "SupportedEngineModes": ["provisioned"], "_key": self.0,
        })
    }
}
