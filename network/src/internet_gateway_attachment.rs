//! Attachment of an internet gateway:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>

use aws_sdk_ec2::types::{AttachmentStatus, InternetGateway as Description};
use globecart_aws::ec2::pages;
use globecart_aws::engine::{
    Actions, Argument, CallResult, Facts, Found, Input, Intent, Live, Made, Order, Recorded,
    Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, InternetGatewayId, VpcId, absent_is_fine};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::internet_gateway::by_id;

/// Gives an internet gateway to a VPC: each has at most one of the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct InternetGatewayAttachment {
    /// The gateway. A change replaces the attachment.
    #[builder(setter(into))]
    pub gateway: Input<InternetGatewayId>,
    /// The VPC. A change replaces the attachment.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
}

outputs! {
    /// What an attachment answers.
    pub struct InternetGatewayAttachmentOutputs => InternetGatewayAttachmentRefs {
        /// The gateway, now that it is attached: what routes point to.
        accepted gateway: InternetGatewayId,
    }
}

type Was = Recorded<InternetGatewayAttachment, InternetGatewayAttachmentOutputs>;

impl Resource<Aws> for InternetGatewayAttachment {
    const TYPE: &'static str = "ec2:InternetGatewayAttachment";
    const FACTS: Facts = Facts {
        tags: false,
        delete_secs: 2,
        actions: Actions {
            create: &["ec2:AttachInternetGateway", "ec2:DescribeInternetGateways"],
            read: &["ec2:DescribeInternetGateways"],
            update: &[],
            delete: &["ec2:DetachInternetGateway"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = InternetGatewayAttachmentOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::DeleteFirst)
    }

    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<InternetGatewayAttachmentOutputs>> {
        let call = (aws.ec2().attach_internet_gateway())
            .internet_gateway_id(self.gateway.known().as_str())
            .vpc_id(self.vpc.known().as_str());
        call.send().await.doing("attaching the internet gateway")?;
        Ok(Made::ready(self.outputs()))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, InternetGatewayAttachmentOutputs>>> {
        let found = by_id(aws, wanted.iter().map(|was| was.args.gateway.known().as_str())).await?;
        let one = |was: &Was| {
            found
                .get(was.args.gateway.known().as_str())
                .map_or(Live::Absent, |gateway| live(was, gateway))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    /// Every argument replaces it.
    async fn update(
        &self,
        _aws: &Aws,
        _old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<InternetGatewayAttachmentOutputs>> {
        Ok(Made::ready(self.outputs()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = (aws.ec2().detach_internet_gateway())
                .internet_gateway_id(was.args.gateway.known().as_str())
                .vpc_id(was.args.vpc.known().as_str());
            match call.send().await.map(|_| ()).doing("detaching the internet gateway") {
                Err(error) if error.code.as_deref() == Some("Gateway.NotAttached") => {}
                answer => absent_is_fine(answer)?,
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<InternetGatewayAttachmentOutputs>> {
        let id = self.gateway.known();
        let found = by_id(aws, [id.as_str()].into_iter()).await?;
        let attached = found.get(id.as_str()).and_then(|gateway| gateway.attachments().first());
        Ok(match attached.and_then(|attachment| attachment.vpc_id()) {
            None => Found::Nothing,
            Some(vpc) if vpc == self.vpc.known().as_str() => Found::Ours(self.outputs()),
            Some(other) => Found::Foreign(format!("{id} is attached to {other}")),
        })
    }
}

impl InternetGatewayAttachment {
    fn outputs(&self) -> InternetGatewayAttachmentOutputs {
        InternetGatewayAttachmentOutputs { gateway: self.gateway.known().clone() }
    }
}

fn live(
    was: &Was,
    gateway: &Description,
) -> Live<InternetGatewayAttachment, InternetGatewayAttachmentOutputs> {
    let vpc = Some(was.args.vpc.known().as_str());
    let Some(attachment) =
        gateway.attachments().iter().find(|attachment| attachment.vpc_id() == vpc)
    else {
        return Live::Absent;
    };
    match attachment.state() {
        Some(state @ (AttachmentStatus::Attaching | AttachmentStatus::Detaching)) => {
            Live::Pending(state.to_string())
        }
        Some(AttachmentStatus::Detached) => Live::Absent,
        // AWS says `available`, others `attached`.
        _ => {
            Live::Ready { args: was.args.clone(), outputs: was.outputs.clone(), tags: Tags::new() }
        }
    }
}
