//! Service: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>

use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    AlarmName, Aws, Doing, EcsClusterName, EcsServiceArn, EcsServiceName, SecurityGroupId,
    SubnetId, TargetGroupArn, TaskDefinitionArn, absent_is_fine, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;
use crate::capacity::{self, CapacityShare};

mod api;
mod live;
mod stopped;

/// Tasks of one definition, as many as are wanted, which are replaced when they end.
///
/// It is ready when its rollout is complete: all tasks run, are well, and are targets of their load balancers. A rollout
/// that fails ends with the reasons for which tasks stopped. On the way out the tasks drain before it is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct EcsService {
    /// The cluster. A change replaces the service.
    #[builder(setter(into))]
    pub cluster: Input<EcsClusterName>,
    /// What the tasks are. A change rolls them, without an outage.
    #[builder(setter(into))]
    pub task_definition: Input<TaskDefinitionArn>,
    /// How many tasks there are at first, and again whenever this is changed; otherwise the number belongs to whoever
    /// scales the service.
    pub desired_count: u32,
    /// What the tasks run on. Above a base of Fargate, Fargate Spot. A change rolls them.
    pub capacity: Vec<CapacityShare>,
    /// Where the tasks are: they are spread over the zones of these subnets. A change rolls them.
    pub subnets: Vec<Input<SubnetId>>,
    /// The security groups of the tasks. A change rolls them.
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// The target groups that the tasks are targets of, which listeners must use already. Default: none.
    #[builder(default)]
    pub load_balancers: Vec<ServiceTarget>,
    /// Seconds after a task's start in which the health checks of load balancers do not count. Default: 60.
    #[builder(default = 60)]
    pub health_check_grace_secs: u32,
    /// How many percent of the tasks are well at least while they roll. Default: 100.
    #[builder(default = 100)]
    pub minimum_healthy_percent: u32,
    /// How many percent of the tasks there are at most while they roll. Default: 200.
    #[builder(default = 200)]
    pub maximum_percent: u32,
    /// Whether a rollout fails when its tasks do not start or are not well, and what ran before is rolled out again.
    /// Default: yes.
    #[builder(default = true)]
    pub circuit_breaker: bool,
    /// The alarms that fail a rollout and roll back when they ring. A rollout is complete only when they have been quiet
    /// for as long as they look back. Default: none.
    #[builder(default)]
    pub rollback_alarms: Vec<Input<AlarmName>>,
    /// Whether commands can be run in its containers (`ecs:ExecuteCommand`). Default: no.
    #[builder(default)]
    pub execute_command: bool,
    /// Whether tasks are spread over the zones again when one has been away. Default: yes.
    #[builder(default = true)]
    pub rebalance_zones: bool,
}

/// A container of a service that is a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceTarget {
    /// The target group, for targets by IP address.
    pub target_group: Input<TargetGroupArn>,
    /// The container.
    pub container: String,
    /// Its port.
    pub port: u16,
}

outputs! {
    /// What a service answers.
    pub struct EcsServiceOutputs => EcsServiceRefs {
        /// Its name.
        accepted name: EcsServiceName,
        /// Its ARN.
        accepted arn: EcsServiceArn,
    }
}

const NAME: NameRule = NameRule::new(255).allow("_");

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the service";

type Was = Recorded<EcsService, EcsServiceOutputs>;

