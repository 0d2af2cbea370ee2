//! Route table: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, ResourceType, RouteTable as Description};
use globecart_aws::ec2::{FILTER_VALUES, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Facts, Found, Input, Intent, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, RouteTableId, VpcId, absent_is_fine, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// A route table with the VPC's local route; further [`Route`](crate::Route)s are resources of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct RouteTable {
    /// The VPC. A change replaces the table.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
}

outputs! {
    /// What a route table answers.
    pub struct RouteTableOutputs => RouteTableRefs {
        /// Its id.
        accepted id: RouteTableId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the route table";

type Was = Recorded<RouteTable, RouteTableOutputs>;

impl Resource<Aws> for RouteTable {
    const TYPE: &'static str = "ec2:RouteTable";
    const FACTS: Facts = Facts {
        quota: Some(("Route tables per VPC", 200)),
        actions: Actions {
            create: &["ec2:CreateRouteTable", "ec2:CreateTags", "ec2:DescribeRouteTables"],
            read: &["ec2:DescribeRouteTables"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteRouteTable"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RouteTableOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<RouteTableOutputs>> {
        let call = (aws.ec2().create_route_table())
            .client_token(intent.token())
            .vpc_id(self.vpc.known().as_str())
            .tag_specifications(tags::ec2_specification(ResourceType::RouteTable, intent.tags()));
        let table = call.send().await.doing(CREATING)?.route_table;
        let id = answer::id(table.and_then(|table| table.route_table_id), CREATING)?;
        Ok(Made::ready(RouteTableOutputs { id: RouteTableId::new(id) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, RouteTableOutputs>>> {
        let found = by_id(aws, wanted.iter().map(|was| was.outputs.id.as_str())).await?;
        let live = |was: &Was, table: &Description| {
            let vpc =
                table.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into());
            let tags = tags::from_ec2(table.tags());
            Live::Ready { args: RouteTable { vpc }, outputs: was.outputs.clone(), tags }
        };
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |table| live(was, table))
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
            let call = aws.ec2().delete_route_table().route_table_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the route table"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<RouteTableOutputs>> {
        let tables = described(aws, made_by(intent)).await?;
        let mut ours = tables.into_iter().filter(|table| answer::own(intent, table.tags()));
        let id = ours.find_map(|table| table.route_table_id).map(RouteTableId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(RouteTableOutputs { id })))
    }
}

/// Route tables with their routes.
pub(crate) async fn by_id(
    aws: &Aws,
    ids: impl Iterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = BTreeMap::new();
    for page in ids.chunks(FILTER_VALUES) {
        let tables = described(aws, vec![filter("route-table-id", page.iter().copied())]).await?;
        found.extend(
            tables.into_iter().filter_map(|table| Some((table.route_table_id.clone()?, table))),
        );
    }
    Ok(found)
}

/// Route tables with their routes and associations.
pub(crate) async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_route_tables().set_filters(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading route tables")
}
