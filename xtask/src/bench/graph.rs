//! The graphs that are measured, in the forms that each engine reads.

use serde_json::{Map, Value, json};

/// How the nodes of a graph hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing depends on anything.
    Independent,
    /// Layers of √N nodes, each of which depends on three of the layer before.
    Layered,
    /// Each depends on the one before.
    Chained,
}

impl Shape {
    pub(crate) const ALL: [Self; 3] = [Self::Independent, Self::Layered, Self::Chained];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Layered => "layered",
            Self::Chained => "chained",
        }
    }
}

/// For every node, which ones it depends on; all of them come before it.
pub(crate) struct Graph(pub(super) Vec<Vec<usize>>);

impl Graph {
    pub(crate) fn new(shape: Shape, nodes: usize) -> Self {
        let width = nodes.isqrt().max(1);
        let needs = |node: usize| match shape {
            Shape::Independent => Vec::new(),
            Shape::Chained => node.checked_sub(1).into_iter().collect(),
            Shape::Layered if node < width => Vec::new(),
            Shape::Layered => {
                let (before, place) = ((node / width - 1) * width, node % width);
                let mut needs = [0, 1, 7].map(|step| before + (place + step) % width).to_vec();
                needs.sort_unstable();
                needs.dedup();
                needs
            }
        };
        Self((0..nodes).map(needs).collect())
    }

    /// As the engine's `synthetic` example reads it.
    pub(crate) fn json(&self) -> Value {
        let one = |(node, needs): (usize, &Vec<usize>)| {
            let deps: Vec<String> = needs.iter().map(|need| name(*need)).collect();
            json!({ "id": name(node), "deps": deps, "props": props(node) })
        };
        json!({ "nodes": self.0.iter().enumerate().map(one).collect::<Vec<_>>() })
    }

    /// As Terraform reads it: resources that call nothing.
    pub(crate) fn terraform(&self) -> Value {
        let one = |(node, needs): (usize, &Vec<usize>)| {
            let id = |need: &usize| format!("${{terraform_data.{}.id}}", name(*need));
            let deps: Vec<String> = needs.iter().map(id).collect();
            (name(node), json!({ "input": { "deps": deps, "props": props(node) } }))
        };
        let resources: Map<String, Value> = self.0.iter().enumerate().map(one).collect();
        json!({ "resource": { "terraform_data": resources } })
    }
}

fn name(node: usize) -> String {
    format!("n{node}")
}

fn props(node: usize) -> Value {
    json!({ "name": format!("node {node}"), "size": node % 7 + 1 })
}
