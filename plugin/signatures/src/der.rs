//! The few DER shapes a host that verifies asks for (X.690 section 10).

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// An ECDSA signature as DER `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3) from the `r || s` of JOSE.
///
/// None unless `raw` has the 64, 96 or 132 octets of P-256, P-384 or P-521. The integers are not checked.
#[must_use]
pub fn ecdsa_der(raw: &[u8]) -> Option<Vec<u8>> {
    if !matches!(raw.len(), 64 | 96 | 132) {
        return None;
    }
    let (r, s) = raw.split_at_checked(raw.len() / 2)?;
    Some(value(SEQUENCE, &[&integer(r), &integer(s)]))
}

/// SubjectPublicKeyInfo of an RSA key (RFC 3279 section 2.3.1).
pub(crate) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let algorithm = value(SEQUENCE, &[&value(OBJECT_IDENTIFIER, &[&RSA_ENCRYPTION]), &value(NULL, &[])]);
    let key = value(SEQUENCE, &[&integer(modulus), &integer(exponent)]);
    value(SEQUENCE, &[&algorithm, &value(BIT_STRING, &[&[0], &key])])
}

/// SubjectPublicKeyInfo of an EC key with a named curve and an uncompressed point (RFC 5480 section 2).
pub(crate) fn ec_spki(curve: &[u8], x: &[u8], y: &[u8]) -> Vec<u8> {
    let algorithm =
        value(SEQUENCE, &[&value(OBJECT_IDENTIFIER, &[&EC_PUBLIC_KEY]), &value(OBJECT_IDENTIFIER, &[curve])]);
    value(SEQUENCE, &[&algorithm, &value(BIT_STRING, &[&[0, 4], x, y])])
}

/// A non-negative INTEGER: no octet more than needed, and one zero before a set top bit.
fn integer(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let digits = octets.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_none_or(|octet| *octet >= 0x80) { &[0] } else { &[] };
    value(INTEGER, &[sign, digits])
}

fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let digits = length.to_be_bytes();
    let digits = digits.get(length.leading_zeros() as usize / 8..).unwrap_or_default();
    let mut der = vec![tag];
    match length {
        0..0x80 => der.push(length as u8),
        _ => der.push(0x80 | digits.len() as u8),
    }
    if length >= 0x80 {
        der.extend_from_slice(digits);
    }
    parts.iter().for_each(|part| der.extend_from_slice(part));
    der
}

#[cfg(test)]
mod tests;
