//! Validation of a certificate: <https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html>

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus};
use globecart_aws::engine::{
    Actions, Argument, CallResult, Facts, Found, Input, Intent, Live, Made, Order, Recorded,
    Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, CertificateArn};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::certificate::{described, failure};

/// That a certificate is issued: it makes nothing, and is ready once ACM has seen the record that validates it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct CertificateValidation {
    /// The certificate. A change replaces the validation.
    #[builder(setter(into))]
    pub certificate: Input<CertificateArn>,
}

outputs! {
    /// What a validation answers.
    pub struct CertificateValidationOutputs => CertificateValidationRefs {
        /// The certificate's ARN, once it is issued: what listeners take.
        certificate: CertificateArn,
    }
}

type Was = Recorded<CertificateValidation, CertificateValidationOutputs>;

impl Resource<Aws> for CertificateValidation {
    const TYPE: &'static str = "acm:CertificateValidation";
    const FACTS: Facts = Facts {
        tags: false,
        create_secs: 150,
        actions: Actions {
            create: &["acm:DescribeCertificate"],
            read: &["acm:DescribeCertificate"],
            update: &[],
            delete: &[],
        },
        ..Facts::DEFAULT
    };
    type Outputs = CertificateValidationOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    async fn create(
        &self,
        _aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Made<CertificateValidationOutputs>> {
        Ok(Made::pending(CertificateValidationOutputs { certificate: None }))
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, CertificateValidationOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let one = described(aws, was.args.certificate.known()).await?;
            live.push(one.map_or(Live::Absent, |one| read_one(was, &one)));
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len()
    }

    /// There is nothing to take away.
    async fn delete(_aws: &Aws, _gone: &[Was]) -> CallResult<Removal> {
        Ok(Removal::Gone)
    }

    /// There is nothing to find: to wait again costs nothing.
    async fn find(
        &self,
        _aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<CertificateValidationOutputs>> {
        Ok(Found::Nothing)
    }
}

fn read_one(
    was: &Was,
    one: &CertificateDetail,
) -> Live<CertificateValidation, CertificateValidationOutputs> {
    if let Some(why) = failure(one) {
        return Live::Failed(why);
    }
    match one.status() {
        Some(CertificateStatus::Issued) => Live::Ready {
            args: was.args.clone(),
            outputs: CertificateValidationOutputs {
                certificate: Some(was.args.certificate.known().clone()),
            },
            tags: Tags::new(),
        },
        status => Live::Pending(status.map_or("unknown", |status| status.as_str()).to_owned()),
    }
}
