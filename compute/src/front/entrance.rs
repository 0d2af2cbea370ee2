//! By what clients come in: listeners, certificate, names.

use globecart_aws::engine::{Input, Invalid, Part};
use globecart_aws::{CertificateArn, DnsName, HostedZoneId, Stack, Waived};

use super::{DomainOutputs, Front, HTTP, HTTPS};
use crate::{
    Action, Certificate, CertificateValidation, HostedZone, HostedZoneRefs, Listener, ListenerRefs,
    LoadBalancerRefs, RecordSet, RecordTarget, Tls, Zone, dns,
};

/// How long browsers keep to HTTPS after an answer: a year.
const HSTS: &str = "max-age=31536000; includeSubDomains";

/// By what clients come in.
#[derive(Debug, Clone, PartialEq)]
pub enum Entrance {
    /// HTTPS at a name, with a certificate that is made, validated by DNS and renewed.
    Https {
        /// The name, such as `shop.example`.
        domain: String,
        /// The hosted zone that the name is in.
        zone: DomainZone,
    },
    /// HTTPS with a certificate that is there; its names are somebody else's to lead here.
    Certificate {
        /// The name by which clients come.
        domain: String,
        /// The certificate, issued, of the same region.
        arn: Input<CertificateArn>,
    },
    /// HTTP in plain text, and why.
    PlainHttp(Waived),
}

/// Where the records of a name are kept.
#[derive(Debug, Clone, PartialEq)]
pub enum DomainZone {
    /// In the account's public hosted zone of this name, which is looked up.
    Named(String),
    /// In the hosted zone with this id.
    Id(Input<HostedZoneId>),
    /// In a hosted zone of this name that the stack makes. Nobody finds it before the domain's registrar, or the zone
    /// above it, names its name servers.
    Made(String),
}

impl Entrance {
    /// HTTPS at a name in the account's hosted zone of a name, which is looked up.
    pub fn https(domain: impl Into<String>, zone: impl Into<String>) -> Self {
        Self::Https { domain: domain.into(), zone: DomainZone::Named(zone.into()) }
    }

    /// HTTPS with a certificate that is there.
    pub fn certificate(domain: impl Into<String>, arn: impl Into<Input<CertificateArn>>) -> Self {
        Self::Certificate { domain: domain.into(), arn: arn.into() }
    }

    /// The ports that clients connect to, by name.
    pub(super) fn ports(&self) -> &'static [(&'static str, u16)] {
        match self {
            Self::PlainHttp(_) => &[("http", HTTP)],
            _ => &[("http", HTTP), ("https", HTTPS)],
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let domain = match self {
            Self::PlainHttp(_) => return Ok(()),
            Self::Https { domain, .. } | Self::Certificate { domain, .. } => domain,
        };
        dns::check("listener", domain)?;
        let Self::Https { zone: DomainZone::Named(zone) | DomainZone::Made(zone), .. } = self
        else {
            return Ok(());
        };
        dns::check("listener", zone)?;
        let inside = domain == zone || domain.ends_with(&format!(".{zone}"));
        if inside {
            return Ok(());
        }
        Err(Invalid::new("listener", format!("`{domain}` is not in the zone `{zone}`")))
    }
}

impl Front<'_> {
    /// Declares the certificate, and the records that validate it and lead to the load balancer.
    pub(super) fn domain(
        &self,
        stack: &mut Stack,
        balancer: &LoadBalancerRefs,
    ) -> Result<Option<DomainOutputs>, Invalid> {
        let Entrance::Https { domain, zone } = &self.listener else { return Ok(None) };
        let made = made_zone(stack, zone)?;
        let zone = match (zone, &made) {
            (_, Some(made)) => Zone::from(&made.id),
            (DomainZone::Id(id), _) => Zone::Id(id.clone()),
            (DomainZone::Named(name) | DomainZone::Made(name), _) => Zone::named(name),
        };
        let certificate = Certificate::builder().domain(domain).build();
        let certificate = stack.add("certificate", certificate)?;
        let value = certificate.record_value.clone();
        let record = RecordSet::builder()
            .zone(zone.clone())
            .name(certificate.record_name.clone())
            .target(RecordTarget::Cname { value, ttl_secs: 300 })
            .build();
        let validation_record = stack.add("certificate-record", record)?;
        let issued =
            CertificateValidation::builder().certificate(certificate.arn.accepted()).build();
        let issued = stack.add("certificate-issued", issued)?;
        stack.after(&issued, &validation_record);
        let target = RecordTarget::LoadBalancer {
            dns_name: balancer.dns_name.accepted(),
            zone: balancer.zone_id.accepted(),
            evaluate_health: true,
        };
        let name = DnsName::new(domain);
        let record = RecordSet::builder().zone(zone).name(name).target(target).build();
        let record = stack.add("record", record)?;
        Ok(Some(DomainOutputs { zone: made, certificate, validation_record, issued, record }))
    }

    /// Declares what listens, and the redirect to it.
    pub(super) fn listeners(
        &self,
        stack: &mut Stack,
        balancer: &LoadBalancerRefs,
        domain: Option<&DomainOutputs>,
    ) -> Result<(ListenerRefs, Option<ListenerRefs>), Invalid> {
        let listener = |port, action| {
            Listener::builder().load_balancer(balancer.arn.accepted()).port(port).action(action)
        };
        let nothing = Action::respond(404, "There is nothing here.");
        let certificate = match (&self.listener, domain) {
            (Entrance::PlainHttp(waived), _) => {
                waived.apply(stack, "listener", "encrypting what clients send and get")?;
                return Ok((stack.add("listener", listener(HTTP, nothing).build())?, None));
            }
            (Entrance::Certificate { arn, .. }, _) => arn.clone(),
            (Entrance::Https { .. }, Some(domain)) => domain.issued.certificate.clone(),
            (Entrance::Https { domain, .. }, None) => {
                return Err(Invalid::new("listener", format!("`{domain}` has no certificate")));
            }
        };
        let tls = Tls::builder().certificate(certificate).build();
        let https = listener(HTTPS, nothing).tls(tls).strict_transport_security(HSTS).build();
        let https = stack.add("listener", https)?;
        let redirect = listener(HTTP, Action::RedirectToHttps { port: HTTPS }).build();
        Ok((https, Some(stack.add("redirect", redirect)?)))
    }

    /// Where clients go.
    pub(super) fn url(&self, balancer: &LoadBalancerRefs) -> Input<String> {
        match &self.listener {
            Entrance::Https { domain, .. } | Entrance::Certificate { domain, .. } => {
                format!("https://{domain}").into()
            }
            Entrance::PlainHttp(_) => {
                let host = balancer.dns_name.accepted().part();
                Input::join([Part::from("http://")].into_iter().chain(host))
            }
        }
    }
}

fn made_zone(stack: &mut Stack, zone: &DomainZone) -> Result<Option<HostedZoneRefs>, Invalid> {
    let DomainZone::Made(name) = zone else { return Ok(None) };
    let comment = format!("Names of {}", stack.scope());
    let made = stack.add("zone", HostedZone::builder().name(name).comment(comment).build())?;
    stack.notice(format!(
        "the certificate of {name} is issued once its registrar, or the zone above it, names the name servers of the \
         hosted zone that is made"
    ));
    Ok(Some(made))
}
