//! Typed reading of a [`Document`] through serde, where every mistake knows the value it is about.

use super::{Document, Kind, Value};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

const RAW: &str = "claimgate::RawJson";

/// A piece of JSON that is kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJson(pub String);

/// A mistake and where it is: `issuers[1].keys.jwks_uri: expected a string`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Path of the value, empty for the whole document.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Located {
    /// The same with every control character spelled as an escape: names in it come from the document.
    #[must_use]
    pub(crate) fn on_one_line(self) -> Self {
        let escaped = |text: String| match text.contains(char::is_control) {
            false => text,
            true => text.chars().fold(String::new(), |mut out, c| {
                match c.is_control() {
                    true => out.extend(c.escape_default()),
                    false => out.push(c),
                }
                out
            }),
        };
        Self { path: escaped(self.path), problem: escaped(self.problem) }
    }
}

/// Reads a `T` and collects every mistake of form on the way: what is wrong is cut out (a member as if absent, an
/// element as if null) and the reading starts again, so one pass over a file names all that has to be mended.
pub fn from_document<T: DeserializeOwned>(document: &Document) -> (Option<T>, Vec<Located>) {
    let mut cut = BTreeSet::new();
    let mut mistakes = Vec::new();
    loop {
        let error = match T::deserialize(Reader { value: document.root(), cut: &cut }) {
            Ok(read) => return (Some(read), mistakes),
            Err(error) => error,
        };
        let at = error.at.unwrap_or(0);
        mistakes.push(Located { path: path_of(document, at), problem: error.problem });
        if at == 0 || !cut.insert(at) {
            return (None, mistakes);
        }
    }
}

fn path_of(document: &Document, target: usize) -> String {
    let mut path = String::new();
    let mut value = document.root();
    while value.at != target {
        let mut step = None;
        for (index, element) in value.elements().enumerate() {
            if element.at <= target {
                step = Some((format!("[{index}]"), element));
            }
        }
        for (name, member) in value.members() {
            // A mistake about the name itself is reported at the name's own node, which stands before the value's.
            if member.at.saturating_sub(1) <= target {
                let dot = if path.is_empty() { "" } else { "." };
                step = Some((format!("{dot}{name}"), member));
            }
        }
        let Some((text, child)) = step else { break };
        path.push_str(&text);
        if child.at > target {
            break;
        }
        value = child;
    }
    // A member of the whole document that is called nothing is not the whole document.
    if path.is_empty() && target > 0 { "\"\"".to_owned() } else { path }
}

#[derive(Copy, Clone)]
struct Reader<'a> {
    value: Value<'a>,
    cut: &'a BTreeSet<usize>,
}

/// A mistake while reading, at a node of the document once one is known.
#[derive(Debug)]
struct Mistake {
    at: Option<usize>,
    problem: String,
}

impl Mistake {
    fn located(mut self, at: usize) -> Self {
        self.at.get_or_insert(at);
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { at: None, problem: message.to_string() }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            de::Unexpected::Unit => "null",
            de::Unexpected::Bool(_) => "true or false",
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => "a number",
            de::Unexpected::Str(_) => "a string",
            de::Unexpected::Seq => "a list",
            de::Unexpected::Map => "an object",
            _ => "something else",
        };
        Self { at: None, problem: format!("expected {expected}, found {found}") }
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self { at: None, problem: format!("out of range: expected {expected}") }
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self { at: None, problem: format!("unknown field; known here: {}", expected.join(", ")) }
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self { at: None, problem: format!("must be one of {}", expected.join(", ")) }
    }
}

impl<'a> Reader<'a> {
    /// Also a type that reads a string and then finds it wrong is told where that string stands.
    fn feed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Mistake> {
        seed.deserialize(self).map_err(|mistake| mistake.located(self.value.at))
    }

    fn elements(self) -> Elements<'a, impl Iterator<Item = Value<'a>>> {
        Elements { values: self.value.elements(), cut: self.cut }
    }

