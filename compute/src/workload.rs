//! A service on Fargate, with all that it takes.

use std::collections::BTreeMap;

use globecart_aws::ec2::SecurityGroupRefs;
use globecart_aws::engine::{Component, Input, Invalid};
use globecart_aws::iam::RoleRefs;
use globecart_aws::logs::LogGroupRefs;
use globecart_aws::network::NetworkOutputs;
use globecart_aws::{
    AlarmName, AlertRoute, Aws, Client, EncryptionKey, Environment, Mountable, Stack, StoreKey,
    Usable, Waived,
};
use typed_builder::TypedBuilder;

use crate::{
    Architecture, BackendOutputs, ClusterRefs, Container, ContainerHealthCheck, EcsService,
    EcsServiceRefs, Image, ScalableTargetRefs, ScalingPolicyRefs, SecretReference, ServiceTarget,
    TaskDefinition, TaskDefinitionRefs, kinds,
};

mod alarms;
mod behind;
mod grants;
mod roles;
mod scale;
mod tasks;

pub use behind::Behind;
pub use scale::Scale;

/// Tasks of one image that stay as many as they are to be, in the private subnets, without a public address.
///
/// With the defaults: two tasks or more in production, spread over the zones, on Fargate; a root file system that is
/// read-only, a user that is not root, no capabilities, and no shell from outside; one role for what the program may do
/// and one for what ECS does for it, each with no more than what is used; logs under a key of their own for a year;
/// rollouts that are taken back when tasks fail; scaling by CPU and memory; and alarms.
///
/// What the program uses is one line each: [`Service::uses`], [`Service::mount`] and
/// [`Service::secret`]. A value that is secret fits nowhere else:
///
/// ```compile_fail,E0277
/// use globecart_compute::Service;
/// # struct Password;
/// fn with(password: Password) {
///     Service::builder().settings([("PASSWORD".to_owned(), password.into())].into());
/// }
/// ```
///
/// What it runs is not guessed, and an image is more than a name:
///
/// ```compile_fail,E0308
/// use globecart_compute::Service;
/// Service::builder().image("nginx:latest");
/// ```
#[derive(TypedBuilder)]
pub struct Service<'a> {
    /// Its private subnets take the tasks.
    network: &'a NetworkOutputs,
    /// What the tasks run, by its digest or a tag in ECR.
    image: Image,
    /// Why the image may be one that is not named by its digest. Default: it may not.
    #[builder(default, setter(strip_option))]
    floating: Option<Waived>,
    /// What it is for. Default: production.
    #[builder(default)]
    environment: Environment,
    /// The cluster, which services share. Default: one of its own.
    #[builder(default, setter(strip_option))]
    cluster: Option<&'a ClusterRefs>,
    /// CPU units and MiB of memory of a task. Default: one virtual CPU and 2 GiB.
    #[builder(default = (1024, 2048))]
    size: (u32, u32),
    /// The processors that the image is built for. Default: x86.
    #[builder(default)]
    architecture: Architecture,
    /// How many tasks there are, and by what that changes. Default: 2 to 10 in production, else 1 to 2; at 60 % of the
    /// CPU and 75 % of the memory.
    #[builder(default, setter(strip_option))]
    scale: Option<Scale>,
    /// How many of four tasks above the fewest run on spare capacity, 0 to 4, which is cheaper and can be taken back.
    /// Default: none.
    #[builder(default)]
    spot_of_four: u32,
    /// The TCP port that it listens on, ending TLS itself. Default: 8443.
    #[builder(default = 8443)]
    port: u16,
    /// Settings in plain text. Default: none but those of what it uses.
    #[builder(default)]
    settings: BTreeMap<String, Input<String>>,
    /// What it runs in place of the image's own command. Default: the image's.
    #[builder(default)]
    command: Vec<String>,
    /// How a container itself tells whether it is well. Default: not at all; its load balancer does.
    #[builder(default, setter(strip_option))]
    health_check: Option<ContainerHealthCheck>,
    /// The user in the container, not root. Default: `1000:1000`.
    #[builder(default = "1000:1000".to_owned(), setter(into))]
    user: String,
    /// Why the container may write into its own file system. Default: it may not, but for `/tmp`.
    #[builder(default, setter(strip_option))]
    writable: Option<Waived>,
    /// Further target groups that its tasks are targets of, beside that of its front. Default: none.
    #[builder(default)]
    targets: Vec<ServiceTarget>,
    /// Further alarms that take a rollout back when they ring, beside that on its own errors. Default: none.
    #[builder(default)]
    rollback_alarms: Vec<Input<AlarmName>>,
    /// For how many days its output is kept. Default: 365, as PCI DSS 10.5.1 asks.
    #[builder(default = 365)]
    log_retention_days: u16,
    /// The key that encrypts its output. Default: a key of its own.
    #[builder(default)]
    encryption_key: EncryptionKey,
    /// Where alarms go. Default: nowhere, which every plan says.
    #[builder(default, setter(strip_option, into))]
    alerts: Option<AlertRoute>,
    /// Changes the container just before it is declared. Default: as is.
    #[builder(default = |container| container)]
    adjust_container: fn(Container) -> Container,
    /// Changes the task definition just before it is declared. Default: as is.
    #[builder(default = |definition| definition)]
    adjust_task_definition: fn(TaskDefinition) -> TaskDefinition,
    /// Changes the service just before it is declared. Default: as is.
    #[builder(default = |service| service)]
    adjust: fn(EcsService) -> EcsService,
    #[builder(default, setter(skip))]
    behind: Option<Behind<'a>>,
    #[builder(default, setter(skip))]
    uses: Vec<&'a dyn Usable>,
    #[builder(default, setter(skip))]
    mounts: Vec<&'a dyn Mountable>,
    #[builder(default, setter(skip))]
    secrets: BTreeMap<String, SecretReference>,
}

