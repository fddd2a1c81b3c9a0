//! Signature verification with prepared keys, and nothing else: no JOSE, no I/O, no clock, no randomness.
//!
//! A [`Key`] is admitted once, with every check its algorithm asks for, and then verifies many signatures.
//! Everything it touches is public (HMAC secrets excepted, which are compared in constant time), so the code is
//! free to be fast rather than constant-time. The caller says which [`Scheme`] it expects; a key of another type,
//! curve or size never verifies it.
//!
//! ```
//! use claimgate_signatures::{Backend, Key, Scheme};
//!
//! // RFC 8032, section 7.1, test 1 has an empty message.
//! let public = [
//!     0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
//!     0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
//! ];
//! let key = Key::ed25519(&public, Backend::Own)?;
//! assert!(key.fits(Scheme::Ed25519));
//! assert!(!key.verify(Scheme::Ed25519, b"", &[0; 64]));
//! # Ok::<(), claimgate_signatures::KeyError>(())
//! ```

#![forbid(unsafe_code)]
#![allow(clippy::arithmetic_side_effects, reason = "limb arithmetic: tests run it with overflow checks at its bounds")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic,
        reason = "a test that panics is a test that fails"
    )
)]

mod der;
mod digits;
mod ecdsa;
mod ed25519;
mod error;
mod field;
mod hash;
mod hmac;
mod inverse;
mod limbs;
mod p256;
mod p384;
mod p521;
mod rsa;
mod tables;
#[cfg(test)]
mod testing;
mod weierstrass;

pub use der::ecdsa_der;
pub use error::KeyError;
pub use hash::Hash;
pub use tables::Preparation;

/// What a signature is verified with: algorithm, curve and hash together, as one value of JOSE `alg` names them
/// (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS (RFC 8017 section 8.1): the salt is as long as the hash, MGF1 uses the same hash.
    RsaPss(Hash),
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaP384,
    /// ECDSA on P-521 with SHA-512.
    EcdsaP521,
    /// Ed25519 (RFC 8032 section 5.1.7, without the cofactor), and neither A nor R of small order.
    Ed25519,
    /// HMAC (RFC 2104).
    Hmac(Hash),
}

/// Whose arithmetic a key runs on. The verdicts are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The kernels of this crate; cases they cannot decide go to the RustCrypto crates.
    Own,
    /// The RustCrypto crates alone.
    Library,
}

/// A key that passed admission and is prepared for verification.
///
/// It belongs to one thread: tables are built by [`Key::prepare`] or on the first verification, and kept in it.
pub struct Key(Kind);

enum Kind {
    Rsa(rsa::Key),
    P256(p256::Key),
    P384(p384::Key),
    P521(p521::Key),
    Ed25519(ed25519::Key),
    Hmac(hmac::Key),
}

impl Key {
    /// An RSA key from its big-endian modulus and exponent; leading zero octets are tolerated in both.
    ///
    /// # Errors
    /// The modulus is even, shorter than 2048 or longer than 8192 bits, or carries the ROCA fingerprint
    /// (CVE-2017-15361); the exponent is even, below 3 or above 2^32-1.
    pub fn rsa(modulus: &[u8], exponent: &[u8], backend: Backend) -> Result<Key, KeyError> {
        rsa::Key::new(modulus, exponent, backend).map(|key| Key(Kind::Rsa(key)))
    }

    /// A P-256 key from its big-endian coordinates of exactly 32 octets each (RFC 7518 section 6.2.1.2).
    ///
    /// # Errors
    /// A coordinate has another length or is not below the field prime, or the point is not on the curve.
    pub fn p256(x: &[u8], y: &[u8], backend: Backend) -> Result<Key, KeyError> {
        p256::Key::new(x, y, backend).map(|key| Key(Kind::P256(key)))
    }

    /// A P-384 key from its big-endian coordinates of exactly 48 octets each.
    ///
    /// # Errors
    /// As [`Key::p256`].
    pub fn p384(x: &[u8], y: &[u8], backend: Backend) -> Result<Key, KeyError> {
        p384::Key::new(x, y, backend).map(|key| Key(Kind::P384(key)))
    }

    /// A P-521 key from its big-endian coordinates of exactly 66 octets each.
    ///
    /// # Errors
    /// As [`Key::p256`].
    pub fn p521(x: &[u8], y: &[u8], backend: Backend) -> Result<Key, KeyError> {
        p521::Key::new(x, y, backend).map(|key| Key(Kind::P521(key)))
    }

