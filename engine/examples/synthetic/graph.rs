//! The graph that is measured, as a file and as a declaration.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use globecart_engine::{Input, Place, Stack};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cloud::Cloud;
use crate::node::{Node, NodeRefs};

/// A graph, as its file has it.
#[derive(Deserialize)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Declared>,
}

/// One node of a graph.
#[derive(Deserialize)]
pub(crate) struct Declared {
    id: String,
    #[serde(default)]
    deps: Vec<String>,
    #[serde(default)]
    props: Map<String, Value>,
}

impl Graph {
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        let read = fs::read(file).map_err(|error| error.to_string());
        let graph = read.and_then(|text| {
            serde_json::from_slice(&text).map_err(|error| format!("is no graph: {error}"))
        });
        graph.map_err(|problem| format!("{}: {problem}", file.display()))
    }

    /// Declares every node after what it depends on, in whichever order the file has them.
    pub(crate) fn declare(mut self) -> Result<Stack<Cloud>, String> {
        let place = Place {
            partition: "synthetic".to_owned(),
            account: "000000000000".to_owned(),
            region: "nowhere-1".to_owned(),
            zones: Vec::new(),
        };
        let mut stack = Stack::new("bench", place).map_err(|error| error.to_string())?;
        let needs = self.needs()?;
        let mut refs: Vec<Option<NodeRefs>> = vec![None; self.nodes.len()];
        for node in needed_first(&needs) {
            let Declared { id, props, .. } = &mut self.nodes[node];
            let id_of = |need: &usize| {
                let refs = refs[*need].as_ref().expect("it is declared before what needs it");
                Input::from(&refs.id)
            };
            let deps = needs[node].iter().map(id_of).collect();
            let declared = stack.add(&*id, Node { deps, props: std::mem::take(props) });
            refs[node] = Some(declared.map_err(|error| error.to_string())?);
        }
        match refs.iter().position(Option::is_none) {
            None => Ok(stack),
            Some(node) => {
                Err(format!("{} depends on itself, or on what does", self.nodes[node].id))
            }
        }
    }

    /// What each node depends on, by number.
    fn needs(&self) -> Result<Vec<Vec<usize>>, String> {
        let numbers: BTreeMap<&str, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(number, node)| (node.id.as_str(), number))
            .collect();
        let number = |node: &Declared, need: &String| {
            let number = numbers.get(need.as_str()).copied();
            number.ok_or_else(|| format!("{} depends on {need}, which is no node", node.id))
        };
        let needs = |node: &Declared| {
            node.deps.iter().map(|need| number(node, need)).collect::<Result<_, _>>()
        };
        self.nodes.iter().map(needs).collect()
    }
}

/// The nodes that depend on no circle, every one after what it depends on.
fn needed_first(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut dependents = vec![Vec::new(); needs.len()];
    let mut left: Vec<usize> = needs.iter().map(Vec::len).collect();
    for (node, needs) in needs.iter().enumerate() {
        for need in needs {
            dependents[*need].push(node);
        }
    }
    let mut order: Vec<usize> = (0..needs.len()).filter(|node| left[*node] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for dependent in &dependents[order[next]] {
            left[*dependent] -= 1;
            if left[*dependent] == 0 {
                order.push(*dependent);
            }
        }
        next += 1;
    }
    order
}
