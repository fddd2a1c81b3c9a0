//! Whose code verifies a signature: the host's where it was found sound, this module's for everything else.

mod known_answers;

use crate::host::{self, Level};
use claimgate_core::algorithm::{Algorithm, Algorithms};
use claimgate_core::config::{Crypto, Host};
use claimgate_core::jwk::{Admission, Jwk, Origin};
use claimgate_core::keyset::{Choice, KeySet};
use claimgate_core::token::Jws;
use claimgate_core::verify::{OwnCode, Verifier};
use claimgate_signatures::{Backend, Hash, Scheme, ecdsa_der};
use known_answers::{KEYS, TOKENS};

/// Envoy's function that verifies with BoringSSL: PKCS#1 v1.5 and ECDSA, nothing else.
const VERIFY_SIGNATURE: &str = "verify_signature";

/// The host's answer to a good signature: field 1, `true`. Anything else is not one.
const VALID: &[u8] = &[0x08, 0x01];

/// Verifies with the host's code where that gave the right answers, with this module's own otherwise. The key was pinned
/// to its algorithm before; the host would take any pairing of curve and hash.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Signatures {
    host_rsa: bool,
    host_ecdsa: bool,
}

impl Signatures {
    /// With this module's code alone.
    pub(crate) fn own() -> Self {
        Self { host_rsa: false, host_ecdsa: false }
    }

    /// Has known signatures verified, good and bad: by the host where the configuration allows its code, by this module
    /// for everything else. The latter also warms what the first request needs, since V8 compiles on first use.
    pub(crate) fn self_tested(crypto: Crypto, on: Host) -> Self {
        let mut signatures = Self::own();
        let admission =
            Admission { algorithms: Algorithms::asymmetric(), origin: Origin::Inline, backend: backend(crypto) };
        let Ok(keys) = KeySet::parse(KEYS.as_bytes(), &admission) else { return signatures };
        if on == Host::Envoy && matches!(crypto, Crypto::Auto | Crypto::Host) {
            let sound = |mut algorithms: std::slice::Iter<'_, Algorithm>| {
                algorithms.all(|algorithm| answers_rightly(*algorithm, &keys, ask_host))
            };
            signatures.host_rsa = sound([Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512].iter());
            signatures.host_ecdsa =
                crypto == Crypto::Host && sound([Algorithm::Es256, Algorithm::Es384, Algorithm::Es512].iter());
        }
        for (algorithm, _) in TOKENS.iter().filter(|(algorithm, _)| !signatures.asks_host(algorithm.scheme())) {
            let own = |key: &Jwk, scheme, message: &[u8], signature: &[u8]| {
                Some(OwnCode.verify(key, scheme, message, signature))
            };
            if !answers_rightly(*algorithm, &keys, own) {
                host::log(Level::Error, &format!("{} fails its known-answer test on this host", algorithm.name()));
            }
        }
        signatures
    }

    /// Whether the host verifies these.
    pub(crate) fn asks_host(self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::RsaPkcs1(_) => self.host_rsa,
            Scheme::EcdsaP256 | Scheme::EcdsaP384 | Scheme::EcdsaP521 => self.host_ecdsa,
            _ => false,
        }
    }
}

impl Verifier for Signatures {
    fn verify(&mut self, key: &Jwk, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        let host = if self.asks_host(scheme) { ask_host(key, scheme, message, signature) } else { None };
        host.unwrap_or_else(|| OwnCode.verify(key, scheme, message, signature))
    }
}

/// Whose arithmetic this module's own code runs on.
pub(crate) fn backend(crypto: Crypto) -> Backend {
    if crypto == Crypto::Library { Backend::Library } else { Backend::Own }
}

/// Whether an algorithm's known good signature is taken for good, and the same over another message for bad.
fn answers_rightly(
    algorithm: Algorithm,
    keys: &KeySet,
    verify: impl Fn(&Jwk, Scheme, &[u8], &[u8]) -> Option<bool>,
) -> bool {
    let token = TOKENS.iter().find(|(known, _)| *known == algorithm).map_or("", |(_, token)| token);
    let Ok(jws) = Jws::parse(token.as_bytes(), token.len()) else { return false };
    let Choice::Try([Some(key), ..]) = keys.choose(algorithm, jws.header.kid(), None) else { return false };
    let ask = |message: &[u8]| verify(key, algorithm.scheme(), message, &jws.signature);
    let forged = [jws.signed, b"x"].concat();
    ask(jws.signed) == Some(true) && ask(&forged) == Some(false)
}

/// The host's verdict; nothing where it gave none.
fn ask_host(key: &Jwk, scheme: Scheme, message: &[u8], signature: &[u8]) -> Option<bool> {
    let (hash, der) = match scheme {
        Scheme::RsaPkcs1(Hash::Sha256) => ("sha256", None),
        Scheme::RsaPkcs1(Hash::Sha384) => ("sha384", None),
        Scheme::RsaPkcs1(Hash::Sha512) => ("sha512", None),
        Scheme::EcdsaP256 => ("sha256", Some(ecdsa_der(signature)?)),
        Scheme::EcdsaP384 => ("sha384", Some(ecdsa_der(signature)?)),
        Scheme::EcdsaP521 => ("sha512", Some(ecdsa_der(signature)?)),
        _ => return None,
    };
    let signature = der.as_deref().unwrap_or(signature);
    let size = key.spki().len().saturating_add(message.len()).saturating_add(signature.len()).saturating_add(32);
    let mut arguments = Vec::with_capacity(size);
    for (number, field) in [(1, hash.as_bytes()), (2, key.spki()), (3, signature), (4, message)] {
        write_field(&mut arguments, number, field);
    }
    host::foreign_function(VERIFY_SIGNATURE, &arguments).ok().map(|answer| answer == VALID)
}

/// A length-delimited field of a protobuf message.
fn write_field(message: &mut Vec<u8>, number: u8, field: &[u8]) {
    message.push((number << 3) | 2);
    let mut length = field.len();
    while length >= 0x80 {
        message.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    message.push(length as u8);
    message.extend_from_slice(field);
}
