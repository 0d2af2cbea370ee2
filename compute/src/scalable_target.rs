//! Scalable target: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTarget as Description, ServiceNamespace,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, EcsClusterName, EcsServiceName, ScalableResourceId, ScalableTargetArn,
    absent_is_fine, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

/// The bounds between which an ECS service is scaled. From then on the number of its tasks belongs to its scaling
/// policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ScalableTarget {
    /// The service's cluster. A change replaces the target.
    #[builder(setter(into))]
    pub cluster: Input<EcsClusterName>,
    /// The service. A change replaces the target.
    #[builder(setter(into))]
    pub service: Input<EcsServiceName>,
    /// The fewest tasks.
    pub min: u32,
    /// The most tasks.
    pub max: u32,
}

outputs! {
    /// What a scalable target answers.
    pub struct ScalableTargetOutputs => ScalableTargetRefs {
        /// What is scaled, for policies.
        accepted resource: ScalableResourceId,
        /// Its ARN.
        accepted arn: ScalableTargetArn,
    }
}

/// How many targets one Describe takes.
const BATCH: usize = 50;

const CREATING: &str = "registering the scalable target";

type Was = Recorded<ScalableTarget, ScalableTargetOutputs>;

impl Resource<Aws> for ScalableTarget {
    const TYPE: &'static str = "application-autoscaling:ScalableTarget";
    const FACTS: Facts = Facts {
        quota: Some(("scalable targets for ECS per region", 3000)),
        actions: Actions {
            create: &[
                "application-autoscaling:RegisterScalableTarget",
                "application-autoscaling:TagResource",
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:ListTagsForResource",
                "iam:CreateServiceLinkedRole",
            ],
            read: &[
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:ListTagsForResource",
            ],
            update: &[
                "application-autoscaling:RegisterScalableTarget",
                "application-autoscaling:TagResource",
                "application-autoscaling:UntagResource",
            ],
            delete: &["application-autoscaling:DeregisterScalableTarget"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ScalableTargetOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            // A service is registered once.
            "cluster" | "service" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.max < self.min {
            let problem = format!("{} must not be below the fewest, {}", self.max, self.min);
            return Err(Invalid::new("max", problem));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ScalableTargetOutputs>> {
        let resource = self.resource();
        let tags = intent.tags().clone().into_iter().collect();
        let call = self.register(aws, &resource).set_tags(Some(tags));
        let answer = call.send().await.doing(CREATING)?;
        let missing = || CallError::new(Class::Ambiguous, CREATING, "the answer has no ARN");
        let arn = answer.scalable_target_arn.ok_or_else(missing)?;
        Ok(Made::ready(ScalableTargetOutputs { resource, arn: ScalableTargetArn::new(arn) }))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ScalableTargetOutputs>>> {
        let ids: Vec<String> = wanted.iter().map(|was| was.outputs.resource.to_string()).collect();
        let targets = described(aws, &ids).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match targets.get(was.outputs.resource.as_str()) {
                None => Live::Absent,
                Some(one) => Live::Ready {
                    args: args(was, one),
                    outputs: was.outputs.clone(),
                    tags: tags_of(aws, &was.outputs.arn).await?,
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(BATCH) + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ScalableTargetOutputs>> {
        let call = self.register(aws, &old.outputs.resource);
        call.send().await.doing("changing the scalable target")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let set = set.clone().into_iter().collect();
            let call = aws.autoscaling().tag_resource().resource_arn(arn).set_tags(Some(set));
            call.send().await.doing("setting tags")?;
        }
        if !unset.is_empty() {
            let call = aws.autoscaling().untag_resource().resource_arn(arn);
            let call = call.set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = (aws.autoscaling().deregister_scalable_target())
                .service_namespace(ServiceNamespace::Ecs)
                .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                .resource_id(was.outputs.resource.as_str());
            let answer = call.send().await.map(|_| ());
            absent_is_fine(answer.doing("deregistering the scalable target"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ScalableTargetOutputs>> {
        let resource = self.resource();
        let targets = described(aws, &[resource.to_string()]).await?;
        let one = targets.get(resource.as_str());
        let Some(arn) = one.and_then(|one| one.scalable_target_arn.clone()) else {
            return Ok(Found::Nothing);
        };
        let arn = ScalableTargetArn::new(arn);
        let tags = tags_of(aws, &arn).await?;
        let what = format!("scalable target {resource}");
        Ok(found::claim(intent, &what, &tags, ScalableTargetOutputs { resource, arn }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    fn class_of(error: &CallError, _operation: Operation) -> Class {
        class_of(error)
    }
}

impl ScalableTarget {
    fn resource(&self) -> ScalableResourceId {
        let (cluster, service) = (self.cluster.known(), self.service.known());
        ScalableResourceId::new(format!("service/{cluster}/{service}"))
    }

    fn register(
        &self,
        aws: &Aws,
        resource: &ScalableResourceId,
    ) -> aws_sdk_applicationautoscaling::operation::register_scalable_target::builders::RegisterScalableTargetFluentBuilder
    {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        (aws.autoscaling().register_scalable_target())
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource.as_str())
            .min_capacity(number(self.min))
            .max_capacity(number(self.max))
    }
}

/// A service that was just made may not be visible to Application Auto Scaling yet.
pub(crate) fn class_of(error: &CallError) -> Class {
    let code = error.code.as_deref().unwrap_or_default();
    if error.message.contains("ECS service doesn't exist") {
        return Class::Propagation;
    }
    if code.starts_with("FailedResourceAccess") || code.starts_with("ConcurrentUpdate") {
        return Class::Dependency;
    }
    error.class
}

/// Targets by resource; those that are not there are left out.
async fn described(aws: &Aws, ids: &[String]) -> CallResult<BTreeMap<String, Description>> {
    let mut found = BTreeMap::new();
    for ids in ids.chunks(BATCH) {
        let call = (aws.autoscaling().describe_scalable_targets())
            .service_namespace(ServiceNamespace::Ecs)
            .set_resource_ids(Some(ids.to_vec()));
        let targets = call.into_paginator().items().send().try_collect().await;
        let targets = targets.doing("reading scalable targets")?;
        found.extend(targets.into_iter().map(|one| (one.resource_id.clone(), one)));
    }
    Ok(found)
}

fn args(was: &Was, one: &Description) -> ScalableTarget {
    let whole = |number: i32| u32::try_from(number).unwrap_or_default();
    ScalableTarget {
        min: whole(one.min_capacity()),
        max: whole(one.max_capacity()),
        ..was.args.clone()
    }
}

async fn tags_of(aws: &Aws, arn: &ScalableTargetArn) -> CallResult<Tags> {
    let call = aws.autoscaling().list_tags_for_resource().resource_arn(arn.as_str());
    let tags = call.send().await.doing("reading tags")?.tags.unwrap_or_default();
    Ok(tags.into_iter().collect())
}
