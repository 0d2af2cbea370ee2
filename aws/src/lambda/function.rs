//! Function: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>

use std::collections::BTreeMap;

use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use super::code::Code;
use crate::{
    Aws, Doing, FunctionArn, FunctionName, KeyArn, LogGroupName, RoleArn, SecurityGroupId,
    SubnetId, absent_is_fine, found,
};

mod change;
mod live;
mod request;

/// A function whose code is a zip file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Function {
    /// What it runs. Another file is uploaded when `source` says so, never because of its place.
    pub code: Code,
    /// What the code was built from, such as a hash of its sources: 1 to 256 letters, digits, spaces and `_.:/=+-@`. It
    /// is kept in the tag `globecart:source`. A change uploads the code.
    #[builder(setter(into))]
    pub source: String,
    /// What it is for, up to 256 characters.
    #[builder(setter(into))]
    pub description: String,
    /// The role that it acts as.
    #[builder(setter(into))]
    pub role: Input<RoleArn>,
    /// What runs it. Default: `provided.al2023`, for programs that bring everything.
    #[builder(default = "provided.al2023".to_owned(), setter(into))]
    pub runtime: String,
    /// What is called in it. Default: `bootstrap`.
    #[builder(default = "bootstrap".to_owned(), setter(into))]
    pub handler: String,
    /// The processors that its code is for. A change uploads the code. Default: x86.
    #[builder(default)]
    pub architecture: Architecture,
    /// Where its network interfaces are. Default: outside of any VPC.
    #[builder(default, setter(strip_option))]
    pub network: Option<FunctionNetwork>,
    /// What it finds in its environment; nothing secret, because everything of it is recorded. Default: nothing.
    #[builder(default)]
    pub environment: BTreeMap<String, Input<String>>,
    /// The key that encrypts the environment. Default: AWS's own.
    #[builder(default, setter(strip_option, into))]
    pub kms_key: Option<Input<KeyArn>>,
    /// After how many seconds an invocation is given up, 1 to 900. Default: 30.
    #[builder(default = 30)]
    pub timeout_secs: u16,
    /// How much memory it has, 128 to 10,240 MB; its share of a processor follows. Default: 128.
    #[builder(default = 128)]
    pub memory_mb: u16,
    /// How many invocations may run at once, taken from what the account has. Default: as many as the account has.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    pub reserved_concurrency: Option<u32>,
    /// Where its log goes. Default: to the group that Lambda makes by itself.
    #[builder(default, setter(strip_option, into))]
    pub log_group: Option<Input<LogGroupName>>,
    /// The form of its log. Default: plain text.
    #[builder(default)]
    pub log_format: LogFormat,
}

/// The processors that a function runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// Intel's and AMD's.
    #[default]
    X86_64,
    /// AWS's own.
    Arm64,
}

/// The form of a function's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines as they are written.
    #[default]
    Text,
    /// Each line an object.
    Json,
}

/// Where a function's network interfaces are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionNetwork {
    /// The subnets, at least one.
    pub subnets: Vec<Input<SubnetId>>,
    /// The security groups, at least one.
    pub security_groups: Vec<Input<SecurityGroupId>>,
}

outputs! {
    /// What a function answers.
    pub struct FunctionOutputs => FunctionRefs {
        /// Its name.
        accepted name: FunctionName,
        /// Its ARN.
        accepted arn: FunctionArn,
    }
}

const NAME: NameRule = NameRule::new(64).allow("_");

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the function";

/// The tag with what the code was built from.
const SOURCE: &str = "globecart:source";

/// The tag with the hash of the package that has this source: somebody else's package has another one.
const SHA256: &str = "globecart:sha256";

type Was = Recorded<Function, FunctionOutputs>;

impl Resource<Aws> for Function {
    const TYPE: &'static str = "lambda:Function";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 120,
        update_secs: 5,
        // The network interfaces go by themselves, long after the function.
        delete_secs: 1040,
        actions: Actions {
            create: &[
                "lambda:CreateFunction",
                "lambda:TagResource",
                "lambda:PutFunctionConcurrency",
                "lambda:GetFunction",
                "iam:PassRole",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
            ],
            read: &["lambda:GetFunction", "ec2:DescribeNetworkInterfaces"],
            update: &[
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
                "lambda:PutFunctionConcurrency",
                "lambda:DeleteFunctionConcurrency",
                "lambda:TagResource",
                "lambda:UntagResource",
                "iam:PassRole",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
            ],
            delete: &["lambda:DeleteFunction", "ec2:DescribeNetworkInterfaces"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = FunctionOutputs;

    /// Where the package is on this machine means nothing to the function.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "code" => Argument::Initial,
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        self.checked()
    }

    fn steps(&self, old: &Self) -> Vec<String> {
        self.steps_from(old)
    }

    /// How many invocations may run at once is told to Lambda once the function is there.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<FunctionOutputs>> {
        let package = self.code.package()?;
        let outputs = named(aws, intent);
        let call = self.creation(aws, &outputs, intent.tags(), package);
        call.send().await.doing(CREATING)?;
        Ok(match self.reserved_concurrency {
            Some(_) => Made::step(outputs),
            None => Made::pending(outputs),
        })
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, FunctionOutputs>>> {
        let mut all = Vec::with_capacity(wanted.len());
        for was in wanted {
            all.push(match live::described(aws, was.outputs.name.as_str()).await? {
                Some(function) => live::of(was, function),
                None => live::gone(aws, was).await?,
            });
        }
        Ok(all)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<FunctionOutputs>> {
        self.change(aws, old).await
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            change::set_tags(aws, &of.outputs, set).await?;
        }
        if !unset.is_empty() {
            let call = aws.lambda().untag_resource().resource(arn);
            let call = call.set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the function's tags")?;
        }
        Ok(())
    }

    /// Lambda removes the network interfaces by itself; until then they hold their subnets and security groups.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.lambda().delete_function().function_name(was.outputs.name.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the function"))?;
        }
        let attached = gone.iter().any(|was| was.args.network.is_some());
        Ok(if attached { Removal::Pending } else { Removal::Gone })
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<FunctionOutputs>> {
        let outputs = named(aws, intent);
        let Some(there) = live::described(aws, outputs.name.as_str()).await? else {
            return Ok(Found::Nothing);
        };
        let tags: Tags = there.tags.unwrap_or_default().into_iter().collect();
        Ok(found::claim(intent, &format!("function {}", outputs.name), &tags, outputs))
    }

    /// A role that was made just now cannot be assumed everywhere yet, or lacks what was attached to it just now; and
    /// Lambda refuses changes of a function that is being made or changed.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let young = [
            "cannot be assumed by Lambda",
            "does not have permissions to call",
            "The KMS key is invalid",
            "Lambda was unable to configure access to your environment variables",
        ];
        let young = young.iter().any(|text| error.message.contains(text));
        match error.code.as_deref() {
            Some("ResourceConflictException") if !error.message.contains("already exist") => {
                Class::Dependency
            }
            _ if young && operation != Operation::Delete => Class::Propagation,
            _ => error.class,
        }
    }
}

fn named(aws: &Aws, intent: &Intent) -> FunctionOutputs {
    let (name, place) = (intent.name(&NAME), aws.place());
    let arn = format!(
        "arn:{}:lambda:{}:{}:function:{name}",
        place.partition, place.region, place.account
    );
    FunctionOutputs { name: FunctionName::new(name), arn: FunctionArn::new(arn) }
}
