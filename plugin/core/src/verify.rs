//! The signature, and the only way to a verified token.

use crate::issuer::{Issuer, IssuerId};
use crate::json::{Document, Value};
use crate::jwk::Jwk;
use crate::keyset::MAX_TRIED;
use crate::refusal::Reason;
use crate::token::UnverifiedToken;
use claimgate_signatures::Scheme;

/// Verifies one signature with one key. The filter hands in the host's own cryptography where that is trusted, tests
/// a verifier of their own.
pub trait Verifier {
    /// Whether `signature` is `key`'s over `message`. The caller has made sure that the key fits the scheme.
    fn verify(&mut self, key: &Jwk, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool;
}

/// Verifies with this module's own code.
#[derive(Copy, Clone, Debug)]
pub struct OwnCode;

impl Verifier for OwnCode {
    fn verify(&mut self, key: &Jwk, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        key.key.verify(scheme, message, signature)
    }
}

/// A token whose signature one of its issuer's keys has proven. Nothing else makes one.
#[derive(Debug)]
pub struct VerifiedToken {
    issuer: IssuerId,
    typ: Option<String>,
    iss: Option<String>,
    claims: Document,
}

impl VerifiedToken {
    /// Which issuer's keys proved it.
    pub fn issuer(&self) -> IssuerId {
        self.issuer
    }

    /// Its `typ`, in lower case and without `application/`.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Its `iss`.
    pub fn iss(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// Its claims.
    pub fn claims(&self) -> Value<'_> {
        self.claims.root()
    }

    /// How many bytes it takes up.
    pub fn bytes(&self) -> usize {
        self.claims.bytes().saturating_add(size_of::<Self>())
    }
}

/// Verifies the signature with the keys that may have made it.
///
/// # Errors
/// None of them did.
pub fn verify(
    token: UnverifiedToken<'_>,
    (id, issuer): (IssuerId, &Issuer),
    keys: &[Option<&Jwk>; MAX_TRIED],
    verifier: &mut dyn Verifier,
) -> Result<VerifiedToken, Reason> {
    let scheme = token.algorithm().scheme();
    let mut keys = keys.iter().flatten();
    if keys.any(|key| verifier.verify(key, scheme, token.signed(), token.signature())) {
        let (header, iss, claims) = token.into_claims();
        return Ok(VerifiedToken { issuer: id, typ: header.typ, iss, claims });
    }
    let for_graph = issuer.entra && token.header().has_nonce;
    Err(if for_graph { Reason::GraphToken } else { Reason::SignatureInvalid })
}
