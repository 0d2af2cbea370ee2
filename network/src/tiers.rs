//! The three tiers: subnets, what routes them, and what filters them.

use globecart_aws::ec2::Direction;
use globecart_aws::engine::{Input, Invalid};
use globecart_aws::network::{NetworkRouteTable, NetworkSubnet, Tier};
use globecart_aws::{
    InternetGatewayId, Ipv4, NetworkAclId, RouteTableId, Stack, SubnetId, ZoneName,
};
use ipnet::Ipv4Net;

use crate::cidr::Layout;
use crate::zones::ZoneSlot;
use crate::{
    DefaultNetworkAcl, DefaultSecurityGroup, ElasticIp, InternetGateway, InternetGatewayAttachment,
    InternetGatewayAttachmentRefs, Nat, NatGateway, NatGatewayRefs, Network, NetworkAcl,
    NetworkAclAssociation, NetworkAclEntry, NetworkAclEntryRefs, NetworkAclRefs, Route, RouteTable,
    RouteTableAssociation, Subnet, SubnetRefs, Target, VpcRefs, acl,
};

/// What all parts of a network are declared with.
pub(crate) struct Plan<'a> {
    pub(crate) network: &'a Network,
    pub(crate) nat: Nat,
    pub(crate) layout: &'a Layout,
    pub(crate) zones: &'a [ZoneSlot],
    pub(crate) vpc: &'a VpcRefs,
}

/// A NAT gateway, the zone it stands in, and its address.
pub(crate) struct Gateway {
    pub(crate) zone_id: String,
    pub(crate) nat: NatGatewayRefs,
    pub(crate) address: Input<Ipv4>,
}

/// What other components get of the tiers.
pub(crate) struct Tiers {
    pub(crate) subnets: Vec<NetworkSubnet>,
    /// The private subnets as such, for what needs neither their routes nor their ACL.
    pub(crate) private: Vec<SubnetRefs>,
    pub(crate) route_tables: Vec<NetworkRouteTable>,
    pub(crate) network_acls: Vec<(Tier, Input<NetworkAclId>)>,
    pub(crate) internet_gateway: Input<InternetGatewayId>,
    pub(crate) gateways: Vec<Gateway>,
}

/// A network ACL and its entries.
struct Acl {
    acl: NetworkAclRefs,
    entries: Vec<NetworkAclEntryRefs>,
}

