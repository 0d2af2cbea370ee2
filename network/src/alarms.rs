//! What can go wrong in a network without anybody noticing:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html>

use globecart_aws::cloudwatch::{Comparison, Metric, MetricAlarm, MissingData, Statistic, Watch};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::network::InterfaceEndpoint;
use globecart_aws::{AlarmName, Stack, TopicArn};

use crate::InterfaceVpcEndpointRefs;
use crate::endpoints::Endpoints;
use crate::tiers::{Gateway, Plan, Tiers};

/// More than one packet in ten thousand.
const DROPPED_PERCENT: f64 = 0.01;

impl Plan<'_> {
    /// Declares two alarms for each NAT gateway and one for each interface endpoint, and returns their names.
    pub(crate) fn alarms(
        &self,
        stack: &mut Stack,
        tiers: &Tiers,
        endpoints: &Endpoints,
    ) -> Result<Vec<Input<AlarmName>>, Invalid> {
        let actions = self.actions(stack)?;
        let mut alarms = Vec::new();
        for gateway in &tiers.gateways {
            let name = format!("nat-{}", gateway.zone_id);
            alarms.push((format!("{name}-ports"), ports(gateway, &actions)));
            alarms.push((format!("{name}-drops"), drops(gateway, &actions)));
        }
        for (service, endpoint) in &endpoints.interfaces {
            let name = format!("endpoint-{}-drops", service.abbreviation());
            alarms.push((name, self.endpoint_drops(stack, *service, endpoint, &actions)));
        }
        let declared =
            alarms.into_iter().map(|(name, alarm)| Ok(stack.add(name, alarm)?.name.into()));
        declared.collect()
    }

    /// Whom alarms tell; that nobody is told is shown in every plan.
    fn actions(&self, stack: &mut Stack) -> Result<Vec<Input<TopicArn>>, Invalid> {
        let Some(route) = &self.network.alerts else {
            stack.notice("the network's alarms tell nobody: give it `alerts`");
            return Ok(Vec::new());
        };
        route.apply(stack)?;
        Ok(route.actions())
    }

    fn endpoint_drops(
        &self,
        stack: &Stack,
        service: InterfaceEndpoint,
        endpoint: &InterfaceVpcEndpointRefs,
        actions: &[Input<TopicArn>],
    ) -> MetricAlarm {
        let dropped = Metric::new("AWS/PrivateLinkEndpoints", "PacketsDropped", Statistic::Sum)
            .dimension("VPC Id", self.vpc.id.text())
            .dimension("VPC Endpoint Id", endpoint.id.accepted().text())
            .dimension("Endpoint Type", "Interface")
            .dimension("Service Name", service.service_name(&stack.place().region));
        let meaning = format!(
            "The interface endpoint of {} drops packets. Look for clients that send more than it takes, and at the \
             AWS Health Dashboard for the service.",
            service.abbreviation()
        );
        alarm(meaning, dropped.into(), 0.0, 5, actions)
    }
}

/// A gateway has 55,000 connections to one destination.
fn ports(gateway: &Gateway, actions: &[Input<TopicArn>]) -> MetricAlarm {
    let meaning = format!(
        "The NAT gateway in {} has no port left for new connections to some destination, and refuses them. Look in \
         the flow log for who opens so many; reuse connections, or add addresses to the gateway.",
        gateway.zone_id
    );
    alarm(meaning, metric(gateway, "ErrorPortAllocation").into(), 0.0, 15, actions)
}

fn drops(gateway: &Gateway, actions: &[Input<TopicArn>]) -> MetricAlarm {
    let meaning = format!(
        "The NAT gateway in {} drops more than {DROPPED_PERCENT} % of its packets. Look at the AWS Health Dashboard, \
         and whether its bandwidth is used up.",
        gateway.zone_id
    );
    let share = Watch::math(
        "100 * dropped / (outbound + inbound)",
        [
            ("dropped", metric(gateway, "PacketsDropCount")),
            ("outbound", metric(gateway, "PacketsInFromSource")),
            ("inbound", metric(gateway, "PacketsInFromDestination")),
        ],
    );
    alarm(meaning, share, DROPPED_PERCENT, 5, actions)
}

/// An alarm needs only the gateway's id, so it is there before the gateway is.
fn metric(gateway: &Gateway, name: &str) -> Metric {
    let id = gateway.nat.id.accepted();
    Metric::new("AWS/NATGateway", name, Statistic::Sum).dimension("NatGatewayId", id.text())
}

fn alarm(
    meaning: String,
    watch: Watch,
    threshold: f64,
    minutes: u32,
    actions: &[Input<TopicArn>],
) -> MetricAlarm {
    MetricAlarm::builder()
        .description(meaning)
        .watch(watch)
        .comparison(Comparison::GreaterThan)
        .threshold(threshold)
        .evaluation_periods(minutes)
        .missing_data(MissingData::NotBreaching)
        .alarm_actions(actions.to_vec())
        .ok_actions(actions.to_vec())
        .build()
}
