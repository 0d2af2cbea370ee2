//! When two policy documents mean the same.

use std::collections::BTreeSet;

use globecart_engine::Input;
use serde_json::{Value, json};

use super::statement::{Principal, Statement};
use super::{Effect, PolicyDocument};

impl PolicyDocument {
    /// Whether both documents mean the same: whatever the order, names of statements, the case of actions, and
    /// the two ways to name an account.
    pub fn same_as(&self, other: &Self) -> bool {
        let meaning = |document: &Self| -> BTreeSet<String> {
            document.statement.iter().map(meaning).collect()
        };
        self.version == other.version && meaning(self) == meaning(other)
    }
}

impl Statement {
    /// Whether both statements mean the same.
    pub fn same_as(&self, other: &Self) -> bool {
        meaning(self) == meaning(other)
    }
}

fn meaning(statement: &Statement) -> String {
    let actions = |actions: &[String]| actions.iter().map(|action| action.to_lowercase()).collect();
    let conditions: Value = (statement.condition.iter())
        .flat_map(|(operator, keys)| keys.iter().map(move |(key, values)| (operator, key, values)))
        .map(|(operator, key, values)| json!([operator, key.to_lowercase(), texts(values)]))
        .collect();
    let actions: [BTreeSet<String>; 2] =
        [actions(&statement.action), actions(&statement.not_action)];
    json!([
        statement.effect == Effect::Allow,
        principals(&statement.principal),
        principals(&statement.not_principal),
        actions,
        texts(&statement.resource),
        texts(&statement.not_resource),
        conditions,
    ])
    .to_string()
}

fn texts(values: &[Input<String>]) -> BTreeSet<String> {
    let text = |value: &Input<String>| match value.get() {
        Some(text) => text.clone(),
        None => format!("{value:?}"),
    };
    values.iter().map(text).collect()
}

/// AWS answers the account's 12 digits as the ARN of its root.
fn principals(principals: &Principal) -> BTreeSet<(&str, String)> {
    let plain =
        |who: String| match who.strip_suffix(":root").and_then(|arn| arn.split_once(":iam::")) {
            Some((_, account)) => account.to_owned(),
            None => who,
        };
    let kinds = principals.iter();
    kinds
        .flat_map(|(kind, who)| texts(who).into_iter().map(move |who| (kind.as_str(), plain(who))))
        .collect()
}
