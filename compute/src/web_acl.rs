//! Web ACL: <https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html>

use aws_sdk_wafv2::types::{
    AllowAction, DefaultAction, Scope, Tag, VisibilityConfig, WebAcl as Description,
};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Intent, Invalid, Live,
    Made, NameRule, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::{
    Aws, Doing, WebAclArn, WebAclId, WebAclName, absent_is_fine, absent_is_none, found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

pub use rule::{ManagedRules, WebAclRule};

mod rule;

/// What requests must not be like, for resources of the region. Every rule is counted in CloudWatch, and some of the
/// requests that it is about can be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct WebAcl {
    /// What it is for: 3 to 256 letters, digits, spaces and `_+=:#@/-,.`. Changed in place, as the rules.
    #[builder(setter(into))]
    pub description: String,
    /// The rules, in their order; a request that none of them stops passes.
    pub rules: Vec<WebAclRule>,
}

outputs! {
    /// What a web ACL answers.
    pub struct WebAclOutputs => WebAclRefs {
        /// Its ARN.
        accepted arn: WebAclArn,
        /// Its id.
        accepted id: WebAclId,
        /// Its name, by which CloudWatch counts.
        accepted name: WebAclName,
    }
}

const NAME: NameRule = NameRule::new(128);

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the web ACL";

type Was = Recorded<WebAcl, WebAclOutputs>;