    /// An Ed25519 key from its 32 octet encoding (RFC 8032 section 5.1.2).
    ///
    /// # Errors
    /// Another length, no point of the curve, an encoding that is not the canonical one, or a point of small order.
    pub fn ed25519(encoded: &[u8], backend: Backend) -> Result<Key, KeyError> {
        ed25519::Key::new(encoded, backend).map(|key| Key(Kind::Ed25519(key)))
    }

    /// An HMAC key. Whether it is long enough depends on the hash: [`Key::fits`] decides (RFC 7518 section 3.2).
    ///
    /// # Errors
    /// The secret is empty.
    pub fn hmac(secret: &[u8]) -> Result<Key, KeyError> {
        hmac::Key::new(secret).map(|key| Key(Kind::Hmac(key)))
    }

    /// Whether this key can verify `scheme`: its type and curve match, and an HMAC secret is at least as long as
    /// the output of the hash.
    #[must_use]
    pub fn fits(&self, scheme: Scheme) -> bool {
        match (&self.0, scheme) {
            (Kind::Rsa(_), Scheme::RsaPkcs1(_) | Scheme::RsaPss(_))
            | (Kind::P256(_), Scheme::EcdsaP256)
            | (Kind::P384(_), Scheme::EcdsaP384)
            | (Kind::P521(_), Scheme::EcdsaP521)
            | (Kind::Ed25519(_), Scheme::Ed25519) => true,
            (Kind::Hmac(key), Scheme::Hmac(hash)) => key.long_enough(hash),
            _ => false,
        }
    }

    /// Does ahead what the first verification would else do: builds the key's tables, while all tables of this thread
    /// take up no more than 2 MiB. A key that comes too late is as good, its first verification only slower.
    pub fn prepare(&self) -> Preparation {
        match &self.0 {
            Kind::P256(key) => key.prepare(),
            Kind::P384(key) => key.prepare(),
            Kind::P521(key) => key.prepare(),
            Kind::Ed25519(key) => key.prepare(),
            Kind::Rsa(_) | Kind::Hmac(_) => Preparation::Ready,
        }
    }

    /// Whether `signature` is this key's signature of `message`.
    ///
    /// False for a key that does not fit the scheme, for anything malformed, and for every length but one: the
    /// modulus for RSA, 64, 96 or 132 octets of `r || s` for ECDSA (RFC 7518 section 3.4), 64 for Ed25519, the
    /// hash for HMAC. ECDSA accepts both `s` and `n - s`.
    #[must_use]
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        match (&self.0, scheme) {
            (Kind::Rsa(key), Scheme::RsaPkcs1(hash)) => key.verify_pkcs1(hash, message, signature),
            (Kind::Rsa(key), Scheme::RsaPss(hash)) => key.verify_pss(hash, message, signature),
            (Kind::P256(key), Scheme::EcdsaP256) => key.verify(message, signature),
            (Kind::P384(key), Scheme::EcdsaP384) => key.verify(message, signature),
            (Kind::P521(key), Scheme::EcdsaP521) => key.verify(message, signature),
            (Kind::Ed25519(key), Scheme::Ed25519) => key.verify(message, signature),
            (Kind::Hmac(key), Scheme::Hmac(hash)) => key.long_enough(hash) && key.verify(hash, message, signature),
            _ => false,
        }
    }

    /// Returns whether both keys have the same type and material. Their arithmetic may differ.
    #[must_use]
    pub fn is_same(&self, other: &Key) -> bool {
        match (&self.0, &other.0) {
            (Kind::Ed25519(key), Kind::Ed25519(other)) => key.encoded() == other.encoded(),
            (Kind::Hmac(key), Kind::Hmac(other)) => key.is_same(other),
            _ => self.spki().is_some_and(|spki| other.spki() == Some(spki)),
        }
    }

    /// The DER SubjectPublicKeyInfo of an RSA key (rsaEncryption, RFC 3279 section 2.3.1) or an EC key (RFC 5480
    /// section 2), for hosts that verify; none for Ed25519 and HMAC.
    #[must_use]
    pub fn spki(&self) -> Option<Vec<u8>> {
        match &self.0 {
            Kind::Rsa(key) => Some(key.spki()),
            Kind::P256(key) => Some(key.spki()),
            Kind::P384(key) => Some(key.spki()),
            Kind::P521(key) => Some(key.spki()),
            Kind::Ed25519(_) | Kind::Hmac(_) => None,
        }
    }
}

/// Names the type of the key and shows none of its material.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::Rsa(_) => "Key::Rsa",
            Kind::P256(_) => "Key::P256",
            Kind::P384(_) => "Key::P384",
            Kind::P521(_) => "Key::P521",
            Kind::Ed25519(_) => "Key::Ed25519",
            Kind::Hmac(_) => "Key::Hmac",
        })
    }
}
