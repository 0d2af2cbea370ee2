//! Names of domains as Route 53 writes them.
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>

/// The longest name and the longest label.
const LONGEST: (usize, usize) = (255, 63);

/// A name in small letters with a dot at its end, other characters than `a-z 0-9 - _` as octal codes. `None` if it is not one.
pub(super) fn canonical(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_empty() || text.len() > LONGEST.0 {
        return None;
    }
    let mut name = String::new();
    for label in text.split('.') {
        let label = escaped(&label.to_ascii_lowercase())?;
        if label.is_empty() || label.len() > LONGEST.1 {
            return None;
        }
        name.push_str(&label);
        name.push('.');
    }
    Some(name)
}

/// A label with its unusual characters as octal codes; codes that are there already stay.
fn escaped(label: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = label;
    while let Some(letter) = rest.chars().next() {
        let code = rest.strip_prefix('\\').and_then(|after| after.get(..3));
        if letter == '\\' {
            let code =
                code.filter(|code| code.bytes().all(|byte| (b'0'..=b'7').contains(&byte)))?;
            out.push('\\');
            out.push_str(code);
            rest = &rest[4..];
            continue;
        }
        if letter.is_ascii_alphanumeric() || "-_".contains(letter) {
            out.push(letter);
        } else if letter.is_ascii_graphic() {
            let code = format!("\\{:03o}", u32::from(letter));
            out.push_str(&code);
        } else {
            return None;
        }
        rest = &rest[letter.len_utf8()..];
    }
    Some(out)
}

/// A name with its labels the other way round: what names are sorted by.
pub(super) fn sorted(name: &str) -> String {
    let labels = name.split('.').rev().filter(|label| !label.is_empty());
    labels.collect::<Vec<&str>>().join(".") + "."
}

/// Whether a name is a zone's, or lies in it.
pub(super) fn lies_in(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}
