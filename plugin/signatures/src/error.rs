use std::fmt;

/// Why a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// RSA: fewer than 2048 bits.
    ModulusTooShort,
    /// RSA: more than 8192 bits.
    ModulusTooLong,
    /// RSA: an even modulus is no product of two odd primes.
    ModulusEven,
    /// RSA: the modulus was made by a generator whose keys can be factored (CVE-2017-15361).
    ModulusRoca,
    /// RSA: 0, 1 or 2.
    ExponentTooSmall,
    /// RSA: above 2^32-1.
    ExponentTooLarge,
    /// RSA: even.
    ExponentEven,
    /// EC: a coordinate is not exactly as long as the field of the curve.
    CoordinateLength,
    /// EC: a coordinate is not below the field prime.
    CoordinateRange,
    /// EC: the coordinates do not satisfy the curve equation.
    NotOnCurve,
    /// Ed25519: not 32 octets.
    EncodingLength,
    /// Ed25519: the octets are no point of the curve.
    NotAPoint,
    /// Ed25519: a second spelling of a point.
    NotCanonical,
    /// Ed25519: eight times the point is the identity, so it verifies signatures of others.
    SmallOrder,
    /// HMAC: the secret is empty.
    SecretEmpty,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyError::ModulusTooShort => "the RSA modulus has fewer than 2048 bits",
            KeyError::ModulusTooLong => "the RSA modulus has more than 8192 bits",
            KeyError::ModulusEven => "the RSA modulus is even",
            KeyError::ModulusRoca => "the RSA modulus carries the ROCA fingerprint (CVE-2017-15361)",
            KeyError::ExponentTooSmall => "the RSA exponent is below 3",
            KeyError::ExponentTooLarge => "the RSA exponent is above 2^32-1",
            KeyError::ExponentEven => "the RSA exponent is even",
            KeyError::CoordinateLength => "a coordinate is not exactly as long as the field of the curve",
            KeyError::CoordinateRange => "a coordinate is not below the field prime",
            KeyError::NotOnCurve => "the point is not on the curve",
            KeyError::EncodingLength => "the Ed25519 key is not 32 octets long",
            KeyError::NotAPoint => "the Ed25519 key is not a point of the curve",
            KeyError::NotCanonical => "the Ed25519 key is not the canonical encoding of its point",
            KeyError::SmallOrder => "the Ed25519 key is a point of small order",
            KeyError::SecretEmpty => "the HMAC secret is empty",
        })
    }
}

impl std::error::Error for KeyError {}