    fn members(self) -> Members<'a, impl Iterator<Item = (Cow<'a, str>, Value<'a>)>> {
        Members { members: self.value.members(), value: None, cut: self.cut }
    }

    fn other_than(self, expected: &dyn de::Expected) -> Mistake {
        let found = match self.value.kind() {
            Kind::Null => de::Unexpected::Unit,
            Kind::Bool => de::Unexpected::Bool(true),
            Kind::Number => de::Unexpected::Unsigned(0),
            Kind::String => de::Unexpected::Str(""),
            Kind::Array => de::Unexpected::Seq,
            Kind::Object => de::Unexpected::Map,
        };
        let mistake: Mistake = de::Error::invalid_type(found, expected);
        mistake.located(self.value.at)
    }
}

/// A field of one kind is read as that kind alone: a list is no object whose members lost their names. Nor does code come
/// along for all the other kinds.
impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool => visitor.visit_bool(self.value.as_bool().unwrap_or_default()),
            Kind::Number => self.deserialize_u64(visitor),
            Kind::String => visitor.visit_str(&self.value.as_str().unwrap_or_default()),
            Kind::Array => visitor.visit_seq(self.elements()),
            Kind::Object => visitor.visit_map(self.members()),
        }
        .map_err(|mistake| mistake.located(self.value.at))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value.as_bool() {
            Some(value) => visitor.visit_bool(value),
            None => Err(self.other_than(&visitor)),
        }
    }

    /// No field takes what is negative or a fraction.
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value.text().parse() {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => Err(self.other_than(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value.as_str() {
            Some(text) => visitor.visit_str(&text),
            None => Err(self.other_than(&visitor)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value.kind() {
            Kind::Array => visitor.visit_seq(self.elements()),
            _ => Err(self.other_than(&visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value.kind() {
            Kind::Object => visitor.visit_map(self.members()),
            _ => Err(self.other_than(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        self.deserialize_map(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        // `null` is a value like any other: a field is left out by leaving it out.
        if self.cut.contains(&self.value.at) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Mistake> {
        let read = if name == RAW { visitor.visit_str(self.value.text()) } else { visitor.visit_newtype_struct(self) };
        read.map_err(|mistake: Mistake| mistake.located(self.value.at))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let read = match self.value.as_str() {
            Some(name) => visitor.visit_enum(name.into_deserializer()),
            None => Err(de::Error::unknown_variant("", variants)),
        };
        read.map_err(|mistake: Mistake| mistake.located(self.value.at))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

struct Elements<'a, I> {
    values: I,
    cut: &'a BTreeSet<usize>,
}

impl<'a, I: Iterator<Item = Value<'a>>> SeqAccess<'a> for Elements<'a, I> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Mistake> {
        self.values.next().map(|value| Reader { value, cut: self.cut }.feed(seed)).transpose()
    }
}

struct Members<'a, I> {
    members: I,
    value: Option<Value<'a>>,
    cut: &'a BTreeSet<usize>,
}

impl<'a, I: Iterator<Item = (Cow<'a, str>, Value<'a>)>> MapAccess<'a> for Members<'a, I> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Mistake> {
        for (name, value) in self.members.by_ref() {
            let own_name = value.at.saturating_sub(1);
            if self.cut.contains(&value.at) || self.cut.contains(&own_name) {
                continue;
            }
            self.value = Some(value);
            let key: de::value::StrDeserializer<'_, Mistake> = name.as_ref().into_deserializer();
            return seed.deserialize(key).map(Some).map_err(|mistake| mistake.located(own_name));
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        match self.value.take() {
            Some(value) => Reader { value, cut: self.cut }.feed(seed),
            None => Err(de::Error::custom("a value was asked for before its name")),
        }
    }
}

impl<'de> de::Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Raw;
        impl Visitor<'_> for Raw {
            type Value = RawJson;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawJson, E> {
                Ok(RawJson(text.to_owned()))
            }
        }
        deserializer.deserialize_newtype_struct(RAW, Raw)
    }
}
