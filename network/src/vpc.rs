//! VPC: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, Vpc as Description, VpcAttributeName, VpcState,
};
use globecart_aws::ec2::{FILTER_VALUES, LAG, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Effect, Facts, Found, Intent, Invalid, Live, Made,
    Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, VpcId, absent_is_fine, tags};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{answer, cidr};

/// A VPC with one IPv4 range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Vpc {
    /// The IPv4 range, /16 to /28. A change replaces the VPC.
    pub cidr: Ipv4Net,
    /// Whether the Amazon DNS server answers inside the VPC. Default: yes.
    #[builder(default = true)]
    pub dns_support: bool,
    /// Whether instances get DNS names; private DNS of interface endpoints needs it. Default: yes.
    #[builder(default = true)]
    pub dns_hostnames: bool,
}

outputs! {
    /// What a VPC answers.
    pub struct VpcOutputs => VpcRefs {
        /// Its id.
        accepted id: VpcId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the VPC";

type Was = Recorded<Vpc, VpcOutputs>;

impl Resource<Aws> for Vpc {
    const TYPE: &'static str = "ec2:Vpc";
    const FACTS: Facts = Facts {
        create_secs: 2,
        find_window: LAG,
        quota: Some(("VPCs per region", 5)),
        actions: Actions {
            create: &[
                "ec2:CreateVpc",
                "ec2:CreateTags",
                "ec2:ModifyVpcAttribute",
                "ec2:DescribeVpcs",
            ],
            read: &["ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"],
            update: &["ec2:ModifyVpcAttribute", "ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteVpc"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = VpcOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "cidr" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.dns_hostnames && !self.dns_support {
            return Err(Invalid::new("dns_hostnames", "DNS host names need `dns_support`"));
        }
        cidr::check_block("cidr", self.cidr)
    }

    /// `CreateVpc` takes no token, so a repeat first looks for what the earlier attempt made.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<VpcOutputs>> {
        let earlier =
            if intent.repeated() { self.find(aws, intent).await? } else { Found::Nothing };
        let outputs = match earlier {
            Found::Ours(outputs) => outputs,
            _ => self.create_vpc(aws, intent).await?,
        };
        self.set_dns(aws, &outputs.id).await?;
        Ok(Made::pending(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, VpcOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let call = aws.ec2().describe_vpcs().filters(filter("vpc-id", ids)).into_paginator();
            let vpcs = call.items().send().try_collect().await.doing("reading VPCs")?;
            found.extend(vpcs.into_iter().filter_map(|vpc| Some((vpc.vpc_id.clone()?, vpc))));
        }
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match found.get(was.outputs.id.as_str()) {
                None => Live::Absent,
                Some(vpc) => read_one(aws, was, vpc).await?,
            });
        }
        Ok(live)
    }

    /// The two DNS attributes have a call each, for every VPC.
    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len()) + 2 * wanted.len()
    }

    async fn update(&self, aws: &Aws, old: &Was, _intent: &Intent) -> CallResult<Made<VpcOutputs>> {
        self.set_dns(aws, &old.outputs.id).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let answer = aws.ec2().delete_vpc().vpc_id(was.outputs.id.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the VPC"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<VpcOutputs>> {
        let call = aws.ec2().describe_vpcs().set_filters(Some(made_by(intent)));
        let answer = call.send().await.doing("looking for the VPC")?;
        let mut ours = answer
            .vpcs
            .unwrap_or_default()
            .into_iter()
            .filter(|vpc| answer::own(intent, vpc.tags()));
        let id = ours.find_map(|vpc| vpc.vpc_id);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(VpcOutputs { id: VpcId::new(id) })))
    }
}

impl Vpc {
    async fn create_vpc(&self, aws: &Aws, intent: &Intent) -> CallResult<VpcOutputs> {
        let call = (aws.ec2().create_vpc())
            .cidr_block(self.cidr.to_string())
            .tag_specifications(tags::ec2_specification(ResourceType::Vpc, intent.tags()));
        let answer = call.send().await.doing(CREATING)?;
        let id = answer::id(answer.vpc.and_then(|vpc| vpc.vpc_id), CREATING)?;
        Ok(VpcOutputs { id: VpcId::new(id) })
    }

    /// Support comes first: AWS refuses host names without it.
    async fn set_dns(&self, aws: &Aws, id: &VpcId) -> CallResult<()> {
        let value = |on| AttributeBooleanValue::builder().value(on).build();
        let call = || aws.ec2().modify_vpc_attribute().vpc_id(id.as_str());
        let support = call().enable_dns_support(value(self.dns_support));
        support.send().await.doing("setting the VPC's DNS support")?;
        let hostnames = call().enable_dns_hostnames(value(self.dns_hostnames));
        hostnames.send().await.doing("setting the VPC's DNS host names")?;
        Ok(())
    }
}

async fn read_one(aws: &Aws, was: &Was, vpc: &Description) -> CallResult<Live<Vpc, VpcOutputs>> {
    if vpc.state() == Some(&VpcState::Pending) {
        return Ok(Live::Pending("pending".to_owned()));
    }
    let attribute =
        |name| aws.ec2().describe_vpc_attribute().vpc_id(was.outputs.id.as_str()).attribute(name);
    let support = attribute(VpcAttributeName::EnableDnsSupport).send().await;
    let support = support.doing("reading the VPC's DNS support")?.enable_dns_support;
    let hostnames = attribute(VpcAttributeName::EnableDnsHostnames).send().await;
    let hostnames = hostnames.doing("reading the VPC's DNS host names")?.enable_dns_hostnames;
    let on = |value: Option<AttributeBooleanValue>| {
        value.and_then(|value| value.value).unwrap_or_default()
    };
    let args = Vpc {
        cidr: vpc.cidr_block().and_then(|cidr| cidr.parse().ok()).unwrap_or(was.args.cidr),
        dns_support: on(support),
        dns_hostnames: on(hostnames),
    };
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(vpc.tags()) })
}
