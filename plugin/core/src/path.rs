//! Paths: when one is ambiguous, and what it means to a server that cleans it up.

use std::borrow::Cow;

/// The path of a request, parsed once.
#[derive(Clone, Debug)]
pub struct RequestPath<'r> {
    raw: &'r str,
    readings: Vec<String>,
    ambiguous: bool,
}

impl<'r> RequestPath<'r> {
    /// Parses the path of a request target. Allocates nothing for a plain path, as nearly every path is.
    pub fn parse(target: &'r str) -> Self {
        let raw = of_target(target);
        let mut path = Self { raw, readings: Vec::new(), ambiguous: false };
        if is_plain(raw) {
            return path;
        }
        path.ambiguous = is_ambiguous(raw);
        let normal = normalized(raw).into_owned();
        // Some servers drop the slash at the end when they clean up.
        let bare = normal.strip_suffix('/').filter(|_| path.ambiguous).map(str::to_owned);
        path.readings.extend([Some(normal), bare].into_iter().flatten().filter(|reading| reading != raw));
        path
    }

    /// The path as it was sent, without query and fragment.
    pub fn raw(&self) -> &'r str {
        self.raw
    }

    /// The other paths that a server may take it for, in the one spelling that rules are written in.
    pub fn readings(&self) -> &[String] {
        &self.readings
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

/// Whether the path is neither ambiguous nor spelled otherwise than [`normalized`] would: no escape, and no segment that is
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
/// unreserved characters (RFC 3986 section 2.3), of `/ \ % ;` and NUL, and broken ones.
pub fn is_ambiguous(path: &str) -> bool {
    let Some(behind) = path.strip_prefix('/') else { return true };
    let mut segments = behind.split('/').rev();
    // A slash at the end leaves one empty segment, and only there it may be.
    let dots = |segment: &str| matches!(segment, "." | "..");
    segments.next().is_some_and(dots)
        || segments.any(|segment| segment.is_empty() || dots(segment))
        || path.bytes().any(|byte| matches!(byte, 0..=b' ' | 0x7f.. | b'\\' | b';'))
        || has_ambiguous_escape(path)
}

fn has_ambiguous_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|behind| match escaped(behind) {
        None => true,
        Some(byte) => byte.is_ascii_alphanumeric() || byte.is_ascii_control() || b"-._~/\\%;".contains(&byte),
    })
}

/// The byte that the two hexadecimal digits after a `%` stand for.
fn escaped(behind: &str) -> Option<u8> {
    let digits = behind.get(..2)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}

/// What a server that resolves everything makes of a path, in the one spelling that rules are written in: escapes and
/// backslashes resolved, path parameters cut off, empty and dot segments gone, and then encoded what RFC 3986 section 3.3
/// does not let stand plain.
pub fn normalized(path: &str) -> Cow<'_, str> {
    if !is_ambiguous(path) {
        let plain = path.bytes().all(stands_plain);
        return if plain { Cow::Borrowed(path) } else { Cow::Owned(encoded(&unescaped(path))) };
    }
    let mut resolved = unescaped(path);
    resolved.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut open_end = false;
    for segment in resolved.split(|byte| *byte == b'/') {
        let segment = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        open_end = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    // RFC 3986 section 5.2.4: what ends in a dot segment is a folder.
    let end = if open_end && !segments.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", encoded(&segments.join(&b'/'))))
}

/// Whether a byte of a path means itself and has no need of an escape.
#[inline]
fn stands_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'$' | b'&'..=b':' | b'=' | b'@'..=b'Z' | b'_' | b'a'..=b'z' | b'~')
}

/// Bytes in their one spelling: escapes where they must be and nowhere else, in upper case.
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if stands_plain(*byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The bytes that percent-encoded text stands for; a `%` that encodes nothing stays.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for behind in pieces {
        let (byte, rest) = match escaped(behind) {
            Some(byte) => (byte, behind.get(2..).unwrap_or_default()),
            None => (b'%', behind),
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn one_spelling_a_resource_or_it_is_ambiguous() {
        for path in [
            "/",
            "/public",
            "/public/",
            "/a/b.c/..d",
            "/a.",
            "/a../b",
            "/a%20b",
            "/caf%C3%A9",
            "/a:b@c,d",
            "/...",
            "/a%2Cb",
        ] {
            assert!(!is_ambiguous(path), "{path}");
        }
        for path in [
            "",
            "*",
            "http://h/public",
            "public",
            "//public",
            "/public//x",
            "/./public",
            "/public/../admin",
            "/public/..",
            "/public/%2e%2e/admin",
            "/public/..%2fadmin",
            "/public\\..\\admin",
            "/public%5c..",
            "/public;x/../admin",
            "/public;x",
            "/public%3bx",
            "/public%00",
            "/%70ublic",
            "/%2570ublic",
            "/public%",
            "/public%zz",
            "/caf\u{e9}",
            "/a b",
            "/a\u{1}",
        ] {
            assert!(is_ambiguous(path), "{path}");
        }
    }

    #[test]
    fn one_look_is_enough_for_nearly_every_path() {
        for path in ["/", "/api/v1/users.json", "/public/", "/a.b/c..", "/things:delete", "/~ann/@me"] {
            assert!(is_plain(path), "{path}");
        }
        for path in ["", "api", "//api", "/.well-known", "/a/../b", "/a%20b", "/a;b", "/caf\u{e9}"] {
            assert!(!is_plain(path), "{path}");
        }
    }

    #[test]
    fn resolves_what_servers_resolve() {
        for (path, normal) in [
            ("/public/../admin", "/admin"),
            ("/public/%2e%2e/admin", "/admin"),
            ("/public\\..\\admin", "/admin"),
            ("/public;x/../admin", "/admin"),
            ("//admin", "/admin"),
            ("/%61dmin;v=1/x", "/admin/x"),
            ("/../../admin/.", "/admin/"),
            ("//admin/", "/admin/"),
            ("/public/..", "/"),
            ("*", "/*"),
            ("", "/"),
            ("/things%3Adelete", "/things:delete"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/caf\u{e9}", "/caf%C3%A9"),
            ("//a%20{b}", "/a%20%7Bb%7D"),
            ("/what%3f", "/what%3F"),
            ("/%ff", "/%FF"),
        ] {
            assert_eq!(normalized(path), normal, "{path}");
        }
        assert_eq!(of_target("/a?b#c"), "/a");
        assert_eq!(of_target("/a#b?c"), "/a");
    }

    #[test]
    fn what_stands_plain_is_what_rfc_3986_lets_stand_in_a_path_but_the_semicolon() {
        for byte in 0..=u8::MAX {
            let plain = byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@".contains(&byte);
            assert_eq!(stands_plain(byte), plain, "{byte}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_path_is_not_ambiguous_and_its_own_normal_form(path in "/?[a-b./%2eE;:@{]{0,8}") {
            if is_plain(&path) {
                prop_assert!(!is_ambiguous(&path));
                prop_assert_eq!(normalized(&path), path.as_str());
            }
        }

        #[test]
        fn a_normal_form_is_its_own_normal_form(path in "/[a-b./%23456eEfF:;{ ]{0,12}") {
            let normal = normalized(&path).into_owned();
            if !is_ambiguous(&normal) {
                prop_assert_eq!(normalized(&normal), normal.as_str());
            }
        }
    }
}
