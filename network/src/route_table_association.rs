//! Association of a route table:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    RouteTableAssociation as Description, RouteTableAssociationState,
    RouteTableAssociationStateCode as Code,
};
use globecart_aws::ec2::{FILTER_VALUES, filter, pages};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Effect, Facts, Found, Input, Intent, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, RouteTableAssociationId, RouteTableId, SubnetId, absent_is_fine};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{answer, route_table};

/// Gives a subnet its route table; a subnet has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct RouteTableAssociation {
    /// The table. Changed in place, without a gap.
    #[builder(setter(into))]
    pub table: Input<RouteTableId>,
    /// The subnet. A change replaces the association.
    #[builder(setter(into))]
    pub subnet: Input<SubnetId>,
}

outputs! {
    /// What an association answers.
    pub struct RouteTableAssociationOutputs => RouteTableAssociationRefs {
        /// Its id; another table gives it another one.
        accepted id: RouteTableAssociationId,
        /// The subnet, now that it has its routes.
        accepted subnet: SubnetId,
    }
}

type Was = Recorded<RouteTableAssociation, RouteTableAssociationOutputs>;

impl Resource<Aws> for RouteTableAssociation {
    const TYPE: &'static str = "ec2:RouteTableAssociation";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["ec2:AssociateRouteTable", "ec2:DescribeRouteTables"],
            read: &["ec2:DescribeRouteTables"],
            update: &["ec2:ReplaceRouteTableAssociation", "ec2:DescribeRouteTables"],
            delete: &["ec2:DisassociateRouteTable", "ec2:DescribeRouteTables"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RouteTableAssociationOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "table" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::DeleteFirst),
        }
    }

    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<RouteTableAssociationOutputs>> {
        let doing = "associating the route table";
        let call = (aws.ec2().associate_route_table())
            .route_table_id(self.table.known().as_str())
            .subnet_id(self.subnet.known().as_str());
        let answer = call.send().await.doing(doing)?;
        let id = answer::id(answer.association_id, doing)?;
        Ok(self.made(id, answer.association_state.as_ref()))
    }

    /// Asked by subnet, so that an association with another table is seen too.
    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, RouteTableAssociationOutputs>>> {
        let found =
            by_subnet(aws, wanted.iter().map(|was| was.args.subnet.known().as_str())).await?;
        let one = |was: &Was| {
            found
                .get(was.args.subnet.known().as_str())
                .map_or(Live::Absent, |association| live(was, association))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    /// The id changes with the table, so a repeat first looks which one there is now.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<RouteTableAssociationOutputs>> {
        let doing = "changing the route table of a subnet";
        let subnet = self.subnet.known().as_str();
        let now = by_subnet(aws, [subnet].into_iter()).await?.remove(subnet);
        let table = self.table.known().as_str();
        if let Some(now) = now.as_ref().filter(|now| now.route_table_id() == Some(table)) {
            let id = answer::id(now.route_table_association_id.clone(), doing)?;
            return Ok(self.made(id, now.association_state()));
        }
        let id = now.and_then(|now| now.route_table_association_id);
        let id = id.unwrap_or_else(|| old.outputs.id.to_string());
        let call =
            aws.ec2().replace_route_table_association().association_id(id).route_table_id(table);
        let answer = call.send().await.doing(doing)?;
        let id = answer::id(answer.new_association_id, doing)?;
        Ok(self.made(id, answer.association_state.as_ref()))
    }

    /// Only what the subnet itself shows as recorded is undone: an id alone could be another subnet's.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let found = by_subnet(aws, gone.iter().map(|was| was.args.subnet.known().as_str())).await?;
        let ours = gone.iter().filter(|was| {
            let now = found.get(was.args.subnet.known().as_str());
            let id = now.and_then(|now| now.route_table_association_id());
            id == Some(was.outputs.id.as_str())
        });
        for was in ours {
            let call = aws.ec2().disassociate_route_table().association_id(was.outputs.id.as_str());
            let answer =
                call.send().await.map(|_| ()).doing("taking the route table from a subnet");
            absent_is_fine(answer)?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<RouteTableAssociationOutputs>> {
        let subnet = self.subnet.known();
        let association =
            by_subnet(aws, [subnet.as_str()].into_iter()).await?.remove(subnet.as_str());
        let Some(association) = association else { return Ok(Found::Nothing) };
        let table = association.route_table_id().unwrap_or_default();
        if table != self.table.known().as_str() {
            return Ok(Found::Foreign(format!("{subnet} is associated with {table}")));
        }
        let id = RouteTableAssociationId::new(
            association.route_table_association_id().unwrap_or_default(),
        );
        Ok(Found::Ours(RouteTableAssociationOutputs { id, subnet: subnet.clone() }))
    }
}

impl RouteTableAssociation {
    fn made(
        &self,
        id: String,
        state: Option<&RouteTableAssociationState>,
    ) -> Made<RouteTableAssociationOutputs> {
        let id = RouteTableAssociationId::new(id);
        let outputs = RouteTableAssociationOutputs { id, subnet: self.subnet.known().clone() };
        match state.and_then(|state| state.state()) {
            Some(Code::Associated) | None => Made::ready(outputs),
            Some(_) => Made::pending(outputs),
        }
    }
}

/// The associations of subnets, by subnet. A subnet without one uses the VPC's main table and is not in it.
async fn by_subnet(
    aws: &Aws,
    subnets: impl Iterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let subnets: Vec<&str> = subnets.collect();
    let mut found = BTreeMap::new();
    for page in subnets.chunks(FILTER_VALUES) {
        let filters = vec![filter("association.subnet-id", page.iter().copied())];
        let tables = route_table::described(aws, filters).await?;
        let associations =
            tables.into_iter().flat_map(|table| table.associations.unwrap_or_default());
        found.extend(associations.filter_map(|one| Some((one.subnet_id.clone()?, one))));
    }
    Ok(found)
}

fn live(
    was: &Was,
    association: &Description,
) -> Live<RouteTableAssociation, RouteTableAssociationOutputs> {
    let state = association.association_state();
    match state.and_then(|state| state.state()) {
        Some(Code::Associated) | None => {}
        Some(Code::Disassociated) => return Live::Absent,
        Some(Code::Failed) => {
            let why = state.and_then(|state| state.status_message());
            return Live::Failed(why.unwrap_or("EC2 reports that it failed").to_owned());
        }
        Some(state) => return Live::Pending(state.to_string()),
    }
    let table = association.route_table_id().map(RouteTableId::new);
    let args = RouteTableAssociation {
        table: table.map_or_else(|| was.args.table.clone(), Input::from),
        subnet: was.args.subnet.clone(),
    };
    let id = association.route_table_association_id();
    let id = id.map_or_else(|| was.outputs.id.clone(), RouteTableAssociationId::new);
    let outputs = RouteTableAssociationOutputs { id, subnet: was.outputs.subnet.clone() };
    Live::Ready { args, outputs, tags: Tags::new() }
}
