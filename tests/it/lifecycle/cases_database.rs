//! The types of databases.

use globecart_aws::ec2::SecurityGroup;
use globecart_aws::engine::Invalid;
use globecart_aws::iam::Role;
use globecart_aws::kms::Key;
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::sns::Topic;
use globecart_aws::{Stack, ZoneName};
use globecart_database::{
    Acu, Capacity, DbCluster, DbClusterParameterGroup, DbClusterRefs, DbInstance, DbParameterGroup,
    DbSubnetGroup, EventSource, EventSubscription, Insights, LogExport, Parameter,
};

use super::Case;
use super::Change::{InPlace, Replacement};
use super::cases::{case, subnet, vpc};

/// Every case.
pub(crate) const ALL: &[Case] = &[
    case("a DB subnet group", InPlace, |stack, changed| {
        let vpc = vpc(stack)?;
        let mut ids = Vec::new();
        for (number, zone) in (0..).zip(["a", "b", "c"]) {
            let cidr = format!("10.0.{number}.0/24");
            let subnet = stack.add(format!("subnet-{zone}"), subnet(&vpc, &cidr, zone))?;
            ids.push((&subnet.id).into());
        }
        if changed {
            ids.pop();
        }
        let group = DbSubnetGroup::builder().subnets(ids).description("data");
        stack.add("group", group.build())?;
        Ok(())
    }),
    case("a DB cluster parameter group", InPlace, |stack, changed| {
        let mut parameters = globecart_database::Parameters::from([
            ("rds.force_ssl".to_owned(), Parameter::at_once("1")),
            ("shared_preload_libraries".to_owned(), Parameter::at_reboot("pgaudit")),
        ]);
        if changed {
            parameters.remove("rds.force_ssl");
            parameters.insert("log_connections".to_owned(), Parameter::at_once("1"));
        }
        let group = DbClusterParameterGroup::builder()
            .family("aurora-postgresql17")
            .description("cluster")
            .parameters(parameters);
        stack.add("group", group.build())?;
        Ok(())
    }),
    case("a DB parameter group's family", Replacement, |stack, changed| {
        let family = if changed { "aurora-postgresql17" } else { "aurora-postgresql16" };
        let parameters = [("work_mem".to_owned(), Parameter::at_once("8192"))].into();
        let group = DbParameterGroup::builder().family(family).description("instance");
        stack.add("group", group.parameters(parameters).build())?;
        Ok(())
    }),
    case("a DB cluster", InPlace, |stack, changed| {
        let cluster = cluster(stack)?;
        let capacity = if changed {
            Capacity::pausing(Acu::whole(4)).pause_after_secs(600)
        } else {
            Capacity::between(Acu::HALF, Acu::whole(8))
        };
        let cluster = DbCluster {
            capacity,
            backup_retention_days: if changed { 14 } else { 7 },
            deletion_protection: !changed,
            iam_authentication: !changed,
            maintenance_window: if changed { "mon:05:00-mon:06:00" } else { "tue:05:00-tue:06:00" }
                .to_owned(),
            log_exports: if changed {
                LogExport::ALL.into()
            } else {
                [LogExport::Postgresql].into()
            },
            insights: if changed {
                Insights::Advanced { days: 465 }
            } else {
                Insights::Standard { days: 7 }
            },
            ..cluster
        };
        stack.add("cluster", cluster)?;
        Ok(())
    }),
    case("a DB cluster's own key", Replacement, |stack, changed| {
        let policy = PolicyDocument::for_key(stack.place(), []);
        let key = Key::builder().description("data").policy(policy).build();
        let key = stack.add("key", key)?;
        let cluster = cluster(stack)?;
        let given = (!changed).then(|| (&key.arn).into());
        stack.add("cluster", DbCluster { kms_key: given.clone(), secret_key: given, ..cluster })?;
        Ok(())
    }),
    case("DB instances", InPlace, |stack, changed| {
        let cluster = cluster(stack)?;
        let cluster = stack.add("cluster", cluster)?;
        let group = DbParameterGroup::builder().family("aurora-postgresql17");
        let group = stack.add("group", group.description("instances").build())?;
        let trust = Statement::allow(["sts:AssumeRole"]).service("monitoring.rds.amazonaws.com");
        let trust = PolicyDocument::new([trust.from_account(stack.place())]);
        let role = Role::builder().description("monitors").trust(trust).build();
        let role = stack.add("role", role)?;
        for (name, zone) in [("one", "us-east-1a"), ("two", "us-east-1b")] {
            let instance = DbInstance {
                class: if changed { "db.r8g.large" } else { "db.serverless" }.to_owned(),
                promotion_tier: if changed { 2 } else { 1 },
                zone: Some(ZoneName::new(zone)),
                parameter_group: Some((&group.name).into()),
                monitoring_secs: 60,
                monitoring_role: Some((&role.arn).into()),
                certificate_authority: if changed {
                    "rds-ca-ecc384-g1"
                } else {
                    "rds-ca-rsa2048-g1"
                }
                .to_owned(),
                ..instance(&cluster)
            };
            stack.add(name, instance)?;
        }
        stack.in_turn::<DbInstance>(&cluster);
        Ok(())
    }),
    case("an event subscription", InPlace, |stack, changed| {
        let may = Statement::service_may_publish(
            "events.rds.amazonaws.com",
            stack.place(),
            "arn:aws:rds:us-east-1:123456789012:es:*",
        );
        let topic = Topic::builder().policy(PolicyDocument::new([may])).build();
        let topic = stack.add("topic", topic)?;
        let categories: &[&str] = if changed { &["failover"] } else { &["failure", "failover"] };
        let subscription = EventSubscription::builder()
            .topic(&topic.arn)
            .source(EventSource::DbCluster)
            .categories(categories.iter().copied())
            .enabled(!changed)
            .build();
        stack.add("subscription", subscription)?;
        Ok(())
    }),
];

/// A cluster, with what it stands in, of which a delete leaves nothing.
fn cluster(stack: &mut Stack) -> Result<DbCluster, Invalid> {
    let vpc = vpc(stack)?;
    let mut ids = Vec::new();
    for (number, zone) in (0..).zip(["a", "b"]) {
        let cidr = format!("10.0.{number}.0/24");
        ids.push((&stack.add(format!("subnet-{zone}"), subnet(&vpc, &cidr, zone))?.id).into());
    }
    let subnets = DbSubnetGroup::builder().subnets(ids).description("data");
    let subnets = stack.add("subnets", subnets.build())?;
    let group = SecurityGroup::builder().vpc(&vpc.id).description("database").build();
    let group = stack.add("security-group", group)?;
    let parameters = DbClusterParameterGroup::builder().family("aurora-postgresql17");
    let parameters = stack.add("cluster-group", parameters.description("cluster").build())?;
    Ok(DbCluster::builder()
        .engine_version("17")
        .master_username("globecart")
        .database_name("shop")
        .capacity(Capacity::between(Acu::HALF, Acu::whole(8)))
        .subnet_group(&subnets.name)
        .security_groups(vec![(&group.id).into()])
        .parameter_group(&parameters.name)
        .final_snapshot(false)
        .keep_automated_backups(false)
        .build())
}

fn instance(cluster: &DbClusterRefs) -> DbInstance {
    DbInstance::builder()
        .cluster(&cluster.id)
        .cluster_resource(&cluster.resource_id)
        .writer_endpoint(&cluster.writer_endpoint)
        .reader_endpoint(&cluster.reader_endpoint)
        .build()
}
