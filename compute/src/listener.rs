//! Listener: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::{Certificate, Listener as Description, ProtocolEnum};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, CertificateArn, Doing, ListenerArn, LoadBalancerArn, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::Action;
use crate::elb;

mod headers;

/// The policy that every check for PCI DSS takes: TLS 1.2 and 1.3 with the strongest ciphers, by validated modules, and
/// keys that a quantum computer does not break.
pub const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09";

/// A port of a load balancer, and what is done with the requests that no rule is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Listener {
    /// The load balancer. A change replaces the listener.
    #[builder(setter(into))]
    pub load_balancer: Input<LoadBalancerArn>,
    /// The port. Changed in place.
    pub port: u16,
    /// By what a client is sure whom it talks to. Default: it talks in plain text.
    #[builder(default, setter(strip_option))]
    pub tls: Option<Tls>,
    /// What is done with a request that no rule is about.
    pub action: Action,
    /// The `Strict-Transport-Security` header of every answer, which keeps browsers to HTTPS. Default: none.
    #[builder(default, setter(strip_option, into))]
    pub strict_transport_security: Option<String>,
    /// Whether answers say that a load balancer gave them. Default: no.
    #[builder(default)]
    pub server_header: bool,
}

/// How a listener takes TLS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Tls {
    /// A certificate of the same region that was issued.
    #[builder(setter(into))]
    pub certificate: Input<CertificateArn>,
    /// Which protocols and ciphers it takes, by the policy's name. Default: [`TLS_POLICY`].
    #[builder(default = TLS_POLICY.to_owned(), setter(into))]
    pub policy: String,
}

