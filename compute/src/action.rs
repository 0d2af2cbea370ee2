//! What listeners and rules do with requests:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html>

use aws_sdk_elasticloadbalancingv2::types::{
    Action as SdkAction, ActionTypeEnum, FixedResponseActionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum,
};
use globecart_aws::TargetGroupArn;
use globecart_aws::engine::{Input, Invalid};
use serde::{Deserialize, Serialize};

/// What is done with a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A target of this group gets it.
    Forward(Input<TargetGroupArn>),
    /// The client is sent to the same place by HTTPS, for good.
    RedirectToHttps {
        /// The port there.
        port: u16,
    },
    /// The load balancer answers by itself.
    Respond {
        /// The HTTP status: 200 to 299, or 400 to 599.
        status: u16,
        /// The type of the text: `text/plain`, `text/css`, `text/html`, `application/javascript` or `application/json`.
        content_type: String,
        /// The text, up to 1,024 bytes.
        body: String,
    },
    /// Something that was set by hand and that this type cannot say, in words.
    Other(String),
}

impl Action {
    /// A target of this group gets the request.
    pub fn forward(group: impl Into<Input<TargetGroupArn>>) -> Self {
        Self::Forward(group.into())
    }

    /// The load balancer answers by itself, with a plain text.
    pub fn respond(status: u16, text: impl Into<String>) -> Self {
        Self::Respond { status, content_type: "text/plain".to_owned(), body: text.into() }
    }

    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        const TYPES: [&str; 5] =
            ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
        match self {
            Self::Respond { status, content_type, body } => {
                if !matches!(status, 200..=299 | 400..=599) {
                    let problem = format!("the status {status} must be 200 to 299 or 400 to 599");
                    return Err(Invalid::new(field, problem));
                }
                if !TYPES.contains(&content_type.as_str()) {
                    let problem = format!("`{content_type}` must be one of {}", TYPES.join(", "));
                    return Err(Invalid::new(field, problem));
                }
                if body.len() > 1024 {
                    let problem = format!("a text of {} bytes, where AWS takes 1,024", body.len());
                    return Err(Invalid::new(field, problem));
                }
                Ok(())
            }
            Self::Other(words) => {
                Err(Invalid::new(field, format!("`{words}` is what is read, not declared")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn in_api(&self) -> SdkAction {
        let action = SdkAction::builder();
        match self {
            Self::Forward(group) => action
                .r#type(ActionTypeEnum::Forward)
                .target_group_arn(group.known().as_str())
                .build(),
            Self::RedirectToHttps { port } => {
                let config = RedirectActionConfig::builder()
                    .protocol("HTTPS")
                    .port(port.to_string())
                    .status_code(RedirectActionStatusCodeEnum::Http301)
                    .build();
                action.r#type(ActionTypeEnum::Redirect).redirect_config(config).build()
            }
            Self::Respond { status, content_type, body } => {
                let config = FixedResponseActionConfig::builder()
                    .status_code(status.to_string())
                    .content_type(content_type)
                    .message_body(body)
                    .build();
                action.r#type(ActionTypeEnum::FixedResponse).fixed_response_config(config).build()
            }
            Self::Other(_) => action.build(),
        }
    }

    /// What AWS describes.
    pub(crate) fn described(actions: &[SdkAction]) -> Self {
        let other = || Self::Other(format!("{actions:?}"));
        let [action] = actions else { return other() };
        if let Some(config) = action.redirect_config() {
            let kept = [config.host(), config.path(), config.query()]
                == [Some("#{host}"), Some("/#{path}"), Some("#{query}")];
            let forever = config.status_code() == Some(&RedirectActionStatusCodeEnum::Http301);
            let port = config.port().and_then(|port| port.parse().ok());
            return match (config.protocol(), port) {
                (Some("HTTPS"), Some(port)) if kept && forever => Self::RedirectToHttps { port },
                _ => other(),
            };
        }
        if let Some(config) = action.fixed_response_config() {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            return Self::Respond {
                status: config.status_code().and_then(|code| code.parse().ok()).unwrap_or_default(),
                content_type: text(config.content_type()),
                body: text(config.message_body()),
            };
        }
        match action.target_group_arn() {
            Some(arn) => Self::forward(TargetGroupArn::new(arn)),
            None => other(),
        }
    }
}
