//! A file system as GlobeCart has it, on paused time: who can mount it, what survives a zone and a destroy.

use std::collections::BTreeMap;
use std::time::Duration;

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::Invalid;
use globecart_aws::engine::plan::{Action, Plan};
use globecart_aws::iam::Role;
use globecart_aws::policy::PolicyDocument;
use globecart_aws::{Client, Stack, kept};
use globecart_local_aws::{Mount, MountRefused};
use globecart_network::{Nat, Network};
use globecart_storage::{Directory, Storage, Throughput};
use serde_json::Value;

use crate::world::World;

const REGION: &str = "us-east-1";

/// A file system in a network of two zones, with a storefront that is let in.
fn shop(throughput: Throughput) -> impl Fn(&mut Stack) -> Result<(), Invalid> {
    move |stack| {
        let network = Network::builder().zones(2).nat(Nat::None).build();
        let network = stack.component("network", network)?;
        let directories = [Directory::builder().name("media").build()];
        let storage = Storage::builder()
            .network(&network)
            .directories(directories)
            .throughput(throughput)
            .build();
        let storage = stack.component("storage", storage)?;
        let group =
            SecurityGroup::builder().vpc(&network.vpc).description("The storefront").build();
        let group = stack.add("storefront-group", group)?;
        let place = stack.place().clone();
        let source = format!("arn:aws:ecs:{}:{}:*", place.region, place.account);
        let trust = PolicyDocument::trust("ecs-tasks.amazonaws.com", &place, source);
        let role = Role::builder().trust(trust).description("Serves the shop").build();
        let role = stack.add("storefront-role", role)?;
        let storefront = Client::new("storefront", &group.id).with_role(&role);
        storage.allow_from(stack, &storefront)?;
        stack.export("file_system", &storage.file_system.id)?;
        stack.export("access_point", &storage.access_point("media")?.id)?;
        stack.export("client_group", &group.id)?;
        stack.export("client_role", &role.arn)
    }
}

fn changes(plan: &Plan) -> Vec<String> {
    let changes = plan.steps.iter().filter(|step| step.action != Action::Keep);
    changes.map(|step| format!("{:?} {}", step.action, step.address)).collect()
}

/// The only row of a table.
fn only(world: &World, table: &str) -> Value {
    let rows: Vec<_> = world.cloud.rows().into_iter().filter(|row| row.table == table).collect();
    assert_eq!(rows.len(), 1, "{table}: {rows:#?}");
    rows[0].value.clone()
}

fn text(row: &Value, member: &str) -> String {
    row[member].as_str().unwrap_or_else(|| panic!("no {member} in {row}")).to_owned()
}

/// What a storefront has to say when it mounts.
struct Known {
    file_system: String,
    point: String,
    group: String,
    role: String,
}

impl Known {
    fn of(world: &World) -> Self {
        let tagged = |table: &str, address: &str| {
            let mut rows = world.cloud.rows().into_iter().filter(|row| row.table == table);
            let is = |row: &globecart_local_aws::Row| {
                let tags = row.value["Tags"].as_array().into_iter().flatten();
                tags.into_iter()
                    .any(|tag| tag["Key"] == "globecart:resource" && tag["Value"] == address)
            };
            rows.find(is).unwrap_or_else(|| panic!("no {table} at {address}")).value
        };
        Self {
            file_system: text(&only(world, "efs.file_system"), "FileSystemId"),
            point: text(&only(world, "efs.access_point"), "AccessPointId"),
            group: text(&tagged("ec2.security_group", "storefront-group"), "GroupId"),
            role: text(&tagged("iam.role", "storefront-role"), "Arn"),
        }
    }