impl Plan<'_> {
    /// Declares the tiers, the closed defaults of the VPC, and the ways to the internet.
    pub(crate) fn tiers(&self, stack: &mut Stack) -> Result<Tiers, Invalid> {
        stack.add(
            "default-security-group",
            DefaultSecurityGroup::builder().vpc(&self.vpc.id).build(),
        )?;
        stack.add("default-acl", DefaultNetworkAcl::builder().vpc(&self.vpc.id).build())?;
        let attachment = self.internet_gateway(stack)?;
        let public = self.subnets(stack, Tier::Public)?;
        let gateways = self.gateways(stack, &public, &attachment)?;
        let private = self.subnets(stack, Tier::Private)?;
        let data = self.subnets(stack, Tier::Data)?;
        let mut tiers = Tiers {
            subnets: Vec::new(),
            private: private.clone(),
            route_tables: Vec::new(),
            network_acls: Vec::new(),
            internet_gateway: attachment.gateway.clone().into(),
            gateways,
        };
        for (tier, subnets) in
            [(Tier::Public, public), (Tier::Private, private), (Tier::Data, data)]
        {
            let routed = match tier {
                Tier::Public => self.public_routes(stack, &attachment, &mut tiers)?,
                Tier::Private => self.private_routes(stack, &mut tiers)?,
                Tier::Data => self.data_routes(stack, &mut tiers)?,
            };
            let acl = self.acl(stack, tier)?;
            tiers.network_acls.push((tier, acl.acl.id.clone().into()));
            for ((zone, subnet), table) in self.zones.iter().zip(&subnets).zip(routed) {
                let id = associated(stack, (tier, zone), subnet, &table, &acl)?;
                let cidr = self.layout.subnet(tier, zone.slot);
                tiers.subnets.push(NetworkSubnet { tier, zone: zone.zone.clone(), cidr, id });
            }
        }
        Ok(tiers)
    }

    fn internet_gateway(
        &self,
        stack: &mut Stack,
    ) -> Result<InternetGatewayAttachmentRefs, Invalid> {
        let gateway = stack.add("internet-gateway", InternetGateway::builder().build())?;
        let attachment =
            InternetGatewayAttachment::builder().gateway(&gateway.id).vpc(&self.vpc.id);
        stack.add("internet-gateway-attachment", attachment.build())
    }

    fn subnets(&self, stack: &mut Stack, tier: Tier) -> Result<Vec<SubnetRefs>, Invalid> {
        let subnet = |zone: &ZoneSlot| {
            let subnet = Subnet::builder()
                .vpc(&self.vpc.id)
                .cidr(self.layout.subnet(tier, zone.slot))
                .zone(ZoneName::new(&zone.zone.name));
            let subnet = (self.network.adjust_subnet)(tier, subnet.build());
            stack.add(format!("{tier}-{}", zone.zone.id), subnet)
        };
        self.zones.iter().map(subnet).collect()
    }

    /// A gateway fails for good unless the internet gateway is attached; and while an address is mapped to one,
    /// the internet gateway cannot be detached.
    fn gateways(
        &self,
        stack: &mut Stack,
        public: &[SubnetRefs],
        attachment: &InternetGatewayAttachmentRefs,
    ) -> Result<Vec<Gateway>, Invalid> {
        let count = match self.nat {
            Nat::PerZone => self.zones.len(),
            Nat::Single => 1,
            Nat::None => 0,
        };
        let mut gateways = Vec::with_capacity(count);
        for (zone, subnet) in self.zones.iter().zip(public).take(count) {
            let zone_id = zone.zone.id.clone();
            let address =
                stack.add(format!("nat-{zone_id}-address"), ElasticIp::builder().build())?;
            stack.after(&address, attachment);
            let nat = NatGateway::builder().subnet(&subnet.id).address(&address.id).build();
            let nat = stack.add(format!("nat-{zone_id}"), nat)?;
            stack.after(&nat, attachment);
            gateways.push(Gateway { zone_id, nat, address: address.address.into() });
        }
        Ok(gateways)
    }

    /// One table for every zone; it can be used once it leads to the internet.
    fn public_routes(
        &self,
        stack: &mut Stack,
        attachment: &InternetGatewayAttachmentRefs,
        tiers: &mut Tiers,
    ) -> Result<Vec<Input<RouteTableId>>, Invalid> {
        let table = stack.add("public-routes", RouteTable::builder().vpc(&self.vpc.id).build())?;
        let route = Route::builder()
            .table(&table.id)
            .destination(Ipv4Net::default())
            .target(Target::InternetGateway(attachment.gateway.clone().into()));
        let route = stack.add("public-routes-internet", route.build())?;
        let id = table.id.into();
        tiers.route_tables.push(NetworkRouteTable { tier: Tier::Public, zone: None, id });
        Ok(self.zones.iter().map(|_| route.table.clone().into()).collect())
    }

    /// A table for every zone, so that each uses the gateway in it. Routes need only the gateway's id.
    fn private_routes(
        &self,
        stack: &mut Stack,
        tiers: &mut Tiers,
    ) -> Result<Vec<Input<RouteTableId>>, Invalid> {
        let mut tables = Vec::with_capacity(self.zones.len());
        for zone in self.zones {
            let name = format!("private-{}-routes", zone.zone.id);
            let table = stack.add(&name, RouteTable::builder().vpc(&self.vpc.id).build())?;
            let own = tiers.gateways.iter().find(|gateway| gateway.zone_id == zone.zone.id);
            let gateway = own.or(tiers.gateways.first());
            let mut usable: Input<RouteTableId> = table.id.clone().into();
            if let Some(gateway) = gateway {
                let route = Route::builder()
                    .table(&table.id)
                    .destination(Ipv4Net::default())
                    .target(Target::NatGateway(gateway.nat.id.accepted()));
                usable = stack.add(format!("{name}-internet"), route.build())?.table.into();
            }
            let (zone, id) = (Some(zone.zone.clone()), table.id.into());
            tiers.route_tables.push(NetworkRouteTable { tier: Tier::Private, zone, id });
            tables.push(usable);
        }
        Ok(tables)
    }

    /// One table for every zone, with nothing but the VPC in it.
    fn data_routes(
        &self,
        stack: &mut Stack,
        tiers: &mut Tiers,
    ) -> Result<Vec<Input<RouteTableId>>, Invalid> {
        let table = stack.add("data-routes", RouteTable::builder().vpc(&self.vpc.id).build())?;
        let id: Input<RouteTableId> = table.id.into();
        tiers.route_tables.push(NetworkRouteTable { tier: Tier::Data, zone: None, id: id.clone() });
        Ok(vec![id; self.zones.len()])
    }

    fn acl(&self, stack: &mut Stack, tier: Tier) -> Result<Acl, Invalid> {
        let name = format!("{tier}-acl");
        let acl = stack.add(&name, NetworkAcl::builder().vpc(&self.vpc.id).build())?;
        let outside = self.nat != Nat::None || !self.network.gateway_endpoints.is_empty();
        let rules = acl::rules(tier, self.network.cidr, self.layout, outside);
        let entry = |rule: acl::Rule| {
            let entry = NetworkAclEntry::builder()
                .acl(&acl.id)
                .number(rule.number)
                .direction(rule.direction)
                .traffic(rule.traffic)
                .peer(rule.peer.into());
            entry.build()
        };
        let entries = (self.network.adjust_acl)(tier, rules.into_iter().map(entry).collect());
        check_number(tier, &entries)?;
        let entry = |entry: NetworkAclEntry| {
            let way = if entry.direction == Direction::Ingress { "in" } else { "out" };
            stack.add(format!("{name}-{way}-{}", entry.number), entry)
        };
        let entries = entries.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Acl { acl, entries })
    }
}

/// Gives a subnet its routes and its ACL; the id that comes back waits for both.
fn associated(
    stack: &mut Stack,
    (tier, zone): (Tier, &ZoneSlot),
    subnet: &SubnetRefs,
    table: &Input<RouteTableId>,
    acl: &Acl,
) -> Result<Input<SubnetId>, Invalid> {
    let name = format!("{tier}-{}", zone.zone.id);
    let routed = RouteTableAssociation::builder().table(table).subnet(&subnet.id).build();
    let routed = stack.add(format!("{name}-routing"), routed)?;
    let filtered = NetworkAclAssociation::builder().acl(&acl.acl.id).subnet(&routed.subnet).build();
    let filtered = stack.add(format!("{name}-filtering"), filtered)?;
    for entry in &acl.entries {
        stack.after(&filtered, entry);
    }
    Ok(filtered.subnet.into())
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>: 20 entries a direction.
fn check_number(tier: Tier, entries: &[NetworkAclEntry]) -> Result<(), Invalid> {
    for direction in [Direction::Ingress, Direction::Egress] {
        let count = entries.iter().filter(|entry| entry.direction == direction).count();
        if count > 20 {
            let problem =
                format!("the ACL of the {tier} tier has {count} entries a direction, AWS takes 20");
            return Err(Invalid::new("adjust_acl", problem));
        }
    }
    Ok(())
}
