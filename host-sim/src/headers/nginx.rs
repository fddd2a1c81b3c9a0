//! Request header maps as ngx_wasm_module 2025-04 was measured to treat them.
//!
//! Removing zeroes an entry's hash and no more: it is no longer listed, but it is found by name and it is forwarded.

use super::HeaderMap;

/// The most entries the module is shown, the four pseudo-headers among them.
pub(super) const MAX_LISTED: usize = 100;

/// Headers nginx keeps a pointer to: adding to one is refused, and the module is told that it worked.
const BUILT_IN: [&[u8]; 14] = [
    b"host",
    b"authorization",
    b"connection",
    b"content-length",
    b"content-type",
    b"if-modified-since",
    b"keep-alive",
    b"range",
    b"referer",
    b"te",
    b"transfer-encoding",
    b"upgrade",
    b"user-agent",
    b"x-forwarded-for",
];

impl HeaderMap {
    /// nginx keeps names as sent, drops those with an underscore, and shows its own idea of path and authority.
    pub(super) fn push_as_sent(&mut self, name: &[u8], value: &[u8]) {
        if name.contains(&b'_') {
            return;
        }
        let shown = match name {
            b":path" => normalised(value),
            b":authority" => {
                self.push(b"host".to_vec(), value.to_vec());
                b"localhost:80".to_vec()
            }
            _ => value.to_vec(),
        };
        self.push(name.to_vec(), shown);
        if let Some(entry) = self.entries.last_mut() {
            entry.pseudo = name.starts_with(b":");
        }
    }

    pub(super) fn nginx_add(&mut self, name: &[u8], value: &[u8]) {
        if !name.starts_with(b":") && !BUILT_IN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            self.push(name.to_vec(), value.to_vec());
        }
    }

    pub(super) fn nginx_remove(&mut self, name: &[u8]) {
        self.entries.iter_mut().filter(|e| e.name.eq_ignore_ascii_case(name)).for_each(|e| e.hidden = true);
    }

    pub(super) fn nginx_replace(&mut self, name: &[u8], value: &[u8]) {
        if name.starts_with(b":") {
            return;
        }
        let copies = self.entries.iter().filter(|e| e.name.eq_ignore_ascii_case(name)).count();
        match self.entries.iter_mut().find(|e| e.name.eq_ignore_ascii_case(name)) {
            Some(first) => first.value = value.to_vec(),
            None => self.push(name.to_vec(), value.to_vec()),
        }
        if copies > 1 {
            self.nginx_remove(name);
        }
    }
}

/// The path nginx decides by: percent-decoded once, slashes merged, dot segments resolved; the query is kept.
fn normalised(path: &[u8]) -> Vec<u8> {
    let (path, query) = match path.iter().position(|&b| b == b'?') {
        Some(at) => path.split_at(at),
        None => (path, &[][..]),
    };
    let mut segments: Vec<Vec<u8>> = Vec::new();
    let decoded = percent_decoded(path);
    let open_end = decoded.last() == Some(&b'/');
    for segment in decoded.split(|&b| b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            other => segments.push(other.to_vec()),
        }
    }
    let mut out = vec![b'/'];
    out.extend(segments.join(&b'/'));
    if open_end && out.len() > 1 {
        out.push(b'/');
    }
    out.extend_from_slice(query);
    out
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|b| (*b as char).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}
