//! Subnet: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Subnet as Description, SubnetState};
use globecart_aws::ec2::{FILTER_VALUES, LAG, filter, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, SubnetId, VpcId, ZoneName, absent_is_fine, tags};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{answer, cidr};

/// A subnet in one availability zone.
///
/// A VPC's id is no subnet's, and nothing that has no sane default can be left out:
///
/// ```compile_fail,E0277
/// use globecart_aws::SubnetId;
/// let subnet = globecart_network::Subnet::builder().vpc(SubnetId::new("subnet-0a1b"));
/// ```
///
/// ```compile_fail,E0061
/// use globecart_aws::{VpcId, ZoneName};
/// let subnet = globecart_network::Subnet::builder()
///     .vpc(VpcId::new("vpc-0a1b"))
///     .zone(ZoneName::new("eu-central-1a"))
///     .build();
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Subnet {
    /// The VPC. A change replaces the subnet.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The IPv4 range, /16 to /28, inside the VPC's. A change replaces the subnet.
    pub cidr: Ipv4Net,
    /// The zone, by its name in this account. A change replaces the subnet.
    pub zone: ZoneName,
    /// Whether instances get a public address on launch. Default: no; load balancers and NAT gateways do not
    /// need it.
    #[builder(default)]
    pub map_public_ip: bool,
}

