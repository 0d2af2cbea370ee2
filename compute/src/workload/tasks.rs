//! Tasks, and the service that keeps them.

use globecart_aws::ec2::{
    Direction, Peer, SecurityGroup, SecurityGroupRefs, SecurityGroupRule, Traffic,
};
use globecart_aws::engine::{Invalid, NameRule};
use globecart_aws::iam::RolePolicyAttachmentRefs;
use globecart_aws::logs::{LogGroup, LogGroupRefs};
use globecart_aws::network::{InterfaceEndpoint, Tier};
use globecart_aws::policy::Statement;
use globecart_aws::{KeyUse, Known, Stack, StoreKey};

use super::Service;
use super::grants::Granted;
use super::roles::Roles;
use crate::{
    BackendOutputs, CapacityProvider, CapacityShare, Cluster, ClusterRefs, Container,
    ContainerInsights, ContainerLogs, EcsService, EcsServiceRefs, Image, MountPoint,
    TaskDefinition, TaskDefinitionRefs, Volume, VolumeKind,
};

const HTTPS: u16 = 443;

/// The only place in a container's own file system that can be written to.
const SCRATCH: &str = "/tmp";

/// Most tasks above the base that can be on spare capacity, of four.
const FOUR: u32 = 4;

/// What the component that is being declared is called in names: letters, digits and hyphens.
pub(super) fn name(stack: &Stack) -> String {
    stack.scope().replace('/', "-")
}

/// What the container of the component that is being declared is called.
pub(super) fn container_name(stack: &Stack) -> String {
    stack.scope().rsplit('/').next().unwrap_or("main").to_owned()
}

/// Where tasks are, and how requests come to them.
pub(super) struct Placed<'a> {
    pub(super) cluster: &'a ClusterRefs,
    pub(super) group: &'a SecurityGroupRefs,
    pub(super) route: Option<&'a BackendOutputs>,
}