/// What was made of a [`Service`].
#[derive(Debug, Clone)]
pub struct ServiceOutputs {
    /// The service.
    pub service: EcsServiceRefs,
    /// Its cluster, for others to share.
    pub cluster: ClusterRefs,
    /// What its tasks are.
    pub task_definition: TaskDefinitionRefs,
    /// The security group of its tasks, and its role, for whoever lets it in.
    pub client: Client,
    /// The security group of its tasks.
    pub security_group: SecurityGroupRefs,
    /// What the program acts as.
    pub task_role: RoleRefs,
    /// What ECS acts as for it.
    pub execution_role: RoleRefs,
    /// Where its output goes.
    pub log_group: LogGroupRefs,
    /// The key that encrypts the output.
    pub key: StoreKey,
    /// The way from the front to it, where it is behind one.
    pub route: Option<BackendOutputs>,
    /// The bounds between which it is scaled.
    pub scalable_target: ScalableTargetRefs,
    /// What scales it.
    pub scaling_policies: Vec<ScalingPolicyRefs>,
    /// The alarms that watch it.
    pub alarms: Vec<Input<AlarmName>>,
}

impl<'a> Service<'a> {
    /// Puts it behind a front, which sends requests to it: a rule of the listener, a target group, the way between the two,
    /// alarms, and the rollback when its own errors ring.
    #[must_use]
    pub fn behind(mut self, behind: Behind<'a>) -> Self {
        self.behind = Some(behind);
        self
    }

    /// Lets the program use something, such as a database: the way there, permissions, settings and secrets at once.
    #[must_use]
    pub fn uses(mut self, what: &'a dyn Usable) -> Self {
        self.uses.push(what);
        self
    }

    /// Mounts directories of a file system.
    #[must_use]
    pub fn mount(mut self, what: &'a dyn Mountable) -> Self {
        self.mounts.push(what);
        self
    }

    /// Gives the program a secret under a name, fetched when a task starts. One that a key of the stack encrypts comes
    /// by [`Service::uses`].
    #[must_use]
    pub fn secret(mut self, name: &str, secret: SecretReference) -> Self {
        self.secrets.insert(name.to_owned(), secret);
        self
    }
}

impl Component<Aws> for Service<'_> {
    type Outputs = ServiceOutputs;

    fn declare(self, stack: &mut Stack) -> Result<ServiceOutputs, Invalid> {
        self.check(stack)?;
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        let cluster = self.cluster(stack)?;
        let key = self.key(stack)?;
        let log_group = self.log_group(stack, &key)?;
        let security_group = self.security_group(stack)?;
        let roles = roles::declare(stack)?;
        let client = Client::new(tasks::name(stack), &security_group.id).with_role(&roles.task);
        let granted = self.granted(stack, &client)?;
        let allowed = self.allow(stack, &roles, &granted, &log_group)?;
        let task_definition = self.task_definition(stack, &roles, &granted, &log_group)?;
        let route = self.route(stack, &security_group)?;
        let placed =
            tasks::Placed { cluster: &cluster, group: &security_group, route: route.as_ref() };
        let service = self.service(stack, &task_definition, &placed)?;
        self.order(stack, &service, &granted, &allowed);
        if let Some(route) = &route {
            route.wait_for_route(stack, &service);
        }
        let (scalable_target, scaling_policies) =
            self.scaling(stack, &cluster, &service, route.as_ref())?;
        let alarms = self.alarms(stack, &cluster, &service)?;
        Ok(ServiceOutputs {
            service,
            cluster,
            task_definition,
            client,
            security_group,
            task_role: roles.task,
            execution_role: roles.execution,
            log_group,
            key,
            route,
            scalable_target,
            scaling_policies,
            alarms,
        })
    }
}
