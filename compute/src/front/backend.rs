//! A service behind the front.

use globecart_aws::cloudwatch::{Alarm, Alarms};
use globecart_aws::ec2::{Direction, Peer, SecurityGroupRule, SecurityGroupRuleRefs, Traffic};
use globecart_aws::engine::{Addressed, Input, Invalid};
use globecart_aws::{AlarmName, AlertRoute, SecurityGroupId, Stack, Waived};
use typed_builder::TypedBuilder;

use super::{FrontOutputs, alarms};
use crate::{
    Action, Condition, HealthCheck, ListenerRule, ListenerRuleRefs, TargetGroup, TargetGroupRefs,
    TargetProtocol,
};

/// A service that requests are sent to. Its addresses are registered with the target group by who runs them, as ECS does.
#[derive(Debug, Clone, TypedBuilder)]
pub struct Backend {
    /// What it is called in names and descriptions: letters, digits and hyphens.
    #[builder(setter(into))]
    pub name: String,
    /// The security group of what runs it.
    #[builder(setter(into))]
    pub security_group: Input<SecurityGroupId>,
    /// The port that it listens on.
    pub port: u16,
    /// How it is found out whether it is well.
    pub health_check: HealthCheck,
    /// The place of its rule among those of the listener, 1 to 50,000, which only one has.
    pub priority: u16,
    /// Which requests are for it. Default: all that no rule with a lower priority is about.
    #[builder(default = vec![Condition::Path(vec!["*".to_owned()])])]
    pub conditions: Vec<Condition>,
    /// How requests are sent, by TLS. Default: HTTP/1.1; a certificate that the service signed itself will do.
    #[builder(default)]
    pub protocol: TargetProtocol,
    /// Why requests are sent to it in plain text. Default: they are not.
    #[builder(default, setter(strip_option))]
    pub plain_http: Option<Waived>,
    /// The seconds of an answer beyond which the slowest of a hundred requests is too slow. Default: 1.
    #[builder(default = 1.0)]
    pub slow_secs: f64,
    /// Where its alarms go. Default: where the front's go.
    #[builder(default, setter(strip_option, into))]
    pub alerts: Option<AlertRoute>,
    /// Changes the target group just before it is declared. Default: as is.
    #[builder(default = |target_group| target_group)]
    pub adjust_target_group: fn(TargetGroup) -> TargetGroup,
}

/// What was made of a [`Backend`].
#[derive(Debug, Clone)]
pub struct BackendOutputs {
    /// The target group, with which the service's addresses are registered.
    pub target_group: TargetGroupRefs,
    /// The rule that leads to it. Before it is there, nobody checks whether an address is well.
    pub rule: ListenerRuleRefs,
    /// Out of the load balancer.
    pub egress: SecurityGroupRuleRefs,
    /// Into the service.
    pub ingress: SecurityGroupRuleRefs,
    /// The alarm on the service's own errors, by which a deployment can be taken back.
    pub errors: Input<AlarmName>,
    /// All alarms that watch it.
    pub alarms: Vec<Input<AlarmName>>,
}

impl FrontOutputs {
    /// Sends requests to a service: a target group, the rule that leads to it, the way from the load balancer to it, and
    /// alarms, all in the component that is being declared.
    ///
    /// # Errors
    /// When the name is taken there, or AWS would refuse the target group or the rule.
    pub fn route(&self, stack: &mut Stack, backend: &Backend) -> Result<BackendOutputs, Invalid> {
        let target_group = self.target_group(stack, backend)?;
        let name = &backend.name;
        let rule = ListenerRule::builder()
            .listener(&self.listener.arn)
            .priority(backend.priority)
            .conditions(backend.conditions.clone())
            .action(Action::forward(&target_group.arn))
            .build();
        let rule = stack.add(format!("{name}-rule"), rule)?;
        let (egress, ingress) = self.way(stack, backend)?;
        let (errors, alarms) = self.backend_alarms(stack, backend, &target_group)?;
        Ok(BackendOutputs { target_group, rule, egress, ingress, errors, alarms })
    }

    fn target_group(
        &self,
        stack: &mut Stack,
        backend: &Backend,
    ) -> Result<TargetGroupRefs, Invalid> {
        let protocol = match &backend.plain_http {
            None if backend.protocol == TargetProtocol::Http => {
                let problem = "sends requests in plain text: say why by `plain_http`";
                return Err(Invalid::new("protocol", problem));
            }
            None => backend.protocol,
            Some(waived) => {
                let control = format!("encrypting requests on their way to {}", backend.name);
                waived.apply(stack, "plain_http", &control)?;
                TargetProtocol::Http
            }
        };
        let group = TargetGroup::builder()
            .vpc(self.vpc.clone())
            .port(backend.port)
            .protocol(protocol)
            .health_check(backend.health_check.clone())
            .build();
        let name = format!("{}-target-group", backend.name);
        stack.add(name, (backend.adjust_target_group)(group))
    }

    /// The two rules by which the load balancer reaches the service: for requests, and for checks by another port.
    fn way(
        &self,
        stack: &mut Stack,
        backend: &Backend,
    ) -> Result<(SecurityGroupRuleRefs, SecurityGroupRuleRefs), Invalid> {
        let (name, scope, traffic) = (&backend.name, &self.scope, Traffic::tcp(backend.port));
        if backend.health_check.port.is_some_and(|port| port != backend.port) {
            let problem = "checks go to the port that requests go to: no other one is open";
            return Err(Invalid::new("health_check", problem));
        }
        let rule = |group: Input<SecurityGroupId>, direction, peer| {
            SecurityGroupRule::builder()
                .group(group)
                .direction(direction)
                .traffic(traffic)
                .peer(peer)
                .description(format!("{scope} sends requests to {name}"))
                .build()
        };
        let front = Input::from(&self.security_group.id);
        let out = Peer::group(backend.security_group.clone());
        let out =
            stack.add(format!("{scope}-to-{name}"), rule(front.clone(), Direction::Egress, out))?;
        let into = rule(backend.security_group.clone(), Direction::Ingress, Peer::group(front));
        Ok((out, stack.add(format!("{name}-from-{scope}"), into)?))
    }

    fn backend_alarms(
        &self,
        stack: &mut Stack,
        backend: &Backend,
        group: &TargetGroupRefs,
    ) -> Result<(Input<AlarmName>, Vec<Input<AlarmName>>), Invalid> {
        let name = &backend.name;
        let route = backend.alerts.as_ref().or(self.alerts.as_ref());
        let mut all = Alarms::of(stack, name, route)?;
        let (errors, meaning) = alarms::target_errors(&self.load_balancer, group);
        all.add(stack, format!("{name}-errors"), errors, meaning)?;
        let slow = alarms::slow(&self.load_balancer, group, backend.slow_secs);
        let sick = alarms::unhealthy(&self.load_balancer, group);
        let others: [(&str, (Alarm, &str)); 2] = [("slow", slow), ("unhealthy", sick)];
        for (kind, (alarm, meaning)) in others {
            all.add(stack, format!("{name}-{kind}"), alarm, meaning)?;
        }
        let names = all.into_names();
        let first = || Invalid::new(name.as_str(), "has no alarm on its errors");
        let errors = names.first().cloned().ok_or_else(first)?;
        Ok((errors, names))
    }
}

impl BackendOutputs {
    /// Makes `later` wait until requests would reach it, and keeps it so until `later` is gone.
    pub fn wait_for_route(&self, stack: &mut Stack, later: &impl Addressed) {
        stack.after(later, &self.rule);
        stack.after(later, &self.egress);
        stack.after(later, &self.ingress);
    }
}
