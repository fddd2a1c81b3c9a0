//! Verification by the RustCrypto crates alone: what `crypto: library` runs on, what decides where the kernels of
//! `claimgate-signatures` cannot, and HMAC, which has no kernel.
//!
//! A crate of its own, because code that is generic is compiled as the crate that uses it: the kernels for speed, this
//! for size. Nothing of it is put into its callers.

#![forbid(unsafe_code)]

use hmac::{Hmac, KeyInit, Mac};
use p256::elliptic_curve::point::AffineCoordinates;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPublicKey};

/// A curve's public key: the crate, and the octets of a coordinate.
macro_rules! curves {
    ($($(#[$about:meta])* $name:ident: $curve:ident, $octets:literal;)*) => {
        $(
            $(#[$about])*
            pub struct $name($curve::ecdsa::VerifyingKey);

            impl $name {
                /// The key of these big-endian coordinates; none unless they are a point of the curve.
                #[inline(never)]
                #[must_use]
                pub fn new(x: &[u8; $octets], y: &[u8; $octets]) -> Option<Self> {
                    let point = $curve::AffinePoint::from_coordinates(&(*x).into(), &(*y).into()).into_option()?;
                    $curve::ecdsa::VerifyingKey::from_affine(point).ok().map(Self)
                }

                /// Whether this is a signature of the digest (FIPS 186-5 section 6.4.2).
                #[inline(never)]
                #[must_use]
                pub fn verify(&self, digest: &[u8], signature: &$curve::ecdsa::Signature) -> bool {
                    use $curve::ecdsa::signature::hazmat::PrehashVerifier;
                    self.0.verify_prehash(digest, signature).is_ok()
                }
            }
        )*
    };
}

curves! {
    /// A public key on P-256.
    P256: p256, 32;
    /// A public key on P-384.
    P384: p384, 48;
    /// A public key on P-521.
    P521: p521, 66;
}

/// An RSA public key.
pub struct Rsa(RsaPublicKey);

impl Rsa {
    /// The key of a big-endian modulus and an exponent; none where the crate refuses them.
    #[inline(never)]
    #[must_use]
    pub fn new(modulus: &[u8], exponent: u32) -> Option<Self> {
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        RsaPublicKey::new(modulus, BoxedUint::from(exponent)).ok().map(Self)
    }

    /// Whether this is a signature of the digest by RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2) with the hash of SHA-2 that
    /// is as long as the digest.
    #[inline(never)]
    #[must_use]
    pub fn verify_pkcs1(&self, digest: &[u8], signature: &[u8]) -> bool {
        let scheme = match digest.len() {
            32 => Pkcs1v15Sign::new::<sha2::Sha256>(),
            48 => Pkcs1v15Sign::new::<sha2::Sha384>(),
            64 => Pkcs1v15Sign::new::<sha2::Sha512>(),
            _ => return false,
        };
        self.0.verify(scheme, digest, signature).is_ok()
    }

    /// The same by RSASSA-PSS (RFC 8017 section 8.1), with a salt as long as the digest.
    #[inline(never)]
    #[must_use]
    pub fn verify_pss(&self, digest: &[u8], signature: &[u8]) -> bool {
        match digest.len() {
            32 => self.0.verify(Pss::<sha2::Sha256>::new(), digest, signature),
            48 => self.0.verify(Pss::<sha2::Sha384>::new(), digest, signature),
            64 => self.0.verify(Pss::<sha2::Sha512>::new(), digest, signature),
            _ => return false,
        }
        .is_ok()
    }
}

/// Whether this is the HMAC (RFC 2104) of a message, with the hash of SHA-2 whose output has so many octets. The comparison
/// takes constant time.
#[inline(never)]
#[must_use]
pub fn verify_hmac(length: usize, secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    fn verify<M: Mac + KeyInit>(secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let mac = <M as KeyInit>::new_from_slice(secret);
        mac.is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
    }
    match length {
        32 => verify::<Hmac<sha2::Sha256>>(secret, message, signature),
        48 => verify::<Hmac<sha2::Sha384>>(secret, message, signature),
        64 => verify::<Hmac<sha2::Sha512>>(secret, message, signature),
        _ => false,
    }
}
