//! Bucket: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership};
use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::lifecycle::LifecycleRule;
use super::{empty, settings};
use crate::policy::{PolicyDocument, Statement};
use crate::{Aws, BucketArn, BucketName, Doing, KeyArn, absent_is_fine, found};

/// A private bucket: public access is blocked, access lists are off, and only TLS is served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting that S3 has, on or off by itself"
)]
pub struct Bucket {
    /// The key that encrypts new objects. Default: S3's own keys (SSE-S3), as load balancers' access logs need.
    #[builder(default, setter(strip_option, into))]
    pub(super) kms_key: Option<Input<KeyArn>>,
    /// Whether earlier versions of objects are kept. Default: yes.
    #[builder(default = true)]
    pub(super) versioning: bool,
    /// When objects go by themselves, by rules with different ids. Default: unfinished uploads after 7 days.
    #[builder(default = vec![LifecycleRule::tidy()])]
    pub(super) lifecycle: Vec<LifecycleRule>,
    /// What the bucket's policy says besides refusing plain HTTP. Its resources are put behind the bucket's ARN:
    /// `/logs/*` is every key that begins with `logs/`, and an empty one the bucket itself. Default: nothing.
    #[builder(default = PolicyDocument::new([]))]
    pub(super) access: PolicyDocument,
    /// Whether deleting the bucket first deletes all that it holds. Default: no, it must be empty.
    #[builder(default)]
    pub(super) force_empty: bool,
    /// Always so; read back, to be restored where somebody lifts it.
    #[builder(default = true, setter(skip))]
    pub(super) public_access_blocked: bool,
    /// Always so; read back, to be restored where somebody lifts it.
    #[builder(default = true, setter(skip))]
    pub(super) acls_disabled: bool,
    /// Always so; read back, to be restored where somebody lifts it.
    #[builder(default = true, setter(skip))]
    pub(super) only_tls: bool,
}

outputs! {
    /// What a bucket answers.
    pub struct BucketOutputs => BucketRefs {
        /// Its name.
        accepted name: BucketName,
        /// Its ARN.
        accepted arn: BucketArn,
    }
}

const NAME: NameRule = NameRule::new(63).lower();

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the bucket";

type Was = Recorded<Bucket, BucketOutputs>;

