//! Values that may be written in more than one shape, and those whose order counts.

use super::raw::List;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Members in the order in which they were written.
#[derive(Debug)]
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

/// A value for which `null` means something.
#[derive(Debug)]
pub(super) struct Nullable<T>(pub(super) Option<T>);

#[derive(Debug)]
pub(super) enum Audiences {
    Any,
    AnyOf(List<String>),
}

#[derive(Debug)]
pub(super) enum Discovery {
    FromIssuer(bool),
    Url(String),
}

#[derive(Debug)]
pub(super) enum Unmapped {
    Drop,
    Keep,
    Prefix(String),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered(members))
            }
        }
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Nullable<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrNull;
        impl Visitor<'_> for StringOrNull {
            type Value = Nullable<String>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Nullable<String>, E> {
                Ok(Nullable(None))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Nullable<String>, E> {
                Ok(Nullable(Some(text.to_owned())))
            }
        }
        deserializer.deserialize_any(StringOrNull)
    }
}

impl<'de> Deserialize<'de> for Audiences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyOrList;
        impl<'de> Visitor<'de> for AnyOrList {
            type Value = Audiences;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strings, or \"any\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Audiences, E> {
                if text == "any" { Ok(Audiences::Any) } else { Err(E::custom("must be a list of strings, or \"any\"")) }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Audiences, A::Error> {
                let mut audiences = Vec::new();
                while let Some(audience) = list.next_element()? {
                    audiences.push(audience);
                }
                Ok(Audiences::AnyOf(audiences))
            }
        }
        deserializer.deserialize_any(AnyOrList)
    }
}

impl<'de> Deserialize<'de> for Discovery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UrlOrTrue;
        impl Visitor<'_> for UrlOrTrue {
            type Value = Discovery;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL, or true")
            }
            fn visit_bool<E: Error>(self, derived: bool) -> Result<Discovery, E> {
                Ok(Discovery::FromIssuer(derived))
            }
            fn visit_str<E: Error>(self, url: &str) -> Result<Discovery, E> {
                Ok(Discovery::Url(url.to_owned()))
            }
        }
        deserializer.deserialize_any(UrlOrTrue)
    }
}

impl<'de> Deserialize<'de> for Unmapped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrPrefix;
        const EXPECTED: &str = "\"drop\", \"keep\", or {\"prefix\": \"okta:\"}";
        impl<'de> Visitor<'de> for WordOrPrefix {
            type Value = Unmapped;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Unmapped, E> {
                match word {
                    "drop" => Ok(Unmapped::Drop),
                    "keep" => Ok(Unmapped::Keep),
                    _ => Err(E::custom(format_args!("must be {EXPECTED}"))),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unmapped, A::Error> {
                match (map.next_entry::<String, String>()?, map.next_key::<String>()?) {
                    (Some((name, prefix)), None) if name == "prefix" => Ok(Unmapped::Prefix(prefix)),
                    _ => Err(A::Error::custom(format_args!("must be {EXPECTED}"))),
                }
            }
        }
        deserializer.deserialize_any(WordOrPrefix)
    }
}
