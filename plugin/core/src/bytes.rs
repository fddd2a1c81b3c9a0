//! Looking through bytes eight at a time: in wasm the searches and comparisons of the standard library take them one by
//! one, and tokens are long.

const EACH: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// Whether two texts are the same.
#[inline]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let ((a_fours, a_words), (b_fours, b_words)) = (a_words.as_chunks::<4>(), b_words.as_chunks::<4>());
    // A loop over single words spends more on itself than on them.
    let fours = || a_fours.iter().zip(b_fours).all(|(a, b)| differences(a, b) == 0);
    let words = || a_words.iter().zip(b_words).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b));
    let rest = || a_rest.iter().zip(b_rest).all(|(a, b)| a == b);
    a.len() == b.len() && fours() && words() && rest()
}

/// Where the first of these bytes is.
#[inline]
pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
    let sought = EACH.wrapping_mul(u64::from(byte));
    first(text, |word| zeros(word ^ sought))
}

/// How many bytes at the start of the text stand for themselves in a JSON string: no quote, backslash or control.
#[inline]
pub(crate) fn plain(text: &[u8]) -> usize {
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
    let controls = |word: u64| word.wrapping_sub(SPACES) & !word & HIGH;
    first(text, |word| zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | controls(word)).unwrap_or(text.len())
}

/// The bits in which any of four words differ.
#[inline]
fn differences(a: &[[u8; 8]; 4], b: &[[u8; 8]; 4]) -> u64 {
    let ([a, b, c, d], [e, f, g, h]) = (a.map(u64::from_le_bytes), b.map(u64::from_le_bytes));
    (a ^ e) | (b ^ f) | (c ^ g) | (d ^ h)
}

/// The high bit of each byte that is zero; bits above the lowest one may be set for nothing.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & HIGH
}

/// Where the first byte is whose high bit `marks` sets; only the lowest bit of its answer counts.
#[inline]
fn first(text: &[u8], marks: impl Fn(u64) -> u64) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    let byte_of = |marks: u64| usize::try_from(marks.trailing_zeros() / 8).unwrap_or_default();
    for (at, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return Some(at.saturating_mul(8).saturating_add(byte_of(marks)));
        }
    }
    let last = rest.iter().rev().fold(0u64, |word, byte| (word << 8) | u64::from(*byte));
    let at = byte_of(marks(last));
    (at < rest.len()).then(|| words.as_flattened().len().saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn differences_do_not_make_up_for_each_other() {
        for (one, other) in (0..64).flat_map(|one| (0..one).map(move |other| (one, other))) {
            let mut changed = [7; 64];
            changed[one] ^= 1;
            changed[other] ^= 1;
            assert!(!same(&[7; 64], &changed), "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn a_search_by_words_finds_what_a_search_by_bytes_finds(text in prop::collection::vec(prop_oneof![
            any::<u8>(), Just(b'"'), Just(b'\\'), Just(0x1f), Just(b' '), Just(b'!'), Just(0x80), Just(b'.')
        ], 0..40)) {
            for byte in [b'.', b'"', 0, 0x80, 0xff] {
                prop_assert_eq!(find(&text, byte), text.iter().position(|own| *own == byte));
            }
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            prop_assert_eq!(plain(&text), text.iter().position(special).unwrap_or(text.len()));
        }

        #[test]
        fn texts_are_the_same_when_every_byte_is(text in prop::collection::vec(any::<u8>(), 1..40), at: usize, other in 1u8..) {
            prop_assert!(same(&text, &text.clone()));
            let mut changed = text.clone();
            let at = at % text.len();
            changed[at] ^= other;
            prop_assert!(!same(&text, &changed));
            prop_assert!(!same(&text, &text[..at]));
        }
    }
}
