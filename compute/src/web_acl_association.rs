//! Association of a web ACL: <https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html>

use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Live,
    Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, LoadBalancerArn, WebAclArn, absent_is_fine, absent_is_none};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

/// Lets a web ACL look at the requests of a load balancer, in place of the one that does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct WebAclAssociation {
    /// The web ACL. Changed in place.
    #[builder(setter(into))]
    pub web_acl: Input<WebAclArn>,
    /// The load balancer, which must be active. A change replaces the association.
    #[builder(setter(into))]
    pub load_balancer: Input<LoadBalancerArn>,
}

outputs! {
    /// What an association answers.
    pub struct WebAclAssociationOutputs => WebAclAssociationRefs {
        /// The load balancer, now that its requests are looked at.
        accepted load_balancer: LoadBalancerArn,
    }
}

type Was = Recorded<WebAclAssociation, WebAclAssociationOutputs>;

impl Resource<Aws> for WebAclAssociation {
    const TYPE: &'static str = "wafv2:WebAclAssociation";
    const FACTS: Facts = Facts {
        tags: false,
        create_secs: 5,
        delete_secs: 2,
        actions: Actions {
            create: &[
                "wafv2:AssociateWebACL",
                "wafv2:GetWebACLForResource",
                "wafv2:GetWebACL",
                "elasticloadbalancing:SetWebACL",
            ],
            read: &["wafv2:GetWebACLForResource", "wafv2:GetWebACL"],
            update: &["wafv2:AssociateWebACL", "elasticloadbalancing:SetWebACL"],
            delete: &["wafv2:DisassociateWebACL", "elasticloadbalancing:SetWebACL"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = WebAclAssociationOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "web_acl" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    /// Takes the place of whatever is associated, so a repeat changes nothing.
    async fn create(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<WebAclAssociationOutputs>> {
        let call = (aws.waf().associate_web_acl())
            .web_acl_arn(self.web_acl.known().as_str())
            .resource_arn(self.load_balancer.known().as_str());
        call.send().await.doing("associating the web ACL")?;
        Ok(Made::ready(self.outputs()))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, WebAclAssociationOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let now = associated(aws, was.args.load_balancer.known()).await?;
            live.push(now.map_or(Live::Absent, |now| Live::Ready {
                args: Self { web_acl: now.into(), ..was.args.clone() },
                outputs: was.outputs.clone(),
                tags: Tags::new(),
            }));
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        _old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<WebAclAssociationOutputs>> {
        self.create(aws, intent).await
    }

    /// A load balancer that another web ACL looks at by now is left as it is.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let balancer = was.args.load_balancer.known();
            if associated(aws, balancer).await?.as_ref() != Some(was.args.web_acl.known()) {
                continue;
            }
            let call = aws.waf().disassociate_web_acl().resource_arn(balancer.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("disassociating the web ACL"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<WebAclAssociationOutputs>> {
        let now = associated(aws, self.load_balancer.known()).await?;
        let ours = now.filter(|now| now == self.web_acl.known());
        Ok(ours.map_or(Found::Nothing, |_| Found::Ours(self.outputs())))
    }

    /// A web ACL or a load balancer that is new is not known to WAF at once.
    fn class_of(error: &CallError, _operation: Operation) -> Class {
        if error.code.as_deref() == Some("WAFUnavailableEntityException") {
            Class::Propagation
        } else {
            error.class
        }
    }
}

impl WebAclAssociation {
    fn outputs(&self) -> WebAclAssociationOutputs {
        WebAclAssociationOutputs { load_balancer: self.load_balancer.known().clone() }
    }
}

/// The web ACL that looks at the requests of a load balancer.
async fn associated(aws: &Aws, balancer: &LoadBalancerArn) -> CallResult<Option<WebAclArn>> {
    let call = aws.waf().get_web_acl_for_resource().resource_arn(balancer.as_str()).send().await;
    let answer = absent_is_none(call.doing("reading the load balancer's web ACL"))?;
    Ok(answer.and_then(|answer| answer.web_acl).map(|acl| WebAclArn::new(acl.arn)))
}
