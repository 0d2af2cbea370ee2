//! Instance classes, and where they can be had:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.html>

use super::engine::{ENGINE, Version};
use super::query::{combination, invalid, page_size};
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::region;
use serde_json::{Value, json};

/// The class of instances whose capacity follows the load.
pub(super) const SERVERLESS: &str = "db.serverless";

/// Families, with their sizes.
const FAMILIES: [(&str, &[&str]); 10] = [
    (
        "r5",
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"],
    ),
    ("r6g", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]),
    (
        "r6i",
        &[
            "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge",
            "32xlarge",
        ],
    ),
    ("r7g", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]),
    (
        "r7i",
        &[
            "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge",
            "48xlarge",
        ],
    ),
    (
        "r8g",
        &[
            "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge",
            "48xlarge",
        ],
    ),
    ("t3", &["medium", "large"]),
    ("t4g", &["medium", "large"]),
    ("x2g", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]),
    ("r6id", &["8xlarge", "32xlarge"]),
];

fn classes() -> impl Iterator<Item = String> {
    let sized = FAMILIES
        .iter()
        .flat_map(|(family, sizes)| sizes.iter().map(move |size| format!("db.{family}.{size}")));
    std::iter::once(SERVERLESS.to_owned()).chain(sized)
}

/// Checks that a version can run on a class.
pub(super) fn check(class: &str, version: Version) -> Result<(), Fault> {
    if classes().any(|known| known == class) {
        return Ok(());
    }
    if !class.starts_with("db.") {
        return Err(invalid(format!("Invalid DB Instance class: {class}")));
    }
    Err(combination(format!(
        "RDS does not support creating a DB instance with the following combination: DBInstanceClass={class}, Engine={ENGINE}, EngineVersion={}, LicenseModel=postgresql-license. For supported combinations of instance class and database engine version, see the documentation.",
        version.text()
    )))
}

/// How large a class is among others, for the choice of who is promoted.
pub(super) fn size(class: &str) -> usize {
    let size = class.rsplit('.').next().unwrap_or_default();
    match size.strip_suffix("xlarge") {
        Some("") => 4,
        Some(times) => times.parse::<usize>().map_or(0, |times| times * 4),
        None if size == "large" => 2,
        None => 1,
    }
}

/// `DescribeOrderableDBInstanceOptions`.
pub(super) fn describe(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    page_size(&input)?;
    if input.text("Engine") != ENGINE {
        return Ok(json!({"OrderableDBInstanceOptions": []}));
    }
    let version = match input.opt("EngineVersion") {
        Some(text) => Version::parse(text),
        None => super::engine::version(&input).ok(),
    };
    let Some(version) = version else { return Ok(json!({"OrderableDBInstanceOptions": []})) };
    let zones: Vec<Value> =
        region::zones(call.region()).iter().map(|(name, _)| json!({"Name": name})).collect();
    let wanted = |class: &String| input.opt("DBInstanceClass").is_none_or(|of| of == class);
    let options = classes().filter(wanted).map(|class| {
        json!({
            "Engine": ENGINE, "EngineVersion": version.text(), "DBInstanceClass": class, "LicenseModel": "postgresql-license",
            "AvailabilityZoneGroup": call.region(), "AvailabilityZones": zones, "MultiAZCapable": false, "ReadReplicaCapable": false,
            "Vpc": true, "SupportsStorageEncryption": true, "StorageType": "aurora", "SupportsIops": false,
            "SupportsStorageThroughput": false, "SupportsEnhancedMonitoring": true, "SupportsIAMDatabaseAuthentication": true,
            "SupportsPerformanceInsights": true, "SupportedEngineModes": ["provisioned"], "SupportsStorageAutoscaling": false,
            "SupportsKerberosAuthentication": true, "OutpostCapable": false, "SupportsGlobalDatabases": true,
            "SupportedNetworkTypes": ["IPV4", "DUAL"], "SupportsClusters": false, "SupportsDedicatedLogVolume": false,
            "AvailableProcessorFeatures": [], "SupportedActivityStreamModes": ["async", "sync"],
            "SupportsAdditionalStorageVolumes": false, "SupportsHttpEndpoint": true,
        })
    });
    Ok(json!({"OrderableDBInstanceOptions": options.collect::<Vec<_>>()}))
}
