//! What can go wrong in a network without anybody noticing:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html>

use globecart_aws::cloudwatch::{Alarm, Alarms, Metric, Statistic, Watch};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::network::InterfaceEndpoint;
use globecart_aws::{AlarmName, Stack};

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
        let mut alarms = Alarms::of(stack, "the network", self.network.alerts.as_ref())?;
        for gateway in &tiers.gateways {
            let name = format!("nat-{}", gateway.zone_id);
            alarms.add(stack, format!("{name}-ports"), ports(gateway), ports_mean(gateway))?;
            alarms.add(stack, format!("{name}-drops"), drops(gateway), drops_mean(gateway))?;
        }
        for (service, endpoint) in &endpoints.interfaces {
            let name = format!("endpoint-{}-drops", service.abbreviation());
            let meaning = format!(
                "The interface endpoint of {} drops packets. Look for clients that send more than it takes, and at \
                 the AWS Health Dashboard for the service.",
                service.abbreviation()
            );
            let drops = self.endpoint_drops(stack, *service, endpoint);
            alarms.add(stack, name, drops, meaning)?;
        }
        Ok(alarms.into_names())
    }

    fn endpoint_drops(
        &self,
        stack: &Stack,
        service: InterfaceEndpoint,
        endpoint: &InterfaceVpcEndpointRefs,
    ) -> Alarm {
        let dropped = Metric::new("AWS/PrivateLinkEndpoints", "PacketsDropped", Statistic::Sum)
            .dimension("VPC Id", self.vpc.id.text())
            .dimension("VPC Endpoint Id", endpoint.id.accepted().text())
            .dimension("Endpoint Type", "Interface")
            .dimension("Service Name", service.service_name(&stack.place().region));
        Alarm::above(0.0, dropped)
    }
}

/// A gateway has 55,000 connections to one destination.
fn ports(gateway: &Gateway) -> Alarm {
    Alarm::above(0.0, metric(gateway, "ErrorPortAllocation")).for_periods(15)
}

fn ports_mean(gateway: &Gateway) -> String {
    format!(
        "The NAT gateway in {} has no port left for new connections to some destination, and refuses them. Look in \
         the flow log for who opens so many; reuse connections, or add addresses to the gateway.",
        gateway.zone_id
    )
}

fn drops(gateway: &Gateway) -> Alarm {
    let share = Watch::math(
        "100 * dropped / (outbound + inbound)",
        [
            ("dropped", metric(gateway, "PacketsDropCount")),
            ("outbound", metric(gateway, "PacketsInFromSource")),
            ("inbound", metric(gateway, "PacketsInFromDestination")),
        ],
    );
    Alarm::above(DROPPED_PERCENT, share)
}

fn drops_mean(gateway: &Gateway) -> String {
    format!(
        "The NAT gateway in {} drops more than {DROPPED_PERCENT} % of its packets. Look at the AWS Health Dashboard, \
         and whether its bandwidth is used up.",
        gateway.zone_id
    )
}

/// An alarm needs only the gateway's id, so it is there before the gateway is.
fn metric(gateway: &Gateway, name: &str) -> Metric {
    let id = gateway.nat.id.accepted();
    Metric::new("AWS/NATGateway", name, Statistic::Sum).dimension("NatGatewayId", id.text())
}
