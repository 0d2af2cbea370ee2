//! Reading the members of requests and rows.

use serde_json::Value;

/// Typed access to the members of a JSON object. A member of another type, or none, is absent.
pub(crate) trait Fields {
    /// The member as text, if it is there.
    fn opt(&self, name: &str) -> Option<&str>;
    /// The member as text, or the empty text: for members that validation has required.
    fn text(&self, name: &str) -> &str;
    /// The member as a truth value; absent is false.
    fn flag(&self, name: &str) -> bool;
    /// The member as a truth value, if it is there.
    fn opt_flag(&self, name: &str) -> Option<bool>;
    /// The member as an integer, if it is there.
    fn int(&self, name: &str) -> Option<i64>;
    /// The member as a number (timestamps are seconds since 1970), if it is there.
    fn number(&self, name: &str) -> Option<f64>;
    /// The elements of a list member; absent is empty.
    fn items(&self, name: &str) -> &[Value];
    /// The texts in a list member; absent is empty.
    fn texts(&self, name: &str) -> Vec<&str>;
    /// Whether the member is there and not null.
    fn has(&self, name: &str) -> bool;
}

impl Fields for Value {
    fn opt(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn text(&self, name: &str) -> &str {
        self.opt(name).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.opt_flag(name).unwrap_or_default()
    }

    fn opt_flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    fn items(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        self.items(name).iter().filter_map(Value::as_str).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_null())
    }
}