    fn mount(&self) -> Mount<'_> {
        Mount {
            file_system: &self.file_system,
            access_point: Some(&self.point),
            zone: "use1-az1",
            security_group: &self.group,
            role: Some(&self.role),
            tls: true,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_comes_up_stays_changes_and_goes() {
    let world = World::new().await;
    let before = world.inventory();
    let elastic = shop(Throughput::Elastic);
    world.up_well(&elastic).await;
    assert_eq!(changes(&world.plan(&elastic).await.unwrap()), [""; 0]);
    let bursting = shop(Throughput::Bursting);
    world.up_well(&bursting).await;
    assert_eq!(changes(&world.plan(&bursting).await.unwrap()), [""; 0]);
    // Within a day EFS does not let it change back, and says so.
    let report = world.up(&elastic).await;
    assert_eq!(report.failed.len(), 1, "{:#?}", report.failed);
    world.destroy(&bursting).await;
    assert_eq!(world.left_since(&before), BTreeMap::new());
}

#[tokio::test(start_paused = true)]
async fn only_who_is_declared_mounts_and_only_as_declared() {
    let world = World::new().await;
    world.up_well(&shop(Throughput::Elastic)).await;
    let known = Known::of(&world);
    let mounted = world.cloud.mount(REGION, &known.mount()).unwrap();
    assert_eq!((mounted.zone.as_str(), mounted.writes, mounted.root), ("use1-az1", true, false));
    let refused = |mount: Mount| world.cloud.mount(REGION, &mount).unwrap_err();
    assert_eq!(refused(Mount { tls: false, ..known.mount() }), MountRefused::Denied);
    assert_eq!(refused(Mount { role: None, ..known.mount() }), MountRefused::Denied);
    assert_eq!(refused(Mount { access_point: None, ..known.mount() }), MountRefused::Denied);
    let stranger = Mount { security_group: "sg-0123456789abcdef0", ..known.mount() };
    assert_eq!(refused(stranger), MountRefused::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_fails_takes_no_mount_with_it_and_changes_no_plan() {
    let world = World::new().await;
    let define = shop(Throughput::Elastic);
    world.up_well(&define).await;
    let known = Known::of(&world);
    world.cloud.fail_zone("use1-az1").unwrap();
    let mounted = world.cloud.mount(REGION, &known.mount()).unwrap();
    assert_eq!((mounted.zone.as_str(), mounted.writes), ("use1-az2", true));
    assert_eq!(changes(&world.plan(&define).await.unwrap()), [""; 0]);
    world.cloud.restore_zone("use1-az1").unwrap();
    assert_eq!(world.cloud.mount(REGION, &known.mount()).unwrap().zone, "use1-az1");
}

/// A destroy leaves the recovery points, says which, and `destroy --kept` removes them although the vault's policy keeps
/// everybody from that; the policy is as it was afterwards.
#[tokio::test(start_paused = true)]
async fn recovery_points_outlive_the_file_system_until_they_are_removed_on_purpose() {
    let world = World::new().await;
    let define = shop(Throughput::Elastic);
    world.up_well(&define).await;
    tokio::time::advance(Duration::from_hours(31)).await;
    world.plan(&define).await.unwrap();
    let points = || world.inventory().get("backup.recovery_point").copied().unwrap_or_default();
    assert_eq!(points(), 2);
    assert!(
        kept::find(&world.aws, "test").await.unwrap().is_empty(),
        "nothing is kept while it lives"
    );
    let report = world.destroy(&define).await;
    let told = format!("{report:?}");
    assert!(told.matches("EFS recovery point").count() >= 2, "{told}");
    assert_eq!(points(), 2);
    let policy = only(&world, "backup.vault")["_policy"].clone();
    let found = kept::find(&world.aws, "test").await.unwrap();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(kept::find(&world.aws, "another").await.unwrap().is_empty());
    let removed = kept::remove(&world.aws, "test", &found, |_| {}).await;
    assert_eq!((removed.removed.len(), removed.failed.len()), (2, 0), "{:#?}", removed.failed);
    tokio::time::advance(Duration::from_mins(1)).await;
    assert!(kept::find(&world.aws, "test").await.unwrap().is_empty());
    assert_eq!(points(), 0);
    assert_eq!(only(&world, "backup.vault")["_policy"], policy);
}

/// What is lost is named, and the plan is refused without confirmation; the tests' runs confirm.
#[tokio::test(start_paused = true)]
async fn what_would_be_lost_is_named() {
    let world = World::new().await;
    let define = shop(Throughput::Elastic);
    world.up_well(&define).await;
    let bare = |stack: &mut Stack| {
        let network = Network::builder().zones(2).nat(Nat::None).build();
        stack.component("network", network)?;
        stack.knows(globecart_storage::kinds());
        Ok(())
    };
    let plan = world.plan(&bare).await.unwrap();
    let losses: Vec<_> = plan.steps.iter().filter_map(|step| step.loss.clone()).collect();
    let files = losses.iter().find(|loss| loss.contains("all files of the file system"));
    assert!(files.is_some_and(|loss| loss.contains("recovery points")), "{losses:#?}");
}

/// The controls of AWS Security Hub for EFS, on what is described back.
#[tokio::test(start_paused = true)]
async fn the_controls_for_file_systems_hold() {
    let world = World::new().await;
    world.up_well(&shop(Throughput::Elastic)).await;
    let file_system = only(&world, "efs.file_system");
    assert_eq!(file_system["Encrypted"], true, "EFS.1, EFS.8");
    let key = text(&file_system, "KmsKeyId");
    let keys = world.cloud.rows().into_iter().filter(|row| row.table == "kms.key");
    let own = keys.into_iter().find(|row| row.value["Arn"] == key.as_str()).unwrap();
    assert_eq!(own.value["KeyManager"], "CUSTOMER", "EFS.1");
    assert_eq!(file_system["_backup"], "ENABLED", "EFS.2, EFS.7");
    let point = only(&world, "efs.access_point");
    assert_ne!(point["RootDirectory"]["Path"], "/", "EFS.3");
    assert!(point["PosixUser"]["Uid"].as_i64().is_some_and(|uid| uid != 0), "EFS.4");
    let subnets: Vec<_> =
        world.cloud.rows().into_iter().filter(|row| row.table == "ec2.subnet").collect();
    let targets = world.cloud.rows().into_iter().filter(|row| row.table == "efs.mount_target");
    for target in targets {
        let subnet = subnets.iter().find(|row| row.value["SubnetId"] == target.value["SubnetId"]);
        assert_eq!(subnet.unwrap().value["MapPublicIpOnLaunch"], false, "EFS.6");
    }
    let policy: Value = serde_json::from_str(&text(&file_system, "_policy")).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let conditions = |effect: &str| -> Vec<&Value> {
        let of = statements.iter().filter(|statement| statement["Effect"] == effect);
        of.map(|statement| &statement["Condition"]["Bool"]).collect()
    };
    let tls = |condition: &&Value| condition["aws:SecureTransport"][0] == "false";
    assert!(conditions("Deny").iter().any(tls), "4.2.1");
    let by_target =
        |condition: &&Value| condition["elasticfilesystem:AccessedViaMountTarget"][0] == "true";
    assert!(conditions("Allow").iter().all(by_target), "4.2.1");
}
