//! Paths: when one is ambiguous, and what it means to a server that cleans it up.

mod readings;

use readings::{decoded, in_ascii};
use std::borrow::Cow;

/// The longest path, in bytes, that is not ambiguous and whose readings are followed.
const LONGEST: usize = 4096;

/// The path of a request, parsed once.
#[derive(Clone, Debug)]
pub struct RequestPath<'r> {
    raw: &'r str,
    /// Nothing where there are more than this filter follows.
    readings: Option<Vec<String>>,
    ambiguous: bool,
}

impl<'r> RequestPath<'r> {
    /// Parses the path of a request target. Allocates nothing for a plain path, as nearly every path is.
    pub fn parse(target: &'r str) -> Self {
        let raw = of_target(target);
        let mut path = Self { raw, readings: Some(Vec::new()), ambiguous: false };
        // A fragment in a target is cut off by one server and a part of the path to another.
        let whole = target.split('?').next().unwrap_or_default();
        let is_long = whole.len() > LONGEST;
        if whole != raw || !is_plain(raw) {
            path.ambiguous = !is_long && is_ambiguous(raw);
            path.readings = if is_long { None } else { readings::readings(whole, raw, path.ambiguous) };
        }
        path.ambiguous |= is_long || path.readings.is_none();
        path
    }

    /// The path as it was sent, without query and fragment.
    pub fn raw(&self) -> &'r str {
        self.raw
    }

    /// The other paths that a server may take it for, in the one spelling that rules are written in. Nothing where they are
    /// too many or too long to be followed: it may be any path then.
    pub fn readings(&self) -> Option<&[String]> {
        self.readings.as_deref()
    }

    /// Whether two servers might take it for different resources. Such a path is never open.
    pub fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }
}

/// The path of a request target: without query and fragment.
pub fn of_target(target: &str) -> &str {
    let end = target.bytes().position(|byte| matches!(byte, b'?' | b'#'));
    end.and_then(|end| target.get(..end)).unwrap_or(target)
}

/// Whether the path is neither ambiguous nor spelled otherwise than [`canonical`] would: no escape, and no segment that is
/// empty or starts with a dot. So is nearly every path, and one look at each byte tells.
pub fn is_plain(path: &str) -> bool {
    let mut before = 0;
    let plain = |byte| {
        let behind_slash = std::mem::replace(&mut before, byte) == b'/';
        stands_plain(byte) && !(behind_slash && matches!(byte, b'/' | b'.'))
    };
    path.starts_with('/') && path.bytes().all(plain)
}

/// Whether two servers might take the path for different resources: `//`, `\`, dot segments, path parameters, controls,
/// anything but ASCII, and every percent-encoding that a server might resolve before or after another has looked: of
/// unreserved characters (RFC 3986 section 2.3), of `/ \ % ;` and NUL, of blanks around a segment, broken ones, and those
/// that are not UTF-8 or stand for a character that some servers turn into a delimiter.
pub fn is_ambiguous(path: &str) -> bool {
    let Some(behind) = path.strip_prefix('/') else { return true };
    let mut segments = behind.split('/').rev();
    // A slash at the end leaves one empty segment, and only there it may be.
    let dots = |segment: &str| matches!(segment, "." | "..");
    segments.next().is_some_and(dots)
        || segments.any(|segment| segment.is_empty() || dots(segment))
        || path.bytes().any(|byte| matches!(byte, 0..=b' ' | 0x7f.. | b'\\' | b';'))
        || path.contains('%') && has_ambiguous_escape(path.as_bytes())
}

fn has_ambiguous_escape(path: &[u8]) -> bool {
    let alone = path.split(|byte| *byte == b'%').skip(1).any(|after| match escaped(after) {
        None => true,
        Some(byte) => byte.is_ascii_alphanumeric() || byte.is_ascii_control() || b"-._~/\\%;".contains(&byte),
    });
    let decoded = decoded(path);
    let blank = |segment: &[u8]| segment.first() == Some(&b' ') || segment.last() == Some(&b' ');
    alone
        || std::str::from_utf8(&decoded).is_err()
        || in_ascii(&decoded) != decoded
        || decoded.split(|byte| *byte == b'/').any(blank)
}

/// The byte that the two hexadecimal digits after a `%` stand for.
fn escaped(after: &[u8]) -> Option<u8> {
    let [high, low, ..] = *after else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// A path that is not ambiguous in the one spelling that rules are written in: encoded is what RFC 3986 section 3.3 does not
/// let stand plain, in upper case, and nothing else.
pub fn canonical(path: &str) -> Cow<'_, str> {
    let plain = path.bytes().all(stands_plain);
    if plain { Cow::Borrowed(path) } else { Cow::Owned(encoded(&unescaped(path))) }
}

/// Whether a byte of a path means itself and has no need of an escape.
#[inline]
fn stands_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'$' | b'&'..=b':' | b'=' | b'@'..=b'Z' | b'_' | b'a'..=b'z' | b'~')
}

/// Bytes in their one spelling: escapes where they must be and nowhere else, in upper case.
fn encoded(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789ABCDEF".get(usize::from(value & 0xf)).copied().unwrap_or_default());
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if stands_plain(*byte) {
            text.push(char::from(*byte));
        } else {
            text.extend(['%', digit(byte >> 4), digit(*byte)]);
        }
    }
    text
}

/// The bytes that percent-encoded text stands for; a `%` that encodes nothing stays.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for after in pieces.map(str::as_bytes) {
        let (byte, rest) = match escaped(after) {
            Some(byte) => (byte, after.get(2..).unwrap_or_default()),
            None => (b'%', after),
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest);
    }
    bytes
}

#[cfg(test)]
mod tests;
