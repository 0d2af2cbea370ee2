use serde_json::{Value, json};

use super::Compact;

/// An argument that came back a little different would be a difference to what is live for ever.
#[test]
fn every_value_reads_back_as_what_it_was() {
    let mut fractions: Vec<f64> = vec![0.1, 99.9, 1e300, 5e-324, f64::MAX, 0.1 + 0.2];
    fractions.extend((1..2000).map(|number| f64::from(number).sqrt() / 3e5));
    for value in fractions.into_iter().map(|fraction| json!({ "threshold": [fraction] })) {
        assert_eq!(Compact::of(value.clone()).read(), value);
    }
    let value = json!({ "a": [null, true, "\u{0}é\"", -1, u64::MAX], "b": {} });
    let compact = Compact::of(value.clone());
    assert!(matches!(compact, Compact::Text(_)));
    assert_eq!(compact.read(), value);
    assert_eq!(Compact::of(Value::Null).read(), Value::Null);
}
