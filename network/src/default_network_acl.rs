//! The default network ACL of a VPC:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html>

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{NetworkAcl, NetworkAclEntry, RuleAction};
use globecart_aws::ec2::pages;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, NetworkAclId, VpcId, absent_is_fine};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::network_acl;

/// The network ACL that a VPC comes with, without its entries that let everything through, so that a subnet
/// without an ACL of its own is closed (Security Hub EC2.21).
///
/// AWS makes it and deletes it with the VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DefaultNetworkAcl {
    /// The VPC.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The entries: none are declared, a read lists what there is.
    #[builder(default, setter(skip))]
    entries: BTreeSet<String>,
}

outputs! {
    /// What the default network ACL answers.
    pub struct DefaultNetworkAclOutputs => DefaultNetworkAclRefs {
        /// Its id.
        accepted id: NetworkAclId,
    }
}

/// The number of the last entry, which denies everything and cannot be removed.
const LAST: i32 = 32767;

type Was = Recorded<DefaultNetworkAcl, DefaultNetworkAclOutputs>;

impl Resource<Aws> for DefaultNetworkAcl {
    const TYPE: &'static str = "ec2:DefaultNetworkAcl";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["ec2:DescribeNetworkAcls", "ec2:DeleteNetworkAclEntry"],
            read: &["ec2:DescribeNetworkAcls"],
            update: &["ec2:DescribeNetworkAcls", "ec2:DeleteNetworkAclEntry"],
            delete: &[],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DefaultNetworkAclOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "vpc" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<DefaultNetworkAclOutputs>> {
        let doing = "emptying the default network ACL";
        let vpc = self.vpc.known();
        let acl = network_acl::default_of(aws, vpc.as_str()).await?;
        let Some((id, acl)) = acl.and_then(|acl| Some((acl.network_acl_id.clone()?, acl))) else {
            let message = format!("{vpc} has no default network ACL yet");
            return Err(CallError::new(Class::Propagation, doing, message));
        };
        for entry in removable(&acl) {
            let call = (aws.ec2().delete_network_acl_entry())
                .network_acl_id(&id)
                .set_rule_number(entry.rule_number())
                .set_egress(entry.egress());
            absent_is_fine(call.send().await.map(|_| ()).doing(doing))?;
        }
        Ok(Made::ready(DefaultNetworkAclOutputs { id: NetworkAclId::new(id) }))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, DefaultNetworkAclOutputs>>> {
        let found =
            network_acl::by_id(aws, wanted.iter().map(|was| was.outputs.id.as_str())).await?;
        let live = |was: &Was, acl: &NetworkAcl| Live::Ready {
            args: DefaultNetworkAcl {
                vpc: acl.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into()),
                entries: removable(acl).map(in_words).collect(),
            },
            outputs: was.outputs.clone(),
            tags: Tags::new(),
        };
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |acl| live(was, acl))
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
    ) -> CallResult<Made<DefaultNetworkAclOutputs>> {
        self.create(aws, intent).await
    }

    /// It goes with the VPC.
    async fn delete(_aws: &Aws, _gone: &[Was]) -> CallResult<Removal> {
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<DefaultNetworkAclOutputs>> {
        let acl = network_acl::default_of(aws, self.vpc.known().as_str()).await?;
        let id = acl.and_then(|acl| acl.network_acl_id).map(NetworkAclId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(DefaultNetworkAclOutputs { id })))
    }
}

fn removable(acl: &NetworkAcl) -> impl Iterator<Item = &NetworkAclEntry> {
    // The last entries of IPv6 come after those of IPv4.
    acl.entries().iter().filter(|entry| entry.rule_number().is_some_and(|number| number < LAST))
}

/// An entry as the plan shows it.
fn in_words(entry: &NetworkAclEntry) -> String {
    let number = entry.rule_number().unwrap_or_default();
    let way = if entry.egress() == Some(true) { "egress" } else { "ingress" };
    let action = entry.rule_action().map_or("", RuleAction::as_str);
    let protocol = match entry.protocol() {
        Some("-1") | None => "all",
        Some(protocol) => protocol,
    };
    let peer = entry.cidr_block().or(entry.ipv6_cidr_block()).unwrap_or_default();
    format!("{number} {way} {action} {protocol} {peer}")
}
