//! What a database consists of, one part after the other.

use globecart_aws::engine::{Input, Invalid, Place};
use globecart_aws::iam::{Role, RolePolicyAttachment, RolePolicyAttachmentRefs, RoleRefs};
use globecart_aws::logs::{LogGroup, LogGroupRefs};
use globecart_aws::network::{NetworkSubnet, Tier};
use globecart_aws::policy::{PolicyDocument, Statement};
use globecart_aws::{KeyUse, PolicyArn, Stack, StoreAccess, StoreKey, ZoneName};

use crate::api::IDENTIFIER;
use crate::defaults::{self, Profile};
use crate::{
    Capacity, Database, DbCluster, DbClusterParameterGroup, DbClusterParameterGroupRefs,
    DbClusterRefs, DbInstance, DbInstanceRefs, DbParameterGroup, DbParameterGroupRefs,
    DbSubnetGroup, DbSubnetGroupRefs, EventSource, EventSubscription, EventSubscriptionRefs, Tls,
    cluster,
};

/// The most readers that Aurora has.
const READERS: u8 = 15;

/// What is decided before anything is declared.
pub(crate) struct Plan<'a> {
    pub(crate) database: &'a Database<'a>,
    pub(crate) capacity: Capacity,
    profile: Profile,
    readers: u8,
    subnets: Vec<&'a NetworkSubnet>,
    /// The cluster's identifier, which its log groups have in their names.
    identifier: String,
    family: String,
    place: Place,
}

/// The groups that a cluster refers to.
pub(crate) struct Groups {
    pub(crate) subnets: DbSubnetGroupRefs,
    pub(crate) cluster: DbClusterParameterGroupRefs,
    pub(crate) instances: DbParameterGroupRefs,
}

/// The role of Enhanced Monitoring, and what makes it work.
pub(crate) struct Monitoring {
    pub(crate) role: RoleRefs,
    policy: RolePolicyAttachmentRefs,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(database: &'a Database<'a>, stack: &mut Stack) -> Result<Self, Invalid> {
        let profile = Profile::of(database.environment);
        let major = cluster::major(&database.engine_version)?;
        let plan = Self {
            database,
            capacity: database.capacity.unwrap_or(profile.capacity),
            profile,
            readers: database.readers.unwrap_or(profile.readers),
            subnets: database.network.tier(Tier::Data).collect(),
            identifier: stack.fixed_name("cluster", &IDENTIFIER)?,
            family: format!("aurora-postgresql{major}"),
            place: stack.place().clone(),
        };
        plan.check(stack)?;
        Ok(plan)
    }

    /// What cannot be together, in terms of both.
    fn check(&self, stack: &mut Stack) -> Result<(), Invalid> {
        let (zones, database) = (self.subnets.len(), self.database);
        if zones < 2 {
            let problem =
                format!("has data subnets in {zones} zones: a database needs two of them");
            return Err(Invalid::new("network", problem));
        }
        if self.readers > READERS {
            let problem = format!("must be at most {READERS}, not {}", self.readers);
            return Err(Invalid::new("readers", problem));
        }
        let pausing = self.capacity.pauses();
        let logical = database.parameters.get("rds.logical_replication");
        if pausing && logical.is_some_and(|parameter| parameter.value == "1") {
            let problem = "`min` 0 and the parameter `rds.logical_replication` 1 exclude each other: a cluster that \
                           replicates never pauses";
            return Err(Invalid::new("capacity", problem));
        }
        if pausing && database.instance_class != crate::instance::SERVERLESS {
            let problem = format!(
                "`min` 0 and `instance_class` {} exclude each other: only serverless instances pause",
                database.instance_class
            );
            return Err(Invalid::new("capacity", problem));
        }
        match (&database.without_reader, self.readers) {
            (None, 0) if database.environment.is_production() => {
                let problem = "0 and `environment` production exclude each other: nobody takes over from the writer; \
                               say why with `without_reader`";
                Err(Invalid::new("readers", problem))
            }
            (Some(waived), 0) => waived.apply(stack, "without_reader", "a reader that takes over"),
            _ => Ok(()),
        }
    }

