//! Engine versions: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/AuroraPostgreSQL.Updates.html>

use super::query::{combination, invalid, page_size, passes};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

/// The engine of this cloud.
pub(super) const ENGINE: &str = "aurora-postgresql";

/// The logs that the engine exports.
pub(super) const LOG_TYPES: [&str; 3] = ["postgresql", "iam-db-auth-error", "instance"];

/// A major version: its number, its first and last minor version, and the one that new clusters get.
struct Major(u16, u16, u16, u16);

const MAJORS: [Major; 6] = [
    Major(13, 9, 23, 22),
    Major(14, 6, 24, 19),
    Major(15, 3, 19, 14),
    Major(16, 1, 15, 10),
    Major(17, 4, 11, 7),
    Major(18, 3, 6, 3),
];

/// Minor versions that were never offered.
const SKIPPED: [(u16, u16); 1] = [(18, 5)];

/// The major version that a request without a version means.
const DEFAULT_MAJOR: u16 = 17;

/// A version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u16,
    pub(super) minor: u16,
}

impl Version {
    /// Reads `17.4`, or takes the default minor version of `17`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = if let Some((major, minor)) = text.split_once('.') {
            (major.parse().ok()?, minor.parse().ok()?)
        } else {
            let major: u16 = text.parse().ok()?;
            (major, MAJORS.iter().find(|known| known.0 == major)?.3)
        };
        let version = Self { major, minor };
        all().find(|known| *known == version)
    }

    /// The version of a row.
    pub(super) fn of(row: &Value) -> Self {
        Self::parse(row.text("EngineVersion")).unwrap_or(Self { major: DEFAULT_MAJOR, minor: 0 })
    }

    /// The family of its parameter groups.
    pub(super) fn family(self) -> String {
        format!("{ENGINE}{}", self.major)
    }

    pub(super) fn text(self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// How many minor versions of the same major version are newer.
    fn behind(self) -> usize {
        all().filter(|other| other.major == self.major && other.minor > self.minor).count()
    }

    /// Whether an upgrade leads there: to a newer minor version, or to one of a later major version that is as new.
    fn upgrades_to(self, target: Self) -> bool {
        if target.major == self.major {
            return target.minor > self.minor;
        }
        target.major > self.major && target.behind() <= self.behind()
    }

    /// Checks an upgrade; the version that it leads to.
    pub(super) fn upgrade(self, to: &str, major_allowed: bool) -> Result<Self, Fault> {
        let target = Self::parse(to).ok_or_else(|| no_version(to))?;
        if target == self {
            return Ok(self);
        }
        if !self.upgrades_to(target) {
            return Err(combination(format!(
                "Cannot upgrade {ENGINE} from {} to {}",
                self.text(),
                target.text()
            )));
        }
        if target.major != self.major && !major_allowed {
            return Err(combination(
                "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
            ));
        }
        Ok(target)
    }
}

fn all() -> impl Iterator<Item = Version> {
    MAJORS.iter().flat_map(|Major(major, first, last, _)| {
        let minors = (*first..=*last).filter(|minor| !SKIPPED.contains(&(*major, *minor)));
        minors.map(|minor| Version { major: *major, minor })
    })
}

/// The version that a request asks for; without one, the default.
pub(super) fn version(input: &Value) -> Result<Version, Fault> {
    engine(input)?;
    let text = input.opt("EngineVersion");
    let wanted = text.map_or_else(|| DEFAULT_MAJOR.to_string(), str::to_owned);
    Version::parse(&wanted).ok_or_else(|| no_version(&wanted))
}

/// Other engines than this cloud's are refused.
pub(super) fn engine(input: &Value) -> Result<(), Fault> {
    match input.text("Engine") {
        ENGINE => Ok(()),
        other @ ("aurora-mysql" | "mysql" | "postgres" | "mariadb" | "neptune" | "docdb") => {
            Err(Fault::not_implemented(&format!("rds with the engine {other}")))
        }
        other => Err(invalid(format!("Invalid DB engine: {other}"))),
    }
}

