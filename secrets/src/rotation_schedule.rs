//! Rotation schedule: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html>

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::primitives::DateTime;
use aws_sdk_secretsmanager::types::RotationRulesType;
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, Doing, FunctionArn, SecretArn, absent_is_fine};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{Schedule, answer};

/// Has a function change a secret's value, once when it is set and then by schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct RotationSchedule {
    /// The secret. A change replaces the schedule.
    #[builder(setter(into))]
    pub secret: Input<SecretArn>,
    /// The function, which Secrets Manager must be allowed to invoke.
    #[builder(setter(into))]
    pub function: Input<FunctionArn>,
    /// When. Default: every 30 days.
    #[builder(default)]
    pub schedule: Schedule,
    /// Within how many hours of its time a rotation begins, 1 to 24. Default: within the day, or the four hours of a
    /// schedule by hours.
    #[builder(default, setter(strip_option(fallback_suffix = "_opt")))]
    pub window_hours: Option<u8>,
    /// Whether setting or changing the schedule rotates at once; Secrets Manager only tests the function otherwise.
    /// Default: yes.
    #[builder(default = true)]
    pub rotate_immediately: bool,
    /// For how long, in seconds, the schedule is not ready while the first rotation is under way; what fails is tried
    /// again by Secrets Manager, which says nothing of it. Default: until that rotation is done.
    #[builder(default, setter(strip_option))]
    pub wait_secs: Option<u32>,
}

