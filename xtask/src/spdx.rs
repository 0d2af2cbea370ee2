//! Licence expressions: <https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/>.
//!
//! `OR` binds weaker than `AND`. The slash that old manifests write between two licences means `OR`.

/// A parsed expression.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// One licence, with its exception if it has one: `Apache-2.0 WITH LLVM-exception`.
    Licence(String),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

impl Expression {
    /// Fails with what is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Tokens { rest: text };
        let expression = any(&mut tokens)?;
        match tokens.next() {
            None => Ok(expression),
            Some(token) => Err(format!("`{token}` is not expected after a licence")),
        }
    }

    /// True if the licences that are allowed suffice. `X+` is met by `X`, since the taker chooses the version.
    pub(crate) fn is_met_by(&self, allowed: &[String]) -> bool {
        match self {
            Self::Licence(name) => {
                let exact = name.strip_suffix('+').unwrap_or(name);
                allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(exact))
            }
            Self::All(parts) => parts.iter().all(|part| part.is_met_by(allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met_by(allowed)),
        }
    }
}

struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn peek(&self) -> Option<&'a str> {
        Tokens { rest: self.rest }.next()
    }

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start();
        let is_mark = |sign: char| matches!(sign, '(' | ')' | '/');
        let end = match text.find(|sign: char| is_mark(sign) || sign.is_whitespace()) {
            Some(0) => 1,
            Some(end) => end,
            None => text.len(),
        };
        let (token, rest) = text.split_at(end);
        self.rest = rest;
        (!token.is_empty()).then_some(token)
    }

    fn take(&mut self, words: &[&str]) -> bool {
        let found =
            self.peek().is_some_and(|token| words.iter().any(|w| w.eq_ignore_ascii_case(token)));
        if found {
            self.next();
        }
        found
    }
}

fn any(tokens: &mut Tokens<'_>) -> Result<Expression, String> {
    let mut parts = vec![all(tokens)?];
    while tokens.take(&["OR", "/"]) {
        parts.push(all(tokens)?);
    }
    Ok(single_or(parts, Expression::Any))
}

fn all(tokens: &mut Tokens<'_>) -> Result<Expression, String> {
    let mut parts = vec![licence(tokens)?];
    while tokens.take(&["AND"]) {
        parts.push(licence(tokens)?);
    }
    Ok(single_or(parts, Expression::All))
}

fn licence(tokens: &mut Tokens<'_>) -> Result<Expression, String> {
    if tokens.take(&["("]) {
        let inner = any(tokens)?;
        return if tokens.take(&[")"]) { Ok(inner) } else { Err("a `(` is not closed".to_owned()) };
    }
    let name = identifier(tokens)?;
    if tokens.take(&["WITH"]) {
        let exception = identifier(tokens)?;
        return Ok(Expression::Licence(format!("{name} WITH {exception}")));
    }
    Ok(Expression::Licence(name.to_owned()))
}

fn identifier<'a>(tokens: &mut Tokens<'a>) -> Result<&'a str, String> {
    let operators = ["OR", "AND", "WITH", "(", ")", "/"];
    match tokens.next() {
        None => Err("a licence is missing at the end".to_owned()),
        Some(token) if operators.iter().any(|operator| operator.eq_ignore_ascii_case(token)) => {
            Err(format!("a licence is missing before `{token}`"))
        }
        Some(token) => Ok(token),
    }
}

fn single_or(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];
        let expression = Expression::parse(text).unwrap();
        assert_eq!(
            expression.is_met_by(&allowed.map(str::to_owned)),
            expected,
            "{text}: {expression:?}"
        );
    }

    #[test]
    fn one_licence() {
        check("MIT", true);
        check("mit", true);
        check("Apache-2.0+", true);
        check("AGPL-3.0-only", false);
        check("LicenseRef-Own", false);
    }

    #[test]
    fn or_needs_one_and_needs_all() {
        check("MIT OR AGPL-3.0-only", true);
        check("AGPL-3.0-only OR MIT", true);
        check("MIT AND GPL-2.0-only", false);
        check("MIT AND Unicode-3.0", true);
        check("AGPL-3.0-only/MIT", true);
        check("Apache-2.0 / GPL-2.0", true);
    }

    #[test]
    fn and_binds_tighter_than_or() {
        check("MIT OR Apache-2.0 AND GPL-2.0-only", true);
        check("(MIT OR Apache-2.0) AND GPL-2.0-only", false);
        check("GPL-2.0-only AND MIT OR GPL-3.0-only", false);
        check("(MIT OR GPL-2.0-only) AND (Unicode-3.0 OR GPL-3.0-only)", true);
    }

    #[test]
    fn an_exception_is_part_of_its_licence() {
        check("Apache-2.0 WITH LLVM-exception", true);
        check("MIT WITH LLVM-exception", false);
        check("GPL-2.0-only WITH Classpath-exception-2.0", false);
        check("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", true);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        let refused = |text| Expression::parse(text).unwrap_err();
        assert_eq!(refused(""), "a licence is missing at the end");
        assert_eq!(refused("MIT OR"), "a licence is missing at the end");
        assert_eq!(refused("AND MIT"), "a licence is missing before `AND`");
        assert_eq!(refused("(MIT"), "a `(` is not closed");
        assert_eq!(refused("MIT Apache-2.0"), "`Apache-2.0` is not expected after a licence");
        assert_eq!(refused("MIT)"), "`)` is not expected after a licence");
    }
}