impl Service<'_> {
    pub(super) fn check(&self, stack: &mut Stack) -> Result<(), Invalid> {
        if matches!(self.user.split(':').next(), Some("0" | "root" | "")) {
            let problem = "is root; give the program a user of its own";
            return Err(Invalid::new("user", problem));
        }
        if self.spot_of_four > FOUR {
            return Err(Invalid::new("spot_of_four", "can be 0 to 4"));
        }
        self.check_image(stack)?;
        if let Some(waived) = &self.writable {
            waived.apply(stack, "writable", "a read-only root file system")?;
        }
        self.check_ways_out()
    }

    fn check_image(&self, stack: &mut Stack) -> Result<(), Invalid> {
        match (&self.image, &self.floating) {
            (Image::Floating(_), Some(waived)) => {
                waived.apply(stack, "floating", "naming the image by its digest")
            }
            (Image::Floating(name), None) => {
                let problem = format!(
                    "`{name}` may be another image tomorrow: name its digest, or say by `floating` why it may"
                );
                Err(Invalid::new("image", problem))
            }
            (_, Some(_)) => Err(Invalid::new("floating", "the image is one that does not float")),
            _ => Ok(()),
        }
    }

    /// A task that cannot reach its registry, its secrets or its logs never starts.
    fn check_ways_out(&self) -> Result<(), Invalid> {
        let mut needed = vec![(InterfaceEndpoint::Logs, "logs")];
        if self.image.is_private() {
            needed.push((InterfaceEndpoint::EcrApi, "the registry"));
            needed.push((InterfaceEndpoint::EcrDkr, "images"));
        }
        if !self.secrets.is_empty() || !self.uses.is_empty() {
            needed.push((InterfaceEndpoint::SecretsManager, "secrets"));
        }
        for (endpoint, what) in needed {
            if !self.network.reaches(endpoint) {
                let problem = format!(
                    "the private subnets do not reach {what}: give the network NAT, or an endpoint for {}",
                    endpoint.abbreviation()
                );
                return Err(Invalid::new("network", problem));
            }
        }
        let pulls = self.image.is_private() && !self.network.reaches_s3();
        if pulls {
            return Err(Invalid::new(
                "network",
                "the private subnets do not reach S3, which keeps images",
            ));
        }
        Ok(())
    }

    pub(super) fn cluster(&self, stack: &mut Stack) -> Result<ClusterRefs, Invalid> {
        if let Some(cluster) = self.cluster {
            return Ok(cluster.clone());
        }
        let insights = if self.environment.is_production() {
            ContainerInsights::Enhanced
        } else {
            ContainerInsights::Enabled
        };
        stack.add("cluster", Cluster::builder().insights(insights).build())
    }

    pub(super) fn key(&self, stack: &mut Stack) -> Result<StoreKey, Invalid> {
        let place = stack.place().clone();
        let logs = Statement::logs_may_use(&place, LogGroup::pattern(&place, stack.name()));
        let uses = KeyUse::builder()
            .description(format!("The output of {}", stack.scope()))
            .through(Vec::new())
            .statements(vec![logs])
            .build();
        self.encryption_key.declare(stack, uses)
    }

    pub(super) fn log_group(
        &self,
        stack: &mut Stack,
        key: &StoreKey,
    ) -> Result<LogGroupRefs, Invalid> {
        let group = LogGroup::builder().retention_days(self.log_retention_days);
        let group = match &key.arn {
            Some(arn) => group.kms_key(arn.clone()).build(),
            None => group.build(),
        };
        stack.add("logs", group)
    }

    /// The group of the tasks: out to the web by HTTPS; in come only those whom others let in.
    pub(super) fn security_group(&self, stack: &mut Stack) -> Result<SecurityGroupRefs, Invalid> {
        let scope = name(stack);
        let group = SecurityGroup::builder()
            .vpc(&self.network.vpc)
            .description(format!("{scope}: tasks, out by HTTPS and to what they use"))
            .build();
        let group = stack.add("security-group", group)?;
        let everywhere = "0.0.0.0/0".parse().expect("a constant range is valid");
        let out = SecurityGroupRule::builder()
            .group(&group.id)
            .direction(Direction::Egress)
            .traffic(Traffic::tcp(HTTPS))
            .peer(Peer::Cidr(everywhere))
            .description(format!("{scope} reaches AWS and partners by HTTPS"))
            .build();
        stack.add("out-by-https", out)?;
        Ok(group)
    }

    pub(super) fn task_definition(
        &self,
        stack: &mut Stack,
        roles: &Roles,
        granted: &Granted,
        logs: &LogGroupRefs,
    ) -> Result<TaskDefinitionRefs, Invalid> {
        let container = (self.adjust_container)(self.container(stack, granted, logs));
        let definition = TaskDefinition::builder()
            .family(stack.fixed_name("task", &NameRule::new(255))?)
            .cpu(self.size.0)
            .memory_mib(self.size.1)
            .architecture(self.architecture)
            .execution_role(&roles.execution.arn)
            .task_role(&roles.task.arn)
            .containers(vec![container])
            .volumes(self.volumes(granted))
            .build();
        stack.add("task-definition", (self.adjust_task_definition)(definition))
    }

    fn container(&self, stack: &Stack, granted: &Granted, logs: &LogGroupRefs) -> Container {
        let name = container_name(stack);
        let mut container = Container::builder()
            .name(name.as_str())
            .image(self.image.clone())
            .ports([self.port].into())
            .environment(granted.settings.clone())
            .secrets(granted.secrets.clone())
            .command(self.command.clone())
            .user(self.user.as_str())
            .read_only(self.writable.is_none())
            .mounts(self.mount_points(granted))
            .logs(ContainerLogs::builder().group(&logs.name).prefix(name.as_str()).build())
            .build();
        container.health_check.clone_from(&self.health_check);
        // Longer than targets drain, so that no request is cut off.
        container.stop_timeout_secs = 60;
        container
    }

    fn mount_points(&self, granted: &Granted) -> Vec<MountPoint> {
        let scratch = self.writable.is_none().then(|| MountPoint {
            volume: "scratch".to_owned(),
            path: SCRATCH.to_owned(),
            read_only: false,
        });
        let mounted = granted.mounted.iter().map(|mounted| MountPoint {
            volume: mounted.name.clone(),
            path: mounted.path.clone(),
            read_only: mounted.read_only,
        });
        scratch.into_iter().chain(mounted).collect()
    }

    fn volumes(&self, granted: &Granted) -> Vec<Volume> {
        let scratch = self
            .writable
            .is_none()
            .then(|| Volume { name: "scratch".to_owned(), kind: VolumeKind::Scratch });
        let mounted = granted.mounted.iter().map(|mounted| Volume {
            name: mounted.name.clone(),
            kind: VolumeKind::Efs {
                file_system: mounted.file_system.clone(),
                access_point: mounted.access_point.clone(),
            },
        });
        scratch.into_iter().chain(mounted).collect()
    }

    /// Fargate for the fewest tasks, and above them as it was chosen.
    fn capacity(&self) -> Vec<CapacityShare> {
        let spot = self.spot_of_four;
        let base = if spot > 0 { self.scale().min() } else { 0 };
        let on_demand = CapacityShare {
            provider: CapacityProvider::Fargate,
            base,
            weight: if spot == FOUR { 0 } else { (FOUR - spot).max(1) },
        };
        let spare =
            CapacityShare { provider: CapacityProvider::FargateSpot, base: 0, weight: spot };
        if spot == 0 {
            vec![CapacityShare { weight: 1, ..on_demand }]
        } else {
            vec![on_demand, spare]
        }
    }

    pub(super) fn service(
        &self,
        stack: &mut Stack,
        definition: &TaskDefinitionRefs,
        placed: &Placed,
    ) -> Result<EcsServiceRefs, Invalid> {
        let subnets = self.network.subnet_ids(Tier::Private);
        if subnets.is_empty() {
            return Err(Invalid::new("network", "has no private subnets for the tasks"));
        }
        let mut targets = self.targets.clone();
        targets.extend(placed.route.map(|route| self.target(stack, route)));
        let mut alarms = self.rollback_alarms.clone();
        alarms.extend(placed.route.map(|route| route.errors.clone()));
        let service = EcsService::builder()
            .cluster(&placed.cluster.name)
            .task_definition(&definition.arn)
            .desired_count(self.scale().min())
            .capacity(self.capacity())
            .subnets(subnets)
            .security_groups(vec![(&placed.group.id).into()])
            .load_balancers(targets)
            .rollback_alarms(alarms)
            .build();
        stack.add("service", (self.adjust)(service))
    }

    /// Tasks start when all that they need is there, and nothing of it goes before they have.
    pub(super) fn order(
        &self,
        stack: &mut Stack,
        service: &EcsServiceRefs,
        granted: &Granted,
        allowed: &[RolePolicyAttachmentRefs],
    ) {
        self.network.wait_for_egress(stack, service);
        for attachment in allowed {
            stack.after(service, attachment);
        }
        for address in &granted.after {
            stack.after(service, &Known(address));
        }
    }
}
