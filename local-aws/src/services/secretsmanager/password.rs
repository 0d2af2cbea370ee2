//! Passwords: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>

use super::reference::invalid_parameter;
use crate::call::Call;
use crate::fault::Fault;
use crate::fields::Fields;
use serde_json::{Value, json};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// `GetRandomPassword`.
pub(super) fn get(call: &mut Call) -> Result<Value, Fault> {
    let input = call.input();
    let excluded = input.text("ExcludeCharacters");
    let kinds = [
        ("ExcludeLowercase", LOWER),
        ("ExcludeUppercase", UPPER),
        ("ExcludeNumbers", DIGITS),
        ("ExcludePunctuation", PUNCTUATION),
    ];
    let kept = |letters: &str| letters.chars().filter(|one| !excluded.contains(*one)).collect();
    let mut alphabets: Vec<Vec<char>> = kinds
        .iter()
        .filter(|(member, _)| !input.flag(member))
        .map(|(_, letters)| kept(letters))
        .collect();
    if input.flag("IncludeSpace") {
        alphabets.push(kept(" "));
    }
    alphabets.retain(|letters| !letters.is_empty());
    let length = input.int("PasswordLength").and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(32);
    let each = input.opt_flag("RequireEachIncludedType").unwrap_or(true);
    if alphabets.is_empty() || each && length < alphabets.len() {
        return Err(invalid_parameter(
            "The password length or the characters that are left do not allow what is required of the password.",
        ));
    }
    Ok(json!({"RandomPassword": from(call, &alphabets, length, each)}))
}

/// A password for what a service manages: letters, digits and punctuation that needs no quoting.
pub(crate) fn generate(call: &mut Call, length: usize) -> String {
    let alphabets =
        [LOWER, UPPER, DIGITS, "!#$%&*+-=?^_~"].map(|letters| letters.chars().collect());
    from(call, &alphabets, length, true)
}

fn from(call: &mut Call, alphabets: &[Vec<char>], length: usize, each: bool) -> String {
    let all: Vec<char> = alphabets.iter().flatten().copied().collect();
    let mut number = || {
        let hex = call.new_hex("secretsmanager.password", 8);
        usize::from_str_radix(&hex, 16).unwrap_or_default()
    };
    let mut letters: Vec<char> = (0..length)
        .map(|at| match alphabets.get(at).filter(|_| each) {
            Some(alphabet) => alphabet[number() % alphabet.len()],
            None => all[number() % all.len()],
        })
        .collect();
    for at in (1..letters.len()).rev() {
        letters.swap(at, number() % (at + 1));
    }
    letters.into_iter().collect()
}
