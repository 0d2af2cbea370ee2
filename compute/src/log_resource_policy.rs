//! Policy by which services write log events:
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>

use std::collections::BTreeMap;

use globecart_aws::engine::{
    Actions, CallError, CallResult, Facts, Found, Intent, Invalid, Live, Made, NameRule, Recorded,
    Removal, Resource, Tags, outputs,
};
use globecart_aws::policy::PolicyDocument;
use globecart_aws::{Aws, Doing, LogResourcePolicyName, absent_is_fine};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

/// Which services write into which log groups of the account. A region has ten such policies at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct LogResourcePolicy {
    /// The policy, up to 5,120 bytes. Changed in place.
    pub policy: PolicyDocument,
}

outputs! {
    /// What a policy answers.
    pub struct LogResourcePolicyOutputs => LogResourcePolicyRefs {
        /// Its name.
        accepted name: LogResourcePolicyName,
    }
}

const NAME: NameRule = NameRule::new(255);

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the policy for log events";

type Was = Recorded<LogResourcePolicy, LogResourcePolicyOutputs>;

impl Resource<Aws> for LogResourcePolicy {
    const TYPE: &'static str = "logs:ResourcePolicy";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        tags: false,
        quota: Some(("Resource policies per Region", 10)),
        actions: Actions {
            create: &["logs:PutResourcePolicy", "logs:DescribeResourcePolicies"],
            read: &["logs:DescribeResourcePolicies"],
            update: &["logs:PutResourcePolicy"],
            delete: &["logs:DeleteResourcePolicy"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = LogResourcePolicyOutputs;

    fn check(&self) -> Result<(), Invalid> {
        self.policy.check_resource("policy", 5120)
    }

    /// The call makes or overwrites, and only a policy of this life has the name.
    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<LogResourcePolicyOutputs>> {
        let outputs = named(intent);
        self.put(aws, &outputs, CREATING).await?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, LogResourcePolicyOutputs>>> {
        let all = all(aws).await?;
        let one = |was: &Was| match all.get(was.outputs.name.as_str()) {
            None => Ok(Live::Absent),
            Some(text) => Ok(Live::Ready {
                args: Self { policy: PolicyDocument::live(text, &was.args.policy)? },
                outputs: was.outputs.clone(),
                tags: Tags::new(),
            }),
        };
        wanted.iter().map(one).collect()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<LogResourcePolicyOutputs>> {
        self.put(aws, &old.outputs, "changing the policy for log events").await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let name = was.outputs.name.as_str();
            let call = aws.logs().delete_resource_policy().policy_name(name).send().await;
            absent_is_fine(call.map(|_| ()).doing("deleting the policy for log events"))?;
        }
        Ok(Removal::Gone)
    }

    /// The name holds the life, so whatever has it is ours.
    async fn find(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Found<LogResourcePolicyOutputs>> {
        let mine = |name: &String| intent.is_name(&NAME, name);
        let name = all(aws).await?.into_keys().find(mine).map(LogResourcePolicyName::new);
        Ok(name.map_or(Found::Nothing, |name| Found::Ours(LogResourcePolicyOutputs { name })))
    }
}

impl LogResourcePolicy {
    async fn put(&self, aws: &Aws, of: &LogResourcePolicyOutputs, doing: &str) -> CallResult<()> {
        let call = (aws.logs().put_resource_policy())
            .policy_name(of.name.as_str())
            .policy_document(self.policy.to_json());
        call.send().await.map(|_| ()).doing(doing)
    }
}

fn named(intent: &Intent) -> LogResourcePolicyOutputs {
    LogResourcePolicyOutputs { name: LogResourcePolicyName::new(intent.name(&NAME)) }
}

/// The documents of the account's policies, by name.
async fn all(aws: &Aws) -> CallResult<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut next = None;
    loop {
        let call = aws.logs().describe_resource_policies().set_next_token(next);
        let page = call.send().await.doing("reading the policies for log events")?;
        for policy in page.resource_policies.unwrap_or_default() {
            found.extend(policy.policy_name.zip(policy.policy_document));
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}
