//! The names in an object: one after the other, and whether one is there twice.

use super::escape::unescape;
use super::{Node, Tag};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Objects with more members than this look for repeated names in a sorted set.
const FEW_MEMBERS: usize = 32;

/// The members of the object at a node, the last in `nodes`: each name, and where its value is.
#[inline]
pub(super) fn names(nodes: &[Node], object: usize) -> impl Iterator<Item = (&Node, usize)> {
    let mut at = object.saturating_add(1);
    std::iter::from_fn(move || {
        let [name, value] = nodes.get(at..)?.first_chunk()?;
        let own = at.saturating_add(1);
        at = value.next as usize;
        Some((name, own))
    })
}

/// The marks of all names of the object at a node, which has so many.
///
/// # Errors
/// The first name that was there before, in whatever spelling.
pub(super) fn marks<'n>(text: &str, nodes: &'n [Node], object: usize, count: usize) -> Result<u64, &'n Node> {
    let names = || names(nodes, object).map(|(name, _)| name);
    let mut marks = 0;
    let repeated = if count <= FEW_MEMBERS {
        names().enumerate().find(|(index, name)| {
            let mark = mark_of(text, name);
            let may_repeat = marks & mark != 0;
            marks |= mark;
            may_repeat && names().take(*index).any(|earlier| spelled(text, earlier) == spelled(text, name))
        })
    } else {
        marks = u64::MAX;
        let mut seen = BTreeSet::new();
        names().enumerate().find(|(_, name)| !seen.insert(spelled(text, name)))
    };
    repeated.map_or(Ok(marks), |(_, name)| Err(name))
}

/// One of 64 bits, the same for the same name; a name that is written with escapes has all of them.
#[inline]
pub(super) fn mark(name: &[u8]) -> u64 {
    let byte = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    let ends = byte(name.first()).wrapping_mul(7).wrapping_add(byte(name.last()));
    1 << (ends.wrapping_add(name.len()) % 64)
}

#[inline]
fn mark_of(text: &str, name: &Node) -> u64 {
    match name.tag {
        Tag::Escaped => u64::MAX,
        _ => mark(raw(text, name).as_bytes()),
    }
}

#[inline]
fn spelled<'t>(text: &'t str, name: &Node) -> Cow<'t, str> {
    let raw = raw(text, name);
    if name.tag == Tag::Escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
}

#[inline]
fn raw<'t>(text: &'t str, name: &Node) -> &'t str {
    text.get(name.start as usize..name.end as usize).unwrap_or_default()
}
