//! Reads a TOML table into any type, refusing what the type does not know: with the setting's path, and what was
//! probably meant.

use std::fmt::{self, Display};

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use toml::{Table, Value};

/// What is wrong with which setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct Problem {
    /// The path of the setting; empty until it is known.
    at: String,
    what: String,
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { at: String::new(), what: what.into() }
    }

    /// The same problem at `path`, unless it has a place already.
    pub(crate) fn at(mut self, path: &str) -> Self {
        if self.at.is_empty() {
            path.clone_into(&mut self.at);
        }
        self
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => f.write_str(&self.what),
            at => write!(f, "`{at}` {}", self.what),
        }
    }
}

impl serde::de::Error for Problem {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(format!("cannot be used: {message}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("cannot be `{variant}`; {}", meant(variant, expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("has no setting `{field}`; {}", meant(field, expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("must be set: `{field}` has no default"))
    }
}

/// Reads a whole settings table; `common` settings are passed over where the type has no such field.
pub(super) fn read<T: DeserializeOwned>(
    table: &Table,
    common: &'static [&'static str],
) -> Result<T, Problem> {
    T::deserialize(Setting { path: String::new(), value: Value::Table(table.clone()), common })
}

/// The closest of the known names, or all of them.
fn meant(name: &str, known: &[&str]) -> String {
    let close = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let best = close
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(likeness, _)| *likeness > 0.8);
    match best {
        Some((_, best)) => format!("did you mean `{best}`?"),
        None if known.is_empty() => "there are no settings here".to_owned(),
        None => {
            let all = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
            format!("known are {all}")
        }
    }
}

/// A value and its path.
struct Setting {
    path: String,
    value: Value,
    common: &'static [&'static str],
}

impl Setting {
    fn below(path: &str, key: &str, value: Value) -> Self {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        Self { path, value, common: &[] }
    }

    /// Refuses keys that are no fields, and drops common ones.
    fn known(mut self, fields: &'static [&'static str]) -> Result<Self, Problem> {
        let Value::Table(table) = &mut self.value else { return Ok(self) };
        let passed_over = |key: &str| self.common.contains(&key) && !fields.contains(&key);
        table.retain(|key, _| !passed_over(key));
        let mut known: Vec<&str> = fields.iter().chain(self.common).copied().collect();
        known.sort_unstable();
        known.dedup();
        match table.keys().find(|key| !fields.contains(&key.as_str())) {
            None => Ok(self),
            Some(key) => {
                let problem = Problem::new(format!("is no setting; {}", meant(key, &known)));
                Err(problem.at(&Self::below(&self.path, key, Value::Boolean(true)).path))
            }
        }
    }
}

impl IntoDeserializer<'_, Problem> for Setting {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Setting {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let path = self.path;
        let read = match self.value {
            Value::String(text) => visitor.visit_string(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Boolean(flag) => visitor.visit_bool(flag),
            Value::Datetime(time) => visitor.visit_string(time.to_string()),
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                let items = items.map(|(index, item)| Self::below(&path, &index.to_string(), item));
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            Value::Table(table) => {
                let entries = table
                    .into_iter()
                    .map(|(key, value)| (key.clone(), Self::below(&path, &key, value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
        };
        read.map_err(|problem| problem.at(&path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.known(&[])?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let path = self.path.clone();
        visitor.visit_newtype_struct(self).map_err(|problem| problem.at(&path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.known(fields)?.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let path = self.path.clone();
        visitor.visit_enum(self).map_err(|problem| problem.at(&path))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// A variant is a text, or a table of one key that names it.
impl<'de> EnumAccess<'de> for Setting {
    type Error = Problem;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Problem> {
        let (name, content) = match self.value {
            Value::String(name) => (name, Value::Table(Table::new())),
            Value::Table(table) if table.len() == 1 => {
                table.into_iter().next().expect("the table has one key")
            }
            _ => return Err(Problem::new("must be one name, or a table with one name")),
        };
        let content = Self::below(&self.path, &name, content);
        Ok((seed.deserialize(name.into_deserializer())?, content))
    }
}

impl<'de> VariantAccess<'de> for Setting {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        self.known(&[]).map(|_| ())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Problem> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.known(fields)?.deserialize_any(visitor)
    }
}