outputs! {
    /// What a rotation schedule answers.
    pub struct RotationScheduleOutputs => RotationScheduleRefs {
        /// The secret, now that it is rotated.
        accepted secret: SecretArn,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "setting the rotation schedule";

/// The label of a value that is not in use yet.
const PENDING: &str = "AWSPENDING";

/// The label of the value that is in use.
const CURRENT: &str = "AWSCURRENT";

type Was = Recorded<RotationSchedule, RotationScheduleOutputs>;

impl Resource<Aws> for RotationSchedule {
    const TYPE: &'static str = "secretsmanager:RotationSchedule";
    const FACTS: Facts = Facts {
        tags: false,
        create_secs: 30,
        update_secs: 2,
        actions: Actions {
            create: &[
                "secretsmanager:RotateSecret",
                "secretsmanager:DescribeSecret",
                "lambda:InvokeFunction",
            ],
            read: &["secretsmanager:DescribeSecret"],
            update: &["secretsmanager:RotateSecret", "lambda:InvokeFunction"],
            delete: &["secretsmanager:CancelRotateSecret", "secretsmanager:DescribeSecret"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RotationScheduleOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "secret" => Argument::Replace(Order::DeleteFirst),
            "wait_secs" => Argument::Initial,
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        self.schedule.check("schedule")?;
        match self.window_hours {
            None | Some(1..=24) => Ok(()),
            Some(hours) => {
                let problem = format!("must be 1 to 24 hours, not {hours}");
                Err(Invalid::new("window_hours", problem))
            }
        }
    }

    /// The token becomes the id of the version that the rotation makes.
    async fn create(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Made<RotationScheduleOutputs>> {
        self.rotate(aws, intent, CREATING).await?;
        Ok(Made::pending(self.outputs()))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(
        aws: &Aws,
        wanted: &[Was],
    ) -> CallResult<Vec<Live<Self, RotationScheduleOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match rotated(aws, &was.outputs.secret).await? {
                Some(secret) if was.args.waits_for(aws, &secret) => {
                    Live::Pending("the first rotation is under way".to_owned())
                }
                Some(secret) => Live::Ready {
                    args: described(was, &secret),
                    outputs: was.outputs.clone(),
                    tags: Tags::new(),
                },
                None => Live::Absent,
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len()
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        intent: &Intent,
    ) -> CallResult<Made<RotationScheduleOutputs>> {
        self.rotate(aws, intent, "changing the rotation schedule").await?;
        Ok(Made::pending(old.outputs.clone()))
    }

    /// The value stays as it is, and so does one that a rotation under way has prepared.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.secretsmanager().cancel_rotate_secret();
            let call = call.secret_id(was.outputs.secret.as_str());
            let doing = "cancelling the rotation";
            match absent_is_fine(call.send().await.map(|_| ()).doing(doing)) {
                // What is not rotated any more, or is going, needs no cancelling.
                Err(_) if rotated(aws, &was.outputs.secret).await?.is_none() => {}
                answer => answer?,
            }
        }
        Ok(Removal::Gone)
    }

    async fn find(
        &self,
        aws: &Aws,
        _intent: &Intent,
    ) -> CallResult<Found<RotationScheduleOutputs>> {
        let secret = rotated(aws, self.secret.known()).await?;
        let function = self.function.known().as_str();
        let ours = secret.is_some_and(|secret| secret.rotation_lambda_arn() == Some(function));
        Ok(if ours { Found::Ours(self.outputs()) } else { Found::Nothing })
    }

    /// A permission that was added just now does not count everywhere yet.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let message = error.message.to_lowercase();
        let invoked = message.contains("lambda") && message.contains("invoke");
        if invoked && operation != Operation::Delete { Class::Propagation } else { error.class }
    }
}

impl RotationSchedule {
    async fn rotate(&self, aws: &Aws, intent: &Intent, doing: &str) -> CallResult<()> {
        let rules = RotationRulesType::builder();
        let rules = match &self.schedule {
            Schedule::Days(days) => rules.automatically_after_days(i64::from(*days)),
            Schedule::Expression(text) => rules.schedule_expression(text),
        };
        let rules = rules.set_duration(self.window_hours.map(|hours| format!("{hours}h")));
        let call = (aws.secretsmanager().rotate_secret())
            .secret_id(self.secret.known().as_str())
            .client_request_token(intent.token())
            .rotation_lambda_arn(self.function.known().as_str())
            .rotation_rules(rules.build())
            .rotate_immediately(self.rotate_immediately);
        call.send().await.map(|_| ()).doing(doing).map_err(unfinished)
    }

    fn outputs(&self) -> RotationScheduleOutputs {
        RotationScheduleOutputs { secret: self.secret.known().clone() }
    }

    /// Whether the first rotation is under way and is to be waited for.
    fn waits_for(&self, aws: &Aws, secret: &DescribeSecretOutput) -> bool {
        if !self.rotate_immediately || secret.last_rotated_date().is_some() || !is_rotating(secret)
        {
            return false;
        }
        let Some(most) = self.wait_secs else { return true };
        let changed = secret.last_changed_date().map_or(0, DateTime::secs);
        // A served cloud may be ahead of this clock: how long it has been is then unknown.
        (0..i64::from(most)).contains(&(aws.clock().now().as_second() - changed))
    }
}

/// Whether a version waits for its rotation to be finished.
fn is_rotating(secret: &DescribeSecretOutput) -> bool {
    let has = |labels: &[String], label: &str| labels.iter().any(|known| known == label);
    (secret.version_ids_to_stages().into_iter().flatten())
        .any(|(_, labels)| has(labels, PENDING) && !has(labels, CURRENT))
}

/// What to do about a rotation that is stuck, which Secrets Manager does not say.
fn unfinished(error: CallError) -> CallError {
    if !error.message.contains("previous rotation") {
        return error;
    }
    let help = "`rotate NAME --clear-pending` gives it up";
    CallError { message: format!("{} {help}", error.message), ..error }
}

/// A secret that is rotated; none where it is not, or is gone or going.
async fn rotated(aws: &Aws, secret: &SecretArn) -> CallResult<Option<DescribeSecretOutput>> {
    let secret = answer::described(aws, secret.as_str()).await?;
    Ok(secret.filter(|secret| {
        secret.rotation_enabled() == Some(true) && secret.deleted_date().is_none()
    }))
}

fn described(was: &Was, secret: &DescribeSecretOutput) -> RotationSchedule {
    let rules = secret.rotation_rules();
    let days = rules.and_then(RotationRulesType::automatically_after_days);
    let days = days.and_then(|days| u16::try_from(days).ok());
    let expression = rules.and_then(RotationRulesType::schedule_expression);
    let hours = rules.and_then(RotationRulesType::duration);
    RotationSchedule {
        function: FunctionArn::new(secret.rotation_lambda_arn().unwrap_or_default()).into(),
        schedule: match (days, expression) {
            (Some(days), _) => Schedule::Days(days),
            (None, text) => Schedule::Expression(text.unwrap_or_default().to_owned()),
        },
        window_hours: hours.and_then(|text| text.strip_suffix('h')?.parse().ok()),
        ..was.args.clone()
    }
}