    fn keeps(&self) -> bool {
        self.database.keep_after_destroy.unwrap_or(self.profile.keep_after_destroy)
    }

    pub(crate) fn key(&self, stack: &mut Stack) -> Result<StoreKey, Invalid> {
        let log_groups =
            LogGroup::arn(&self.place, &format!("/aws/rds/cluster/{}/*", self.identifier));
        let uses = KeyUse::builder()
            .description("The database, its snapshots, its logs and its master password")
            .through(vec!["rds", "secretsmanager"])
            .statements(vec![Statement::logs_may_use(&self.place, log_groups)])
            .outlives_stack(self.keeps())
            .build();
        self.database.encryption_key.declare(stack, uses)
    }

    pub(crate) fn log_groups(
        &self,
        stack: &mut Stack,
        key: &StoreKey,
    ) -> Result<Vec<LogGroupRefs>, Invalid> {
        let group = |log: &str| {
            let group = LogGroup::builder()
                .name(format!("/aws/rds/cluster/{}/{log}", self.identifier))
                .retention_days(self.database.log_retention_days)
                .made_by_service(true);
            match &key.arn {
                Some(key) => group.kms_key(key).build(),
                None => group.build(),
            }
        };
        let logs = self.database.log_exports.iter().map(|log| log.name());
        logs.map(|log| stack.add(format!("log-{log}"), group(log))).collect()
    }

    /// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html>
    pub(crate) fn monitoring_role(&self, stack: &mut Stack) -> Result<Option<Monitoring>, Invalid> {
        if self.monitoring_secs() == 0 {
            return Ok(None);
        }
        let Place { partition, account, region, .. } = &self.place;
        let instances = format!("arn:{partition}:rds:{region}:{account}:db:*");
        let trust = PolicyDocument::trust("monitoring.rds.amazonaws.com", &self.place, instances);
        let role = Role::builder()
            .description("Writes what Enhanced Monitoring sees")
            .trust(trust)
            .build();
        let role = stack.add("monitoring-role", role)?;
        let policy =
            format!("arn:{partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole");
        let policy =
            RolePolicyAttachment::builder().role(&role.name).policy(PolicyArn::new(policy));
        let policy = stack.add("monitoring-role-policy", policy.build())?;
        Ok(Some(Monitoring { role, policy }))
    }

    fn monitoring_secs(&self) -> u8 {
        self.database.monitoring_secs.unwrap_or(self.profile.monitoring_secs)
    }

    pub(crate) fn groups(&self, stack: &mut Stack) -> Result<Groups, Invalid> {
        let scope = stack.scope();
        let ids: Vec<Input<_>> = self.subnets.iter().map(|subnet| subnet.id.clone()).collect();
        let subnets = DbSubnetGroup::builder().subnets(ids);
        let subnets = subnets.description(format!("The data subnets, for {scope}")).build();
        let subnets = stack.add("subnet-group", (self.database.adjust_subnet_group)(subnets))?;
        let mut parameters = defaults::parameters(self.tls(stack)?);
        parameters.extend(self.database.parameters.clone());
        let cluster = DbClusterParameterGroup::builder()
            .family(&self.family)
            .description(format!("The cluster of {scope}"))
            .parameters(parameters)
            .build();
        let cluster =
            stack.add("cluster-parameters", (self.database.adjust_parameter_group)(cluster))?;
        let instances = DbParameterGroup::builder()
            .family(&self.family)
            .description(format!("The instances of {scope}"))
            .build();
        let instances = stack.add("instance-parameters", instances)?;
        Ok(Groups { subnets, cluster, instances })
    }

    fn tls(&self, stack: &mut Stack) -> Result<bool, Invalid> {
        match &self.database.tls {
            Tls::Required => Ok(true),
            Tls::Optional(waived) => {
                waived.apply(stack, "tls", "TLS on every connection to the database")?;
                Ok(false)
            }
        }
    }

