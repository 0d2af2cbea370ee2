//! Logging of a web ACL: <https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html>

use std::collections::BTreeSet;

use aws_sdk_wafv2::error::BuildError;
use aws_sdk_wafv2::types::{FieldToMatch, LoggingConfiguration, SingleHeader};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, LogGroupArn, WebAclArn, absent_is_fine, absent_is_none};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

/// Where a web ACL writes down what it looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct WebAclLogging {
    /// The web ACL. A change replaces the configuration.
    #[builder(setter(into))]
    pub web_acl: Input<WebAclArn>,
    /// The log group, whose name begins with `aws-waf-logs-`. Changed in place, as the headers.
    #[builder(setter(into))]
    pub log_group: Input<LogGroupArn>,
    /// Headers whose values are not written down, in small letters, up to 100. Default: `authorization` and `cookie`.
    #[builder(default = ["authorization", "cookie"].map(str::to_owned).into())]
    pub redacted_headers: BTreeSet<String>,
}

outputs! {
    /// What a logging configuration answers.
    pub struct WebAclLoggingOutputs => WebAclLoggingRefs {
        /// The web ACL, now that it writes.
        accepted web_acl: WebAclArn,
    }
}

type Was = Recorded<WebAclLogging, WebAclLoggingOutputs>;

impl Resource<Aws> for WebAclLogging {
    const TYPE: &'static str = "wafv2:LoggingConfiguration";
    const FACTS: Facts = Facts {
        tags: false,
        actions: Actions {
            create: &[
                "wafv2:PutLoggingConfiguration",
                "wafv2:GetLoggingConfiguration",
                "logs:CreateLogDelivery",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
                "iam:CreateServiceLinkedRole",
            ],
            read: &["wafv2:GetLoggingConfiguration"],
            update: &["wafv2:PutLoggingConfiguration", "logs:CreateLogDelivery"],
            delete: &["wafv2:DeleteLoggingConfiguration", "logs:DeleteLogDelivery"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = WebAclLoggingOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "web_acl" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        let small = |name: &String| {
            !name.is_empty() && name.len() <= 64 && !name.chars().any(|c| c.is_ascii_uppercase())
        };
        if self.redacted_headers.len() > 100 || !self.redacted_headers.iter().all(small) {
            let problem = "must be up to 100 names in small letters of at most 64";
            return Err(Invalid::new("redacted_headers", problem));
        }
        Ok(())
    }

    /// Takes the place of whatever configuration there is, so a repeat changes nothing.
    async fn create(&self, aws: &Aws, _intent: &Intent) -> CallResult<Made<WebAclLoggingOutputs>> {
        let doing = "setting where the web ACL writes";
        let configuration = self
            .in_api()
            .map_err(|error| CallError::new(Class::Invalid, doing, error.to_string()))?;
        let call = aws.waf().put_logging_configuration().logging_configuration(configuration);
        call.send().await.doing(doing)?;
        Ok(Made::ready(self.outputs()))
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, WebAclLoggingOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let one = got(aws, &was.outputs.web_acl).await?;
            live.push(one.map_or(Live::Absent, |one| Live::Ready {
                args: described(&was.args, &one),
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
    ) -> CallResult<Made<WebAclLoggingOutputs>> {
        self.create(aws, intent).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let arn = was.outputs.web_acl.as_str();
            let call = aws.waf().delete_logging_configuration().resource_arn(arn).send().await;
            absent_is_fine(call.map(|_| ()).doing("ending the web ACL's logging"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<WebAclLoggingOutputs>> {
        let live = got(aws, self.web_acl.known()).await?;
        let ours = live.is_some_and(|live| described(self, &live) == *self);
        Ok(if ours { Found::Ours(self.outputs()) } else { Found::Nothing })
    }

    /// The policy by which logs are delivered was written just now.
    fn class_of(error: &CallError, _operation: Operation) -> Class {
        match error.code.as_deref() {
            Some("WAFLogDestinationPermissionIssueException" | "WAFUnavailableEntityException") => {
                Class::Propagation
            }
            _ => error.class,
        }
    }
}

impl WebAclLogging {
    fn outputs(&self) -> WebAclLoggingOutputs {
        WebAclLoggingOutputs { web_acl: self.web_acl.known().clone() }
    }

    fn in_api(&self) -> Result<LoggingConfiguration, BuildError> {
        let redacted = self.redacted_headers.iter().map(|name| {
            let header = SingleHeader::builder().name(name).build()?;
            Ok(FieldToMatch::builder().single_header(header).build())
        });
        let redacted = redacted.collect::<Result<Vec<_>, BuildError>>()?;
        LoggingConfiguration::builder()
            .resource_arn(self.web_acl.known().as_str())
            .log_destination_configs(self.log_group.known().as_str())
            .set_redacted_fields((!redacted.is_empty()).then_some(redacted))
            .build()
    }
}

async fn got(aws: &Aws, web_acl: &WebAclArn) -> CallResult<Option<LoggingConfiguration>> {
    let call = aws.waf().get_logging_configuration().resource_arn(web_acl.as_str()).send().await;
    let answer = absent_is_none(call.doing("reading where the web ACL writes"))?;
    Ok(answer.and_then(|answer| answer.logging_configuration))
}

fn described(of: &WebAclLogging, one: &LoggingConfiguration) -> WebAclLogging {
    let arn = one.log_destination_configs().first().map(String::as_str).unwrap_or_default();
    let header = |field: &FieldToMatch| field.single_header().map(|one| one.name().to_owned());
    WebAclLogging {
        web_acl: of.web_acl.clone(),
        log_group: LogGroupArn::new(arn.strip_suffix(":*").unwrap_or(arn)).into(),
        redacted_headers: one.redacted_fields().iter().filter_map(header).collect(),
    }
}
