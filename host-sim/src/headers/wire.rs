//! The format in which a header map crosses between host and module: count, lengths, then names and values with a NUL each.

/// One header: name and value, raw bytes.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The size of `pairs` on the wire, in bytes.
pub(super) fn encoded_len(pairs: &[Pair]) -> usize {
    4 + pairs.iter().map(|(name, value)| 8 + name.len() + 1 + value.len() + 1).sum::<usize>()
}

/// Writes pairs in the wire format; an empty list is no bytes at all.
pub(crate) fn encode(pairs: &[Pair]) -> Vec<u8> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(encoded_len(pairs));
    out.extend_from_slice(&(pairs.len() as u32).to_le_bytes());
    for (name, value) in pairs {
        out.extend_from_slice(&(name.len() as u32).to_le_bytes());
        out.extend_from_slice(&(value.len() as u32).to_le_bytes());
    }
    for (name, value) in pairs {
        for part in [name, value] {
            out.extend_from_slice(part);
            out.push(0);
        }
    }
    out
}

/// Reads the wire format; anything that does not add up is an empty list, as in Envoy.
pub(crate) fn decode(bytes: &[u8]) -> Vec<Pair> {
    try_decode(bytes).unwrap_or_default()
}

fn try_decode(bytes: &[u8]) -> Option<Vec<Pair>> {
    let word = |at: usize| -> Option<usize> {
        bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(|raw| u32::from_le_bytes(raw) as usize)
    };
    let count = word(0)?;
    if count > bytes.len() / 8 {
        return None;
    }
    let mut at = 4 + count * 8;
    let mut text = |len: usize| -> Option<Vec<u8>> {
        let part = bytes.get(at..at.checked_add(len)?)?.to_vec();
        at += len + 1;
        Some(part)
    };
    (0..count).map(|i| Some((text(word(4 + i * 8)?)?, text(word(8 + i * 8)?)?))).collect()
}
