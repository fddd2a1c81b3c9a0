//! JSON as serde_json reads it, kept so that nothing is lost: members in their order, numbers as they are written.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A JSON value in which no object has a member twice.
#[derive(Clone, PartialEq, Debug)]
pub enum Json {
    /// `null`, `true`, `false` or a number, as it is written.
    Word(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Members in their order.
    Object(Vec<(String, Json)>),
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl Json {
    /// Reads a text; nothing where serde_json refuses it or a member is given twice.
    pub fn read(text: &[u8]) -> Option<Self> {
        Self::of(serde_json::from_slice(text).ok()?)
    }

    fn of(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' => {
                let Members(members) = serde_json::from_str(text).ok()?;
                let repeated = |at: usize, name: &String| members.iter().take(at).any(|(other, _)| other == name);
                if members.iter().enumerate().any(|(at, (name, _))| repeated(at, name)) {
                    return None;
                }
                let member = |(name, raw): (String, &RawValue)| Some((name, Self::of(raw)?));
                Self::Object(members.into_iter().map(member).collect::<Option<_>>()?)
            }
            b'[' => {
                let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::List(elements.into_iter().map(Self::of).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            _ => Self::Word(text.to_owned()),
        })
    }

    /// How many arrays and objects stand around its innermost value.
    pub fn depth(&self) -> usize {
        let below = |values: &mut dyn Iterator<Item = &Self>| values.map(|value| 1 + value.depth()).max().unwrap_or(0);
        match self {
            Self::Word(_) | Self::Text(_) => 0,
            Self::List(elements) => below(&mut elements.iter()),
            Self::Object(members) => below(&mut members.iter().map(|(_, value)| value)),
        }
    }

    /// The member of that name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The elements of a list; none of anything else.
    pub fn elements(&self) -> &[Self] {
        if let Self::List(elements) = self { elements } else { &[] }
    }

    /// The string, where this is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, rounded, where this is one.
    pub fn number(&self) -> Option<f64> {
        if let Self::Word(word) = self { word.parse().ok() } else { None }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