outputs! {
    /// What a listener answers.
    pub struct ListenerOutputs => ListenerRefs {
        /// Its ARN.
        accepted arn: ListenerArn,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the listener";

type Was = Recorded<Listener, ListenerOutputs>;

impl Resource<Aws> for Listener {
    const TYPE: &'static str = "elbv2:Listener";
    const FACTS: Facts = Facts {
        quota: Some(("Listeners per Application Load Balancer", 50)),
        actions: Actions {
            create: &[
                "elasticloadbalancing:CreateListener",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:ModifyListenerAttributes",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeTags",
            ],
            read: &[
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeListenerAttributes",
                "elasticloadbalancing:DescribeTags",
            ],
            update: &[
                "elasticloadbalancing:ModifyListener",
                "elasticloadbalancing:ModifyListenerAttributes",
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:RemoveTags",
            ],
            delete: &["elasticloadbalancing:DeleteListener"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = ListenerOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "load_balancer" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.port == 0 {
            return Err(Invalid::new("port", "0 is no port"));
        }
        if self.strict_transport_security.is_some() && self.tls.is_none() {
            let problem = "browsers heed it by HTTPS alone: give the listener `tls`";
            return Err(Invalid::new("strict_transport_security", problem));
        }
        self.action.check("action")
    }

    /// The same port with the same settings answers the one that is there.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<ListenerOutputs>> {
        let call = (aws.elb().create_listener())
            .load_balancer_arn(self.load_balancer.known().as_str())
            .port(self.port.into())
            .protocol(self.protocol())
            .set_certificates(self.certificates())
            .set_ssl_policy(self.tls.as_ref().map(|tls| tls.policy.clone()))
            .default_actions(self.action.in_api())
            .set_tags(Some(elb::tags(intent.tags())));
        let made = call.send().await.doing(CREATING)?.listeners.unwrap_or_default();
        let arn = made.first().and_then(|one| one.listener_arn());
        let incomplete = || CallError::new(Class::Other, CREATING, "AWS answered no listener");
        let outputs = ListenerOutputs { arn: ListenerArn::new(arn.ok_or_else(incomplete)?) };
        headers::write(aws, &outputs.arn, self, None).await?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, ListenerOutputs>>> {
        let mut all = BTreeMap::new();
        for balancer in balancers(wanted) {
            all.extend(of(aws, balancer).await?);
        }
        let named = wanted.iter().map(|was| was.outputs.arn.as_str());
        let tags = elb::tags_of_those(aws, named, &all).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let arn = was.outputs.arn.as_str();
            let (Some(one), Some(tags)) = (all.get(arn), tags.get(arn)) else {
                live.push(Live::Absent);
                continue;
            };
            let args = headers::read(aws, &was.outputs.arn, described(was, one)).await?;
            live.push(args.map_or(Live::Absent, |args| Live::Ready {
                args,
                outputs: was.outputs.clone(),
                tags: tags.clone(),
            }));
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        balancers(wanted).len() + elb::tag_calls(wanted.len()) + wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<ListenerOutputs>> {
        let arn = &old.outputs.arn;
        let same = self.port == old.args.port
            && self.tls == old.args.tls
            && self.action == old.args.action;
        if !same {
            let call = (aws.elb().modify_listener())
                .listener_arn(arn.as_str())
                .port(self.port.into())
                .protocol(self.protocol())
                .set_certificates(self.certificates())
                .set_ssl_policy(self.tls.as_ref().map(|tls| tls.policy.clone()))
                .default_actions(self.action.in_api());
            call.send().await.doing("changing the listener")?;
        }
        headers::write(aws, arn, self, Some(&old.args)).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        elb::retag(aws, of.outputs.arn.as_str(), set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.elb().delete_listener().listener_arn(was.outputs.arn.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the listener"))?;
        }
        Ok(Removal::Gone)
    }

    /// A load balancer has one listener on a port.
    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<ListenerOutputs>> {
        let listeners = of(aws, self.load_balancer.known()).await?;
        let port = Some(i32::from(self.port));
        let Some(arn) = listeners.into_iter().find(|(_, one)| one.port() == port) else {
            return Ok(Found::Nothing);
        };
        let arn = arn.0;
        let tags = elb::tags_of(aws, &[&arn]).await?.into_values().next().unwrap_or_default();
        let what = format!("the listener {arn}");
        Ok(found::claim(intent, &what, &tags, ListenerOutputs { arn: ListenerArn::new(arn) }))
    }

    fn class_of(error: &CallError, operation: Operation) -> Class {
        elb::class_of(error, operation)
    }
}

impl Listener {
    fn protocol(&self) -> ProtocolEnum {
        if self.tls.is_some() { ProtocolEnum::Https } else { ProtocolEnum::Http }
    }

    fn certificates(&self) -> Option<Vec<Certificate>> {
        let tls = self.tls.as_ref()?;
        let arn = tls.certificate.known().as_str();
        Some(vec![Certificate::builder().certificate_arn(arn).build()])
    }
}

/// The load balancers that these are listeners of.
fn balancers(wanted: &[Was]) -> BTreeSet<&LoadBalancerArn> {
    wanted.iter().map(|was| was.args.load_balancer.known()).collect()
}

/// The listeners of a load balancer, by ARN; none where there is no such load balancer.
async fn of(aws: &Aws, balancer: &LoadBalancerArn) -> CallResult<BTreeMap<String, Description>> {
    let call = aws.elb().describe_listeners().load_balancer_arn(balancer.as_str());
    let answer = call.into_paginator().items().send().try_collect().await;
    let all = absent_is_none(answer.doing("reading listeners"))?.unwrap_or_default();
    let pair = |one: Description| Some((one.listener_arn.clone()?, one));
    Ok(all.into_iter().filter_map(pair).collect())
}

/// What AWS describes; the headers come by a call of their own.
fn described(was: &Was, one: &Description) -> Listener {
    let certificate = one.certificates().first().and_then(|one| one.certificate_arn());
    let tls = certificate.map(|arn| Tls {
        certificate: CertificateArn::new(arn).into(),
        policy: one.ssl_policy().unwrap_or_default().to_owned(),
    });
    let balancer = one.load_balancer_arn().map(|arn| LoadBalancerArn::new(arn).into());
    Listener {
        load_balancer: balancer.unwrap_or_else(|| was.args.load_balancer.clone()),
        port: one.port().and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
        tls,
        action: Action::described(one.default_actions()),
        strict_transport_security: None,
        server_header: true,
    }
}