impl Resource<Aws> for Bucket {
    const TYPE: &'static str = "s3:Bucket";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 2,
        quota: Some(("General purpose buckets per account", 10_000)),
        actions: Actions {
            create: &[
                "s3:CreateBucket",
                "s3:PutBucketTagging",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketOwnershipControls",
                "s3:PutEncryptionConfiguration",
                "s3:PutBucketVersioning",
                "s3:PutLifecycleConfiguration",
                "s3:PutBucketPolicy",
                "s3:GetBucketTagging",
            ],
            read: &[
                "s3:GetBucketTagging",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketOwnershipControls",
                "s3:GetEncryptionConfiguration",
                "s3:GetBucketVersioning",
                "s3:GetLifecycleConfiguration",
                "s3:GetBucketPolicy",
            ],
            update: &[
                "s3:PutBucketTagging",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketOwnershipControls",
                "s3:PutEncryptionConfiguration",
                "s3:PutBucketVersioning",
                "s3:PutLifecycleConfiguration",
                "s3:PutBucketPolicy",
            ],
            delete: &[
                "s3:DeleteBucket",
                "s3:ListBucketVersions",
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:ListBucketMultipartUploads",
                "s3:AbortMultipartUpload",
            ],
        },
        ..Facts::DEFAULT
    };
    type Outputs = BucketOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::InPlace(Effect::AtOnce)
    }

    fn loss(&self) -> Option<String> {
        Some("the objects in the bucket, all versions".to_owned())
    }

    fn check(&self) -> Result<(), Invalid> {
        self.lifecycle.iter().try_for_each(LifecycleRule::check)?;
        let mut ids: Vec<&str> = self.lifecycle.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        if let Some([twice, ..]) = ids.windows(2).find(|pair| pair.first() == pair.last()) {
            return Err(Invalid::new("lifecycle", format!("has two rules with the id `{twice}`")));
        }
        if self.access.statements().is_empty() {
            Ok(())
        } else {
            self.access.check_resource("access", 20_480)
        }
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<BucketOutputs>> {
        let outputs = outputs_of(aws, intent);
        let tagged =
            CreateBucketConfiguration::builder().set_tags(Some(settings::sdk_tags(intent.tags())?));
        // The first region is the one that must not be named.
        let configuration = match aws.place().region.as_str() {
            "us-east-1" => tagged,
            region => tagged.location_constraint(BucketLocationConstraint::from(region)),
        };
        let call = (aws.s3().create_bucket())
            .bucket(outputs.name.as_str())
            .create_bucket_configuration(configuration.build())
            .object_ownership(ObjectOwnership::BucketOwnerEnforced);
        call.send().await.doing(CREATING)?;
        settings::write(self, aws, &outputs, None).await?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, BucketOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let Some(tags) = settings::read_tags(aws, was.outputs.name.as_str()).await? else {
                live.push(Live::Absent);
                continue;
            };
            let args = settings::read(&was.args, aws, &was.outputs).await?;
            live.push(Live::Ready { args, outputs: was.outputs.clone(), tags });
        }
        Ok(live)
    }

    /// Six settings and the tags have a call each.
    fn read_calls(wanted: &[Was]) -> usize {
        7 * wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<BucketOutputs>> {
        settings::write(self, aws, &old.outputs, Some(&old.args)).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let name = of.outputs.name.as_str();
        let mut tags = settings::read_tags(aws, name).await?.unwrap_or_default();
        tags.extend(set.clone());
        tags.retain(|key, _| !unset.contains(key));
        settings::write_tags(aws, name, &tags).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            absent_is_fine(delete_bucket(aws, was).await)?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<BucketOutputs>> {
        let outputs = outputs_of(aws, intent);
        let what = format!("bucket {}", outputs.name);
        match settings::read_tags(aws, outputs.name.as_str()).await {
            Ok(None) => Ok(Found::Nothing),
            Ok(Some(tags)) => Ok(found::claim(intent, &what, &tags, outputs)),
            // Names are unique among all accounts.
            Err(error) if error.class == Class::Denied => {
                Ok(Found::Foreign(format!("{what} of another account")))
            }
            Err(error) => Err(error),
        }
    }

    /// A role in the policy that was made just now is not known everywhere yet.
    fn class_of(error: &CallError, _operation: Operation) -> Class {
        if error.message.contains("Invalid principal in policy") {
            Class::Propagation
        } else {
            error.class
        }
    }
}

impl Bucket {
    /// Adds a statement to what the policy says, unless it has the very same one.
    pub fn allow(&mut self, statement: Statement) {
        self.access.add(statement);
    }

    /// The whole policy, on the bucket itself.
    pub(super) fn policy(&self, of: &BucketOutputs) -> PolicyDocument {
        let tls = only_tls();
        let all = [&tls].into_iter().chain(self.access.statements());
        PolicyDocument::new(all.map(|statement| statement.clone().within(of.arn.as_str())))
    }
}

/// What every bucket's policy says.
pub(super) fn only_tls() -> Statement {
    Statement::refuse_plain_http(["s3:*"]).on("").on("/*")
}

fn outputs_of(aws: &Aws, intent: &Intent) -> BucketOutputs {
    let name = intent.name(&NAME);
    let arn = format!("arn:{}:s3:::{name}", aws.place().partition);
    BucketOutputs { name: BucketName::new(name), arn: BucketArn::new(arn) }
}

/// What is written while the bucket is emptied makes the delete fail, so then it is tried again.
async fn delete_bucket(aws: &Aws, was: &Was) -> CallResult<()> {
    let name = was.outputs.name.as_str();
    if was.args.force_empty {
        empty::empty(aws, name).await?;
    }
    let call =
        aws.s3().delete_bucket().bucket(name).expected_bucket_owner(aws.place().account.as_str());
    call.send().await.map(|_| ()).doing("deleting the bucket").map_err(|error| {
        match error.code.as_deref() {
            Some("BucketNotEmpty") if was.args.force_empty => {
                CallError { class: Class::Dependency, ..error }
            }
            Some("BucketNotEmpty") => {
                let message =
                    "the bucket is not empty; set `force_empty` to delete what it holds with it"
                        .to_owned();
                CallError { class: Class::Invalid, message, ..error }
            }
            _ => error,
        }
    })
}
