//! Header maps as they cross between the host and the module: how many, the sizes, then each name and value with a NUL
//! behind it.

/// The names and values of a serialised header map; nothing where it is not sound.
pub(crate) fn pairs(map: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (count, sizes) = map.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    let (sizes, mut bytes) = sizes.split_at_checked(count.checked_mul(8)?)?;
    let mut pairs = Vec::with_capacity(count);
    for size in sizes.chunks_exact(8) {
        let (name_size, value_size) = size.split_first_chunk::<4>()?;
        let name = take(&mut bytes, u32::from_le_bytes(*name_size))?;
        let value = take(&mut bytes, u32::from_le_bytes(*value_size.first_chunk::<4>()?))?;
        pairs.push((name, value));
    }
    Some(pairs)
}

/// The next piece of a serialised map, without the NUL behind it.
fn take<'b>(bytes: &mut &'b [u8], size: u32) -> Option<&'b [u8]> {
    let (piece, rest) = bytes.split_at_checked(usize::try_from(size).ok()?)?;
    *bytes = rest.strip_prefix(b"\0")?;
    Some(piece)
}

/// A header map as the host wants it.
pub(crate) fn serialized(headers: &[(&str, &str)]) -> Vec<u8> {
    let size = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut map = u32::try_from(headers.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    for (name, value) in headers {
        map.extend(size(name));
        map.extend(size(value));
    }
    for (name, value) in headers {
        for text in [name, value] {
            map.extend(text.as_bytes());
            map.push(0);
        }
    }
    map
}
