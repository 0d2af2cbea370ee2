//! The one resource type of the graph.

use globecart_engine::{
    CallResult, Facts, Found, Input, Intent, Live, Made, Recorded, Removal, Resource, Tags, outputs,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cloud::{Cloud, Verb};

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    /// The ids of what it depends on.
    pub deps: Vec<Input<String>>,
    /// Whatever the graph says of it.
    pub props: Map<String, Value>,
}

outputs! {
    /// What the synthetic cloud answers.
    pub(crate) struct NodeOutputs => NodeRefs {
        /// The id, in the answer of the create call.
        accepted id: String,
    }
}

type Was = Recorded<Node, NodeOutputs>;

impl Resource<Cloud> for Node {
    const TYPE: &'static str = "synthetic:Node";
    const FACTS: Facts = Facts::DEFAULT;
    type Outputs = NodeOutputs;

    async fn create(&self, cloud: &Cloud, intent: &Intent) -> CallResult<Made<NodeOutputs>> {
        let id = cloud.call(Verb::Create, |held| held.create(self, intent))?;
        Ok(Made::ready(NodeOutputs { id }))
    }

    async fn read(cloud: &Cloud, wanted: &[Was]) -> CallResult<Vec<Live<Self, NodeOutputs>>> {
        cloud.call(Verb::Read, |held| {
            Ok(wanted.iter().map(|was| held.live(&was.outputs.id)).collect())
        })
    }

    async fn update(
        &self,
        cloud: &Cloud,
        old: &Was,
        _intent: &Intent,
    ) -> CallResult<Made<NodeOutputs>> {
        let id = &old.outputs.id;
        cloud.call(Verb::Update, |held| held.change(id, |object| object.node = self.clone()))?;
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn tag(cloud: &Cloud, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        cloud.call(Verb::Tag, |held| {
            held.change(&of.outputs.id, |object| {
                object.tags.retain(|key, _| !unset.contains(key));
                object.tags.extend(set.clone());
            })
        })
    }

    async fn delete(cloud: &Cloud, gone: &[Was]) -> CallResult<Removal> {
        cloud.call(Verb::Delete, |held| {
            gone.iter().try_for_each(|was| held.delete(&was.outputs.id))
        })?;
        Ok(Removal::Gone)
    }

    async fn find(&self, cloud: &Cloud, intent: &Intent) -> CallResult<Found<NodeOutputs>> {
        let found = cloud.call(Verb::Find, |held| Ok(held.made_by(intent)))?;
        Ok(found.map_or(Found::Nothing, |id| Found::Ours(NodeOutputs { id })))
    }
}
