//! Certificate: <https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html>

use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, Filters, KeyAlgorithm as SdkAlgorithm, Tag,
    ValidationMethod,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Facts, Found, Intent, Invalid, Live, Made,
    Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, CertificateArn, DnsName, Doing, absent_is_fine, absent_is_none, found};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::dns;

/// A public certificate that is validated by DNS. It is ready when ACM has said which record shows that the domain is
/// yours; [`CertificateValidation`](crate::CertificateValidation) waits until it is issued. ACM renews it by itself for
/// as long as the record is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Certificate {
    /// The name that it is for, such as `shop.example`. A change replaces it.
    #[builder(setter(into))]
    pub domain: String,
    /// Whether it is also for every name one level below. Default: no. A change replaces it.
    #[builder(default)]
    pub wildcard: bool,
    /// Its key. Default: RSA with 2,048 bits, which every client takes. A change replaces it.
    #[builder(default)]
    pub key: KeyAlgorithm,
}

/// The key of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAlgorithm {
    /// RSA with 2,048 bits.
    #[default]
    Rsa2048,
    /// Elliptic curve P-256.
    EcP256,
    /// Elliptic curve P-384.
    EcP384,
}

outputs! {
    /// What a certificate answers.
    pub struct CertificateOutputs => CertificateRefs {
        /// Its ARN.
        accepted arn: CertificateArn,
        /// The name of the record that validates it.
        record_name: DnsName,
        /// What that record says: it is a CNAME.
        record_value: DnsName,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "requesting the certificate";

type Was = Recorded<Certificate, CertificateOutputs>;

impl Resource<Aws> for Certificate {
    const TYPE: &'static str = "acm:Certificate";
    const FACTS: Facts = Facts {
        create_secs: 2,
        quota: Some(("ACM certificates", 2500)),
        actions: Actions {
            create: &[
                "acm:RequestCertificate",
                "acm:AddTagsToCertificate",
                "acm:DescribeCertificate",
                "acm:ListCertificates",
                "acm:ListTagsForCertificate",
            ],
            read: &["acm:DescribeCertificate", "acm:ListTagsForCertificate"],
            update: &["acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate"],
            delete: &["acm:DeleteCertificate"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = CertificateOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    fn check(&self) -> Result<(), Invalid> {
        dns::check("domain", &self.domain)
    }

    /// The same request with the same token answers the same certificate for an hour.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<CertificateOutputs>> {
        let others = self.wildcard.then(|| vec![format!("*.{}", self.domain)]);
        let call = (aws.acm().request_certificate())
            .domain_name(&self.domain)
            .set_subject_alternative_names(others)
            .validation_method(ValidationMethod::Dns)
            .key_algorithm(self.key.in_api())
            .idempotency_token(intent.token())
            .set_tags(Some(tags_in_api(intent.tags())));
        let arn = call.send().await.doing(CREATING)?.certificate_arn;
        let incomplete = || CallError::new(Class::Other, CREATING, "AWS answered no ARN");
        Ok(Made::pending(outputs_of(arn.ok_or_else(incomplete)?)))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, CertificateOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match described(aws, &was.outputs.arn).await? {
                None => Live::Absent,
                Some(one) => read_one(aws, was, &one).await?,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        2 * wanted.len()
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call = aws.acm().add_tags_to_certificate().certificate_arn(arn);
            let call = call.set_tags(Some(tags_in_api(set)));
            call.send().await.doing("setting the certificate's tags")?;
        }
        if !unset.is_empty() {
            let keys = unset.iter().filter_map(|key| Tag::builder().key(key).build().ok());
            let call = aws.acm().remove_tags_from_certificate().certificate_arn(arn);
            let call = call.set_tags(Some(keys.collect()));
            call.send().await.doing("removing the certificate's tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.acm().delete_certificate().certificate_arn(was.outputs.arn.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the certificate"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<CertificateOutputs>> {
        // Without a filter, certificates with other keys than the usual are left out.
        let keys = Filters::builder().key_types(self.key.in_api()).build();
        let call = aws.acm().list_certificates().includes(keys).into_paginator().items();
        let all = call.send().try_collect().await.doing("looking for the certificate")?;
        for one in all.iter().filter(|one| one.domain_name() == Some(&self.domain)) {
            let Some(arn) = one.certificate_arn() else { continue };
            if found::is_made_by(intent, &tags_of(aws, arn).await?) {
                return Ok(Found::Ours(outputs_of(arn)));
            }
        }
        Ok(Found::Nothing)
    }
}

impl KeyAlgorithm {
    fn in_api(self) -> SdkAlgorithm {
        match self {
            Self::Rsa2048 => SdkAlgorithm::Rsa2048,
            Self::EcP256 => SdkAlgorithm::EcPrime256v1,
            Self::EcP384 => SdkAlgorithm::EcSecp384r1,
        }
    }

    fn described(one: Option<&SdkAlgorithm>) -> Self {
        match one {
            Some(SdkAlgorithm::EcPrime256v1) => Self::EcP256,
            Some(SdkAlgorithm::EcSecp384r1) => Self::EcP384,
            _ => Self::Rsa2048,
        }
    }
}

fn outputs_of(arn: impl Into<String>) -> CertificateOutputs {
    CertificateOutputs { arn: CertificateArn::new(arn), record_name: None, record_value: None }
}

fn tags_in_api(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().filter_map(|pair| tag(pair).ok()).collect()
}

async fn tags_of(aws: &Aws, arn: &str) -> CallResult<Tags> {
    let call = aws.acm().list_tags_for_certificate().certificate_arn(arn).send().await;
    let answer = absent_is_none(call.doing("reading the certificate's tags"))?;
    let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

/// A certificate; `None` where there is none.
pub(crate) async fn described(
    aws: &Aws,
    arn: &CertificateArn,
) -> CallResult<Option<CertificateDetail>> {
    let call = aws.acm().describe_certificate().certificate_arn(arn.as_str()).send().await;
    let answer = absent_is_none(call.doing("reading the certificate"))?;
    Ok(answer.and_then(|answer| answer.certificate))
}

/// Why a certificate will never be of use.
pub(crate) fn failure(one: &CertificateDetail) -> Option<String> {
    let status = one.status()?;
    match status {
        CertificateStatus::Failed => {
            let reason = one.failure_reason().map_or("for no reason that ACM gives", |it| it.as_str());
            Some(format!("ACM does not issue it: {reason}"))
        }
        CertificateStatus::ValidationTimedOut => Some(
            "nobody answered the record that validates it within 72 hours; see to it that the domain's registrar \
             names the name servers of its hosted zone, and replace the certificate"
                .to_owned(),
        ),
        CertificateStatus::Expired | CertificateStatus::Revoked | CertificateStatus::Inactive => {
            Some(format!("ACM reports the status {}", status.as_str()))
        }
        _ => None,
    }
}

async fn read_one(
    aws: &Aws,
    was: &Was,
    one: &CertificateDetail,
) -> CallResult<Live<Certificate, CertificateOutputs>> {
    if let Some(why) = failure(one) {
        return Ok(Live::Failed(why));
    }
    let options = one.domain_validation_options();
    let Some(record) = options.first().and_then(|option| option.resource_record()) else {
        return Ok(Live::Pending("ACM has not said yet which record validates it".to_owned()));
    };
    let domain = one.domain_name().unwrap_or_default().to_owned();
    let wildcard = format!("*.{domain}");
    let outputs = CertificateOutputs {
        arn: was.outputs.arn.clone(),
        record_name: Some(DnsName::new(record.name())),
        record_value: Some(DnsName::new(record.value())),
    };
    let args = Certificate {
        wildcard: one.subject_alternative_names().contains(&wildcard),
        key: KeyAlgorithm::described(one.key_algorithm()),
        domain,
    };
    let tags = tags_of(aws, was.outputs.arn.as_str()).await?;
    Ok(Live::Ready { args, outputs, tags })
}