fn no_version(version: &str) -> Fault {
    combination(format!("Cannot find version {version} for {ENGINE}"))
}

/// Whether a parameter family is known.
pub(super) fn is_family(family: &str) -> bool {
    MAJORS.iter().any(|major| family == format!("{ENGINE}{}", major.0))
}

/// The major version of a family.
pub(super) fn major_of(family: &str) -> u16 {
    family.strip_prefix(ENGINE).and_then(|major| major.parse().ok()).unwrap_or(DEFAULT_MAJOR)
}

/// `DescribeDBEngineVersions`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    let engine = input.opt("Engine");
    if engine.is_some_and(|engine| engine != ENGINE) {
        return Ok(json!({"DBEngineVersions": []}));
    }
    let wanted = |version: &Version| {
        let exact = input
            .opt("EngineVersion")
            .is_none_or(|text| text == version.text() || text == version.major.to_string());
        let family = input.opt("DBParameterGroupFamily").is_none_or(|of| of == version.family());
        exact && family
    };
    let found: Vec<Version> = all()
        .filter(wanted)
        .filter(|version| !input.flag("DefaultOnly") || is_default(*version, &input))
        .collect();
    let mut shown = Vec::new();
    for version in found {
        let row = described(call, version);
        let fields = [
            ("engine", "Engine"),
            ("engine-version", "EngineVersion"),
            ("db-parameter-group-family", "DBParameterGroupFamily"),
            ("status", "Status"),
            ("engine-mode", "SupportedEngineModes"),
        ];
        if passes(&row, input.items("Filters"), &fields)? {
            shown.push(row);
        }
    }
    Ok(json!({"DBEngineVersions": shown}))
}

/// The default of the engine, or of the major version or family that a request names.
fn is_default(version: Version, input: &Value) -> bool {
    let of_major = MAJORS.iter().any(|major| major.0 == version.major && major.3 == version.minor);
    let named = input.has("EngineVersion") || input.has("DBParameterGroupFamily");
    of_major && (named || version.major == DEFAULT_MAJOR)
}

fn described(call: &Call, version: Version) -> Value {
    let targets = all().filter(|target| version.upgrades_to(*target)).map(|target| {
        let auto = target.major == version.major && target.behind() == 0;
        json!({
            "Engine": ENGINE, "EngineVersion": target.text(), "Description": about(target), "AutoUpgrade": auto,
            "IsMajorVersionUpgrade": target.major != version.major, "SupportedEngineModes": ["provisioned"],
            "SupportsParallelQuery": false, "SupportsGlobalDatabases": true, "SupportsBabelfish": false,
            "SupportsLocalWriteForwarding": true, "SupportsIntegrations": false,
        })
    });
    json!({
        "Engine": ENGINE, "MajorEngineVersion": version.major.to_string(), "EngineVersion": version.text(),
        "DBParameterGroupFamily": version.family(), "DBEngineDescription": "Aurora (PostgreSQL)",
        "DBEngineVersionDescription": about(version), "DBEngineMediaType": "AWS Provided", "Status": "available",
        "DBEngineVersionArn": call.arn("rds", &format!("cev:{ENGINE}/{}", version.text())),
        "ValidUpgradeTarget": targets.collect::<Vec<_>>(), "ExportableLogTypes": LOG_TYPES, "SupportsLogExportsToCloudwatchLogs": true,
        "SupportsReadReplica": false, "SupportedEngineModes": ["provisioned"], "SupportedFeatureNames": [],
        "SupportsParallelQuery": false, "SupportsGlobalDatabases": true, "TagList": [], "SupportsBabelfish": false,
        "SupportsLimitlessDatabase": false, "SupportsCertificateRotationWithoutRestart": true,
        "SupportedCACertificateIdentifiers": super::certificate::identifiers(), "SupportsLocalWriteForwarding": true,
        "SupportsIntegrations": false, "ServerlessV2FeaturesSupport": {"MinCapacity": 0.0, "MaxCapacity": 256.0},
    })
}

fn about(version: Version) -> String {
    format!("Aurora PostgreSQL (Compatible with PostgreSQL {})", version.text())
}