impl Resource<Aws> for WebAcl {
    const TYPE: &'static str = "wafv2:WebAcl";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        create_secs: 2,
        update_secs: 2,
        quota: Some(("Web ACLs per Region", 100)),
        actions: Actions {
            create: &[
                "wafv2:CreateWebACL",
                "wafv2:TagResource",
                "wafv2:ListWebACLs",
                "wafv2:ListTagsForResource",
            ],
            read: &["wafv2:GetWebACL", "wafv2:ListTagsForResource"],
            update: &[
                "wafv2:GetWebACL",
                "wafv2:UpdateWebACL",
                "wafv2:TagResource",
                "wafv2:UntagResource",
            ],
            delete: &["wafv2:GetWebACL", "wafv2:DeleteWebACL"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = WebAclOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::InPlace(Effect::AtOnce)
    }

    fn check(&self) -> Result<(), Invalid> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || " _+=:#@/-,.".contains(c);
        let text = self.description.trim();
        if !(3..=256).contains(&text.len())
            || text.len() != self.description.len()
            || !text.chars().all(allowed)
        {
            let rule = "3 to 256 letters, digits, spaces and _+=:#@/-,.";
            return Err(Invalid::new("description", format!("`{text}` must be {rule}")));
        }
        rule::check(&self.rules)
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<WebAclOutputs>> {
        let name = intent.name(&NAME);
        let call = (aws.waf().create_web_acl())
            .name(&name)
            .scope(Scope::Regional)
            .description(&self.description)
            .default_action(allow())
            .visibility_config(rule::visibility(&name)?)
            .set_rules(Some(rule::in_api(&self.rules)?))
            .set_tags(Some(tags_in_api(intent.tags())));
        let summary = call.send().await.doing(CREATING)?.summary;
        let made = summary.and_then(|summary| {
            let (id, arn) = (WebAclId::new(summary.id?), WebAclArn::new(summary.arn?));
            Some(WebAclOutputs { arn, id, name: WebAclName::new(name) })
        });
        let incomplete = || CallError::new(Class::Other, CREATING, "AWS answered no web ACL");
        made.map(Made::ready).ok_or_else(incomplete)
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, WebAclOutputs>>> {
        let mut live = Vec::with_capacity(wanted.len());
        for was in wanted {
            live.push(match got(aws, &was.outputs).await? {
                None => Live::Absent,
                Some((one, _)) => Live::Ready {
                    args: described(&one),
                    outputs: was.outputs.clone(),
                    tags: tags_of(aws, was.outputs.arn.as_str()).await?,
                },
            });
        }
        Ok(live)
    }

    fn read_calls(wanted: &[Was]) -> usize {
        2 * wanted.len()
    }

    /// WAF takes all of it at once, with the token of what is there.
    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<WebAclOutputs>> {
        let doing = "changing the web ACL";
        let gone = || CallError::new(Class::NotFound, doing, "there is no such web ACL");
        let (_, token) = got(aws, &old.outputs).await?.ok_or_else(gone)?;
        let name = old.outputs.name.as_str();
        let call = (aws.waf().update_web_acl())
            .name(name)
            .scope(Scope::Regional)
            .id(old.outputs.id.as_str())
            .description(&self.description)
            .default_action(allow())
            .visibility_config(rule::visibility(name)?)
            .set_rules(Some(rule::in_api(&self.rules)?))
            .lock_token(token);
        call.send().await.doing(doing)?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        let arn = of.outputs.arn.as_str();
        if !set.is_empty() {
            let call = aws.waf().tag_resource().resource_arn(arn);
            let call = call.set_tags(Some(tags_in_api(set)));
            call.send().await.doing("setting the web ACL's tags")?;
        }
        if !unset.is_empty() {
            let call = aws.waf().untag_resource().resource_arn(arn);
            let call = call.set_tag_keys(Some(unset.to_vec()));
            call.send().await.doing("removing the web ACL's tags")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let Some((_, token)) = got(aws, &was.outputs).await? else { continue };
            let call = (aws.waf().delete_web_acl())
                .name(was.outputs.name.as_str())
                .scope(Scope::Regional)
                .id(was.outputs.id.as_str())
                .lock_token(token);
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the web ACL"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<WebAclOutputs>> {
        let mut marker = None;
        loop {
            let call = aws.waf().list_web_acls().scope(Scope::Regional).set_next_marker(marker);
            let page = call.send().await.doing("looking for the web ACL")?;
            for one in page.web_acls() {
                let (Some(name), Some(id), Some(arn)) = (one.name(), one.id(), one.arn()) else {
                    continue;
                };
                if intent.is_name(&NAME, name) {
                    let outputs = WebAclOutputs {
                        arn: WebAclArn::new(arn),
                        id: WebAclId::new(id),
                        name: WebAclName::new(name),
                    };
                    let tags = tags_of(aws, arn).await?;
                    return Ok(found::claim(intent, &format!("web ACL {name}"), &tags, outputs));
                }
            }
            marker = page.next_marker;
            if marker.is_none() {
                return Ok(Found::Nothing);
            }
        }
    }
}

fn allow() -> DefaultAction {
    DefaultAction::builder().allow(AllowAction::builder().build()).build()
}

/// A web ACL and the token that a change of it must carry.
async fn got(aws: &Aws, of: &WebAclOutputs) -> CallResult<Option<(Description, String)>> {
    let call =
        (aws.waf().get_web_acl()).name(of.name.as_str()).scope(Scope::Regional).id(of.id.as_str());
    let answer = absent_is_none(call.send().await.doing("reading the web ACL"))?;
    Ok(answer.and_then(|answer| Some((answer.web_acl?, answer.lock_token?))))
}

/// What is read; a web ACL that stops what no rule is about, or is not counted, has no rules in these words.
fn described(one: &Description) -> WebAcl {
    let allows = one.default_action().is_some_and(|action| action.allow().is_some());
    let counted =
        one.visibility_config().is_some_and(VisibilityConfig::cloud_watch_metrics_enabled);
    let rules = if allows && counted { rule::described(one.rules()) } else { Vec::new() };
    WebAcl { description: one.description().unwrap_or_default().to_owned(), rules }
}

fn tags_in_api(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().filter_map(|pair| tag(pair).ok()).collect()
}

async fn tags_of(aws: &Aws, arn: &str) -> CallResult<Tags> {
    let call = aws.waf().list_tags_for_resource().resource_arn(arn).send().await;
    let answer = absent_is_none(call.doing("reading the web ACL's tags"))?;
    let info = answer.and_then(|answer| answer.tag_info_for_resource);
    let tags = info.and_then(|info| info.tag_list).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}
