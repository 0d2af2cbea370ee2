//! Scaling policy: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html>

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension,
    ScalingPolicy as Description, ServiceNamespace, TargetTrackingScalingPolicyConfiguration,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, ScalableResourceId, ScalingPolicyArn, ScalingPolicyName, absent_is_fine,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::scalable_target;

/// Keeps a metric of a service at a target, by as many tasks as that takes. AWS makes the two alarms that it needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ScalingPolicy {
    /// What is scaled, as its scalable target answers it. A change replaces the policy.
    #[builder(setter(into))]
    pub resource: Input<ScalableResourceId>,
    /// The metric.
    pub metric: TrackedMetric,
    /// Its target.
    pub target: f64,
    /// Seconds after scaling out in which only more than what is needed already is added. Default: 60.
    #[builder(default = 60)]
    pub out_cooldown_secs: u32,
    /// Seconds after scaling in until it is scaled in again. Default: 300.
    #[builder(default = 300)]
    pub in_cooldown_secs: u32,
    /// Whether it scales in, too. Default: yes.
    #[builder(default = true)]
    pub scales_in: bool,
}

/// A metric of a service that its number of tasks spreads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackedMetric {
    /// The average use of the CPU, in percent.
    Cpu,
    /// The average use of memory, in percent.
    Memory,
    /// Requests per target and minute.
    Requests {
        /// Load balancer and target group as CloudWatch names them, `app/NAME/ID/targetgroup/NAME/ID`.
        label: Input<String>,
    },
}

outputs! {
    /// What a scaling policy answers.
    pub struct ScalingPolicyOutputs => ScalingPolicyRefs {
        /// Its name.
        accepted name: ScalingPolicyName,
        /// Its ARN.
        accepted arn: ScalingPolicyArn,
    }
}

const NAME: NameRule = NameRule::new(256).allow("_");

/// How many policies one Describe takes by name.
const BATCH: usize = 50;

const PUTTING: &str = "putting the scaling policy";

type Was = Recorded<ScalingPolicy, ScalingPolicyOutputs>;

