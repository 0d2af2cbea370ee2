//! The embedded AWS over HTTP: what boto3 and the AWS command line read is what was declared.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::binary::Folder;

/// The Python with boto3, where it was set up; `cargo xtask test` sees to it.
pub(crate) fn python() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how the test set-up says where its Python is")]
    std::env::var("GLOBECART_TEST_PYTHON").ok()
}

/// A running `serve`, stopped when it is dropped.
pub(crate) struct Served {
    child: Child,
    endpoint: String,
}

impl Served {
    fn start(folder: &Folder) -> Self {
        Self::of(&mut folder.command(&["serve", "--port", "0"]))
    }

    /// Starts it by a command of its own.
    pub(crate) fn of(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output is piped");
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let endpoint =
            line.trim().strip_prefix("listening on ").expect("the promised form").to_owned();
        Self { child, endpoint }
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(pid).status().expect("kill is there");
        self.child.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn describe(python: &str, endpoint: &str) -> Value {
    script(python, "describe.py", endpoint)
}

/// Runs one of the scripts in `tests/python`, which prints one JSON document.
fn script(python: &str, name: &str, endpoint: &str) -> Value {
    let script = format!("{}/python/{name}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python)
        .args([script.as_str(), endpoint, "us-east-1"])
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}

fn tags(resource: &Value) -> BTreeMap<&str, &str> {
    let tags = resource["Tags"].as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((tag["Key"].as_str()?, tag["Value"].as_str()?))).collect()
}

fn addresses(all: &Value, key: &str) -> BTreeSet<String> {
    let resources = all[key].as_array().expect("a list").iter();
    resources
        .filter_map(|resource| tags(resource).get("globecart:resource").map(|at| (*at).to_owned()))
        .collect()
}

#[test]
fn boto3_reads_what_was_declared_and_nothing_is_left_afterwards() {
    let Some(python) = python() else { return };
    let folder = Folder::new();
    folder.run_well(&[]);
    let served = Served::start(&folder);
    let all = describe(&python, &served.endpoint);
    check_network(&all);
    check_records(&all);
    check_storage(&all);
    check_cache(&all);
    check_database(&all);

    // A command that finds the cloud served talks to the server.
    let again = folder.run_well(&["up", "--json"]).finished();
    assert_eq!(again["outcome"], "no_changes");
    folder.run_well(&["destroy", "--yes", "--confirm-data-loss", "globecart"]);
    let kept = describe(&python, &served.endpoint);
    assert_eq!(kept["db_cluster_snapshots"].as_array().map(Vec::len), Some(1));
    folder.run_well(&["destroy", "--kept", "--yes", "--confirm-data-loss", "globecart"]);
    let left = describe(&python, &served.endpoint);
    for (what, found) in left.as_object().expect("an object") {
        let found = found.as_array().expect("a list").iter();
        // The role of a service is the account's, and what is kept on purpose says so.
        let gone = |thing: &&Value| {
            thing["State"] == "deleted"
                || thing["Metadata"]["KeyState"] == "PendingDeletion"
                || of_the_account(thing)
                || thing.to_string().contains("globecart:kept")
        };
        let left: Vec<_> = found.filter(|thing| !gone(thing)).collect();
        // The tagging API goes on listing what is still described, such as keys that can be brought back.
        let lingers = |thing: &&&Value| {
            let arn = thing["ResourceARN"].as_str().unwrap_or_default();
            [":key/", ":natgateway/", ":secret:"].iter().any(|sort| arn.contains(sort))
        };
        let left: Vec<_> = left.into_iter().filter(|thing| !lingers(&thing)).collect();
        assert!(left.is_empty(), "{what}: {left:#?}");
    }
    assert!(served.stop(), "it stops well on SIGTERM");
}

fn check_network(all: &Value) {
    let vpcs = all["vpcs"].as_array().expect("a list");
    assert_eq!(vpcs.len(), 1);
    assert_eq!(vpcs[0]["Vpc"]["CidrBlock"], "10.0.0.0/16");
    assert_eq!(vpcs[0]["Dns"], serde_json::json!({"support": true, "hostnames": true}));
    let vpc = tags(&vpcs[0]["Vpc"]);
    assert_eq!((vpc["globecart:stack"], vpc["globecart:resource"]), ("globecart", "network/vpc"));

    let subnets = all["subnets"].as_array().expect("a list");
    assert_eq!(subnets.len(), 9);
    let zones: BTreeSet<&str> =
        subnets.iter().filter_map(|subnet| subnet["AvailabilityZone"].as_str()).collect();
    assert_eq!(zones.len(), 3);
    assert!(
        subnets
            .iter()
            .all(|subnet| subnet["MapPublicIpOnLaunch"] == false && subnet["State"] == "available")
    );
    assert_eq!(addresses(all, "subnets").len(), 9);

    let gateways = all["nat_gateways"].as_array().expect("a list");
    assert_eq!(gateways.len(), 3);
    assert!(gateways.iter().all(|gateway| gateway["State"] == "available"));
    assert_eq!(all["addresses"].as_array().map(Vec::len), Some(3));

    // Every private zone goes out through its own gateway; data subnets go nowhere.
    let routes = |table: &Value| -> Vec<String> {
        let routes = table["Routes"].as_array().into_iter().flatten();
        routes
            .filter(|route| route["DestinationCidrBlock"] == "0.0.0.0/0")
            .map(|route| {
                let target = route["NatGatewayId"].as_str().or(route["GatewayId"].as_str());
                target.unwrap_or("?").to_owned()
            })
            .collect()
    };
    let tables = all["route_tables"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|table| !tags(table).is_empty());
    let ways: Vec<(String, Vec<String>)> =
        tables.map(|table| (tags(table)["globecart:resource"].to_owned(), routes(table))).collect();
    let through_nat: BTreeSet<&String> =
        ways.iter().flat_map(|(_, ways)| ways).filter(|way| way.starts_with("nat-")).collect();
    assert_eq!(through_nat.len(), 3, "{ways:?}");
    assert!(
        ways.iter().filter(|(at, _)| at.contains("data")).all(|(_, ways)| ways.is_empty()),
        "{ways:?}"
    );

    let default = |key: &str| {
        all[key].as_array().into_iter().flatten().find(|group| group["GroupName"] == "default")
    };
    let group = default("security_groups").expect("every VPC has one");
    assert_eq!(
        (&group["IpPermissions"], &group["IpPermissionsEgress"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
}

fn check_records(all: &Value) {
    let logs = all["flow_logs"].as_array().expect("a list");
    assert_eq!(logs.len(), 1);
    assert_eq!(
        (&logs[0]["TrafficType"], &logs[0]["MaxAggregationInterval"]),
        (&"ALL".into(), &60.into())
    );
    let groups = all["log_groups"].as_array().expect("a list");
    let groups: Vec<&Value> = groups.iter().filter(|group| !of_the_account(group)).collect();
    assert!(groups.iter().all(|group| group["Group"]["retentionInDays"] == 365), "{groups:#?}");
    assert!(groups.iter().all(|group| group["Group"]["kmsKeyId"].is_string()));
    let keys = all["keys"].as_array().expect("a list");
    assert!(
        !keys.is_empty() && keys.iter().all(|key| key["Rotation"]["KeyRotationEnabled"] == true)
    );
    let roles = all["roles"].as_array().expect("a list");
    let roles: Vec<&Value> = roles.iter().filter(|role| !of_the_account(role)).collect();
    assert_eq!(roles.len(), 3, "of the flow log, Enhanced Monitoring and the rotation function");
    for role in roles {
        assert_eq!(role["Inline"], serde_json::json!([]), "no inline policies");
        let trust = role["Role"]["AssumeRolePolicyDocument"].to_string();
        // A function's role is made before the function.
        let by_account = trust.contains("lambda.amazonaws.com");
        assert!(trust.contains("aws:SourceAccount"), "{trust}");
        assert!(by_account || trust.contains("aws:SourceArn"), "{trust}");
    }
    let alarms = all["alarms"].as_array().expect("a list");
    assert!(alarms.len() >= 6, "two for each NAT gateway");
    assert!(
        alarms
            .iter()
            .all(|alarm| alarm["Alarm"]["AlarmActions"].as_array().is_some_and(|to| to.len() == 1))
    );
}

fn check_storage(all: &Value) {
    let file_systems = all["file_systems"].as_array().expect("a list");
    assert_eq!(file_systems.len(), 1);
    let found = &file_systems[0];
    let file_system = &found["FileSystem"];
    assert_eq!(tags(file_system)["globecart:resource"], "storage/file-system");
    for (member, expected) in [
        ("Encrypted", true.into()),
        ("LifeCycleState", "available".into()),
        ("NumberOfMountTargets", 3.into()),
        ("PerformanceMode", "generalPurpose".into()),
        ("ThroughputMode", Value::from("elastic")),
    ] {
        assert_eq!(file_system[member], expected, "{member}");
    }
    let own = |key: &&Value| key["Metadata"]["Arn"] == file_system["KmsKeyId"];
    assert!(all["keys"].as_array().expect("a list").iter().any(|key| own(&key)));
    assert_eq!(found["Backup"], "ENABLED");
    let moves = serde_json::json!([
        {"TransitionToIA": "AFTER_30_DAYS"},
        {"TransitionToArchive": "AFTER_90_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]);
    assert_eq!(found["Lifecycle"], moves);
    let point = &found["AccessPoints"][0];
    assert_eq!(point["PosixUser"], serde_json::json!({"Uid": 1000, "Gid": 1000}));
    let owner = serde_json::json!({"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0750"});
    assert_eq!(
        point["RootDirectory"],
        serde_json::json!({"Path": "/media", "CreationInfo": owner})
    );
    let statements = found["Policy"]["Statement"].as_array().expect("a list");
    assert!(statements.iter().all(|statement| statement["Effect"] == "Deny"), "nobody is declared");
    let targets = found["MountTargets"].as_array().expect("a list");
    let of = |member: &str| -> BTreeSet<&str> {
        targets.iter().filter_map(|target| target["MountTarget"][member].as_str()).collect()
    };
    assert_eq!(of("AvailabilityZoneId").len(), 3);
    assert_eq!(of("LifeCycleState"), BTreeSet::from(["available"]));
    let subnets = all["subnets"].as_array().expect("a list");
    for target in targets {
        let in_it = |subnet: &&Value| subnet["SubnetId"] == target["MountTarget"]["SubnetId"];
        let subnet = subnets.iter().find(in_it).expect("its subnet");
        assert!(tags(subnet)["globecart:resource"].starts_with("network/data-"));
        assert_eq!(target["Groups"].as_array().map(Vec::len), Some(1));
    }
}

fn check_cache(all: &Value) {
    let groups = all["replication_groups"].as_array().expect("a list");
    assert_eq!(groups.len(), 1);
    let group = &groups[0];
    for (member, value) in [
        ("Status", Value::from("available")),
        ("Engine", "redis".into()),
        ("ClusterEnabled", true.into()),
        ("CacheNodeType", "cache.t4g.small".into()),
        ("AutomaticFailover", "enabled".into()),
        ("MultiAZ", "enabled".into()),
        ("SnapshotRetentionLimit", 5.into()),
        ("SnapshotWindow", "03:00-04:00".into()),
        ("AtRestEncryptionEnabled", true.into()),
        ("TransitEncryptionEnabled", true.into()),
        ("TransitEncryptionMode", "required".into()),
        ("AuthTokenEnabled", false.into()),
        ("AutoMinorVersionUpgrade", true.into()),
    ] {
        assert_eq!(group[member], value, "{member}");
    }
    assert_eq!(tags(group)["globecart:resource"], "cache/group");
    assert!(group["KmsKeyId"].is_string() && group["ConfigurationEndpoint"]["Port"] == 6379);
    assert_eq!(group["LogDeliveryConfigurations"].as_array().map(Vec::len), Some(2));
    let shards = group["NodeGroups"].as_array().expect("a list");
    assert_eq!(shards.len(), 3);
    assert!(
        shards.iter().all(|shard| shard["NodeGroupMembers"].as_array().map(Vec::len) == Some(2))
    );
    let nodes = all["cache_clusters"].as_array().expect("a list");
    assert!(
        nodes.len() == 6
            && nodes.iter().all(|node| {
                node["EngineVersion"] == "7.1.0"
                    && node["PreferredMaintenanceWindow"] == "sun:05:00-sun:06:00"
            })
    );
    let subnets = all["cache_subnet_groups"][0]["Subnets"].as_array().map(Vec::len);
    assert_eq!(subnets, Some(3));
    assert_eq!(
        all["cache_parameter_groups"][0]["Parameters"],
        serde_json::json!({
            "cluster-enabled": "yes", "maxmemory-policy": "volatile-lru", "reserved-memory-percent": "30"
        })
    );
    let users = all["cache_users"].as_array().expect("a list");
    let closed =
        |user: &&Value| user["UserName"] == "default" && user["AccessString"] == "off -@all";
    let by_iam = |user: &&Value| user["Authentication"]["Type"] == "iam";
    assert_eq!(users.iter().filter(closed).count(), 1);
    assert_eq!(users.iter().filter(by_iam).count(), 1);
    assert_eq!(group["UserGroupIds"][0], all["cache_user_groups"][0]["UserGroupId"]);
}

/// What services make for themselves when they are first used, once for the account.
fn of_the_account(thing: &Value) -> bool {
    let texts = [
        &thing["Role"]["Path"],
        &thing["Group"]["logGroupName"],
        &thing["Metadata"]["KeyManager"],
        &thing["AliasName"],
        &thing["DBClusterParameterGroupName"],
        &thing["DBParameterGroupName"],
    ];
    let starts = ["/aws-service-role/", "RDSOSMetrics", "AWS", "alias/aws/", "default."];
    let mut texts = texts.into_iter().filter_map(Value::as_str);
    texts.any(|text| starts.iter().any(|start| text.starts_with(start)))
}

fn check_database(all: &Value) {
    let clusters = all["db_clusters"].as_array().expect("a list");
    assert_eq!(clusters.len(), 1);
    let cluster = &clusters[0];
    let capacity = serde_json::json!({"MinCapacity": 0.5, "MaxCapacity": 16.0});
    for (member, expected) in [
        ("Status", "available".into()),
        ("Engine", "aurora-postgresql".into()),
        ("EngineMode", "provisioned".into()),
        ("MultiAZ", true.into()),
        ("Port", 5432.into()),
        ("DatabaseName", "globecart".into()),
        ("BackupRetentionPeriod", 35.into()),
        ("PreferredBackupWindow", "03:00-04:00".into()),
        ("PreferredMaintenanceWindow", "sun:05:00-sun:06:00".into()),
        ("StorageEncrypted", true.into()),
        ("IAMDatabaseAuthenticationEnabled", true.into()),
        ("DeletionProtection", true.into()),
        ("CopyTagsToSnapshot", true.into()),
        ("DatabaseInsightsMode", "standard".into()),
        ("PerformanceInsightsEnabled", true.into()),
        ("PerformanceInsightsRetentionPeriod", 7.into()),
        ("EngineLifecycleSupport", "open-source-rds-extended-support-disabled".into()),
        ("ServerlessV2ScalingConfiguration", capacity),
    ] {
        assert_eq!(cluster[member], expected, "{member}");
    }
    assert!(cluster["EngineVersion"].as_str().is_some_and(|version| version.starts_with("17.")));
    let logs: BTreeSet<&str> = cluster["EnabledCloudwatchLogsExports"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(logs, BTreeSet::from(["iam-db-auth-error", "instance", "postgresql"]));
    let key = &cluster["KmsKeyId"];
    let keys = all["keys"].as_array().expect("a list");
    let own = keys.iter().find(|one| one["Metadata"]["Arn"] == *key).expect("it is a key");
    assert_eq!(own["Metadata"]["KeyManager"], "CUSTOMER");

    let instances = all["db_instances"].as_array().expect("a list");
    assert_eq!(instances.len(), 2);
    let zones: BTreeSet<&str> =
        instances.iter().filter_map(|one| one["AvailabilityZone"].as_str()).collect();
    assert_eq!(zones.len(), 2);
    for instance in instances {
        for (member, expected) in [
            ("DBInstanceStatus", Value::from("available")),
            ("DBInstanceClass", "db.serverless".into()),
            ("PromotionTier", 1.into()),
            ("PubliclyAccessible", false.into()),
            ("StorageEncrypted", true.into()),
            ("AutoMinorVersionUpgrade", true.into()),
            ("MonitoringInterval", 60.into()),
            ("CACertificateIdentifier", "rds-ca-rsa2048-g1".into()),
        ] {
            assert_eq!(instance[member], expected, "{member}");
        }
        assert!(instance["MonitoringRoleArn"].is_string() && instance["KmsKeyId"] == *key);
    }

    let groups = all["db_cluster_parameter_groups"].as_array().expect("a list").iter();
    let own: Vec<&Value> = groups.filter(|group| !of_the_account(group)).collect();
    assert_eq!(own.len(), 1);
    let set: BTreeMap<&str, &str> = own[0]["Parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some((one["ParameterName"].as_str()?, one["ParameterValue"].as_str()?)))
        .collect();
    assert_eq!(set["rds.force_ssl"], "1");
    assert_eq!(set["shared_preload_libraries"], "pg_stat_statements,pgaudit");

    let secrets = all["secrets"].as_array().expect("a list");
    let (master, application): (Vec<&Value>, Vec<&Value>) =
        secrets.iter().partition(|secret| secret["OwningService"] == "rds");
    assert_eq!((master.len(), application.len()), (1, 1), "{secrets:#?}");
    assert_eq!(master[0]["ARN"], cluster["MasterUserSecret"]["SecretArn"]);
    assert_eq!(&master[0]["KmsKeyId"], key);
    assert_eq!(application[0]["RotationEnabled"], true);
    assert_eq!(application[0]["RotationRules"]["AutomaticallyAfterDays"], 30);
    let told: BTreeSet<&str> = all["db_event_subscriptions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["Status"] == "active" && one["Enabled"] == true)
        .filter_map(|one| one["SourceType"].as_str())
        .collect();
    let sources = ["db-cluster", "db-instance", "db-parameter-group", "db-security-group"];
    assert_eq!(told, BTreeSet::from(sources));
}

#[test]
fn what_aws_refuses_is_refused_with_its_codes() {
    let Some(python) = python() else { return };
    let folder = Folder::new();
    folder.run_well(&[]);
    let served = Served::start(&folder);
    let codes = script(&python, "refusals.py", &served.endpoint);
    let expected = [
        ("a VPC with subnets", "DependencyViolation"),
        ("a subnet with a NAT gateway", "DependencyViolation"),
        ("a gateway with mapped addresses", "DependencyViolation"),
        ("an attached gateway", "DependencyViolation"),
        ("an address in use", "InvalidIPAddress.InUse"),
        ("a route table in use", "DependencyViolation"),
        ("a role with policies", "DeleteConflict"),
        ("a policy in use", "DeleteConflict"),
        ("an unknown VPC", "InvalidVpcID.NotFound"),
        ("an unknown subnet", "InvalidSubnetID.NotFound"),
        ("an unknown NAT gateway", "NatGatewayNotFound"),
        ("a malformed id", "InvalidRouteTableId.Malformed"),
        ("an unknown role", "NoSuchEntity"),
        ("an unknown key", "NotFoundException"),
        ("an unknown log group", "ResourceNotFoundException"),
        ("an unknown topic", "NotFound"),
        ("an unknown alarm", "ResourceNotFound"),
        ("a range in use", "InvalidSubnet.Conflict"),
        ("a range outside", "InvalidSubnet.Range"),
        ("a route twice", "RouteAlreadyExists"),
        ("a group name twice", "InvalidGroup.Duplicate"),
        ("a role twice", "EntityAlreadyExists"),
        ("a log group twice", "ResourceAlreadyExistsException"),
        ("an alias twice", "AlreadyExistsException"),
        ("a token with other parameters", "IdempotentParameterMismatch"),
        ("an operation that is not there", "NotImplemented"),
        ("a wish to know only", "DryRunOperation"),
    ];
    let wrong: Vec<_> = expected.into_iter().filter(|(what, code)| codes[*what] != *code).collect();
    assert!(wrong.is_empty(), "expected {wrong:#?}, answered {codes:#}");
}

#[test]
fn a_real_target_is_shown_and_asked_for_first() {
    let folder = Folder::new();
    folder.run_well(&["up", "--only", "network/vpc"]);
    let served = Served::start(&folder);
    let environment = [
        ("AWS_ENDPOINT_URL", served.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
    ];
    let target = ["--target", "aws", "--region", "us-east-1", "--state", "aws-state"];
    let refused = folder.run_with(&target, &environment);
    assert_eq!(refused.code, 2, "{}", refused.err);
    for part in ["123456789012", "us-east-1", &served.endpoint, "--yes"] {
        assert!(refused.err.contains(part), "{part} is missing in {}", refused.err);
    }
    let other = folder.run_with(
        &[&target[..], &["--yes", "--expect-account", "111122223333"]].concat(),
        &environment,
    );
    assert_ne!(other.code, 0);
    assert!(other.err.contains("111122223333"), "{}", other.err);
}

#[test]
fn the_aws_command_line_works_unchanged() {
    let Some(python) = python() else { return };
    let folder = Folder::new();
    folder.run_well(&["up", "--only", "network/vpc"]);
    let served = Served::start(&folder);
    let aws = std::path::Path::new(&python).with_file_name("aws");
    let output = Command::new(aws)
        .args(["--endpoint-url", &served.endpoint, "--region", "us-east-1", "--output", "text"])
        .args(["ec2", "describe-vpcs", "--query", "Vpcs[].CidrBlock"])
        .env("AWS_ACCESS_KEY_ID", "any")
        .env("AWS_SECRET_ACCESS_KEY", "any")
        .output()
        .expect("the AWS command line runs");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(out.trim(), "10.0.0.0/16", "{err}");
}