    pub(crate) fn cluster(
        &self,
        stack: &mut Stack,
        groups: &Groups,
        access: &StoreAccess,
        key: &StoreKey,
    ) -> Result<DbClusterRefs, Invalid> {
        let database = self.database;
        let days = database.backup_retention_days.unwrap_or(self.profile.backup_retention_days);
        let protection = database.deletion_protection.unwrap_or(self.profile.deletion_protection);
        let cluster = DbCluster::builder()
            .identifier(&self.identifier)
            .source(database.source.clone())
            .engine_version(&database.engine_version)
            .database_name(&database.name)
            .master_username(&database.master_username)
            .capacity(self.capacity)
            .subnet_group(&groups.subnets.name)
            .security_groups(vec![(&access.security_group.id).into()])
            .parameter_group(&groups.cluster.name)
            .instance_parameter_group(&groups.instances.name)
            .port(database.port)
            .backup_retention_days(days)
            .backup_window(&database.backup_window)
            .maintenance_window(&database.maintenance_window)
            .log_exports(database.log_exports.clone())
            .insights(database.insights)
            .deletion_protection(protection)
            .final_snapshot(self.keeps())
            .keep_automated_backups(self.keeps())
            .build();
        let keyed = DbCluster { kms_key: key.arn.clone(), secret_key: key.arn.clone(), ..cluster };
        stack.add("cluster", (database.adjust_cluster)(keyed))
    }

    /// The first one, then the readers, each in the next zone.
    pub(crate) fn instances(
        &self,
        stack: &mut Stack,
        cluster: &DbClusterRefs,
        groups: &Groups,
        monitoring: Option<&Monitoring>,
    ) -> Result<Vec<DbInstanceRefs>, Invalid> {
        let mut instances = Vec::new();
        for (number, subnet) in (1..=u32::from(self.readers) + 1).zip(self.subnets.iter().cycle()) {
            let instance = DbInstance::builder()
                .cluster(&cluster.id)
                .cluster_resource(&cluster.resource_id)
                .writer_endpoint(&cluster.writer_endpoint)
                .reader_endpoint(&cluster.reader_endpoint)
                .class(&self.database.instance_class)
                .zone(ZoneName::new(&subnet.zone.name))
                .parameter_group(&groups.instances.name)
                .monitoring_secs(self.monitoring_secs())
                .maintenance_window(&self.database.maintenance_window)
                .build();
            let role = monitoring.map(|monitoring| (&monitoring.role.arn).into());
            let instance = DbInstance { monitoring_role: role, ..instance };
            let instance = stack
                .add(format!("instance-{number}"), (self.database.adjust_instance)(instance))?;
            if let Some(monitoring) = monitoring {
                stack.after(&instance, &monitoring.policy);
            }
            instances.push(instance);
        }
        Ok(instances)
    }

    /// What the controls RDS.19 to RDS.22 ask for.
    pub(crate) fn subscriptions(
        &self,
        stack: &mut Stack,
    ) -> Result<Vec<EventSubscriptionRefs>, Invalid> {
        let Some(topic) = &self.database.events else {
            stack.notice("nobody hears of RDS's own events: give the database `events`");
            return Ok(Vec::new());
        };
        let wanted: [(&str, EventSource, &[&str]); 4] = [
            (
                "events-clusters",
                EventSource::DbCluster,
                &["failover", "failure", "maintenance", "notification"],
            ),
            (
                "events-instances",
                EventSource::DbInstance,
                &["availability", "configuration change", "failure", "maintenance"],
            ),
            ("events-parameters", EventSource::DbParameterGroup, &["configuration change"]),
            (
                "events-security-groups",
                EventSource::DbSecurityGroup,
                &["configuration change", "failure"],
            ),
        ];
        let declared = wanted.into_iter().map(|(name, source, categories)| {
            let subscription = EventSubscription::builder()
                .topic(topic)
                .source(source)
                .categories(categories.iter().copied())
                .build();
            stack.add(name, subscription)
        });
        declared.collect()
    }
}
