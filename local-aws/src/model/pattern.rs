//! Patterns of the models, which are Java's, in the dialect of the `regex` crate.

use regex::{Captures, Regex};
use std::sync::LazyLock;

static ESCAPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}-\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[Dd][89A-Fa-f][0-9A-Fa-f]{2}-\\u[Dd][89A-Fa-f][0-9A-Fa-f]{2}|\\u([0-9A-Fa-f]{4})|\\([wds])|\\p\{Print\}|\\.")
        .expect("a constant pattern is valid")
});

/// A regex that matches a whole text; `None` if the pattern looks around, which this dialect cannot.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    let adapted = ESCAPES.replace_all(pattern, adapt);
    Regex::new(&format!("^(?s:{adapted})$")).ok()
}

/// Java's `\w`, `\d` and `\s` are ASCII, its `\uXXXX` is `\x{XXXX}`; a range of whole surrogate
/// pairs is everything above `\uFFFF`, and halves of them never occur in UTF-8.
fn adapt(escape: &Captures) -> String {
    if let Some(code) = escape.get(1) {
        return format!("\\x{{{}}}", code.as_str());
    }
    if escape[0].len() > "\\uD800-\\uDFFF".len() {
        return r"\x{10000}-\x{10FFFF}".to_owned();
    }
    match escape.get(2).map(|class| class.as_str()) {
        Some("w") => "[A-Za-z0-9_]".to_owned(),
        Some("d") => "[0-9]".to_owned(),
        Some(_) => r"[ \t\n\x0B\x0C\r]".to_owned(),
        None if &escape[0] == r"\p{Print}" => r"[\x20-\x7E]".to_owned(),
        None if escape[0].starts_with("\\u") => String::new(),
        None => escape[0].to_owned(),
    }
}
