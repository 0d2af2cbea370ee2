//! How many tasks a service has, and by what that changes.

use globecart_aws::Stack;
use globecart_aws::engine::{Input, Invalid};

use super::Service;
use crate::{
    BackendOutputs, ClusterRefs, EcsServiceRefs, ScalableTarget, ScalableTargetRefs, ScalingPolicy,
    ScalingPolicyRefs, TrackedMetric,
};

/// How many tasks a service has: as many as keep every metric at its target, between two bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    min: u32,
    max: u32,
    cpu_percent: Option<f64>,
    memory_percent: Option<f64>,
    requests: Option<(f64, Input<String>)>,
}

impl Scale {
    /// From so many tasks to so many, at 60 % of the CPU and 75 % of the memory.
    pub fn between(min: u32, max: u32) -> Self {
        Self { min, max, cpu_percent: Some(60.0), memory_percent: Some(75.0), requests: None }
    }

    /// By this average use of the CPU; none: not by it.
    #[must_use]
    pub fn cpu(self, percent: Option<f64>) -> Self {
        Self { cpu_percent: percent, ..self }
    }

    /// By this average use of memory; none: not by it.
    #[must_use]
    pub fn memory(self, percent: Option<f64>) -> Self {
        Self { memory_percent: percent, ..self }
    }

    /// By so many requests per task and minute, counted at a load balancer's target group: `label` names both as
    /// CloudWatch does, `app/NAME/ID/targetgroup/NAME/ID`.
    #[must_use]
    pub fn requests(self, per_minute: f64, label: impl Into<Input<String>>) -> Self {
        Self { requests: Some((per_minute, label.into())), ..self }
    }

    /// The fewest tasks.
    pub fn min(&self) -> u32 {
        self.min
    }
}

impl Service<'_> {
    /// The bounds: those that were given, or the environment's.
    pub(super) fn scale(&self) -> Scale {
        let default = if self.environment.is_production() {
            Scale::between(2, 10)
        } else {
            Scale::between(1, 2)
        };
        self.scale.clone().unwrap_or(default)
    }

    pub(super) fn scaling(
        &self,
        stack: &mut Stack,
        cluster: &ClusterRefs,
        service: &EcsServiceRefs,
        route: Option<&BackendOutputs>,
    ) -> Result<(ScalableTargetRefs, Vec<ScalingPolicyRefs>), Invalid> {
        let scale = self.scale();
        let requests = scale.requests.clone().or_else(|| self.requests(route));
        let target = ScalableTarget::builder()
            .cluster(&cluster.name)
            .service(service.name.accepted())
            .min(scale.min)
            .max(scale.max)
            .build();
        let target = stack.add("scalable-target", target)?;
        let by = [
            ("scale-by-cpu", scale.cpu_percent.map(|percent| (TrackedMetric::Cpu, percent))),
            (
                "scale-by-memory",
                scale.memory_percent.map(|percent| (TrackedMetric::Memory, percent)),
            ),
            (
                "scale-by-requests",
                requests.map(|(count, label)| (TrackedMetric::Requests { label }, count)),
            ),
        ];
        let mut policies = Vec::new();
        for (name, metric) in by {
            let Some((metric, value)) = metric else { continue };
            let policy = ScalingPolicy::builder().resource(&target.resource);
            policies.push(stack.add(name, policy.metric(metric).target(value).build())?);
        }
        Ok((target, policies))
    }
}
