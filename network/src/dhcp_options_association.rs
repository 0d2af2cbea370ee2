//! Association of a set of DHCP options:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html>

use std::collections::BTreeMap;

use globecart_aws::ec2::{FILTER_VALUES, filter, pages};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Effect, Facts, Found, Input, Intent, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, DhcpOptionsId, Doing, VpcId, absent_is_fine};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

/// What stands for no options in place of an id, although a new VPC starts with the region's default ones.
const NONE: &str = "default";

/// Gives a VPC its DHCP options, in place of the region's default ones with which it starts.
///
/// When this goes, the VPC has none (`default` is AWS's word for that), and what is started in it is told no
/// domain name server. To keep one, name other options instead. Machines take new options when they renew
/// their lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DhcpOptionsAssociation {
    /// The VPC. A change replaces the association.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The options. Changed in place.
    #[builder(setter(into))]
    pub options: Input<DhcpOptionsId>,
}

outputs! {
    /// What an association answers.
    pub struct DhcpOptionsAssociationOutputs => DhcpOptionsAssociationRefs {
        /// The VPC, now that it has its options: what is started in it from here on takes them at once.
        accepted vpc: VpcId,
    }
}

type Was = Recorded<DhcpOptionsAssociation, DhcpOptionsAssociationOutputs>;

impl Resource<Aws> for DhcpOptionsAssociation {
    const TYPE: &'static str = "ec2:DhcpOptionsAssociation";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["ec2:AssociateDhcpOptions", "ec2:DescribeVpcs"],
            read: &["ec2:DescribeVpcs"],
            update: &["ec2:AssociateDhcpOptions"],
            delete: &["ec2:AssociateDhcpOptions", "ec2:DescribeVpcs"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DhcpOptionsAssociationOutputs;

    /// Another VPC is another place: it gets its options before the old one loses them.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "options" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    /// Takes the place of whatever options the VPC has, so a repeat changes nothing.
    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<DhcpOptionsAssociationOutputs>> {
        associate(aws, self.vpc.known(), self.options.known().as_str())
            .await
            .map(|()| Made::ready(self.outputs()))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, DhcpOptionsAssociationOutputs>>> {
        let found = by_vpc(aws, wanted.iter().map(|was| was.args.vpc.known().as_str())).await?;
        let live = |was: &Was, options: &String| Live::Ready {
            args: Self {
                vpc: was.args.vpc.clone(),
                options: DhcpOptionsId::new(options.as_str()).into(),
            },
            outputs: was.outputs.clone(),
            tags: Tags::new(),
        };
        let one = |was: &Was| {
            found
                .get(was.args.vpc.known().as_str())
                .map_or(Live::Absent, |options| live(was, options))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        _old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<DhcpOptionsAssociationOutputs>> {
        self.create(aws, intent).await
    }

    /// A VPC that has other options by now is left as it is.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let found = by_vpc(aws, gone.iter().map(|was| was.args.vpc.known().as_str())).await?;
        for was in gone {
            let vpc = was.args.vpc.known();
            let now = found.get(vpc.as_str()).map(String::as_str);
            if now == Some(was.args.options.known().as_str()) {
                absent_is_fine(associate(aws, vpc, NONE).await)?;
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<DhcpOptionsAssociationOutputs>> {
        let vpc = self.vpc.known().as_str();
        let now = by_vpc(aws, [vpc].into_iter()).await?.remove(vpc);
        let ours = now.filter(|options| options == self.options.known().as_str());
        Ok(ours.map_or(Found::Nothing, |_| Found::Ours(self.outputs())))
    }
}

impl DhcpOptionsAssociation {
    fn outputs(&self) -> DhcpOptionsAssociationOutputs {
        DhcpOptionsAssociationOutputs { vpc: self.vpc.known().clone() }
    }
}

async fn associate(aws: &Aws, vpc: &VpcId, options: &str) -> CallResult<()> {
    let call = aws.ec2().associate_dhcp_options().vpc_id(vpc.as_str()).dhcp_options_id(options);
    call.send().await.map(|_| ()).doing("associating the DHCP options")
}

/// Which options VPCs have, by VPC. One without is not in it.
async fn by_vpc(
    aws: &Aws,
    vpcs: impl Iterator<Item = &str>,
) -> CallResult<BTreeMap<String, String>> {
    let vpcs: Vec<&str> = vpcs.collect();
    let mut found = BTreeMap::new();
    for page in vpcs.chunks(FILTER_VALUES) {
        let filters = filter("vpc-id", page.iter().copied());
        let call = aws.ec2().describe_vpcs().filters(filters).into_paginator();
        let answer = call.items().send().try_collect().await;
        let vpcs = answer.doing("reading the DHCP options of VPCs")?;
        let options = vpcs.into_iter().filter_map(|vpc| Some((vpc.vpc_id?, vpc.dhcp_options_id?)));
        found.extend(options.filter(|(_, options)| options != NONE));
    }
    Ok(found)
}