outputs! {
    /// What a subnet answers.
    pub struct SubnetOutputs => SubnetRefs {
        /// Its id.
        accepted id: SubnetId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the subnet";

type Was = Recorded<Subnet, SubnetOutputs>;

impl Resource<Aws> for Subnet {
    const TYPE: &'static str = "ec2:Subnet";
    const FACTS: Facts = Facts {
        find_window: LAG,
        quota: Some(("Subnets per VPC", 200)),
        actions: Actions {
            create: &[
                "ec2:CreateSubnet",
                "ec2:CreateTags",
                "ec2:ModifySubnetAttribute",
                "ec2:DescribeSubnets",
            ],
            read: &["ec2:DescribeSubnets"],
            update: &["ec2:ModifySubnetAttribute", "ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteSubnet"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = SubnetOutputs;

    /// Ranges of one VPC never overlap. When some move, each may come where another one was: all go first.
    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        match name {
            "cidr" if !may_share_vpc(old, new) => Argument::Replace(Order::CreateFirst),
            "cidr" | "zone" => Argument::Replace(Order::DeleteFirst),
            "vpc" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        cidr::check_block("cidr", self.cidr)
    }

    /// `CreateSubnet` takes no token, so a repeat first looks for what the earlier attempt made.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<SubnetOutputs>> {
        let earlier =
            if intent.repeated() { self.find(aws, intent).await? } else { Found::Nothing };
        let outputs = match earlier {
            Found::Ours(outputs) => outputs,
            _ => self.create_subnet(aws, intent).await?,
        };
        if self.map_public_ip {
            self.set_public_ip(aws, &outputs.id).await?;
        }
        Ok(Made::pending(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, SubnetOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let subnets = described(aws, "subnet-id", ids).await?;
            found.extend(
                subnets.into_iter().filter_map(|subnet| Some((subnet.subnet_id.clone()?, subnet))),
            );
        }
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |subnet| live(was, subnet))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<SubnetOutputs>> {
        self.set_public_ip(aws, &old.outputs.id).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let answer = aws.ec2().delete_subnet().subnet_id(was.outputs.id.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the subnet"))?;
        }
        Ok(Removal::Gone)
    }

    /// The range is what only one subnet of the VPC can have. One of this stack is on its way out.
    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<SubnetOutputs>> {
        let subnets = described(aws, "vpc-id", [self.vpc.known().as_str()]).await?;
        let id = |subnet: &Description| SubnetId::new(subnet.subnet_id().unwrap_or_default());
        if let Some(subnet) = subnets.iter().find(|subnet| answer::own(intent, subnet.tags())) {
            return Ok(Found::Ours(SubnetOutputs { id: id(subnet) }));
        }
        let range = |subnet: &Description| -> Option<Ipv4Net> { subnet.cidr_block()?.parse().ok() };
        let foreign = subnets.iter().filter(|subnet| !answer::same_stack(intent, subnet.tags()));
        let mut taken = foreign.filter_map(|subnet| Some((id(subnet), range(subnet)?)));
        let taken = taken.find(|(_, range)| cidr::overlap(*range, self.cidr));
        Ok(taken.map_or(Found::Nothing, |(id, range)| Found::Foreign(format!("{id} with {range}"))))
    }
}

impl Subnet {
    async fn create_subnet(&self, aws: &Aws, intent: &Intent) -> CallResult<SubnetOutputs> {
        let call = (aws.ec2().create_subnet())
            .vpc_id(self.vpc.known().as_str())
            .cidr_block(self.cidr.to_string())
            .availability_zone(self.zone.as_str())
            .tag_specifications(tags::ec2_specification(ResourceType::Subnet, intent.tags()));
        let answer = match call.send().await.doing(CREATING) {
            Err(error) if error.code.as_deref() == Some("InvalidSubnet.Conflict") => {
                return self.taken(aws, intent, error).await;
            }
            answer => answer?,
        };
        let id = answer::id(answer.subnet.and_then(|subnet| subnet.subnet_id), CREATING)?;
        Ok(SubnetOutputs { id: SubnetId::new(id) })
    }

    /// What a range that is taken means depends on who has it.
    async fn taken(
        &self,
        aws: &Aws,
        intent: &Intent,
        error: CallError,
    ) -> CallResult<SubnetOutputs> {
        let class = match self.find(aws, intent).await? {
            Found::Ours(outputs) => return Ok(outputs),
            Found::Foreign(_) => Class::AlreadyExists,
            Found::Nothing => Class::Dependency,
        };
        Err(CallError { class, ..error })
    }

    async fn set_public_ip(&self, aws: &Aws, id: &SubnetId) -> CallResult<()> {
        let value = AttributeBooleanValue::builder().value(self.map_public_ip).build();
        let call = aws
            .ec2()
            .modify_subnet_attribute()
            .subnet_id(id.as_str())
            .map_public_ip_on_launch(value);
        call.send().await.map(|_| ()).doing("setting whether the subnet gives public addresses")
    }
}

async fn described(
    aws: &Aws,
    by: &str,
    values: impl IntoIterator<Item = &str>,
) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_subnets().filters(filter(by, values)).into_paginator();
    call.items().send().try_collect().await.doing("reading subnets")
}

fn live(was: &Was, subnet: &Description) -> Live<Subnet, SubnetOutputs> {
    match subnet.state() {
        Some(SubnetState::Available) | None => {}
        Some(SubnetState::Failed | SubnetState::FailedInsufficientCapacity) => {
            return Live::Failed("EC2 reports that it failed".to_owned());
        }
        Some(state) => return Live::Pending(state.to_string()),
    }
    let args = Subnet {
        vpc: subnet.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into()),
        cidr: subnet.cidr_block().and_then(|cidr| cidr.parse().ok()).unwrap_or(was.args.cidr),
        zone: subnet.availability_zone().map_or_else(|| was.args.zone.clone(), ZoneName::new),
        map_public_ip: subnet.map_public_ip_on_launch().unwrap_or_default(),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(subnet.tags()) }
}

/// Whether two ranges can be of one VPC, which has at most a /16.
fn may_share_vpc(one: &Value, other: &Value) -> bool {
    let range = |value: &Value| value.as_str().and_then(|text| text.parse::<Ipv4Net>().ok());
    let vpc = |range: Ipv4Net| Ipv4Net::new(range.network(), 16).ok().map(|vpc| vpc.trunc());
    range(one).and_then(vpc) == range(other).and_then(vpc)
}
