//! KMS alias: <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>

use std::collections::BTreeMap;

use globecart_engine::{
    Actions, Argument, CallError, CallResult, Class, Effect, Facts, Found, Input, Intent, Invalid,
    Live, Made, NameRule, Operation, Order, Recorded, Removal, Resource, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::{AliasName, Aws, Doing, KeyId, absent_is_fine};

/// A name for a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct Alias {
    /// The key that the name stands for. Changed in place.
    #[builder(setter(into))]
    key: Input<KeyId>,
    /// A fixed name after `alias/`: letters, digits and `/_-`, not beginning with `aws/`. Default: a generated
    /// one. A change replaces the alias.
    #[builder(default, setter(strip_option, into))]
    name: Option<String>,
}

outputs! {
    /// What an alias answers.
    pub struct AliasOutputs => AliasRefs {
        /// Its name, with `alias/`.
        accepted name: AliasName,
    }
}

const NAME: NameRule = NameRule::new(250).allow("/_");

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the alias";

type Was = Recorded<Alias, AliasOutputs>;

impl Resource<Aws> for Alias {
    const TYPE: &'static str = "kms:Alias";
    const FACTS: Facts = Facts {
        name: Some(NAME),
        tags: false,
        actions: Actions {
            create: &["kms:CreateAlias", "kms:ListAliases"],
            read: &["kms:ListAliases"],
            update: &["kms:UpdateAlias"],
            delete: &["kms:DeleteAlias"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = AliasOutputs;

    fn argument(name: &str, _old: &Value, _new: &Value) -> Argument {
        match name {
            "key" => Argument::InPlace(Effect::AtOnce),
            _ => Argument::Replace(Order::CreateFirst),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
        match &self.name {
            Some(name)
                if name.is_empty()
                    || name.len() > 250
                    || name.starts_with("aws/")
                    || name.starts_with("alias/")
                    || !name.chars().all(allowed) =>
            {
                let rule = "1 to 250 letters, digits and /_-, without `alias/` and not beginning with `aws/`";
                Err(Invalid::new("name", format!("`{name}` must be {rule}")))
            }
            _ => Ok(()),
        }
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<AliasOutputs>> {
        let outputs = self.outputs(intent);
        let call = aws.kms().create_alias().alias_name(outputs.name.as_str());
        call.target_key_id(self.key.known().as_str()).send().await.doing(CREATING)?;
        Ok(Made::ready(outputs))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, AliasOutputs>>> {
        let keys = targets(aws).await?;
        let live = wanted.iter().map(|was| match keys.get(was.outputs.name.as_str()) {
            None => Live::Absent,
            Some(key) => Live::Ready {
                args: Alias { key: key.clone().into(), name: was.args.name.clone() },
                outputs: was.outputs.clone(),
                tags: globecart_engine::Tags::new(),
            },
        });
        Ok(live.collect())
    }

    async fn update(
        &self,
        aws: &Aws,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<AliasOutputs>> {
        let call = aws.kms().update_alias().alias_name(old.outputs.name.as_str());
        call.target_key_id(self.key.known().as_str()).send().await.doing("changing the alias")?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let answer =
                aws.kms().delete_alias().alias_name(was.outputs.name.as_str()).send().await;
            absent_is_fine(answer.map(|_| ()).doing("deleting the alias"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<AliasOutputs>> {
        let (outputs, targets) = (self.outputs(intent), targets(aws).await?);
        let ours = |(name, key): &(&String, &KeyId)| {
            let plain = name.strip_prefix("alias/").unwrap_or_default();
            *key == self.key.known() && self.name.is_none() && intent.is_name(&NAME, plain)
        };
        if let Some((name, _)) = targets.iter().find(ours) {
            return Ok(Found::Ours(AliasOutputs { name: AliasName::new(name) }));
        }
        Ok(match targets.get(outputs.name.as_str()) {
            None => Found::Nothing,
            Some(key) if key == self.key.known() => Found::Ours(outputs),
            Some(key) => Found::Foreign(format!("{} for the key {key}", outputs.name)),
        })
    }

    /// A key just made takes no alias everywhere yet.
    fn class_of(error: &CallError, operation: Operation) -> Class {
        let state =
            error.code.as_deref().is_some_and(|code| code.ends_with("KMSInvalidStateException"));
        if state && operation != Operation::Delete { Class::Propagation } else { error.class }
    }
}

impl Alias {
    fn outputs(&self, intent: &Intent) -> AliasOutputs {
        let name = self.name.clone().unwrap_or_else(|| intent.name(&NAME));
        AliasOutputs { name: AliasName::new(format!("alias/{name}")) }
    }
}

/// The keys of all aliases, by name.
async fn targets(aws: &Aws) -> CallResult<BTreeMap<String, KeyId>> {
    let call = aws.kms().list_aliases().limit(100).into_paginator().items();
    let aliases = call.send().try_collect().await.doing("reading aliases")?;
    let pairs = aliases
        .into_iter()
        .filter_map(|alias| Some((alias.alias_name?, KeyId::new(alias.target_key_id?))));
    Ok(pairs.collect())
}
