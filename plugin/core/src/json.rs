//! A strict reader for JSON (RFC 8259), kept as one text and one flat list of nodes.
//!
//! Stricter than most, because tokens and key sets come from strangers: a member name that occurs twice in one object
//! is refused at any depth (RFC 7515 section 4), so are lone surrogates, a byte order mark, nesting deeper than
//! [`MAX_DEPTH`] and anything after the value. Numbers stay as they were written, so no digit is ever lost.

mod escape;
mod names;
mod number;
mod parse;
mod read;
mod write;

pub use number::Number;
pub use read::{FromJson, Located, Mistakes, RawJson, from_document};
pub use write::Object;

use crate::bytes::same;
use std::borrow::Cow;
use std::fmt;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 64;

/// The text without a leading U+FEFF, which RFC 8259 section 8.1 allows a reader to pass over. For published documents
/// only: in a token it is an error.
pub(crate) fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// A JSON text that was read whole and found sound.
pub struct Document {
    text: Box<str>,
    nodes: Vec<Node>,
    /// What the names of the outermost object leave to be looked for: most members that are asked for are not there.
    marks: u64,
}

/// One value of a [`Document`].
#[derive(Copy, Clone)]
pub struct Value<'a> {
    document: &'a Document,
    at: usize,
}

/// What a [`Value`] is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, as it was written.
    Number,
    /// A string.
    String,
    /// A list of values.
    Array,
    /// Named values.
    Object,
}

/// Why a text is not JSON as this reader takes it, and at which byte.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct JsonError {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Children follow their parent; `next` is the node after the last of them. An object's children alternate: name, value.
#[derive(Copy, Clone)]
struct Node {
    tag: Tag,
    start: u32,
    end: u32,
    next: u32,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Tag {
    Null,
    True,
    False,
    Number,
    Plain,
    Escaped,
    Array,
    Object,
}

impl Document {
    /// Reads a text.
    ///
    /// # Errors
    /// Says what is wrong and at which byte.
    pub fn parse(text: impl Into<Vec<u8>>) -> Result<Self, JsonError> {
        Self::read(text.into())
    }

    fn read(text: Vec<u8>) -> Result<Self, JsonError> {
        let text = String::from_utf8(text)
            .map_err(|error| JsonError { offset: error.utf8_error().valid_up_to(), problem: "not UTF-8" })?;
        let (nodes, marks) = parse::nodes(&text)?;
        Ok(Self { text: text.into(), nodes, marks })
    }

    /// The value that the whole text is.
    pub fn root(&self) -> Value<'_> {
        Value { document: self, at: 0 }
    }

    /// How many bytes this takes up.
    pub fn bytes(&self) -> usize {
        self.text.len().saturating_add(self.nodes.len().saturating_mul(size_of::<Node>()))
    }

    #[inline]
    fn node(&self, at: usize) -> Node {
        self.nodes.get(at).copied().unwrap_or(Node { tag: Tag::Null, start: 0, end: 0, next: u32::MAX })
    }

    #[inline]
    fn span(&self, node: Node) -> &str {
        self.text.get(node.start as usize..node.end as usize).unwrap_or_default()
    }
}

impl Node {
    /// Whether this is the string that stands for `other`. Hardly any string is written with escapes, and nearly all that
    /// differ do so in length or in the first byte.
    #[inline]
    fn spells(&self, text: &str, other: &str) -> bool {
        let span = self.start as usize..self.end as usize;
        if self.tag == Tag::Plain {
            let (text, other) = (text.as_bytes(), other.as_bytes());
            return span.len() == other.len()
                && (other.is_empty() || text.get(span.start) == other.first())
                && text.get(span).is_some_and(|own| same(own, other));
        }
        escape::unescape(text.get(span).unwrap_or_default()) == other
    }
}

impl<'a> Value<'a> {
    /// What this is.
    pub fn kind(self) -> Kind {
        match self.node().tag {
            Tag::Null => Kind::Null,
            Tag::True | Tag::False => Kind::Bool,
            Tag::Number => Kind::Number,
            Tag::Plain | Tag::Escaped => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
        }
    }

    /// The string, where this is one.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let node = self.node();
        match node.tag {
            Tag::Plain => Some(Cow::Borrowed(self.document.span(node))),
            Tag::Escaped => Some(Cow::Owned(escape::unescape(self.document.span(node)))),
            _ => None,
        }
    }

    /// The number as it was written, where this is one.
    pub fn as_number(self) -> Option<Number<'a>> {
        let node = self.node();
        (node.tag == Tag::Number).then(|| Number::new(self.document.span(node)))
    }

    /// The truth value, where this is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.node().tag {
            Tag::True => Some(true),
            Tag::False => Some(false),
            _ => None,
        }
    }

    /// The elements of an array; nothing for anything else.
    pub fn elements(self) -> impl Iterator<Item = Value<'a>> {
        let children = if self.node().tag == Tag::Array { self.children() } else { Children::none(self.document) };
        children.map(|at| Value { document: self.document, at })
    }

    /// The members of an object in their order; nothing for anything else.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        let mut children = if self.node().tag == Tag::Object { self.children() } else { Children::none(self.document) };
        std::iter::from_fn(move || {
            let name = Value { document: self.document, at: children.next()? };
            let value = Value { document: self.document, at: children.next()? };
            Some((name.as_str().unwrap_or_default(), value))
        })
    }

    /// The member of exactly that name.
    pub fn member(self, name: &str) -> Option<Value<'a>> {
        if self.at == 0 && self.document.marks & names::mark(name.as_bytes()) == 0 {
            return None;
        }
        let object = self.node();
        let members = self.document.nodes.get(..object.next as usize).filter(|_| object.tag == Tag::Object)?;
        let (_, at) = names::names(members, self.at).find(|(own, _)| own.spells(&self.document.text, name))?;
        Some(Value { document: self.document, at })
    }

    /// Whether this is `null` or an empty string.
    pub fn is_blank(self) -> bool {
        matches!(self.text(), "null" | "\"\"")
    }

    /// This value as it stands in the text.
    pub fn text(self) -> &'a str {
        let node = self.node();
        match node.tag {
            Tag::Plain | Tag::Escaped => {
                let (start, end) = (node.start.saturating_sub(1) as usize, node.end.saturating_add(1) as usize);
                self.document.text.get(start..end).unwrap_or_default()
            }
            _ => self.document.span(node),
        }
    }

    #[inline]
    fn node(self) -> Node {
        self.document.node(self.at)
    }

    #[inline]
    fn children(self) -> Children<'a> {
        Children {
            document: self.document,
            at: self.at.saturating_add(1),
            end: (self.node().next as usize).min(self.document.nodes.len()),
        }
    }
}

struct Children<'a> {
    document: &'a Document,
    at: usize,
    end: usize,
}

impl<'a> Children<'a> {
    fn none(document: &'a Document) -> Self {
        Self { document, at: 0, end: 0 }
    }
}

impl Iterator for Children<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        (at < self.end).then(|| {
            self.at = self.document.node(at).next as usize;
            at
        })
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes)", self.text.len())
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?})", self.kind())
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.problem, self.offset)
    }
}

#[cfg(test)]
mod tests;
