//! Interface endpoint: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>

use aws_sdk_ec2::types::{ResourceType, VpcEndpoint as Description, VpcEndpointType};
use globecart_aws::ec2::pages;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Effect, Facts, Found, Input, Intent, Invalid, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::policy::PolicyDocument;
use globecart_aws::{Aws, Doing, SecurityGroupId, SubnetId, VpcEndpointId, VpcId, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{answer, vpc_endpoint};

/// An interface endpoint: a network interface in every subnet given, through which an AWS service is reached
/// without leaving the VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct InterfaceVpcEndpoint {
    /// The VPC. A change replaces the endpoint.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The service's name, as in `com.amazonaws.eu-central-1.logs`. A change replaces the endpoint.
    #[builder(setter(into))]
    pub service: String,
    /// At most one subnet a zone. Changed in place, unless subnets are replaced.
    pub subnets: Vec<Input<SubnetId>>,
    /// The security groups of its network interfaces.
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// Whether the service's usual name leads to the endpoint inside the VPC. Default: yes; the VPC must have
    /// DNS support and host names.
    #[builder(default = true)]
    pub private_dns: bool,
    /// What may be done through it. Default: AWS's own, whatever the callers' policies allow.
    #[builder(default, setter(strip_option))]
    pub policy: Option<PolicyDocument>,
}

