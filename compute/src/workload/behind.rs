//! A service behind a front, which sends requests to it.

use globecart_aws::ec2::SecurityGroupRefs;
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::{Stack, Waived};
use typed_builder::TypedBuilder;

use super::{Service, tasks};
use crate::{
    Backend, BackendOutputs, Condition, FrontOutputs, HealthCheck, ServiceTarget, TargetProtocol,
};

/// How a front's requests come to a service.
#[derive(Debug, Clone, TypedBuilder)]
pub struct Behind<'a> {
    /// The front; several services share it.
    front: &'a FrontOutputs,
    /// How it is found out whether a task is well.
    health_check: HealthCheck,
    /// The place of its rule among those of the listener, 1 to 50,000, which only one has.
    priority: u16,
    /// Which requests are for it. Default: all that no rule with a lower priority is about.
    #[builder(default = vec![Condition::Path(vec!["*".to_owned()])])]
    conditions: Vec<Condition>,
    /// How requests are sent, by TLS. Default: HTTP/1.1; a certificate that the task signed itself will do.
    #[builder(default)]
    protocol: TargetProtocol,
    /// Why requests are sent to it in plain text. Default: they are not.
    #[builder(default, setter(strip_option))]
    plain_http: Option<Waived>,
    /// How many requests a minute a task should get; more of them make more tasks. Default: it does not scale by them.
    #[builder(default, setter(strip_option))]
    requests_per_task: Option<f64>,
}

impl Service<'_> {
    /// Declares the way from the front to the tasks, where there is one.
    pub(super) fn route(
        &self,
        stack: &mut Stack,
        group: &SecurityGroupRefs,
    ) -> Result<Option<BackendOutputs>, Invalid> {
        let Some(behind) = &self.behind else { return Ok(None) };
        let mut backend = Backend::builder()
            .name(tasks::name(stack))
            .security_group(&group.id)
            .port(self.port)
            .health_check(behind.health_check.clone())
            .priority(behind.priority)
            .conditions(behind.conditions.clone())
            .protocol(behind.protocol)
            .build();
        backend.plain_http.clone_from(&behind.plain_http);
        backend.alerts.clone_from(&self.alerts);
        behind.front.route(stack, &backend).map(Some)
    }

    /// What tasks are targets of because of it.
    pub(super) fn target(&self, stack: &Stack, route: &BackendOutputs) -> ServiceTarget {
        ServiceTarget {
            target_group: (&route.target_group.arn).into(),
            container: tasks::container_name(stack),
            port: self.port,
        }
    }

    /// By how many requests per task the service scales, and how CloudWatch calls where they are counted.
    pub(super) fn requests(&self, route: Option<&BackendOutputs>) -> Option<(f64, Input<String>)> {
        let (behind, route) = (self.behind.as_ref()?, route?);
        let balancer = behind.front.load_balancer.full_name.accepted();
        let group = route.target_group.full_name.accepted();
        let label = [balancer.part(), vec!["/".into()], group.part()].concat();
        Some((behind.requests_per_task?, Input::join(label)))
    }
}
