//! Metric math: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

mod function;
mod operator;
mod parse;

pub(super) use self::function::NO_RESULT;

use self::parse::Node;
use super::alarm::invalid;
use super::query::Scope;
use super::series::Series;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::Value;

/// What an expression, or a part of it, comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Number(f64),
    Series(Series),
    List(Vec<Series>),
}

/// Which of the operands an expression comes to, as far as can be told without data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Number,
    Series,
    List,
}

/// What an expression comes to.
pub(super) fn evaluate(text: &str, scope: &Scope) -> Result<Operand, Fault> {
    node(&parse::parse(text)?, scope)
}

fn node(tree: &Node, scope: &Scope) -> Result<Operand, Fault> {
    match tree {
        Node::Number(number) => Ok(Operand::Number(*number)),
        Node::Name(name) => scope.operand(name),
        Node::Text(_) => Err(invalid("A text is an argument of a function only")),
        Node::Negative(inner) => operator::negative(node(inner, scope)?),
        Node::Binary(sign, left, right) => {
            operator::apply(*sign, &node(left, scope)?, &node(right, scope)?)
        }
        Node::List(elements) => {
            let mut list = Vec::new();
            for element in elements {
                match node(element, scope)? {
                    Operand::Series(series) => list.push(series),
                    Operand::List(inner) => list.extend(inner),
                    Operand::Number(number) => list.push(scope.constant(number)),
                }
            }
            Ok(Operand::List(list))
        }
        Node::Call(name, arguments) => function::apply(name, arguments, scope),
    }
}

/// What kind an expression is of; also checks that its names and functions are known.
pub(super) fn kind(text: &str, queries: &[Value], depth: usize) -> Result<Kind, Fault> {
    kind_of(&parse::parse(text)?, queries, depth)
}

fn kind_of(tree: &Node, queries: &[Value], depth: usize) -> Result<Kind, Fault> {
    let of = |inner: &Node| kind_of(inner, queries, depth);
    match tree {
        Node::Number(_) | Node::Text(_) => Ok(Kind::Number),
        Node::Name(name) => {
            let query = queries.iter().find(|query| query.text("Id") == name);
            match query {
                None => Err(invalid(format!("Unknown identifier: {name}"))),
                Some(query) if query.has("MetricStat") => Ok(Kind::Series),
                Some(_) if depth == 0 => {
                    Err(invalid(format!("The expression {name} refers to itself")))
                }
                Some(query) => kind(query.text("Expression"), queries, depth - 1),
            }
        }
        Node::Negative(inner) => of(inner),
        Node::Binary(_, left, right) => Ok(of(left)?.max(of(right)?)),
        Node::List(elements) => {
            for element in elements {
                of(element)?;
            }
            Ok(Kind::List)
        }
        Node::Call(name, arguments) => {
            let arguments = function::operands(name, arguments);
            let kinds = arguments.iter().map(of).collect::<Result<Vec<Kind>, Fault>>()?;
            function::kind(name, &kinds)
        }
    }
}
