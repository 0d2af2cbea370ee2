//! The grammar of expressions, by precedence: or, and, comparisons, sums, products, powers, signs.

use super::super::alarm::invalid;
use crate::fault::Fault;

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Text(String),
    Name(String),
    List(Vec<Node>),
    Call(String, Vec<Node>),
    Negative(Box<Node>),
    Binary(Sign, Box<Node>, Box<Node>),
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Or,
    And,
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
    Plus,
    Minus,
    Times,
    By,
    Power,
}

/// The operators by precedence, weakest first; of those of one level, longer texts first.
const LEVELS: [&[(&str, Sign)]; 6] = [
    &[("||", Sign::Or), ("OR ", Sign::Or)],
    &[("&&", Sign::And), ("AND ", Sign::And)],
    &[
        ("==", Sign::Equal),
        ("!=", Sign::NotEqual),
        ("<=", Sign::LessOrEqual),
        (">=", Sign::GreaterOrEqual),
        ("<", Sign::Less),
        (">", Sign::Greater),
    ],
    &[("+", Sign::Plus), ("-", Sign::Minus)],
    &[("*", Sign::Times), ("/", Sign::By)],
    &[("^", Sign::Power)],
];

/// How deep parentheses, lists and calls may nest.
const DEPTH: usize = 50;

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.trim_start().to_ascii_uppercase().starts_with("SELECT ") {
        return Err(Fault::not_implemented("queries of Metrics Insights"));
    }
    let mut reader = Reader { rest: text, depth: 0 };
    let node = reader.level(0)?;
    reader.skip_space();
    if reader.rest.is_empty() { Ok(node) } else { Err(reader.wrong()) }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn wrong(&self) -> Fault {
        invalid(format!("Error in expression: unexpected \"{}\"", self.rest))
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, text: &str) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) -> Result<(), Fault> {
        if self.take(text) { Ok(()) } else { Err(self.wrong()) }
    }

    fn take_while(&mut self, allowed: impl Fn(char) -> bool) -> &str {
        let end = self.rest.find(|letter| !allowed(letter)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn level(&mut self, level: usize) -> Result<Node, Fault> {
        let Some(signs) = LEVELS.get(level) else { return self.signed() };
        let mut left = self.level(level + 1)?;
        while let Some((_, sign)) = signs.iter().find(|(text, _)| self.take(text)) {
            let right = self.level(level + 1)?;
            left = Node::Binary(*sign, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Node, Fault> {
        if self.take("-") {
            Ok(Node::Negative(Box::new(self.nested(Self::signed)?)))
        } else {
            self.nested(Self::primary)
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Node, Fault>,
    ) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(invalid("The expression nests too deeply"));
        }
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        if self.take("(") {
            let node = self.level(0)?;
            return self.expect(")").map(|()| node);
        }
        if self.take("[") {
            return self.list("]").map(Node::List);
        }
        for quote in ['"', '\''] {
            if self.take(quote.encode_utf8(&mut [0; 4])) {
                let text = self.take_while(|letter| letter != quote).to_owned();
                return self.expect(quote.encode_utf8(&mut [0; 4])).map(|()| Node::Text(text));
            }
        }
        if self.rest.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return self.number();
        }
        let name =
            self.take_while(|letter| letter.is_ascii_alphanumeric() || letter == '_').to_owned();
        if name.is_empty() {
            return Err(self.wrong());
        }
        if self.take("(") { Ok(Node::Call(name, self.list(")")?)) } else { Ok(Node::Name(name)) }
    }

    fn number(&mut self) -> Result<Node, Fault> {
        let mut text =
            self.take_while(|letter| letter.is_ascii_digit() || letter == '.').to_owned();
        let exponent =
            self.rest.strip_prefix(['e', 'E']).map(|after| after.trim_start_matches(['+', '-']));
        if exponent.is_some_and(|digits| digits.starts_with(|first: char| first.is_ascii_digit())) {
            text.push_str(self.take_while(|letter| ['e', 'E', '+', '-'].contains(&letter)));
            text.push_str(self.take_while(|letter| letter.is_ascii_digit()));
        }
        text.parse().map(Node::Number).map_err(|_| self.wrong())
    }

    fn list(&mut self, end: &str) -> Result<Vec<Node>, Fault> {
        let mut elements = Vec::new();
        if self.take(end) {
            return Ok(elements);
        }
        loop {
            elements.push(self.level(0)?);
            if self.take(end) {
                return Ok(elements);
            }
            self.expect(",")?;
        }
    }
}
