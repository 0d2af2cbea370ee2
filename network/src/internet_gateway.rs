//! Internet gateway: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, InternetGateway as Description, ResourceType};
use globecart_aws::ec2::{FILTER_VALUES, LAG, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, CallError, CallResult, Facts, Found, Intent, Live, Made, Recorded, Removal, Resource,
    Tags, outputs,
};
use globecart_aws::{Aws, Doing, InternetGatewayId, absent_is_fine, tags};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use crate::answer;

/// An internet gateway. An [`InternetGatewayAttachment`](crate::InternetGatewayAttachment) gives it to a VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct InternetGateway {}

outputs! {
    /// What an internet gateway answers.
    pub struct InternetGatewayOutputs => InternetGatewayRefs {
        /// Its id.
        accepted id: InternetGatewayId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the internet gateway";

type Was = Recorded<InternetGateway, InternetGatewayOutputs>;

impl Resource<Aws> for InternetGateway {
    const TYPE: &'static str = "ec2:InternetGateway";
    const FACTS: Facts = Facts {
        find_window: LAG,
        quota: Some(("Internet gateways per Region", 5)),
        actions: Actions {
            create: &[
                "ec2:CreateInternetGateway",
                "ec2:CreateTags",
                "ec2:DescribeInternetGateways",
            ],
            read: &["ec2:DescribeInternetGateways"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteInternetGateway"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = InternetGatewayOutputs;

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<InternetGatewayOutputs>> {
        let tags = tags::ec2_specification(ResourceType::InternetGateway, intent.tags());
        let answer = aws
            .ec2()
            .create_internet_gateway()
            .tag_specifications(tags)
            .send()
            .await
            .doing(CREATING)?;
        let id = answer::id(
            answer.internet_gateway.and_then(|gateway| gateway.internet_gateway_id),
            CREATING,
        )?;
        Ok(Made::ready(InternetGatewayOutputs { id: InternetGatewayId::new(id) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, InternetGatewayOutputs>>> {
        let ids = wanted.iter().map(|was| was.outputs.id.as_str());
        let found = by_id(aws, ids).await?;
        let live = |was: &Was, gateway: &Description| Live::Ready {
            args: was.args.clone(),
            outputs: was.outputs.clone(),
            tags: tags::from_ec2(gateway.tags()),
        };
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
            let call =
                aws.ec2().delete_internet_gateway().internet_gateway_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the internet gateway"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<InternetGatewayOutputs>> {
        let gateways = described(aws, made_by(intent)).await?;
        let ours = gateways.into_iter().find(|gateway| answer::own(intent, gateway.tags()));
        let id = ours.and_then(|gateway| gateway.internet_gateway_id).map(InternetGatewayId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(InternetGatewayOutputs { id })))
    }
}

/// Internet gateways with their attachments.
pub(crate) async fn by_id(
    aws: &Aws,
    ids: impl Iterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let ids: Vec<&str> = ids.collect();
    let mut found = BTreeMap::new();
    for page in ids.chunks(FILTER_VALUES) {
        let filters = vec![filter("internet-gateway-id", page.iter().copied())];
        let gateways = described(aws, filters).await?;
        found.extend(
            gateways.into_iter().filter_map(|one| Some((one.internet_gateway_id.clone()?, one))),
        );
    }
    Ok(found)
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_internet_gateways().set_filters(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading internet gateways")
}