impl Resource<Aws> for EcsService {
    const TYPE: &'static str = "ecs:Service";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 75,
        update_secs: 180,
        delete_secs: 60,
        quota: Some(("services per cluster", 5000)),
        actions: Actions {
            create: &[
                "ecs:CreateService",
                "ecs:TagResource",
                "ecs:DescribeServices",
                "iam:PassRole",
                "iam:CreateServiceLinkedRole",
            ],
            read: &["ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks"],
            update: &["ecs:UpdateService", "ecs:TagResource", "ecs:UntagResource"],
            delete: &["ecs:DeleteService"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = EcsServiceOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "cluster" => Argument::Replace(Order::CreateFirst),
            "desired_count" => Argument::Owned(Effect::Rolling),
            "task_definition" | "capacity" | "subnets" | "security_groups" | "load_balancers" => {
                Argument::InPlace(Effect::Rolling)
            }
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        capacity::check("capacity", &self.capacity)?;
        if self.subnets.is_empty() || self.subnets.len() > 16 {
            return Err(Invalid::new("subnets", "must be 1 to 16"));
        }
        if self.security_groups.is_empty() || self.security_groups.len() > 5 {
            return Err(Invalid::new("security_groups", "must be 1 to 5"));
        }
        if self.maximum_percent <= self.minimum_healthy_percent.min(100) {
            let problem = format!(
                "must be above {}, or no task could ever be replaced",
                self.minimum_healthy_percent.min(100)
            );
            return Err(Invalid::new("maximum_percent", problem));
        }
        if self.rebalance_zones && self.maximum_percent <= 100 {
            return Err(Invalid::new("rebalance_zones", "needs a maximum_percent above 100"));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<EcsServiceOutputs>> {
        let outputs = named(aws, self.cluster.known(), intent);
        let count = api::number(self.desired_count);
        let call = (aws.ecs().create_service())
            .service_name(outputs.name.as_str())
            .client_token(intent.token())
            .cluster(self.cluster.known().as_str())
            .task_definition(self.task_definition.known().as_str())
            .desired_count(count)
            .set_capacity_provider_strategy(Some(capacity::to_api(&self.capacity)))
            .network_configuration(api::network(self))
            .set_load_balancers(Some(api::load_balancers(self)))
            .set_health_check_grace_period_seconds(api::grace(self))
            .deployment_configuration(api::deployment(self))
            .enable_execute_command(self.execute_command)
            .availability_zone_rebalancing(api::rebalancing(self))
            .propagate_tags(aws_sdk_ecs::types::PropagateTags::Service)
            .enable_ecs_managed_tags(true)
            .set_tags(Some(answer::tags(intent)));
        call.send().await.doing(CREATING)?;
        Ok(Made::pending(outputs))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, EcsServiceOutputs>>> {
        live::read(aws, wanted).await
    }

    fn read_calls(wanted: &[Was]) -> usize {
        live::calls(wanted)
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<EcsServiceOutputs>> {
        let was = &old.args;
        let count =
            (self.desired_count != was.desired_count).then(|| api::number(self.desired_count));
        let moves = (self.subnets != was.subnets || self.security_groups != was.security_groups)
            .then(|| api::network(self));
        let targets =
            (self.load_balancers != was.load_balancers).then(|| api::load_balancers(self));
        // ECS rolls tasks onto other capacity only when it is told to.
        let capacity = (self.capacity != was.capacity).then(|| capacity::to_api(&self.capacity));
        let call = (aws.ecs().update_service())
            .cluster(self.cluster.known().as_str())
            .service(old.outputs.name.as_str())
            .task_definition(self.task_definition.known().as_str())
            .set_desired_count(count)
            .force_new_deployment(capacity.is_some())
            .set_capacity_provider_strategy(capacity)
            .set_network_configuration(moves)
            .set_load_balancers(targets)
            .set_health_check_grace_period_seconds(api::grace(self))
            .deployment_configuration(api::deployment(self))
            .enable_execute_command(self.execute_command)
            .availability_zone_rebalancing(api::rebalancing(self));
        call.send().await.doing("changing the service")?;
        Ok(Made::pending(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        answer::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = (aws.ecs().delete_service())
                .cluster(was.args.cluster.known().as_str())
                .service(was.outputs.name.as_str())
                .force(true);
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the service"))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<EcsServiceOutputs>> {
        let cluster = self.cluster.known();
        let outputs = named(aws, cluster, intent);
        let found = live::described(aws, cluster.as_str(), &[outputs.name.as_str()]).await?;
        let there = found.into_iter().find(|one| one.status() == Some("ACTIVE"));
        let Some(service) = there else { return Ok(Found::Nothing) };
        let what = format!("service {}", outputs.name);
        Ok(found::claim(intent, &what, &answer::from_api(service.tags()), outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        answer::class_of(error, operation)
    }
}

fn named(aws: &Aws, cluster: &EcsClusterName, intent: &Intent) -> EcsServiceOutputs {
    let name = intent.name(&NAME);
    let arn = answer::arn(aws.place(), "service", &format!("{cluster}/{name}"));
    EcsServiceOutputs { name: EcsServiceName::new(name), arn: EcsServiceArn::new(arn) }
}
