//! Hosted zone: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html>

use std::collections::BTreeMap;

use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{HostedZone as Description, HostedZoneConfig, Tag, TagResourceType};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Live,
    Made, Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{Aws, DnsChangeId, Doing, HostedZoneId, absent_is_fine, absent_is_none, found};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::dns;

/// A public hosted zone. Its names are answered once the domain's registrar, or the zone above it, names its name
/// servers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct HostedZone {
    /// The domain, such as `shop.example`. A change replaces the zone.
    #[builder(setter(into))]
    pub name: String,
    /// What it is for, up to 256 characters.
    #[builder(default, setter(into))]
    pub comment: String,
}

outputs! {
    /// What a hosted zone answers.
    pub struct HostedZoneOutputs => HostedZoneRefs {
        /// Its id.
        accepted id: HostedZoneId,
        /// Its name servers, which the domain's registrar must name.
        accepted name_servers: Vec<String>,
        /// The change that made it, until all name servers have it.
        change: DnsChangeId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the hosted zone";

/// How many zones one call for tags takes.
const BATCH: usize = 10;

type Was = Recorded<HostedZone, HostedZoneOutputs>;

impl Resource<Aws> for HostedZone {
    const TYPE: &'static str = "route53:HostedZone";
    const FACTS: Facts = Facts {
        create_secs: 35,
        quota: Some(("Hosted zones per account", 500)),
        actions: Actions {
            create: &[
                "route53:CreateHostedZone",
                "route53:ChangeTagsForResource",
                "route53:ListHostedZones",
                "route53:ListTagsForResources",
            ],
            read: &["route53:GetHostedZone", "route53:GetChange", "route53:ListTagsForResources"],
            update: &["route53:UpdateHostedZoneComment", "route53:ChangeTagsForResource"],
            delete: &["route53:DeleteHostedZone"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = HostedZoneOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "name" => Argument::Replace(Order::CreateFirst),
            _ => Argument::InPlace(Effect::AtOnce),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.comment.chars().count() > 256 {
            return Err(Invalid::new("comment", "must have at most 256 characters"));
        }
        dns::check("name", &self.name)
    }

    /// Route 53 refuses a reference that made a zone already: our own earlier attempt, which may lack its tags.
    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<HostedZoneOutputs>> {
        let config = HostedZoneConfig::builder().comment(&self.comment).build();
        let call = (aws.route53().create_hosted_zone())
            .name(&self.name)
            .caller_reference(intent.token())
            .hosted_zone_config(config);
        let outputs = match call.send().await.doing(CREATING) {
            Ok(made) => {
                let incomplete =
                    || CallError::new(Class::Other, CREATING, "AWS answered no hosted zone");
                let zone = made.hosted_zone.as_ref().ok_or_else(incomplete)?;
                let servers = made.delegation_set.map(|set| set.name_servers).unwrap_or_default();
                outputs_of(zone, servers, dns::change_id(made.change_info.as_ref()))
            }
            Err(error) if error.class == Class::AlreadyExists => {
                self.by_reference(aws, intent).await?.ok_or(error)?
            }
            Err(error) => return Err(error),
        };
        set_tags(aws, &outputs.id, intent.tags(), &[]).await?;
        Ok(Made::pending(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, HostedZoneOutputs>>> {
        let mut zones = Vec::with_capacity(wanted.len());
        for was in wanted {
            zones.push(described(aws, &was.outputs.id).await?);
        }
        let there = wanted.iter().zip(&zones).filter(|(_, zone)| zone.is_some());
        let tags = tags_of(aws, there.map(|(was, _)| was.outputs.id.as_str()).collect()).await?;
        let mut live = Vec::with_capacity(wanted.len());
        for (was, zone) in wanted.iter().zip(&zones) {
            let tags = tags.get(was.outputs.id.as_str());
            let (Some(zone), Some(tags)) = (zone, tags) else {
                live.push(Live::Absent);
                continue;
            };
            live.push(if dns::is_pending(aws, was.outputs.change.as_ref()).await? {
                Live::Pending("the name servers are being told".to_owned())
            } else {
                ready(was, zone, tags)
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        wanted.len() + wanted.len().div_ceil(BATCH)
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<HostedZoneOutputs>> {
        let call = aws.route53().update_hosted_zone_comment().id(old.outputs.id.as_str());
        call.comment(&self.comment).send().await.doing("changing the hosted zone's comment")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        set_tags(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.route53().delete_hosted_zone().id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the hosted zone"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<HostedZoneOutputs>> {
        if !intent.token().is_empty() {
            let made = self.by_reference(aws, intent).await?;
            return Ok(made.map_or(Found::Nothing, Found::Ours));
        }
        // A state that was lost has lost its tokens, too: then the tags tell.
        for zone in self.of_name(aws).await? {
            let id = dns::zone_id(zone.id());
            let tags = tags_of(aws, vec![id.as_str()]).await?.into_values().next();
            if found::is_made_by(intent, &tags.unwrap_or_default()) {
                return Ok(with_servers(aws, &zone).await?.map_or(Found::Nothing, Found::Ours));
            }
        }
        Ok(Found::Nothing)
    }
}

impl HostedZone {
    /// The zones of the account with the name.
    async fn of_name(&self, aws: &Aws) -> CallResult<Vec<Description>> {
        let call = aws.route53().list_hosted_zones().into_paginator().items().send();
        let all = call.try_collect().await.doing("looking for the hosted zone")?;
        Ok(all.into_iter().filter(|zone| dns::same(zone.name(), &self.name)).collect())
    }

    /// The zone that the intent made, by the reference that it gave.
    async fn by_reference(
        &self,
        aws: &Aws,
        intent: &Intent,
    ) -> CallResult<Option<HostedZoneOutputs>> {
        let zones = self.of_name(aws).await?;
        match zones.iter().find(|zone| zone.caller_reference() == intent.token()) {
            Some(zone) => with_servers(aws, zone).await,
            None => Ok(None),
        }
    }
}

fn outputs_of(
    zone: &Description,
    name_servers: Vec<String>,
    change: Option<DnsChangeId>,
) -> HostedZoneOutputs {
    HostedZoneOutputs { id: dns::zone_id(zone.id()), name_servers, change }
}

async fn with_servers(aws: &Aws, zone: &Description) -> CallResult<Option<HostedZoneOutputs>> {
    let answer = described(aws, &dns::zone_id(zone.id())).await?;
    let servers = |answer: GetHostedZoneOutput| answer.delegation_set.map(|set| set.name_servers);
    Ok(answer.map(|answer| outputs_of(zone, servers(answer).unwrap_or_default(), None)))
}

async fn described(aws: &Aws, id: &HostedZoneId) -> CallResult<Option<GetHostedZoneOutput>> {
    let call = aws.route53().get_hosted_zone().id(id.as_str()).send().await;
    absent_is_none(call.doing("reading the hosted zone"))
}

fn ready(
    was: &Was,
    answer: &GetHostedZoneOutput,
    tags: &Tags,
) -> Live<HostedZone, HostedZoneOutputs> {
    let zone = answer.hosted_zone();
    let name = zone.map_or("", |zone| zone.name());
    let comment = zone.and_then(|zone| zone.config()).and_then(|config| config.comment());
    let kept = dns::same(name, &was.args.name);
    Live::Ready {
        args: HostedZone {
            name: if kept { was.args.name.clone() } else { name.to_owned() },
            comment: comment.unwrap_or_default().to_owned(),
        },
        outputs: HostedZoneOutputs { change: None, ..was.outputs.clone() },
        tags: tags.clone(),
    }
}

async fn tags_of(aws: &Aws, ids: Vec<&str>) -> CallResult<BTreeMap<String, Tags>> {
    let mut found = BTreeMap::new();
    for batch in ids.chunks(BATCH) {
        let ids = batch.iter().map(|id| (*id).to_owned()).collect();
        let call = aws.route53().list_tags_for_resources().set_resource_ids(Some(ids));
        let call = call.resource_type(TagResourceType::Hostedzone).send().await;
        let Some(answer) = absent_is_none(call.doing("reading tags of hosted zones"))? else {
            continue;
        };
        for set in answer.resource_tag_sets {
            let tags = set.tags.unwrap_or_default().into_iter();
            let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
            found.extend(set.resource_id.map(|id| (id, tags.filter_map(pair).collect())));
        }
    }
    Ok(found)
}

async fn set_tags(aws: &Aws, id: &HostedZoneId, set: &Tags, unset: &[String]) -> CallResult<()> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    let add: Vec<Tag> = set.iter().map(tag).collect();
    if add.is_empty() && unset.is_empty() {
        return Ok(());
    }
    let call = (aws.route53().change_tags_for_resource())
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(id.as_str())
        .set_add_tags((!add.is_empty()).then_some(add))
        .set_remove_tag_keys((!unset.is_empty()).then(|| unset.to_vec()));
    call.send().await.map(|_| ()).doing("setting the hosted zone's tags")
}
