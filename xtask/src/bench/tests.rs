use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::graph::{Graph, Shape};
use super::growth::exponents;
use super::process::measured;

#[test]
fn graphs_have_the_shapes_that_they_are_named_for() {
    let needs = |shape, nodes| Graph::new(shape, nodes).0;
    assert_eq!(needs(Shape::Independent, 3), [[0; 0]; 3]);
    assert_eq!(needs(Shape::Chained, 3), [vec![], vec![0], vec![1]]);
    let layered = needs(Shape::Layered, 100);
    assert!(layered[..10].iter().all(Vec::is_empty));
    assert_eq!(layered[10], [0, 1, 7]);
    assert_eq!(layered[99], [80, 86, 89]);
    for (node, needs) in layered.iter().enumerate().skip(10) {
        assert_eq!(needs.len(), 3);
        assert!(needs.iter().all(|need| need / 10 + 1 == node / 10), "{node}: {needs:?}");
    }
}

#[test]
fn both_engines_are_given_the_same_graph() {
    let graph = Graph::new(Shape::Chained, 2);
    assert_eq!(
        graph.json()["nodes"][1],
        json!({ "id": "n1", "deps": ["n0"], "props": { "name": "node 1", "size": 2 } })
    );
    assert_eq!(
        graph.terraform()["resource"]["terraform_data"]["n1"]["input"],
        json!({ "deps": ["${terraform_data.n0.id}"], "props": { "name": "node 1", "size": 2 } })
    );
}

#[test]
fn growth_is_told_between_neighbouring_sizes() {
    let run = |nodes: u64, cpu: f64| json!({ "shape": "chained", "phase": "plan", "nodes": nodes, "cpu_seconds": cpu });
    let untold = json!({ "shape": "chained", "phase": "plan", "nodes": 5, "cpu_seconds": null });
    let growth = exponents(&[run(1000, 4.0), run(10, 0.02), run(100, 0.2), untold]);
    let told: Vec<String> = growth.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "chained     plan       CPU from     10 to    100 nodes: exponent 1.00",
            "chained     plan       CPU from    100 to   1000 nodes: exponent 1.30",
        ]
    );
}

#[test]
fn a_program_that_takes_too_long_is_given_up() {
    let took = measured(Command::new("sleep").arg("60"), Duration::ZERO).unwrap();
    assert_eq!(took.succeeded, None);
    assert!(took.wall < Duration::from_secs(30));
    let took = measured(&mut Command::new("false"), Duration::from_secs(30)).unwrap();
    assert_eq!(took.succeeded, Some(false));
}
