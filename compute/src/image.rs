//! Which image a container runs: by its digest, so that every task runs the same.

use aws_sdk_ecr::types::ImageIdentifier;
use globecart_aws::engine::{CallError, CallResult, Class, Input, Invalid};
use globecart_aws::{Aws, Doing, EcrRepositoryName, absent_is_none};
use serde::{Deserialize, Serialize};

/// An image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Image {
    /// By its digest, as in `public.ecr.aws/shop/web@sha256:…`.
    Digest(String),
    /// By a tag in a repository of this account and region. A plan looks up which digest the tag leads to; when that
    /// is another one than what runs, the image changes.
    EcrTag {
        /// The repository's name.
        repository: Input<EcrRepositoryName>,
        /// The tag.
        tag: String,
    },
    /// By a name that may lead to another image tomorrow. A task that starts later may run something else than the others.
    Floating(String),
}

/// The length of a SHA-256 digest in hexadecimal digits.
const DIGITS: usize = 64;

impl Image {
    /// By its digest.
    pub fn digest(name: impl Into<String>) -> Self {
        Self::Digest(name.into())
    }

    /// By a tag in a repository of this account and region.
    pub fn in_ecr(repository: impl Into<Input<EcrRepositoryName>>, tag: impl Into<String>) -> Self {
        Self::EcrTag { repository: repository.into(), tag: tag.into() }
    }

    /// Whether it comes from a private registry of ECR, for which a task needs permission.
    pub fn is_private(&self) -> bool {
        match self {
            Self::EcrTag { .. } => true,
            Self::Digest(name) | Self::Floating(name) => name.contains(".dkr.ecr."),
        }
    }

    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        match self {
            Self::Digest(name) => match name.split_once("@sha256:") {
                Some((repository, digest))
                    if !repository.is_empty()
                        && digest.len() == DIGITS
                        && digest.chars().all(|c| c.is_ascii_hexdigit()) =>
                {
                    Ok(())
                }
                _ => Err(Invalid::new(
                    field,
                    format!(
                        "`{name}` must end in `@sha256:` and 64 hexadecimal digits; for a tag outside of ECR say `Floating`, and why"
                    ),
                )),
            },
            Self::EcrTag { tag, .. } | Self::Floating(tag) if tag.is_empty() => {
                Err(Invalid::new(field, "must not be empty"))
            }
            Self::EcrTag { .. } | Self::Floating(_) => Ok(()),
        }
    }

    /// The name under which tasks pull it, all looked up.
    pub(crate) async fn resolved(&self, aws: &Aws) -> CallResult<String> {
        let doing = "looking up the image";
        match self {
            Self::Digest(name) | Self::Floating(name) => Ok(name.clone()),
            Self::EcrTag { repository, tag } => {
                let repository = repository.known();
                let digest = digest_of(aws, repository, tag).await?.ok_or_else(|| {
                    let message =
                        format!("the repository {repository} has no image with the tag `{tag}`");
                    CallError::new(Class::Invalid, doing, message)
                })?;
                Ok(name_of(aws, repository, &digest))
            }
        }
    }

    /// The image of a live container, as it was declared if that is what it still leads to.
    pub(crate) async fn described(&self, aws: &Aws, live: &str) -> CallResult<Self> {
        match self {
            Self::Floating(name) if name == live => Ok(self.clone()),
            Self::EcrTag { repository, tag } => {
                let repository = repository.known();
                // A tag that is gone cannot say that anything else should run.
                let same = (digest_of(aws, repository, tag).await?)
                    .is_none_or(|digest| name_of(aws, repository, &digest) == live);
                Ok(if same { self.clone() } else { Self::Digest(live.to_owned()) })
            }
            _ => Ok(Self::Digest(live.to_owned())),
        }
    }
}

fn name_of(aws: &Aws, repository: &EcrRepositoryName, digest: &str) -> String {
    let place = aws.place();
    format!("{}.dkr.ecr.{}.amazonaws.com/{repository}@{digest}", place.account, place.region)
}

/// The digest that a tag leads to now.
async fn digest_of(
    aws: &Aws,
    repository: &EcrRepositoryName,
    tag: &str,
) -> CallResult<Option<String>> {
    let call = (aws.ecr().describe_images())
        .repository_name(repository.as_str())
        .image_ids(ImageIdentifier::builder().image_tag(tag).build());
    let answer = absent_is_none(call.send().await.doing("looking up the image"))?;
    let details = answer.and_then(|answer| answer.image_details).unwrap_or_default();
    Ok(details.into_iter().next().and_then(|image| image.image_digest))
}
