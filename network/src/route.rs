//! Route: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Route as Description, RouteState, RouteTable};
use globecart_aws::ec2::pages;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Effect, Facts, Found, Input, Intent, Invalid, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, InternetGatewayId, NatGatewayId, RouteTableId, absent_is_fine};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::route_table;

/// One route of a route table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Route {
    /// The table. A change replaces the route.
    #[builder(setter(into))]
    pub table: Input<RouteTableId>,
    /// The addresses that take this route. A change replaces the route.
    pub destination: Ipv4Net,
    /// Where they go.
    pub target: Target,
}

/// Where a route leads.
///
/// An internet gateway is no NAT gateway:
///
/// ```compile_fail,E0308
/// use globecart_aws::engine::Input;
/// use globecart_aws::{InternetGatewayId, NatGatewayId};
/// use globecart_network::Target;
/// fn lead_out(gateway: Input<InternetGatewayId>) -> Target {
///     Target::NatGateway(gateway)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An internet gateway that is attached to the VPC.
    InternetGateway(Input<InternetGatewayId>),
    /// A NAT gateway; its id is enough, it may still be starting.
    NatGateway(Input<NatGatewayId>),
    /// What somebody else made of the route, as EC2 reports it, or `blackhole` and the target that is gone.
    /// It is only ever read: a declaration with it is refused.
    Other(String),
}

outputs! {
    /// What a route answers.
    pub struct RouteOutputs => RouteRefs {
        /// The table, now that it has the route.
        accepted table: RouteTableId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the route";

type Was = Recorded<Route, RouteOutputs>;

impl Resource<Aws> for Route {
    const TYPE: &'static str = "ec2:Route";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["ec2:CreateRoute", "ec2:DescribeRouteTables"],
            read: &["ec2:DescribeRouteTables"],
            update: &["ec2:ReplaceRoute"],
            delete: &["ec2:DeleteRoute"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RouteOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "target" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if let Target::Other(target) = &self.target {
            return Err(Invalid::new("target", format!("`{target}` is read, never declared")));
        }
        if self.destination.trunc() != self.destination {
            let problem = format!("{} has host bits set", self.destination);
            return Err(Invalid::new("destination", problem));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, _intent: &Intent) -> CallResult<Made<RouteOutputs>> {
        let call = (aws.ec2().create_route())
            .route_table_id(self.table.known().as_str())
            .destination_cidr_block(self.destination.to_string());
        let (gateway, nat) = self.target.ids();
        let call = call.set_gateway_id(gateway).set_nat_gateway_id(nat);
        call.send().await.doing(CREATING)?;
        Ok(Made::ready(self.outputs()))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    /// One table answers for all its routes.
    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, RouteOutputs>>> {
        let tables = wanted.iter().map(|was| was.args.table.known().as_str());
        let found = route_table::by_id(aws, tables).await?;
        let one = |was: &Was| {
            let route =
                found.get(was.args.table.known().as_str()).and_then(|table| was.args.of(table));
            route.map_or(Live::Absent, |route| Live::Ready {
                args: Route { target: Target::described(route), ..was.args.clone() },
                outputs: was.outputs.clone(),
                tags: Tags::new(),
            })
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        let tables: BTreeSet<_> = wanted.iter().map(|was| was.args.table.known()).collect();
        pages(tables.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        _old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<RouteOutputs>> {
        let call = (aws.ec2().replace_route())
            .route_table_id(self.table.known().as_str())
            .destination_cidr_block(self.destination.to_string());
        let (gateway, nat) = self.target.ids();
        let call = call.set_gateway_id(gateway).set_nat_gateway_id(nat);
        call.send().await.doing("changing the route")?;
        Ok(Made::ready(self.outputs()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = (aws.ec2().delete_route())
                .route_table_id(was.args.table.known().as_str())
                .destination_cidr_block(was.args.destination.to_string());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the route"))?;
        }
        Ok(Removal::Gone)
    }

    /// A table has one route to a destination.
    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<RouteOutputs>> {
        let id = self.table.known();
        let tables = route_table::by_id(aws, [id.as_str()].into_iter()).await?;
        let Some(route) = tables.get(id.as_str()).and_then(|table| self.of(table)) else {
            return Ok(Found::Nothing);
        };
        if Target::described(route) == self.target {
            return Ok(Found::Ours(self.outputs()));
        }
        let target = target_id(route).unwrap_or("another target");
        Ok(Found::Foreign(format!("the route {} of {id} leads to {target}", self.destination)))
    }
}

impl Route {
    fn outputs(&self) -> RouteOutputs {
        RouteOutputs { table: self.table.known().clone() }
    }

    /// This route in the description of its table.
    fn of<'a>(&self, table: &'a RouteTable) -> Option<&'a Description> {
        let destination = self.destination.to_string();
        table
            .routes()
            .iter()
            .find(|route| route.destination_cidr_block() == Some(destination.as_str()))
    }
}

impl Target {
    /// The ids of the internet gateway and of the NAT gateway, one of which is set.
    fn ids(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::InternetGateway(id) => (Some(id.known().to_string()), None),
            Self::NatGateway(id) => (None, Some(id.known().to_string())),
            Self::Other(_) => (None, None),
        }
    }

    fn described(route: &Description) -> Self {
        if route.state() == Some(&RouteState::Blackhole) {
            return Self::Other(format!("blackhole {}", target_id(route).unwrap_or_default()));
        }
        match (route.gateway_id(), route.nat_gateway_id()) {
            (Some(id), None) if id.starts_with("igw-") => {
                Self::InternetGateway(InternetGatewayId::new(id).into())
            }
            (None, Some(id)) => Self::NatGateway(NatGatewayId::new(id).into()),
            _ => Self::Other(target_id(route).unwrap_or_default().to_owned()),
        }
    }
}

fn target_id(route: &Description) -> Option<&str> {
    (route.gateway_id())
        .or(route.nat_gateway_id())
        .or(route.transit_gateway_id())
        .or(route.vpc_peering_connection_id())
        .or(route.network_interface_id())
        .or(route.instance_id())
        .or(route.local_gateway_id())
        .or(route.carrier_gateway_id())
        .or(route.core_network_arn())
}
