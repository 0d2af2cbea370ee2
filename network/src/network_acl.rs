//! Network ACL: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, NetworkAcl as Description, ResourceType};
use globecart_aws::ec2::{FILTER_VALUES, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Facts, Found, Input, Intent, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, NetworkAclId, VpcId, absent_is_fine, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

/// A network ACL. It lets nothing through until it has a [`NetworkAclEntry`](crate::NetworkAclEntry).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct NetworkAcl {
    /// The VPC. A change replaces the ACL.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
}

outputs! {
    /// What a network ACL answers.
    pub struct NetworkAclOutputs => NetworkAclRefs {
        /// Its id.
        accepted id: NetworkAclId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the network ACL";

type Was = Recorded<NetworkAcl, NetworkAclOutputs>;

impl Resource<Aws> for NetworkAcl {
    const TYPE: &'static str = "ec2:NetworkAcl";
    const FACTS: Facts = Facts {
        quota: Some(("Network ACLs per VPC", 200)),
        actions: Actions {
            create: &["ec2:CreateNetworkAcl", "ec2:CreateTags", "ec2:DescribeNetworkAcls"],
            read: &["ec2:DescribeNetworkAcls"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteNetworkAcl"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = NetworkAclOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<NetworkAclOutputs>> {
        let call = (aws.ec2().create_network_acl())
            .client_token(intent.token())
            .vpc_id(self.vpc.known().as_str())
            .tag_specifications(tags::ec2_specification(ResourceType::NetworkAcl, intent.tags()));
        let acl = call.send().await.doing(CREATING)?.network_acl;
        let id = answer::id(acl.and_then(|acl| acl.network_acl_id), CREATING)?;
        Ok(Made::ready(NetworkAclOutputs { id: NetworkAclId::new(id) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, NetworkAclOutputs>>> {
        let found = by_id(aws, wanted.iter().map(|was| was.outputs.id.as_str())).await?;
        let live = |was: &Was, acl: &Description| {
            let vpc = acl.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into());
            let tags = tags::from_ec2(acl.tags());
            Live::Ready { args: NetworkAcl { vpc }, outputs: was.outputs.clone(), tags }
        };
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |acl| live(was, acl))
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
            let call = aws.ec2().delete_network_acl().network_acl_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the network ACL"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<NetworkAclOutputs>> {
        let acls = described(aws, made_by(intent)).await?;
        let mut ours = acls.into_iter().filter(|acl| answer::own(intent, acl.tags()));
        let id = ours.find_map(|acl| acl.network_acl_id).map(NetworkAclId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(NetworkAclOutputs { id })))
    }
}

/// Network ACLs with their entries.
pub(crate) async fn by_id(
    aws: &Aws,
    ids: impl Iterator<Item = &str>,
) -> CallResult<BTreeMap<String, Description>> {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = BTreeMap::new();
    for page in ids.chunks(FILTER_VALUES) {
        let acls = described(aws, vec![filter("network-acl-id", page.iter().copied())]).await?;
        found.extend(acls.into_iter().filter_map(|acl| Some((acl.network_acl_id.clone()?, acl))));
    }
    Ok(found)
}

/// The ACL that a VPC came with.
pub(crate) async fn default_of(aws: &Aws, vpc: &str) -> CallResult<Option<Description>> {
    let acls = described(aws, vec![filter("vpc-id", [vpc]), filter("default", ["true"])]).await?;
    Ok(acls.into_iter().find(|acl| acl.vpc_id() == Some(vpc) && acl.is_default() == Some(true)))
}

/// Network ACLs with their entries and associations.
pub(crate) async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_network_acls().set_filters(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading network ACLs")
}
