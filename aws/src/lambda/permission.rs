//! Permission: <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>

use std::collections::BTreeMap;

use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{Aws, Doing, FunctionName, PermissionId, absent_is_fine, absent_is_none};

/// Lets an AWS service invoke a function, for this account's resources or one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Permission {
    /// The function. A change replaces the permission.
    #[builder(setter(into))]
    pub function: Input<FunctionName>,
    /// The service, as in `secretsmanager.amazonaws.com`.
    #[builder(setter(into))]
    pub service: String,
    /// The account that the service must be acting for.
    #[builder(setter(into))]
    pub source_account: String,
    /// The resource that the service must be acting for: an ARN, which may contain `*`. Default: any of the account.
    #[builder(default, setter(strip_option, into))]
    pub source_arn: Option<Input<String>>,
}

outputs! {
    /// What a permission answers.
    pub struct PermissionOutputs => PermissionRefs {
        /// The id of its statement in the function's policy.
        accepted id: PermissionId,
    }
}

const NAME: NameRule = NameRule::new(100).allow("_");

/// The first call of a create, as its errors name it.
const CREATING: &str = "adding the permission";

type Was = Recorded<Permission, PermissionOutputs>;

impl Resource<Aws> for Permission {
    const TYPE: &'static str = "lambda:Permission";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        tags: false,
        actions: Actions {
            create: &["lambda:AddPermission", "lambda:GetPolicy"],
            read: &["lambda:GetPolicy"],
            update: &["lambda:RemovePermission", "lambda:AddPermission"],
            delete: &["lambda:RemovePermission"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = PermissionOutputs;

    /// A statement cannot be changed: it is removed and added again, and in between the service is refused.
    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "function" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        let digits = |c: char| c.is_ascii_digit();
        if self.source_account.len() != 12 || !self.source_account.chars().all(digits) {
            let problem = format!("`{}` must be the 12 digits of an account", self.source_account);
            return Err(Invalid::new("source_account", problem));
        }
        if !self.service.ends_with(".amazonaws.com") {
            let problem = format!("`{}` must be a service's name", self.service);
            return Err(Invalid::new("service", problem));
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<PermissionOutputs>> {
        let id = PermissionId::new(intent.name(&NAME));
        self.add(aws, &id).await?;
        Ok(Made::ready(PermissionOutputs { id }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    /// One policy a function.
    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, PermissionOutputs>>> {
        let mut policies = BTreeMap::new();
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let name = was.args.function.known().as_str();
            if !policies.contains_key(name) {
                policies.insert(name, statements(aws, name).await?);
            }
            let has_id = |statement: &&Value| statement["Sid"] == was.outputs.id.as_str();
            live.push(match policies[name].iter().find(has_id) {
                None => Live::Absent,
                Some(statement) => Live::Ready {
                    args: described(was, statement),
                    outputs: was.outputs.clone(),
                    tags: Tags::new(),
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        let mut functions: Vec<&str> =
            wanted.iter().map(|was| was.args.function.known().as_str()).collect();
        functions.sort_unstable();
        functions.dedup();
        functions.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<PermissionOutputs>> {
        remove(aws, old).await?;
        self.add(aws, &old.outputs.id).await?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            remove(aws, was).await?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<PermissionOutputs>> {
        let statements = statements(aws, self.function.known().as_str()).await?;
        let ids = statements.iter().filter_map(|statement| statement["Sid"].as_str());
        let ours = ids.into_iter().find(|id| intent.is_name(&NAME, id));
        Ok(ours.map_or(Found::Nothing, |id| {
            Found::Ours(PermissionOutputs { id: PermissionId::new(id) })
        }))
    }

    /// Lambda takes one change of a policy at a time, and none of a function that is being made.
    fn class_of(error: &CallError, _operation: Operation) -> Class {
        match error.code.as_deref() {
            Some("ResourceConflictException") if !error.message.contains("already exist") => {
                Class::Dependency
            }
            _ => error.class,
        }
    }
}

impl Permission {
    async fn add(&self, aws: &Aws, id: &PermissionId) -> CallResult<()> {
        let call = (aws.lambda().add_permission())
            .function_name(self.function.known().as_str())
            .statement_id(id.as_str())
            .action("lambda:InvokeFunction")
            .principal(&self.service)
            .source_account(&self.source_account)
            .set_source_arn(self.source_arn.as_ref().map(|arn| arn.known().clone()));
        call.send().await.map(|_| ()).doing(CREATING)
    }
}

async fn remove(aws: &Aws, was: &Was) -> CallResult<()> {
    let call = (aws.lambda().remove_permission())
        .function_name(was.args.function.known().as_str())
        .statement_id(was.outputs.id.as_str());
    absent_is_fine(call.send().await.map(|_| ()).doing("removing the permission"))
}

/// The statements of a function's policy; none where it has no policy or is gone.
async fn statements(aws: &Aws, function: &str) -> CallResult<Vec<Value>> {
    let answer = aws.lambda().get_policy().function_name(function).send().await;
    let answer = absent_is_none(answer.doing("reading the function's policy"))?;
    let text = answer.and_then(|answer| answer.policy).unwrap_or_else(|| "{}".to_owned());
    let policy: Value = serde_json::from_str(&text).map_err(|error| {
        CallError::new(Class::Other, "reading the function's policy", error.to_string())
    })?;
    Ok(policy["Statement"].as_array().cloned().unwrap_or_default())
}

fn described(was: &Was, statement: &Value) -> Permission {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let arn = condition(statement, "aws:sourcearn").map(|arn| arn.to_owned().into());
    let invokes = statement["Action"] == "lambda:InvokeFunction" && statement["Effect"] == "Allow";
    Permission {
        function: was.args.function.clone(),
        // One that allows something else is no permission of this sort.
        service: text(statement["Principal"]["Service"].as_str().filter(|_| invokes)),
        source_account: text(condition(statement, "aws:sourceaccount")),
        source_arn: arn,
    }
}

/// The value of a condition, whatever its operator; keys are written in several ways.
fn condition<'a>(statement: &'a Value, key: &str) -> Option<&'a str> {
    let operators = statement["Condition"].as_object()?.values();
    let mut all = operators.filter_map(Value::as_object).flatten();
    all.find(|(name, _)| name.to_lowercase() == key).and_then(|(_, value)| value.as_str())
}
