//! Names and texts inside statements that take no parameters.

/// A name as PostgreSQL reads it back unchanged, whatever is in it.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as PostgreSQL reads it back unchanged, whatever `standard_conforming_strings` says.
pub(crate) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        return format!("E'{}'", quoted.replace('\\', "\\\\"));
    }
    format!("'{quoted}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_their_quotes() {
        assert_eq!(identifier("app"), "\"app\"");
        assert_eq!(identifier("App user"), "\"App user\"");
        assert_eq!(identifier("a\"; DROP ROLE b; --"), "\"a\"\"; DROP ROLE b; --\"");
    }

    #[test]
    fn texts_cannot_end_their_quotes() {
        assert_eq!(literal("app"), "'app'");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"back\slash"), r"E'back\\slash'");
        assert_eq!(literal(r"\'; DROP ROLE b; --"), r"E'\\''; DROP ROLE b; --'");
    }
}
