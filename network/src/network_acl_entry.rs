//! Entry of a network ACL:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{NetworkAcl, NetworkAclEntry as Description, RuleAction};
use globecart_aws::ec2::{Direction, Ports, pages};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Effect, Facts, Found, Input, Intent, Invalid, Live, Made, Order,
    Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, NetworkAclId, absent_is_fine};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::acl_traffic::{AclAction, AclTraffic};
use crate::network_acl;

/// One entry of a network ACL. Entries are stateless: answers need an entry of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct NetworkAclEntry {
    /// The ACL. A change replaces the entry.
    #[builder(setter(into))]
    pub acl: Input<NetworkAclId>,
    /// The place among the entries of its direction, 1 to 32766; the lowest that fits decides. A change
    /// replaces the entry.
    pub number: u16,
    /// Which way traffic passes. A change replaces the entry.
    pub direction: Direction,
    /// Protocol and ports.
    pub traffic: AclTraffic,
    /// The other side.
    pub peer: IpNet,
    /// What happens to it. Default: it passes.
    #[builder(default = AclAction::Allow)]
    pub action: AclAction,
}

outputs! {
    /// What an entry answers.
    pub struct NetworkAclEntryOutputs => NetworkAclEntryRefs {
        /// The ACL, now that it has the entry.
        accepted acl: NetworkAclId,
    }
}

type Was = Recorded<NetworkAclEntry, NetworkAclEntryOutputs>;

impl Resource<Aws> for NetworkAclEntry {
    const TYPE: &'static str = "ec2:NetworkAclEntry";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["ec2:CreateNetworkAclEntry", "ec2:DescribeNetworkAcls"],
            read: &["ec2:DescribeNetworkAcls"],
            update: &["ec2:ReplaceNetworkAclEntry"],
            delete: &["ec2:DeleteNetworkAclEntry"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = NetworkAclEntryOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "acl" | "number" | "direction" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if !(1..=32766).contains(&self.number) {
            return Err(Invalid::new("number", format!("{} must be 1 to 32766", self.number)));
        }
        if self.peer.trunc() != self.peer {
            let problem =
                format!("{} has host bits set; the range is {}", self.peer, self.peer.trunc());
            return Err(Invalid::new("peer", problem));
        }
        match self.traffic {
            AclTraffic::Tcp(Ports { from, to }) | AclTraffic::Udp(Ports { from, to })
                if from > to =>
            {
                Err(Invalid::new(
                    "traffic",
                    format!("the ports {from} to {to} must be in rising order"),
                ))
            }
            _ => Ok(()),
        }
    }

    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<NetworkAclEntryOutputs>> {
        let call = (aws.ec2().create_network_acl_entry())
            .network_acl_id(self.acl.known().as_str())
            .rule_number(self.number.into())
            .egress(self.direction == Direction::Egress)
            .rule_action(self.action.in_words())
            .protocol(self.traffic.protocol())
            .set_port_range(self.traffic.port_range())
            .set_icmp_type_code(self.traffic.icmp());
        let call = match self.peer {
            IpNet::V4(peer) => call.cidr_block(peer.to_string()),
            IpNet::V6(peer) => call.ipv6_cidr_block(peer.to_string()),
        };
        call.send().await.doing("adding the network ACL entry")?;
        Ok(Made::ready(self.outputs()))
    }

    /// One ACL answers for all its entries.
    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, NetworkAclEntryOutputs>>> {
        let found =
            network_acl::by_id(aws, wanted.iter().map(|was| was.args.acl.known().as_str())).await?;
        let one = |was: &Was| {
            let entry = found.get(was.args.acl.known().as_str()).and_then(|acl| was.args.of(acl));
            entry.map_or(Live::Absent, |entry| Live::Ready {
                args: was.args.described(entry),
                outputs: was.outputs.clone(),
                tags: Tags::new(),
            })
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        let acls: BTreeSet<_> = wanted.iter().map(|was| was.args.acl.known()).collect();
        pages(acls.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        _old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<NetworkAclEntryOutputs>> {
        let call = (aws.ec2().replace_network_acl_entry())
            .network_acl_id(self.acl.known().as_str())
            .rule_number(self.number.into())
            .egress(self.direction == Direction::Egress)
            .rule_action(self.action.in_words())
            .protocol(self.traffic.protocol())
            .set_port_range(self.traffic.port_range())
            .set_icmp_type_code(self.traffic.icmp());
        let call = match self.peer {
            IpNet::V4(peer) => call.cidr_block(peer.to_string()),
            IpNet::V6(peer) => call.ipv6_cidr_block(peer.to_string()),
        };
        call.send().await.doing("changing the network ACL entry")?;
        Ok(Made::ready(self.outputs()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = (aws.ec2().delete_network_acl_entry())
                .network_acl_id(was.args.acl.known().as_str())
                .rule_number(was.args.number.into())
                .egress(was.args.direction == Direction::Egress);
            absent_is_fine(call.send().await.map(|_| ()).doing("removing the network ACL entry"))?;
        }
        Ok(Removal::Gone)
    }

    /// An ACL has one entry of a number in each direction.
    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<NetworkAclEntryOutputs>> {
        let id = self.acl.known();
        let acls = network_acl::by_id(aws, [id.as_str()].into_iter()).await?;
        Ok(match acls.get(id.as_str()).and_then(|acl| self.of(acl)) {
            None => Found::Nothing,
            Some(entry) if self.described(entry) == *self => Found::Ours(self.outputs()),
            Some(_) => Found::Foreign(format!("entry {} of {id} says something else", self.number)),
        })
    }
}

impl NetworkAclEntry {
    fn outputs(&self) -> NetworkAclEntryOutputs {
        NetworkAclEntryOutputs { acl: self.acl.known().clone() }
    }

    /// This entry in the description of its ACL.
    fn of<'a>(&self, acl: &'a NetworkAcl) -> Option<&'a Description> {
        let (number, egress) = (i32::from(self.number), self.direction == Direction::Egress);
        acl.entries()
            .iter()
            .find(|entry| entry.rule_number() == Some(number) && entry.egress() == Some(egress))
    }

    fn described(&self, entry: &Description) -> Self {
        let peer =
            entry.cidr_block().or(entry.ipv6_cidr_block()).and_then(|peer| peer.parse().ok());
        Self {
            traffic: AclTraffic::described(entry, self.traffic),
            peer: peer.unwrap_or(self.peer),
            action: match entry.rule_action() {
                Some(RuleAction::Deny) => AclAction::Deny,
                _ => AclAction::Allow,
            },
            ..self.clone()
        }
    }
}
