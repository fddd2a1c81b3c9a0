//! The encoded messages of RFC 8017 section 9, from the verifier's side.

use crate::Hash;

/// Whether `encoded` is the EMSA-PKCS1-v1_5 encoding of `message` (RFC 8017 section 9.2): it is made afresh and
/// compared whole, so nothing is parsed and no second spelling passes.
pub(super) fn is_pkcs1(encoded: &[u8], hash: Hash, message: &[u8]) -> bool {
    let prefix = digest_info(hash);
    let digest = hash.digest(&[message]);
    let Some(padding) = encoded.len().checked_sub(3 + prefix.len() + digest.len()) else { return false };
    let expected = [&[0, 1], vec![0xff; padding].as_slice(), &[0], prefix.as_slice(), &digest].concat();
    padding >= 8 && encoded == expected
}

/// The DER of DigestInfo up to the digest (RFC 8017 section 9.2, note 1).
fn digest_info(hash: Hash) -> [u8; 19] {
    let (identifier, length) = match hash {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    let oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, identifier];
    let [a, b, c, d, e, f, g, h, i] = oid;
    [0x30, 17 + length, 0x30, 13, 0x06, 9, a, b, c, d, e, f, g, h, i, 0x05, 0, 0x04, length]
}

/// Whether `encoded` is an EMSA-PSS encoding of `message` in `bits` bits, with MGF1 on the same hash and a salt as
/// long as the hash (RFC 8017 section 9.1.2). `encoded` may carry leading zero octets.
pub(super) fn is_pss(encoded: &[u8], bits: usize, hash: Hash, message: &[u8]) -> bool {
    is_pss_or_nothing(encoded, bits, hash, message).unwrap_or(false)
}

fn is_pss_or_nothing(encoded: &[u8], bits: usize, hash: Hash, message: &[u8]) -> Option<bool> {
    let (surplus, encoded) = encoded.split_at_checked(encoded.len().checked_sub(bits.div_ceil(8))?)?;
    let (encoded, trailer) = encoded.split_at_checked(encoded.len().checked_sub(1)?)?;
    let (masked, digest) = encoded.split_at_checked(encoded.len().checked_sub(hash.length())?)?;

    let mut data = masked.to_vec();
    for (counter, block) in data.chunks_mut(hash.length()).enumerate() {
        let mask = hash.digest(&[digest, &(counter as u32).to_be_bytes()]);
        block.iter_mut().zip(mask.iter()).for_each(|(octet, mask)| *octet ^= mask);
    }
    let unused = !(0xff_u8 >> (8 * bits.div_ceil(8) - bits));
    let top = *masked.first()?;
    *data.first_mut()? &= !unused;

    let (padding, salt) = data.split_at_checked(data.len().checked_sub(hash.length())?)?;
    let (separator, zeros) = padding.split_last()?;
    let expected = hash.digest(&[&[0; 8], &hash.digest(&[message]), salt]);
    Some(
        surplus.iter().all(|octet| *octet == 0)
            && trailer == [0xbc]
            && top & unused == 0
            && zeros.iter().all(|octet| *octet == 0)
            && *separator == 1
            && *expected == *digest,
    )
}
