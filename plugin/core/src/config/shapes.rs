//! Values that may be written in more than one shape, and those whose order counts.

use super::raw::{ClaimSource, List};
use crate::json::{FromJson, Kind, Mistakes, Value};

/// Members in the order in which they were written.
#[derive(Debug)]
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

/// A value for which `null` means something.
#[derive(Debug)]
pub(super) struct Nullable<T>(pub(super) Option<T>);

/// A claim that holds groups or scopes.
#[derive(Debug)]
pub(super) enum Source {
    Address(String),
    Object(ClaimSource),
}

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

impl<T: FromJson> FromJson for Ordered<T> {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        if value.kind() != Kind::Object {
            return mistakes.other_than("an object", value);
        }
        let mut members = Vec::new();
        for (name, member) in value.members() {
            members.extend(T::read(member, mistakes).map(|read| (name.into_owned(), read)));
        }
        Some(Self(members))
    }
}

impl FromJson for Nullable<String> {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.kind() {
            Kind::Null => Some(Self(None)),
            Kind::String => String::read(value, mistakes).map(|text| Self(Some(text))),
            _ => mistakes.other_than("a string or null", value),
        }
    }
}

impl From<&str> for Source {
    fn from(address: &str) -> Self {
        Self::Address(address.to_owned())
    }
}

impl FromJson for Source {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.kind() {
            Kind::String => String::read(value, mistakes).map(Self::Address),
            Kind::Object => ClaimSource::read(value, mistakes).map(Self::Object),
            _ => mistakes.other_than("a claim address, or an object with one in `at`", value),
        }
    }
}

impl FromJson for Audiences {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.kind() {
            Kind::Array => List::read(value, mistakes).map(Self::AnyOf),
            Kind::String if value.as_str().as_deref() == Some("any") => Some(Self::Any),
            Kind::String => mistakes.wrong(value, "must be a list of strings, or \"any\""),
            _ => mistakes.other_than("a list of strings, or \"any\"", value),
        }
    }
}

impl FromJson for Discovery {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.kind() {
            Kind::Bool => value.as_bool().map(Self::FromIssuer),
            Kind::String => String::read(value, mistakes).map(Self::Url),
            _ => mistakes.other_than("a URL, or true", value),
        }
    }
}

impl FromJson for Unmapped {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match (value.as_str().as_deref(), value.member("prefix"), value.members().nth(1)) {
            (Some("drop"), ..) => Some(Self::Drop),
            (Some("keep"), ..) => Some(Self::Keep),
            (None, Some(prefix), None) => String::read(prefix, mistakes).map(Self::Prefix),
            _ if matches!(value.kind(), Kind::String | Kind::Object) => {
                mistakes.wrong(value, "must be \"drop\", \"keep\", or {\"prefix\": \"okta:\"}")
            }
            _ => mistakes.other_than("\"drop\", \"keep\", or {\"prefix\": \"okta:\"}", value),
        }
    }
}