impl Resource<Aws> for ScalingPolicy {
    const TYPE: &'static str = "application-autoscaling:ScalingPolicy";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        tags: false,
        quota: Some(("scaling policies per scalable target", 50)),
        actions: Actions {
            create: &[
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:DescribeScalingPolicies",
            ],
            read: &["application-autoscaling:DescribeScalingPolicies"],
            update: &["application-autoscaling:PutScalingPolicy"],
            delete: &["application-autoscaling:DeleteScalingPolicy"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ScalingPolicyOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "resource" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if !self.target.is_finite() || self.target <= 0.0 {
            return Err(Invalid::new("target", format!("must be above 0, not {}", self.target)));
        }
        let share = matches!(self.metric, TrackedMetric::Cpu | TrackedMetric::Memory);
        if share && self.target >= 100.0 {
            let problem = format!("must be below 100 percent, not {}", self.target);
            return Err(Invalid::new("target", problem));
        }
        Ok(())
    }

    /// A policy of the same name is replaced, so a repeat is harmless.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ScalingPolicyOutputs>> {
        let name = ScalingPolicyName::new(intent.name(&NAME));
        let arn = self.put(aws, &name).await?;
        Ok(Made::ready(ScalingPolicyOutputs { name, arn }))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ScalingPolicyOutputs>>> {
        let names: Vec<String> = wanted.iter().map(|was| was.outputs.name.to_string()).collect();
        let policies = described(aws, &names).await?;
        let one = |was: &Was| match policies.get(was.outputs.name.as_str()) {
            None => Live::Absent,
            Some(one) => Live::Ready {
                args: args(was, one),
                outputs: was.outputs.clone(),
                tags: Tags::new(),
            },
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len().div_ceil(BATCH)
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ScalingPolicyOutputs>> {
        let arn = self.put(aws, &old.outputs.name).await?;
        Ok(Made::ready(ScalingPolicyOutputs { arn, name: old.outputs.name.clone() }))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = (aws.autoscaling().delete_scaling_policy())
                .policy_name(was.outputs.name.as_str())
                .service_namespace(ServiceNamespace::Ecs)
                .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                .resource_id(was.args.resource.known().as_str());
            let answer = call.send().await.map(|_| ());
            absent_is_fine(answer.doing("deleting the scaling policy"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ScalingPolicyOutputs>> {
        let name = ScalingPolicyName::new(intent.name(&NAME));
        let policies = described(aws, &[name.to_string()]).await?;
        let arn = policies.get(name.as_str()).map(|one| ScalingPolicyArn::new(&one.policy_arn));
        Ok(arn.map_or(Found::Nothing, |arn| Found::Ours(ScalingPolicyOutputs { name, arn })))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == PUTTING
    }

    fn class_of(error: &CallError, _operation: Operation) -> Class {
        scalable_target::class_of(error)
    }
}

impl ScalingPolicy {
    async fn put(&self, aws: &Aws, name: &ScalingPolicyName) -> CallResult<ScalingPolicyArn> {
        let seconds = |secs: u32| i32::try_from(secs).unwrap_or(i32::MAX);
        let configuration = TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(self.target)
            .predefined_metric_specification(self.metric.to_api())
            .scale_out_cooldown(seconds(self.out_cooldown_secs))
            .scale_in_cooldown(seconds(self.in_cooldown_secs))
            .disable_scale_in(!self.scales_in)
            .build()
            .expect("the target is set");
        let call = (aws.autoscaling().put_scaling_policy())
            .policy_name(name.as_str())
            .policy_type(PolicyType::TargetTrackingScaling)
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(self.resource.known().as_str())
            .target_tracking_scaling_policy_configuration(configuration);
        let answer = call.send().await.doing(PUTTING)?;
        Ok(ScalingPolicyArn::new(answer.policy_arn()))
    }
}

impl TrackedMetric {
    fn to_api(&self) -> PredefinedMetricSpecification {
        let (kind, label) = match self {
            Self::Cpu => (MetricType::EcsServiceAverageCpuUtilization, None),
            Self::Memory => (MetricType::EcsServiceAverageMemoryUtilization, None),
            Self::Requests { label } => {
                (MetricType::AlbRequestCountPerTarget, Some(label.known().clone()))
            }
        };
        PredefinedMetricSpecification::builder()
            .predefined_metric_type(kind)
            .set_resource_label(label)
            .build()
            .expect("the type is set")
    }

    fn described(of: &PredefinedMetricSpecification) -> Option<Self> {
        match of.predefined_metric_type() {
            MetricType::EcsServiceAverageCpuUtilization => Some(Self::Cpu),
            MetricType::EcsServiceAverageMemoryUtilization => Some(Self::Memory),
            MetricType::AlbRequestCountPerTarget => {
                Some(Self::Requests { label: of.resource_label()?.to_owned().into() })
            }
            _ => None,
        }
    }
}

/// Policies by name; those that are not there are left out.
async fn described(aws: &Aws, names: &[String]) -> CallResult<BTreeMap<String, Description>> {
    let mut found = BTreeMap::new();
    for names in names.chunks(BATCH) {
        let call = (aws.autoscaling().describe_scaling_policies())
            .service_namespace(ServiceNamespace::Ecs)
            .set_policy_names(Some(names.to_vec()));
        let policies = call.into_paginator().items().send().try_collect().await;
        let policies = policies.doing("reading scaling policies")?;
        found.extend(policies.into_iter().map(|one| (one.policy_name.clone(), one)));
    }
    Ok(found)
}

fn args(was: &Was, one: &Description) -> ScalingPolicy {
    let Some(of) = one.target_tracking_scaling_policy_configuration() else {
        return ScalingPolicy { target: 0.0, ..was.args.clone() };
    };
    let seconds = |secs: Option<i32>| secs.and_then(|secs| u32::try_from(secs).ok());
    let metric = of.predefined_metric_specification().and_then(TrackedMetric::described);
    ScalingPolicy {
        resource: was.args.resource.clone(),
        metric: metric.unwrap_or_else(|| was.args.metric.clone()),
        target: of.target_value(),
        out_cooldown_secs: seconds(of.scale_out_cooldown()).unwrap_or(300),
        in_cooldown_secs: seconds(of.scale_in_cooldown()).unwrap_or(300),
        scales_in: !of.disable_scale_in().unwrap_or_default(),
    }
}
