//! What a front offers to services, and how they come behind it.

use globecart_aws::ec2::{SecurityGroupRefs, SecurityGroupRuleRefs};
use globecart_aws::engine::{Addressed, Input};
use globecart_aws::s3::BucketRefs;
use globecart_aws::{AlarmName, AlertRoute, Stack, VpcId};

use super::FirewallOutputs;
use crate::{
    CertificateRefs, CertificateValidationRefs, HostedZoneRefs, ListenerRefs, LoadBalancerRefs,
    RecordSetRefs,
};

/// What was made of a [`Front`](crate::Front).
#[derive(Debug, Clone)]
pub struct FrontOutputs {
    /// Where clients go, as in `https://shop.example`.
    pub url: Input<String>,
    /// The load balancer.
    pub load_balancer: LoadBalancerRefs,
    /// The listener whose rules lead to services.
    pub listener: ListenerRefs,
    /// The listener that sends clients from HTTP to HTTPS.
    pub redirect: Option<ListenerRefs>,
    /// The security group of the load balancer's nodes; [`FrontOutputs::route`] opens the way out of it.
    pub security_group: SecurityGroupRefs,
    /// The rules by which clients come in.
    pub ingress: Vec<SecurityGroupRuleRefs>,
    /// Certificate and names, where the stack makes them.
    pub domain: Option<DomainOutputs>,
    /// The firewall, where there is one.
    pub firewall: Option<FirewallOutputs>,
    /// The bucket with a line for each request and each connection.
    pub log_bucket: Option<BucketRefs>,
    /// The alarms that watch it.
    pub alarms: Vec<Input<AlarmName>>,
    pub(super) vpc: Input<VpcId>,
    /// What it is called in the descriptions of rules.
    pub(super) scope: String,
    pub(super) alerts: Option<AlertRoute>,
}

/// What was made of the name of a [`Front`](crate::Front).
#[derive(Debug, Clone)]
pub struct DomainOutputs {
    /// The hosted zone, where the stack makes it.
    pub zone: Option<HostedZoneRefs>,
    /// The certificate.
    pub certificate: CertificateRefs,
    /// The record that validates it.
    pub validation_record: RecordSetRefs,
    /// That it is issued.
    pub issued: CertificateValidationRefs,
    /// The record that leads to the load balancer.
    pub record: RecordSetRefs,
}

impl FrontOutputs {
    /// Makes `later` wait until clients can come in, and keeps it so until `later` is gone.
    pub fn wait_for_entrance(&self, stack: &mut Stack, later: &impl Addressed) {
        stack.after(later, &self.listener);
        stack.after(later, &self.load_balancer);
        if let Some(firewall) = &self.firewall {
            stack.after(later, &firewall.association);
        }
    }
}
