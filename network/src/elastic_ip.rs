//! Elastic IP address: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Address as Description, DomainType, Filter, ResourceType};
use globecart_aws::ec2::{FILTER_VALUES, LAG, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, CallError, CallResult, Class, Facts, Found, Intent, Live, Made, Operation, Recorded,
    Removal, Resource, Tags, outputs,
};
use globecart_aws::{AllocationId, Aws, Doing, Ipv4, absent_is_fine, tags};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

use crate::answer;

/// A public IPv4 address that stays the same, so that partners can allow-list it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct ElasticIp {}

outputs! {
    /// What an Elastic IP address answers.
    pub struct ElasticIpOutputs => ElasticIpRefs {
        /// Its allocation id.
        accepted id: AllocationId,
        /// The address.
        accepted address: Ipv4,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "allocating the address";

type Was = Recorded<ElasticIp, ElasticIpOutputs>;

impl Resource<Aws> for ElasticIp {
    const TYPE: &'static str = "ec2:ElasticIp";
    const FACTS: Facts = Facts {
        find_window: LAG,
        quota: Some(("EC2-VPC Elastic IPs", 5)),
        actions: Actions {
            create: &["ec2:AllocateAddress", "ec2:CreateTags", "ec2:DescribeAddresses"],
            read: &["ec2:DescribeAddresses"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:ReleaseAddress"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ElasticIpOutputs;

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ElasticIpOutputs>> {
        let call = (aws.ec2().allocate_address())
            .domain(DomainType::Vpc)
            .tag_specifications(tags::ec2_specification(ResourceType::ElasticIp, intent.tags()));
        let answer = call.send().await.doing(CREATING)?;
        let id = AllocationId::new(answer::id(answer.allocation_id, CREATING)?);
        let address = Ipv4::new(answer::id(answer.public_ip, CREATING)?);
        Ok(Made::ready(ElasticIpOutputs { id, address }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ElasticIpOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let addresses = described(aws, vec![filter("allocation-id", ids)]).await?;
            found.extend(
                addresses.into_iter().filter_map(|one| Some((one.allocation_id.clone()?, one))),
            );
        }
        let live = |was: &Was, address: &Description| Live::Ready {
            args: was.args.clone(),
            outputs: was.outputs.clone(),
            tags: tags::from_ec2(address.tags()),
        };
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |address| live(was, address))
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
            let call = aws.ec2().release_address().allocation_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("releasing the address"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ElasticIpOutputs>> {
        let addresses = described(aws, made_by(intent)).await?;
        let ours = addresses.into_iter().find(|address| answer::own(intent, address.tags()));
        let outputs = ours.and_then(|address| {
            let id = AllocationId::new(address.allocation_id?);
            Some(ElasticIpOutputs { id, address: Ipv4::new(address.public_ip?) })
        });
        Ok(outputs.map_or(Found::Nothing, Found::Ours))
    }

    /// An address that a NAT gateway has not quite given back answers `AuthFailure`.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        match (operation, error.code.as_deref()) {
            (Operation::Delete, Some("AuthFailure")) => Class::Dependency,
            _ => error.class,
        }
    }
}

/// `DescribeAddresses` has no pages.
async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let answer = aws.ec2().describe_addresses().set_filters(Some(filters)).send().await;
    Ok(answer.doing("reading addresses")?.addresses.unwrap_or_default())
}
