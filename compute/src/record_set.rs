//! Record set: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, Operation, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, DnsChangeId, DnsName, Doing, HostedZoneId, absent_is_fine, absent_is_none,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

pub use target::{RecordTarget, Zone};

use crate::dns;

mod target;

/// What the name servers answer for a name: one record set, which carries no tags. One that somebody else made with the
/// same name and type is never touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct RecordSet {
    /// The zone that it is in. A change replaces it.
    #[builder(setter(into))]
    pub zone: Zone,
    /// The name, in the zone. A change replaces it.
    #[builder(setter(into))]
    pub name: Input<DnsName>,
    /// What is answered. Changed in place, in one step also where the type changes.
    pub target: RecordTarget,
}

outputs! {
    /// What a record set answers.
    pub struct RecordSetOutputs => RecordSetRefs {
        /// The name, which is answered once it is ready.
        accepted name: DnsName,
        /// The zone that it is in.
        accepted zone: HostedZoneId,
        /// The change that made it, until all name servers have it.
        change: DnsChangeId,
    }
}

type Was = Recorded<RecordSet, RecordSetOutputs>;

impl Resource<Aws> for RecordSet {
    const TYPE: &'static str = "route53:RecordSet";
    const FACTS: Facts = Facts {
        tags: false,
        create_secs: 35,
        update_secs: 35,
        quota: Some(("Records per hosted zone", 10_000)),
        actions: Actions {
            create: &[
                "route53:ChangeResourceRecordSets",
                "route53:ListHostedZonesByName",
                "route53:ListResourceRecordSets",
            ],
            read: &["route53:ListResourceRecordSets", "route53:GetChange"],
            update: &["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"],
            delete: &["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = RecordSetOutputs;

    /// A name that is not known yet may turn out to be the same, which only one record set can have.
    fn argument(name: &str, _old: &Value, new: &Value) -> Argument {
        match name {
            "target" => Argument::InPlace(Effect::AtOnce),
            _ if is_known(new) => Argument::Replace(Order::CreateFirst),
            _ => Argument::Replace(Order::DeleteFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        self.target.check()
    }

    async fn create(&self, aws: &Aws, _intent: &Intent) -> CallResult<Made<RecordSetOutputs>> {
        let zone = self.zone.id(aws).await?;
        let new = self.target.in_api(self.name.known())?;
        let changes = vec![(ChangeAction::Create, new)];
        let change = submit(aws, &zone, changes, "creating the record set").await?;
        let name = self.name.known().clone();
        Ok(Made::pending(RecordSetOutputs { name, zone, change }))
    }

    /// Nothing is made by a batch that is refused.
    fn made_nothing(refusal: &CallError) -> bool {
        refusal.code.as_deref() == Some("InvalidChangeBatch")
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, RecordSetOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            let found = found(aws, &was.outputs.zone, &was.outputs.name, &was.args.target).await?;
            let Some(found) = found else {
                live.push(Live::Absent);
                continue;
            };
            live.push(if dns::is_pending(aws, was.outputs.change.as_ref()).await? {
                Live::Pending("the name servers are being told".to_owned())
            } else {
                let target = RecordTarget::described(&found, &was.args.target);
                Live::Ready {
                    args: Self { target, ..was.args.clone() },
                    outputs: RecordSetOutputs { change: None, ..was.outputs.clone() },
                    tags: Tags::new(),
                }
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
        _intent: &Intent,
    ) -> CallResult<Made<RecordSetOutputs>> {
        let zone = &old.outputs.zone;
        let new = self.target.in_api(self.name.known())?;
        let mut changes = Vec::new();
        if self.target.kind() != old.args.target.kind() {
            let old = found(aws, zone, &old.outputs.name, &old.args.target).await?;
            changes.extend(old.map(|old| (ChangeAction::Delete, old)));
        }
        changes.push((ChangeAction::Upsert, new));
        let change = submit(aws, zone, changes, "changing the record set").await?;
        Ok(Made::pending(RecordSetOutputs { change, ..old.outputs.clone() }))
    }

    /// A record that says something else by now is left as it is.
    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let zone = &was.outputs.zone;
            let Some(live) = found(aws, zone, &was.outputs.name, &was.args.target).await? else {
                continue;
            };
            if RecordTarget::described(&live, &was.args.target) != was.args.target {
                continue;
            }
            let changes = vec![(ChangeAction::Delete, live)];
            let deleted = submit(aws, zone, changes, "deleting the record set").await;
            absent_is_fine(deleted.map(|_| ()))?;
        }
        Ok(Removal::Gone)
    }

    /// What says exactly the same is taken for ours; nothing else tells.
    async fn find(&self, aws: &Aws, _intent: &Intent) -> CallResult<Found<RecordSetOutputs>> {
        let Some(zone) = self.zone.find(aws).await? else { return Ok(Found::Nothing) };
        let name = self.name.known().clone();
        Ok(match found(aws, &zone, &name, &self.target).await? {
            None => Found::Nothing,
            Some(live) if RecordTarget::described(&live, &self.target) == self.target => {
                Found::Ours(RecordSetOutputs { name, zone, change: None })
            }
            Some(live) => Found::Foreign(format!("the {} record {name}", live.r#type().as_str())),
        })
    }

    /// Route 53 says in words what a batch was refused for.
    fn class_of(error: &CallError, _operation: Operation) -> Class {
        let says = |words: &str| error.message.contains(words);
        if error.code.as_deref() != Some("InvalidChangeBatch") {
            return error.class;
        }
        match () {
            () if says("but it already exists") => Class::AlreadyExists,
            () if says("but it was not found") => Class::NotFound,
            () => Class::Invalid,
        }
    }
}

/// Whether a value has no reference inside.
fn is_known(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().all(|(name, value)| !name.starts_with('$') && is_known(value))
        }
        _ => true,
    }
}

/// The record set of a name that has the type of a target; none where there is no such zone.
async fn found(
    aws: &Aws,
    zone: &HostedZoneId,
    name: &DnsName,
    target: &RecordTarget,
) -> CallResult<Option<ResourceRecordSet>> {
    let call = (aws.route53().list_resource_record_sets())
        .hosted_zone_id(zone.as_str())
        .start_record_name(dns::dotted(name.as_str()))
        .start_record_type(target.kind())
        .max_items(1);
    let answer = absent_is_none(call.send().await.doing("reading the record set"))?;
    let first = answer.and_then(|answer| answer.resource_record_sets.into_iter().next());
    Ok(first.filter(|set| dns::same(set.name(), name.as_str()) && *set.r#type() == target.kind()))
}

async fn submit(
    aws: &Aws,
    zone: &HostedZoneId,
    changes: Vec<(ChangeAction, ResourceRecordSet)>,
    doing: &str,
) -> CallResult<Option<DnsChangeId>> {
    let change = |(action, set)| Change::builder().action(action).resource_record_set(set).build();
    let changes = changes.into_iter().map(change).collect::<Result<Vec<_>, _>>();
    let batch = changes.and_then(|all| ChangeBatch::builder().set_changes(Some(all)).build());
    let batch = batch.map_err(|error| CallError::new(Class::Invalid, doing, error.to_string()))?;
    let call = aws.route53().change_resource_record_sets().hosted_zone_id(zone.as_str());
    let answer = call.change_batch(batch).send().await.doing(doing)?;
    Ok(dns::change_id(answer.change_info.as_ref()))
}
