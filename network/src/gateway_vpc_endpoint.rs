//! Gateway endpoint: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>

use aws_sdk_ec2::types::{ResourceType, VpcEndpoint as Description, VpcEndpointType};
use globecart_aws::ec2::pages;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Effect, Facts, Found, Input, Intent, Invalid, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::policy::PolicyDocument;
use globecart_aws::{Aws, Doing, RouteTableId, VpcEndpointId, VpcId, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{answer, vpc_endpoint};

/// A gateway endpoint: a way to S3 or DynamoDB by route, free of charge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct GatewayVpcEndpoint {
    /// The VPC. A change replaces the endpoint.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// The service's name, as in `com.amazonaws.eu-central-1.s3`. A change replaces the endpoint.
    #[builder(setter(into))]
    pub service: String,
    /// The route tables that lead to it.
    pub route_tables: Vec<Input<RouteTableId>>,
    /// What may be done through it. Default: AWS's own, whatever the callers' policies allow.
    #[builder(default, setter(strip_option))]
    pub policy: Option<PolicyDocument>,
}

outputs! {
    /// What a gateway endpoint answers.
    pub struct GatewayVpcEndpointOutputs => GatewayVpcEndpointRefs {
        /// Its id.
        accepted id: VpcEndpointId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the gateway endpoint";

type Was = Recorded<GatewayVpcEndpoint, GatewayVpcEndpointOutputs>;

impl Resource<Aws> for GatewayVpcEndpoint {
    const TYPE: &'static str = "ec2:GatewayVpcEndpoint";
    const FACTS: Facts = Facts {
        create_secs: 6,
        update_secs: 3,
        delete_secs: 6,
        delete_batch: vpc_endpoint::DELETE_BATCH,
        quota: Some(("Gateway VPC endpoints per Region", 20)),
        actions: Actions {
            create: &["ec2:CreateVpcEndpoint", "ec2:CreateTags", "ec2:DescribeVpcEndpoints"],
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
    type Outputs = GatewayVpcEndpointOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "vpc" | "service" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        vpc_endpoint::check_service(&self.service)
    }

    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<GatewayVpcEndpointOutputs>> {
        let call = (aws.ec2().create_vpc_endpoint())
            .client_token(intent.token())
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .vpc_id(self.vpc.known().as_str())
            .service_name(&self.service)
            .set_route_table_ids(Some(
                self.route_tables.iter().map(|id| id.known().to_string()).collect(),
            ))
            .set_policy_document(self.policy.as_ref().map(PolicyDocument::to_json))
            .tag_specifications(tags::ec2_specification(ResourceType::VpcEndpoint, intent.tags()));
        let endpoint = call.send().await.doing(CREATING)?.vpc_endpoint;
        let id = answer::id(endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id), CREATING)?;
        Ok(Made::pending(GatewayVpcEndpointOutputs { id: VpcEndpointId::new(id) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, GatewayVpcEndpointOutputs>>> {
        let found = vpc_endpoint::by_id(aws, wanted.iter().map(|was| &was.outputs.id)).await?;
        let one = |was: &Was| {
            found.get(&was.outputs.id).map_or(Ok(Live::Absent), |endpoint| live(was, endpoint))
        };
        wanted.iter().map(one).collect()
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    /// Tables are added and taken away one by one, so what there is now is asked first.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<GatewayVpcEndpointOutputs>> {
        let id = &old.outputs.id;
        let now = vpc_endpoint::by_id(aws, [id].into_iter()).await?.remove(id);
        let now = now.and_then(|endpoint| endpoint.route_table_ids).unwrap_or_default();
        let (add, remove) = answer::difference(&self.route_tables, &now);
        let call = (aws.ec2().modify_vpc_endpoint())
            .vpc_endpoint_id(id.as_str())
            .set_add_route_table_ids(add)
            .set_remove_route_table_ids(remove)
            .set_reset_policy(self.policy.is_none().then_some(true))
            .set_policy_document(self.policy.as_ref().map(PolicyDocument::to_json));
        call.send().await.doing("changing the gateway endpoint")?;
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
    ) -> CallResult<Found<GatewayVpcEndpointOutputs>> {
        let id = vpc_endpoint::find(aws, intent).await?;
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(GatewayVpcEndpointOutputs { id })))
    }
}

fn live(
    was: &Was,
    endpoint: &Description,
) -> CallResult<Live<GatewayVpcEndpoint, GatewayVpcEndpointOutputs>> {
    if let Some(unusable) = vpc_endpoint::unusable(endpoint) {
        return Ok(unusable);
    }
    let tables = endpoint.route_table_ids().iter().map(RouteTableId::new);
    let args = GatewayVpcEndpoint {
        vpc: endpoint.vpc_id().map_or_else(|| was.args.vpc.clone(), |id| VpcId::new(id).into()),
        service: endpoint.service_name().unwrap_or(&was.args.service).to_owned(),
        route_tables: in_recorded_order(tables, &was.args.route_tables),
        policy: vpc_endpoint::live_policy(endpoint, was.args.policy.as_ref())?,
    };
    Ok(Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(endpoint.tags()) })
}
