//! The paths that servers may take one path for.
//!
//! A server decodes escapes once, twice or never, resolves dot segments before or after that, drops empty segments, cuts path
//! parameters off, takes `\` for `/`. Each of these is a step here, and a reading is what steps in some order lead to.

use super::{LONGEST, encoded, escaped};

/// How many readings of one path are followed, and how many bytes of them.
const MOST: usize = 24;
const MOST_BYTES: usize = 4 * LONGEST;

/// Reads the bytes of a path in one way that a server may.
type Step = fn(&[u8]) -> Vec<u8>;

/// What one server does to a path and another does not, other than decode it.
const STEPS: [Step; 9] = [
    in_ascii,
    with_slashes,
    without_parameters,
    without_blanks,
    without_empty_segments,
    without_dot_segments,
    without_fragment,
    without_authority,
    rooted,
];

/// A path on its way through a server.
#[derive(Clone, PartialEq, Eq)]
struct Reading {
    bytes: Vec<u8>,
    /// Whether its escapes were decoded at least once, so that a `%` in it stands for itself.
    is_decoded: bool,
}

/// Finds the readings of a path other than itself, in the one spelling that rules are written in. `whole` is the path with the
/// fragment of its target, if it has one. Returns nothing where the readings are more than are followed.
pub(super) fn readings(whole: &str, path: &str, is_ambiguous: bool) -> Option<Vec<String>> {
    let mut found = vec![Reading { bytes: whole.into(), is_decoded: !whole.contains('%') }];
    let mut spellings = Vec::new();
    let (mut at, mut bytes) = (0, whole.len());
    while let Some(reading) = found.get(at).cloned() {
        at = at.saturating_add(1);
        if bytes > MOST_BYTES || found.len() > MOST {
            return None;
        }
        if reading.is_decoded {
            add_spelling(&mut spellings, encoded(&reading.bytes), path, is_ambiguous);
        }
        let decoded = Reading { bytes: decoded(&reading.bytes), is_decoded: true };
        let others = STEPS.iter().map(|step| Reading { bytes: step(&reading.bytes), ..reading });
        for other in std::iter::once(decoded).chain(others) {
            if !found.contains(&other) {
                bytes = bytes.saturating_add(other.bytes.len());
                found.push(other);
            }
        }
    }
    Some(spellings)
}

/// Some servers drop the slash at the end when they clean up.
fn add_spelling(spellings: &mut Vec<String>, spelling: String, path: &str, is_ambiguous: bool) {
    let bare = spelling.strip_suffix('/').filter(|bare| is_ambiguous && !bare.is_empty()).map(str::to_owned);
    for spelling in std::iter::once(spelling).chain(bare) {
        if spelling != path && !spellings.contains(&spelling) {
            spellings.push(spelling);
        }
    }
}

/// The bytes that escapes stand for, `%u0061` among them; a `%` that encodes nothing stays.
pub(super) fn decoded(path: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
        } else if let Some(byte) = escaped(after) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else if let Some((character, after)) = wide_escape(after) {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
        } else {
            bytes.push(b'%');
        }
    }
    bytes
}

/// The character that `u` and four hexadecimal digits stand for, and what follows them.
fn wide_escape(after: &[u8]) -> Option<(char, &[u8])> {
    let (digits, rest) = after.strip_prefix(b"u").or_else(|| after.strip_prefix(b"U"))?.split_at_checked(4)?;
    let unit = u16::from_be_bytes([escaped(digits)?, escaped(digits.get(2..)?)?]);
    Some((char::from_u32(unit.into())?, rest))
}

/// Overlong UTF-8, and characters that stand for the delimiters of a path, in ASCII.
pub(super) fn in_ascii(path: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        let (byte, length) = if first.is_ascii() { (*first, 1) } else { look_alike(rest).unwrap_or((*first, 1)) };
        bytes.push(byte);
        rest = rest.get(length..).unwrap_or(after);
    }
    bytes
}

/// The ASCII byte that some servers make of the first character, and how many bytes that has.
fn look_alike(bytes: &[u8]) -> Option<(u8, usize)> {
    let low = |byte: u8| byte & 0x3f;
    Some(match *bytes {
        // Overlong forms of one byte in two, three and four.
        [first @ 0xc0..=0xc1, second, ..] => ((first & 1) << 6 | low(second), 2),
        [0xe0, second @ 0x80..=0x81, third, ..] => ((second & 1) << 6 | low(third), 3),
        [0xf0, 0x80, third @ 0x80..=0x81, fourth, ..] => ((third & 1) << 6 | low(fourth), 4),
        _ => {
            let text = bytes.get(..3).or_else(|| bytes.get(..2))?;
            let character = text.utf8_chunks().next()?.valid().chars().next()?;
            let byte = match character {
                '\u{ff05}' | '\u{fe6a}' => b'%',
                '\u{ff0e}' | '\u{fe52}' | '\u{2024}' => b'.',
                '\u{ff0f}' | '\u{2044}' | '\u{2215}' => b'/',
                '\u{ff3c}' | '\u{fe68}' | '\u{2216}' => b'\\',
                '\u{ff1b}' | '\u{fe54}' | '\u{37e}' => b';',
                _ => return None,
            };
            (byte, character.len_utf8())
        }
    })
}

fn with_slashes(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

/// Each segment as `change` leaves it.
fn by_segment<'p>(path: &'p [u8], change: impl Fn(&'p [u8]) -> &'p [u8]) -> Vec<u8> {
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').map(change).collect();
    segments.join(&b'/')
}

fn without_parameters(path: &[u8]) -> Vec<u8> {
    by_segment(path, |segment| segment.split(|byte| *byte == b';').next().unwrap_or_default())
}

fn without_blanks(path: &[u8]) -> Vec<u8> {
    by_segment(path, <[u8]>::trim_ascii)
}

fn without_empty_segments(path: &[u8]) -> Vec<u8> {
    let mut bytes = path.to_vec();
    bytes.dedup_by(|byte, before| *byte == b'/' && *before == b'/');
    bytes
}

/// RFC 3986 section 5.2.4: what ends in a dot segment is a folder.
fn without_dot_segments(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut ends_in_dots = false;
    for segment in path.split(|byte| *byte == b'/') {
        ends_in_dots = matches!(segment, b"." | b"..");
        match segment {
            b"." => {}
            b".." if kept.len() > 1 => drop(kept.pop()),
            b".." => {}
            other => kept.push(other),
        }
    }
    if ends_in_dots {
        kept.push(b"");
    }
    kept.join(&b'/')
}

/// What stands before `?` or `#`, which one server decodes before it looks for them.
fn without_fragment(path: &[u8]) -> Vec<u8> {
    path.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default().to_vec()
}

/// The path of a URL with a host: `https://host/path` or `//host/path`.
fn without_authority(path: &[u8]) -> Vec<u8> {
    let mut parts = path.splitn(4, |byte| *byte == b'/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(scheme), Some(b""), Some(_), rest) if scheme.is_empty() || scheme.ends_with(b":") => {
            [b"/", rest.unwrap_or_default()].concat()
        }
        _ => path.to_vec(),
    }
}

fn rooted(path: &[u8]) -> Vec<u8> {
    if path.starts_with(b"/") { path.to_vec() } else { [b"/", path].concat() }
}
