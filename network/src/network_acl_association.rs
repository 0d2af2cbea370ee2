//! Association of a network ACL:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types::NetworkAcl;
use globecart_aws::ec2::{FILTER_VALUES, filter, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, NetworkAclAssociationId, NetworkAclId, SubnetId, absent_is_fine};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{answer, network_acl};

/// Gives a subnet its network ACL. A subnet always has one; when this goes, it gets the VPC's default one back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct NetworkAclAssociation {
    /// The ACL. Changed in place.
    #[builder(setter(into))]
    pub acl: Input<NetworkAclId>,
    /// The subnet. A change replaces the association.
    #[builder(setter(into))]
    pub subnet: Input<SubnetId>,
}

outputs! {
    /// What an association answers.
    pub struct NetworkAclAssociationOutputs => NetworkAclAssociationRefs {
        /// Its id; another ACL gives it another one. Missing where the server lists no associations.
        id: NetworkAclAssociationId,
        /// The subnet, now that its traffic is filtered.
        accepted subnet: SubnetId,
    }
}

type Was = Recorded<NetworkAclAssociation, NetworkAclAssociationOutputs>;

/// How often a subnet's association is looked for, about half a second apart: AWS shows it within one or two.
const LOOKS: u32 = 8;

/// Which ACL a subnet has now.
#[derive(Debug, Clone)]
struct Current {
    association: String,
    acl: String,
    vpc: String,
    default: bool,
}

impl Resource<Aws> for NetworkAclAssociation {
    const TYPE: &'static str = "ec2:NetworkAclAssociation";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &["ec2:ReplaceNetworkAclAssociation", "ec2:DescribeNetworkAcls"],
            read: &["ec2:DescribeNetworkAcls"],
            update: &["ec2:ReplaceNetworkAclAssociation", "ec2:DescribeNetworkAcls"],
            delete: &["ec2:ReplaceNetworkAclAssociation", "ec2:DescribeNetworkAcls"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = NetworkAclAssociationOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "acl" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::DeleteFirst),
        }
    }

    /// A new subnet is seen with an association after a moment. Where there is none after some seconds, the server
    /// has no associations at all; `read` says so if that was only a very late answer.
    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<NetworkAclAssociationOutputs>> {
        let subnet = self.subnet.known();
        match by_subnet(aws, [subnet.as_str()].into_iter()).await?.remove(subnet.as_str()) {
            Some(current) => self.replace(aws, current).await,
            None if intent.repeats() >= LOOKS => {
                Ok(Made::pending(NetworkAclAssociationOutputs { id: None, subnet: subnet.clone() }))
            }
            None => {
                let message = format!("no network ACL is associated with {subnet} yet");
                Err(CallError::new(Class::Propagation, "associating the network ACL", message))
            }
        }
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, NetworkAclAssociationOutputs>>> {
        let found =
            by_subnet(aws, wanted.iter().map(|was| was.args.subnet.known().as_str())).await?;
        Ok(wanted
            .iter()
            .map(|was| live(was, found.get(was.args.subnet.known().as_str())))
            .collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn update(
        &self,
        aws: &Aws,
        _old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<NetworkAclAssociationOutputs>> {
        self.create(aws, intent).await
    }

    /// A subnet that has another ACL by now is left as it is.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        let mut found =
            by_subnet(aws, gone.iter().map(|was| was.args.subnet.known().as_str())).await?;
        for was in gone {
            let Some(current) = found.remove(was.args.subnet.known().as_str()) else { continue };
            if current.acl == was.args.acl.known().as_str() {
                absent_is_fine(give_back(aws, current).await)?;
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<NetworkAclAssociationOutputs>> {
        let subnet = self.subnet.known().as_str();
        let current = by_subnet(aws, [subnet].into_iter()).await?.remove(subnet);
        let ours = current.filter(|current| current.acl == self.acl.known().as_str());
        Ok(ours.map_or(Found::Nothing, |current| Found::Ours(self.outputs(current.association))))
    }
}

impl NetworkAclAssociation {
    fn outputs(&self, association: String) -> NetworkAclAssociationOutputs {
        let id = Some(NetworkAclAssociationId::new(association));
        NetworkAclAssociationOutputs { id, subnet: self.subnet.known().clone() }
    }

    async fn replace(
        &self,
        aws: &Aws,
        current: Current,
    ) -> CallResult<Made<NetworkAclAssociationOutputs>> {
        let acl = self.acl.known().as_str();
        if current.acl == acl {
            return Ok(Made::ready(self.outputs(current.association)));
        }
        let doing = "associating the network ACL";
        let call = aws.ec2().replace_network_acl_association().network_acl_id(acl);
        let answer = call.association_id(current.association).send().await.doing(doing)?;
        Ok(Made::ready(self.outputs(answer::id(answer.new_association_id, doing)?)))
    }
}

async fn give_back(aws: &Aws, current: Current) -> CallResult<()> {
    let default =
        network_acl::default_of(aws, &current.vpc).await?.and_then(|acl| acl.network_acl_id);
    let Some(default) = default else { return Ok(()) };
    let call = aws.ec2().replace_network_acl_association().network_acl_id(default);
    let answer = call.association_id(current.association).send().await;
    answer.map(|_| ()).doing("giving the subnet its default network ACL back")
}

async fn by_subnet(
    aws: &Aws,
    subnets: impl Iterator<Item = &str>,
) -> CallResult<BTreeMap<String, Current>> {
    let subnets: Vec<&str> = subnets.collect();
    let mut found = BTreeMap::new();
    for page in subnets.chunks(FILTER_VALUES) {
        let filters = vec![filter("association.subnet-id", page.iter().copied())];
        let acls = network_acl::described(aws, filters).await?;
        for (subnet, current) in acls.iter().flat_map(current) {
            // Where two ACLs list the subnet, the answer is half old: it left the default one.
            if !(current.default && found.contains_key(&subnet)) {
                found.insert(subnet, current);
            }
        }
    }
    Ok(found)
}

/// The associations of an ACL, by subnet.
fn current(acl: &NetworkAcl) -> impl Iterator<Item = (String, Current)> {
    acl.associations().iter().filter_map(|association| {
        let current = Current {
            association: association.network_acl_association_id()?.to_owned(),
            acl: acl.network_acl_id()?.to_owned(),
            vpc: acl.vpc_id().unwrap_or_default().to_owned(),
            default: acl.is_default() == Some(true),
        };
        Some((association.subnet_id()?.to_owned(), current))
    })
}

fn live(
    was: &Was,
    current: Option<&Current>,
) -> Live<NetworkAclAssociation, NetworkAclAssociationOutputs> {
    let unlisted = was.outputs.id.is_none();
    let (acl, id) = match current {
        Some(current) if current.default && unlisted => {
            return Live::Failed(
                "the subnet's association showed up too late to be replaced".to_owned(),
            );
        }
        Some(current) if current.default => return Live::Absent,
        None if !unlisted => return Live::Absent,
        Some(Current { acl, association, .. }) => {
            (NetworkAclId::new(acl).into(), Some(NetworkAclAssociationId::new(association)))
        }
        None => (was.args.acl.clone(), None),
    };
    let args = NetworkAclAssociation { acl, subnet: was.args.subnet.clone() };
    let outputs = NetworkAclAssociationOutputs { id, subnet: was.outputs.subnet.clone() };
    Live::Ready { args, outputs, tags: Tags::new() }
}
