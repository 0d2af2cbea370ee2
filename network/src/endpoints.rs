//! Ways to AWS services that do not leave the VPC.

use std::collections::BTreeSet;

use globecart_aws::Stack;
use globecart_aws::ec2::{
    Direction, Peer, SecurityGroup, SecurityGroupRefs, SecurityGroupRule, SecurityGroupRuleRefs,
    Traffic,
};
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::network::{GatewayEndpoint, InterfaceEndpoint, Tier};

use crate::tiers::{Plan, Tiers};
use crate::{
    GatewayVpcEndpoint, GatewayVpcEndpointRefs, InterfaceVpcEndpoint, InterfaceVpcEndpointRefs,
};

/// What was declared.
pub(crate) struct Endpoints {
    pub(crate) gateways: Vec<GatewayVpcEndpointRefs>,
    pub(crate) interfaces: Vec<(InterfaceEndpoint, InterfaceVpcEndpointRefs)>,
    pub(crate) security_group: Option<SecurityGroupRefs>,
}

impl Plan<'_> {
    /// Declares the endpoints.
    pub(crate) fn endpoints(&self, stack: &mut Stack, tiers: &Tiers) -> Result<Endpoints, Invalid> {
        check_distinct("gateway_endpoints", &self.network.gateway_endpoints)?;
        check_distinct("interface_endpoints", &self.network.interface_endpoints)?;
        let gateways = self.network.gateway_endpoints.iter();
        let gateways = gateways
            .map(|service| self.gateway_endpoint(stack, *service, tiers))
            .collect::<Result<_, _>>()?;
        if self.network.interface_endpoints.is_empty() {
            return Ok(Endpoints { gateways, interfaces: Vec::new(), security_group: None });
        }
        let (group, rule) = self.endpoint_group(stack)?;
        let interface = |service: &InterfaceEndpoint| {
            let endpoint = self.interface_endpoint(stack, *service, &group, tiers)?;
            // Without the rule it answers nobody.
            stack.after(&endpoint, &rule);
            Ok((*service, endpoint))
        };
        let interfaces = self.network.interface_endpoints.iter().map(interface);
        let interfaces = interfaces.collect::<Result<_, Invalid>>()?;
        Ok(Endpoints { gateways, interfaces, security_group: Some(group) })
    }

    /// On the tables of the private and the data tier. The data tier's ACL lets nothing of it through unless
    /// `adjust_acl` says so.
    fn gateway_endpoint(
        &self,
        stack: &mut Stack,
        service: GatewayEndpoint,
        tiers: &Tiers,
    ) -> Result<GatewayVpcEndpointRefs, Invalid> {
        let tables = tiers.route_tables.iter().filter(|table| table.tier != Tier::Public);
        let endpoint = GatewayVpcEndpoint::builder()
            .vpc(&self.vpc.id)
            .service(service.service_name(&stack.place().region))
            .route_tables(tables.map(|table| table.id.clone()).collect())
            .build();
        let endpoint = (self.network.adjust_gateway_endpoint)(service, endpoint);
        stack.add(format!("endpoint-{}", service.abbreviation()), endpoint)
    }

    /// The group of the endpoints' network interfaces: HTTPS from the private tier's own range. Everything in
    /// that tier uses endpoints, so its range says what a list of all its groups would.
    fn endpoint_group(
        &self,
        stack: &mut Stack,
    ) -> Result<(SecurityGroupRefs, SecurityGroupRuleRefs), Invalid> {
        let group = SecurityGroup::builder()
            .vpc(&self.vpc.id)
            .description("Interface endpoints, for the private tier")
            .build();
        let group = stack.add("endpoints", group)?;
        let rule = SecurityGroupRule::builder()
            .group(&group.id)
            .direction(Direction::Ingress)
            .traffic(Traffic::tcp(443))
            .peer(Peer::Cidr(self.layout.tier(Tier::Private).into()))
            .description("HTTPS from the private tier, all of which uses endpoints")
            .build();
        let rule = stack.add("endpoints-from-private", rule)?;
        Ok((group, rule))
    }

    fn interface_endpoint(
        &self,
        stack: &mut Stack,
        service: InterfaceEndpoint,
        group: &SecurityGroupRefs,
        tiers: &Tiers,
    ) -> Result<InterfaceVpcEndpointRefs, Invalid> {
        let endpoint = InterfaceVpcEndpoint::builder()
            .vpc(&self.vpc.id)
            .service(service.service_name(&stack.place().region))
            .subnets(tiers.private.iter().map(|subnet| Input::from(&subnet.id)).collect())
            .security_groups(vec![Input::from(&group.id)])
            .build();
        let endpoint = (self.network.adjust_interface_endpoint)(service, endpoint);
        stack.add(format!("endpoint-{}", service.abbreviation()), endpoint)
    }
}

fn check_distinct<T: Ord + Copy + std::fmt::Debug>(
    field: &str,
    services: &[T],
) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    match services.iter().find(|service| !seen.insert(**service)) {
        Some(twice) => Err(Invalid::new(field, format!("{twice:?} is named twice"))),
        None => Ok(()),
    }
}
