//! Typed reading of a [`Document`], where every mistake knows the value it is about.

use super::{Document, Kind, Value};

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

/// What a value is read as. A field of one kind is read as that kind alone: `null` is a value like any other, and a list
/// is no object whose members lost their names.
pub trait FromJson: Sized {
    /// None where the value cannot be read, which is noted.
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self>;
}

/// What was found wrong, in the order of the document.
#[derive(Debug)]
pub struct Mistakes(Vec<(usize, String)>);

/// Reads a `T` and collects every mistake of form on the way: what is wrong is left out, a member as if absent, an
/// element as `None`, so one reading of a file names all that has to be mended.
pub fn from_document<T: FromJson>(document: &Document) -> (Option<T>, Vec<Located>) {
    let mut mistakes = Mistakes(Vec::new());
    let read = T::read(document.root(), &mut mistakes);
    let located = |(at, problem)| Located { path: path_of(document, at), problem };
    (read, mistakes.0.into_iter().map(located).collect())
}

/// The path of a node. A member's name is a node of its own, which stands before that of the value.
fn path_of(document: &Document, target: usize) -> String {
    let mut path = String::new();
    let mut value = document.root();
    while value.at < target {
        let element = value.elements().enumerate().take_while(|(_, element)| element.at <= target).last();
        let member = value.members().take_while(|(_, member)| member.at.saturating_sub(1) <= target).last();
        value = match (element, member) {
            (Some((index, element)), _) => {
                path.push_str(&format!("[{index}]"));
                element
            }
            (None, Some((name, member))) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name);
                member
            }
            (None, None) => break,
        };
    }
    // A member of the whole document that is called nothing is not the whole document.
    if path.is_empty() && target > 0 { "\"\"".to_owned() } else { path }
}

impl Mistakes {
    /// Notes what is wrong with a value; it is then none.
    pub fn wrong<T>(&mut self, value: Value<'_>, problem: &str) -> Option<T> {
        self.note(value.at, problem.to_owned());
        None
    }

    /// Notes that a value is of another kind than expected; it is then none.
    pub fn other_than<T>(&mut self, expected: &str, value: Value<'_>) -> Option<T> {
        let found = match value.kind() {
            Kind::Null => "null",
            Kind::Bool => "true or false",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "a list",
            Kind::Object => "an object",
        };
        self.note(value.at, format!("expected {expected}, found {found}"));
        None
    }

    /// Whether a value is an object; each member of it that is called otherwise is noted.
    pub fn is_object(&mut self, value: Value<'_>, fields: &[&str]) -> bool {
        if value.kind() != Kind::Object {
            return self.other_than("an object", value).unwrap_or(false);
        }
        for (name, member) in value.members() {
            if !fields.contains(&name.as_ref()) {
                let name = member.at.saturating_sub(1);
                self.note(name, format!("unknown field; known here: {}", fields.join(", ")));
            }
        }
        true
    }

    /// The member of that name, where there is one and it can be read.
    pub fn field<T: FromJson>(&mut self, object: Value<'_>, name: &str) -> Option<T> {
        object.member(name).and_then(|value| T::read(value, self))
    }

    /// Which of these words a value is.
    pub fn word(&mut self, value: Value<'_>, words: &[&str]) -> Option<usize> {
        let found = value.as_str().and_then(|text| words.iter().position(|word| *word == text));
        found.or_else(|| self.wrong(value, &format!("must be one of {}", words.join(", "))))
    }

    fn note(&mut self, at: usize, problem: String) {
        let before = self.0.partition_point(|(known, _)| *known <= at);
        self.0.insert(before, (at, problem));
    }
}

impl FromJson for String {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.as_str() {
            Some(text) => Some(text.into_owned()),
            None => mistakes.other_than("a string", value),
        }
    }
}

impl FromJson for bool {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        value.as_bool().or_else(|| mistakes.other_than("a boolean", value))
    }
}

/// No field takes what is negative or a fraction.
impl FromJson for u32 {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.text().parse::<u64>().map(Self::try_from) {
            Ok(Ok(number)) => Some(number),
            Ok(Err(_)) => mistakes.wrong(value, "must be between 0 and 4294967295"),
            Err(_) => mistakes.other_than("a whole number", value),
        }
    }
}

impl FromJson for RawJson {
    fn read(value: Value<'_>, _: &mut Mistakes) -> Option<Self> {
        Some(Self(value.text().to_owned()))
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        T::read(value, mistakes).map(Self::new)
    }
}

/// An element is `None` where it cannot be read.
impl<T: FromJson> FromJson for Vec<Option<T>> {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        match value.kind() {
            Kind::Array => Some(value.elements().map(|element| T::read(element, mistakes)).collect()),
            _ => mistakes.other_than("a list", value),
        }
    }
}
