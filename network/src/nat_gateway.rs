//! NAT gateway: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    ConnectivityType, Filter, NatGateway as Description, NatGatewayState, ResourceType,
};
use globecart_aws::ec2::{FILTER_VALUES, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Facts, Found, Input, Intent, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{AllocationId, Aws, Doing, Ipv4, NatGatewayId, SubnetId, absent_is_fine, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// A public, zonal NAT gateway.
///
/// The VPC's internet gateway must be attached before, or the gateway fails for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct NatGateway {
    /// The public subnet it stands in. A change replaces the gateway.
    #[builder(setter(into))]
    pub subnet: Input<SubnetId>,
    /// Its Elastic IP address. A change replaces the gateway.
    #[builder(setter(into))]
    pub address: Input<AllocationId>,
}

outputs! {
    /// What a NAT gateway answers.
    pub struct NatGatewayOutputs => NatGatewayRefs {
        /// Its id; routes need only this.
        accepted id: NatGatewayId,
        /// The public address that its traffic comes from.
        public_ip: Ipv4,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the NAT gateway";

type Was = Recorded<NatGateway, NatGatewayOutputs>;

impl Resource<Aws> for NatGateway {
    const TYPE: &'static str = "ec2:NatGateway";
    const FACTS: Facts = Facts {
        create_secs: 115,
        delete_secs: 56,
        actions: Actions {
            create: &["ec2:CreateNatGateway", "ec2:CreateTags", "ec2:DescribeNatGateways"],
            read: &["ec2:DescribeNatGateways"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteNatGateway"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = NatGatewayOutputs;

    /// An address serves one gateway at a time, so a gateway that keeps its address goes first.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "address" => Argument::Replace(Order::CreateFirst),
            _ => Argument::Replace(Order::DeleteFirst),
        }
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<NatGatewayOutputs>> {
        let call = (aws.ec2().create_nat_gateway())
            .client_token(intent.token())
            .connectivity_type(ConnectivityType::Public)
            .subnet_id(self.subnet.known().as_str())
            .allocation_id(self.address.known().as_str())
            .tag_specifications(tags::ec2_specification(ResourceType::Natgateway, intent.tags()));
        let gateway = call.send().await.doing(CREATING)?.nat_gateway;
        let id = answer::id(gateway.and_then(|gateway| gateway.nat_gateway_id), CREATING)?;
        Ok(Made::pending(NatGatewayOutputs { id: NatGatewayId::new(id), public_ip: None }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, NatGatewayOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let gateways = described(aws, vec![filter("nat-gateway-id", ids)]).await?;
            found.extend(
                gateways.into_iter().filter_map(|one| Some((one.nat_gateway_id.clone()?, one))),
            );
        }
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |gateway| live(was, gateway))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.ec2().delete_nat_gateway().nat_gateway_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the NAT gateway"))?;
        }
        Ok(Removal::Pending)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<NatGatewayOutputs>> {
        let gateways = described(aws, made_by(intent)).await?;
        let there = |gateway: &Description| {
            let gone = [NatGatewayState::Deleting, NatGatewayState::Deleted];
            gateway.state().is_none_or(|state| !gone.contains(state))
        };
        let mut ours =
            gateways.into_iter().filter(|one| there(one) && answer::own(intent, one.tags()));
        let id = ours.find_map(|gateway| gateway.nat_gateway_id).map(NatGatewayId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(NatGatewayOutputs { id, public_ip: None })))
    }
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_nat_gateways().set_filter(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading NAT gateways")
}

fn live(was: &Was, gateway: &Description) -> Live<NatGateway, NatGatewayOutputs> {
    match gateway.state() {
        Some(NatGatewayState::Available) | None => {}
        Some(NatGatewayState::Deleted) => return Live::Absent,
        Some(NatGatewayState::Failed) => {
            let (code, message) = (gateway.failure_code(), gateway.failure_message());
            return Live::Failed(format!(
                "{}: {}",
                code.unwrap_or("failed"),
                message.unwrap_or("EC2 gives no reason")
            ));
        }
        Some(state) => return Live::Pending(state.to_string()),
    }
    let addresses = gateway.nat_gateway_addresses();
    let primary = addresses.iter().find(|one| one.is_primary() == Some(true)).or(addresses.first());
    let address = primary.and_then(|one| one.allocation_id()).map(AllocationId::new);
    let args = NatGateway {
        subnet: gateway
            .subnet_id()
            .map_or_else(|| was.args.subnet.clone(), |id| SubnetId::new(id).into()),
        address: address.map_or_else(|| was.args.address.clone(), Input::from),
    };
    let public_ip = primary.and_then(|one| one.public_ip()).map(Ipv4::new);
    let public_ip = public_ip.or_else(|| was.outputs.public_ip.clone());
    let outputs = NatGatewayOutputs { id: was.outputs.id.clone(), public_ip };
    Live::Ready { args, outputs, tags: tags::from_ec2(gateway.tags()) }
}
