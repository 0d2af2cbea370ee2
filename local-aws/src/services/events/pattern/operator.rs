//! What one value of a pattern matches: a constant, or an operator.

use serde_json::{Number, Value};
use std::net::IpAddr;

/// Checks one value of a pattern.
pub(super) fn check(wanted: &Value) -> Result<(), String> {
    let Value::Object(members) = wanted else {
        return if wanted.is_array() {
            Err("Match value must be String, number, true, false, or null".to_owned())
        } else {
            Ok(())
        };
    };
    let mut members = members.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err("Only one key allowed in match expression".to_owned());
    };
    let text = || {
        if value.is_string() {
            Ok(())
        } else {
            Err(format!("{name} match pattern must be a string"))
        }
    };
    match name.as_str() {
        "prefix" | "suffix" => match value.as_object() {
            Some(inner)
                if inner.len() == 1
                    && inner.get("equals-ignore-case").is_some_and(Value::is_string) =>
            {
                Ok(())
            }
            Some(_) => Err(format!("{name} match pattern must be a string")),
            None => text(),
        },
        "equals-ignore-case" => text(),
        "wildcard" => {
            text()?;
            if value.as_str().is_some_and(|text| text.contains("**")) {
                return Err("Consecutive wildcard characters".to_owned());
            }
            Ok(())
        }
        "exists" if value.is_boolean() => Ok(()),
        "exists" => Err("exists match pattern must be either true or false.".to_owned()),
        "cidr" => value
            .as_str()
            .and_then(network)
            .map(drop)
            .ok_or_else(|| "Malformed CIDR, one '/' required".to_owned()),
        "numeric" => check_numeric(value),
        "anything-but" => check_anything_but(value),
        other => Err(format!("Unrecognized match type {other}")),
    }
}

fn check_numeric(value: &Value) -> Result<(), String> {
    let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let pairs = parts.chunks(2);
    let whole = pairs.clone().all(|pair| {
        matches!(pair, [Value::String(sign), Value::Number(_)] if ["=", "<", "<=", ">", ">="].contains(&sign.as_str()))
    });
    if whole && (1..=2).contains(&pairs.len()) {
        Ok(())
    } else {
        Err("Invalid member in numeric match".to_owned())
    }
}

fn check_anything_but(value: &Value) -> Result<(), String> {
    let refused =
        || Err("Value of anything-but must be an array or single string/number value.".to_owned());
    match value {
        Value::Array(values) if values.is_empty() => refused(),
        Value::Array(values) if values.iter().all(|one| one.is_string() || one.is_number()) => {
            Ok(())
        }
        Value::Object(inner) if inner.len() == 1 => {
            let known = inner.keys().all(|name| {
                ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(&name.as_str())
            });
            if known { Ok(()) } else { refused() }
        }
        Value::String(_) | Value::Number(_) => Ok(()),
        _ => refused(),
    }
}

/// Whether a member of an event is what a pattern's value asks for; of a list any element will do.
pub(super) fn fits(wanted: &Value, found: Option<&Value>) -> bool {
    if let Some(exists) = wanted.get("exists") {
        return exists.as_bool() == Some(found.is_some_and(|found| !found.is_object()));
    }
    match found {
        None => false,
        Some(Value::Array(elements)) => elements.iter().any(|element| fits_one(wanted, element)),
        Some(one) => fits_one(wanted, one),
    }
}

fn fits_one(wanted: &Value, found: &Value) -> bool {
    let Value::Object(operator) = wanted else { return equal(wanted, found) };
    let Some((name, value)) = operator.iter().next() else { return false };
    match name.as_str() {
        "anything-but" => is_scalar(found) && !excluded(value, found),
        "numeric" => found.as_number().is_some_and(|number| numeric(value, number)),
        name => found.as_str().is_some_and(|text| text_fits(name, value, text)),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn equal(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Number(wanted), Value::Number(found)) => {
            compare(found, wanted) == Some(std::cmp::Ordering::Equal)
        }
        _ => wanted == found,
    }
}

fn compare(a: &Number, b: &Number) -> Option<std::cmp::Ordering> {
    a.as_f64()?.partial_cmp(&b.as_f64()?)
}

fn excluded(value: &Value, found: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| equal(value, found)),
        Value::Object(inner) => inner.iter().any(|(name, value)| {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            found
                .as_str()
                .is_some_and(|text| values.iter().any(|value| text_fits(name, value, text)))
        }),
        one => equal(one, found),
    }
}

fn text_fits(operator: &str, value: &Value, text: &str) -> bool {
    let ignoring = value.get("equals-ignore-case").and_then(Value::as_str).map(str::to_lowercase);
    let lower = text.to_lowercase();
    let wanted = value.as_str().unwrap_or_default();
    match (operator, ignoring) {
        ("prefix", Some(wanted)) => lower.starts_with(&wanted),
        ("prefix", None) => text.starts_with(wanted),
        ("suffix", Some(wanted)) => lower.ends_with(&wanted),
        ("suffix", None) => text.ends_with(wanted),
        ("equals-ignore-case", _) => lower == wanted.to_lowercase(),
        ("wildcard", _) => wild(wanted, text),
        ("cidr", _) => within(wanted, text),
        _ => false,
    }
}

/// Whether a text is one with stars for any characters; a backslash makes a star a star.
fn wild(pattern: &str, text: &str) -> bool {
    // A question mark means itself here.
    crate::filter::like(&pattern.replace('?', "\\?"), text)
}

fn numeric(value: &Value, found: &Number) -> bool {
    let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    parts.chunks(2).all(|pair| {
        let [Value::String(sign), Value::Number(limit)] = pair else { return false };
        let Some(order) = compare(found, limit) else { return false };
        match sign.as_str() {
            "=" => order.is_eq(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            _ => order.is_ge(),
        }
    })
}

fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

fn within(cidr: &str, text: &str) -> bool {
    let (Some((network, bits)), Ok(address)) = (network(cidr), text.parse::<IpAddr>()) else {
        return false;
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or_default();
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}