outputs! {
    /// What an interface endpoint answers.
    pub struct InterfaceVpcEndpointOutputs => InterfaceVpcEndpointRefs {
        /// Its id.
        accepted id: VpcEndpointId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the interface endpoint";

type Was = Recorded<InterfaceVpcEndpoint, InterfaceVpcEndpointOutputs>;

impl Resource<Aws> for InterfaceVpcEndpoint {
    const TYPE: &'static str = "ec2:InterfaceVpcEndpoint";
    const FACTS: Facts = Facts {
        create_secs: 75,
        update_secs: 40,
        delete_secs: 60,
        delete_batch: vpc_endpoint::DELETE_BATCH,
        quota: Some(("Interface VPC endpoints per VPC", 50)),
        actions: Actions {
            create: &[
                "ec2:CreateVpcEndpoint",
                "ec2:CreateTags",
                "ec2:DescribeVpcEndpoints",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "route53:AssociateVPCWithHostedZone",
            ],
            read: &["ec2:DescribeVpcEndpoints"],
            update: &[
                "ec2:ModifyVpcEndpoint",
                "ec2:DescribeVpcEndpoints",
                "ec2:CreateTags",
                "ec2:DeleteTags",
            ],
            delete: &["ec2:DeleteVpcEndpoints"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = InterfaceVpcEndpointOutputs;

    /// A subnet that gives its range to its successor is not gone while the endpoint stands in it.
    fn argument(name: &str, old: &Value, new: &Value) -> Argument {
        match name {
            "vpc" | "service" => Argument::Replace(Order::CreateFirst),
            "subnets" if is_exchanged(old, new) => Argument::Replace(Order::DeleteFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.subnets.is_empty() {
            return Err(Invalid::new("subnets", "an interface endpoint needs at least one subnet"));
        }
        if self.security_groups.is_empty() {
            let problem = "without one AWS takes the VPC's default security group; name one";
            return Err(Invalid::new("security_groups", problem));
        }
        vpc_endpoint::check_service(&self.service)
    }

    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<InterfaceVpcEndpointOutputs>> {
        let groups = self.security_groups.iter().map(|id| id.known().to_string()).collect();
        let call = (aws.ec2().create_vpc_endpoint())
            .client_token(intent.token())
            .vpc_endpoint_type(VpcEndpointType::Interface)
            .vpc_id(self.vpc.known().as_str())
            .service_name(&self.service)
            .set_subnet_ids(Some(self.subnets.iter().map(|id| id.known().to_string()).collect()))
            .set_security_group_ids(Some(groups))
            .private_dns_enabled(self.private_dns)
            .set_policy_document(self.policy.as_ref().map(PolicyDocument::to_json))
            .tag_specifications(tags::ec2_specification(ResourceType::VpcEndpoint, intent.tags()));
        let endpoint = call.send().await.doing(CREATING)?.vpc_endpoint;
        let id = answer::id(endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id), CREATING)?;
        Ok(Made::pending(InterfaceVpcEndpointOutputs { id: VpcEndpointId::new(id) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, InterfaceVpcEndpointOutputs>>> {
        let found = vpc_endpoint::by_id(aws, wanted.iter().map(|was| &was.outputs.id)).await?;
        let one = |was: &Was| {
            found.get(&was.outputs.id).map_or(Ok(Live::Absent), |endpoint| live(was, endpoint))
        };
        wanted.iter().map(one).collect()
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    /// Subnets and groups are added and taken away one by one, so what there is now is asked first.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<InterfaceVpcEndpointOutputs>> {
        let id = &old.outputs.id;
        let now = vpc_endpoint::by_id(aws, [id].into_iter()).await?.remove(id);
        let subnets =
            now.as_ref().map(|endpoint| endpoint.subnet_ids().to_vec()).unwrap_or_default();
        let groups: Vec<String> = now.as_ref().map(groups).unwrap_or_default();
        let (add_subnets, remove_subnets) = answer::difference(&self.subnets, &subnets);
        let (add_groups, remove_groups) = answer::difference(&self.security_groups, &groups);
        let call = (aws.ec2().modify_vpc_endpoint())
            .vpc_endpoint_id(id.as_str())
            .set_add_subnet_ids(add_subnets)
            .set_remove_subnet_ids(remove_subnets)
            .set_add_security_group_ids(add_groups)
            .set_remove_security_group_ids(remove_groups)
            .private_dns_enabled(self.private_dns)
            .set_reset_policy(self.policy.is_none().then_some(true))
            .set_policy_document(self.policy.as_ref().map(PolicyDocument::to_json));
        call.send().await.doing("changing the interface endpoint")?;
        Ok(Made::pending(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        vpc_endpoint::delete(aws, gone.iter().map(|was| &was.outputs.id)).await
    }

    async fn find(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Found<InterfaceVpcEndpointOutputs>> {
        let id = vpc_endpoint::find(aws, intent).await?;
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(InterfaceVpcEndpointOutputs { id })))
    }
}

/// Whether some element goes, and one comes that is not there yet.
fn is_exchanged(old: &Value, new: &Value) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (old, new) = (list(old), list(new));
    old.iter().any(|one| !new.contains(one)) && new.iter().any(Value::is_object)
}

fn groups(endpoint: &Description) -> Vec<String> {
    endpoint.groups().iter().filter_map(|group| group.group_id.clone()).collect()
}

fn live(
    was: &Was,
    endpoint: &Description,
) -> CallResult<Live<InterfaceVpcEndpoint, InterfaceVpcEndpointOutputs>> {
    if let Some(unusable) = vpc_endpoint::unusable(endpoint) {
        return Ok(unusable);
    }
    let subnets = endpoint.subnet_ids().iter().map(SubnetId::new);
    let groups: Vec<_> = groups(endpoint).into_iter().map(SecurityGroupId::new).collect();
    let args = InterfaceVpcEndpoint {
        vpc: endpoint.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into()),
        service: endpoint.service_name().unwrap_or(&was.args.service).to_owned(),
        subnets: in_recorded_order(subnets, &was.args.subnets),
        // AWS gives every interface endpoint a group, so a server that names none tells nothing.
        security_groups: if groups.is_empty() {
            was.args.security_groups.clone()
        } else {
            in_recorded_order(groups, &was.args.security_groups)
        },
        private_dns: endpoint.private_dns_enabled().unwrap_or(was.args.private_dns),
        policy: vpc_endpoint::live_policy(endpoint, was.args.policy.as_ref())?,
    };
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(endpoint.tags()) })
}
