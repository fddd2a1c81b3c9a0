//! Keys to sign with.

use super::{Value, json};
use crate::base64url;
use ed25519_dalek::Signer as _;
use hmac::{KeyInit as _, Mac as _};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use sha2::{Digest as _, Sha256};

/// A key that is the same in every run. Its number tells it from others of its kind.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum TestKey {
    Hs256(u8),
    EdDsa(u8),
    Es256(u8),
    Rs256,
}

/// The key of tokens whose tests are about something else: the fastest.
pub(crate) const SECRET: TestKey = TestKey::Hs256(1);

impl TestKey {
    pub(crate) fn kid(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    pub(crate) fn alg(self) -> &'static str {
        match self {
            Self::Hs256(_) => "HS256",
            Self::EdDsa(_) => "EdDSA",
            Self::Es256(_) => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// What verifies its signatures.
    pub(crate) fn jwk(self) -> Value {
        let text = |bytes: &[u8]| base64url::encode(bytes);
        let mut jwk = match self {
            Self::Hs256(number) => json!({"kty": "oct", "k": text(&[number; 32])}),
            Self::EdDsa(number) => {
                let public = ed25519_dalek::SigningKey::from_bytes(&[number; 32]).verifying_key();
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(public.as_bytes())})
            }
            Self::Es256(number) => {
                let point = p256_key(number).verifying_key().as_affine().to_sec1_point(false);
                let point = point.as_bytes();
                json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])})
            }
            Self::Rs256 => json!({"kty": "RSA", "n": rsa_file()["n"], "e": rsa_file()["e"]}),
        };
        jwk["kid"] = self.kid().into();
        jwk
    }

    pub(crate) fn sign(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Hs256(number) => hs256(&[number; 32], message),
            Self::EdDsa(number) => {
                ed25519_dalek::SigningKey::from_bytes(&[number; 32]).sign(message).to_bytes().to_vec()
            }
            Self::Es256(number) => {
                let signature: p256::ecdsa::Signature = p256_key(number).sign(message);
                signature.to_bytes().to_vec()
            }
            Self::Rs256 => {
                let part = |name: &str| {
                    let bytes = base64url::decode(rsa_file()[name].as_str().unwrap()).unwrap();
                    rsa::BoxedUint::from_be_slice_vartime(&bytes)
                };
                let (n, e, d) = (part("n"), part("e"), part("d"));
                let key = rsa::RsaPrivateKey::from_components(n, e, d, vec![part("p"), part("q")]).unwrap();
                key.sign(rsa::Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).unwrap()
            }
        }
    }
}

/// The MAC of a secret of any length.
pub(crate) fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

fn p256_key(number: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap()
}

fn rsa_file() -> Value {
    serde_json::from_str(include_str!("../../../../tests/kit/keys/rsa-2048-0.json")).unwrap()
}
