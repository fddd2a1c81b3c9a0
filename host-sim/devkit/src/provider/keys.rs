//! Signing keys that are the same in every run.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jwt_compact::alg::{
    Ed25519, Es256, Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key, Rsa, RsaPrivateKey, SigningKey as _,
};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm as _, AlgorithmSignature as _};
use p384::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// A JWS signature algorithm (RFC 7518 section 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    EdDsa,
    Hs256,
    Hs384,
    Hs512,
}

impl Algorithm {
    /// Every algorithm there is a key for.
    pub const ALL: [Self; 13] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
    ];

    /// The name as `alg` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// True for `HS*`, where whoever can verify can also sign.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }
}

/// The committed RSA keys, by size of the modulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaSize {
    /// One key, too weak to be accepted.
    Bits1024,
    /// Four keys.
    Bits2048,
    /// One key.
    Bits3072,
    /// One key.
    Bits4096,
}

/// A key that signs: an algorithm, a secret, and the `kid` it is published under.
#[derive(Clone, Debug)]
pub struct SigningKey {
    kid: Option<String>,
    algorithm: Algorithm,
    secret: Secret,
}

/// What jwt-compact signs with; ES384 and ES512 are not among it.
#[derive(Clone)]
pub(super) enum Secret {
    Rsa(Box<RsaPrivateKey>),
    P256(Box<<Es256 as jwt_compact::Algorithm>::SigningKey>),
    P384(Box<p384::ecdsa::SigningKey>),
    P521(Box<p521::ecdsa::SigningKey>),
    Ed25519(Box<<Ed25519 as jwt_compact::Algorithm>::SigningKey>),
    Hmac(Vec<u8>),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl SigningKey {
    /// Key number `n` for the algorithm, the same in every run, with the kid `ALG-n` (`es256-0`). RSA keys have 2048 bits.
    ///
    /// # Panics
    /// For an RSA algorithm when `n` is 4 or more: these keys are committed files.
    pub fn numbered(algorithm: Algorithm, n: u8) -> Self {
        let seed = format!("claimgate test key {} {n}", algorithm.name());
        let secret = match algorithm {
            Algorithm::Es256 => Secret::P256(Box::new(es256_key(&Sha256::digest(&seed)))),
            Algorithm::Es384 => Secret::P384(Box::new(
                p384::ecdsa::SigningKey::from_slice(&Sha384::digest(&seed))
                    .expect("a hash is below the order of P-384"),
            )),
            Algorithm::Es512 => {
                let mut scalar = [0; 66];
                scalar[2..].copy_from_slice(&Sha512::digest(&seed));
                let key = p521::ecdsa::SigningKey::from_slice(&scalar).expect("512 bits are below the order of P-521");
                Secret::P521(Box::new(key))
            }
            Algorithm::EdDsa => Secret::Ed25519(Box::new(ed25519_key(&Sha256::digest(&seed)))),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => Secret::Hmac(Sha512::digest(&seed).to_vec()),
            _ => Secret::Rsa(Box::new(committed_rsa(RsaSize::Bits2048, n))),
        };
        Self { kid: Some(format!("{}-{n}", algorithm.name().to_ascii_lowercase())), algorithm, secret }
    }

    /// A committed RSA key of another size, with the kid `ALG-SIZE` (`rs256-3072`).
    ///
    /// # Panics
    /// When the algorithm is not an RSA one.
    pub fn rsa(algorithm: Algorithm, size: RsaSize) -> Self {
        assert!(algorithm.name().as_bytes()[1] == b'S' && matches!(algorithm.name().as_bytes()[0], b'R' | b'P'));
        let bits = match size {
            RsaSize::Bits1024 => 1024,
            RsaSize::Bits2048 => 2048,
            RsaSize::Bits3072 => 3072,
            RsaSize::Bits4096 => 4096,
        };
        let kid = format!("{}-{bits}", algorithm.name().to_ascii_lowercase());
        Self { kid: Some(kid), algorithm, secret: Secret::Rsa(Box::new(committed_rsa(size, 0))) }
    }

    /// An HMAC key of the given bytes.
    ///
    /// # Panics
    /// When the algorithm is not `HS*`.
    pub fn hmac(algorithm: Algorithm, secret: &[u8]) -> Self {
        assert!(algorithm.is_symmetric(), "{} takes no HMAC key", algorithm.name());
        let kid = format!("{}-given", algorithm.name().to_ascii_lowercase());
        Self { kid: Some(kid), algorithm, secret: Secret::Hmac(secret.to_vec()) }
    }

    /// The same key under another kid, or under none.
    pub fn with_kid<'a>(mut self, kid: impl Into<Option<&'a str>>) -> Self {
        self.kid = kid.into().map(str::to_owned);
        self
    }

    /// The same secret used with another algorithm of its family (an RSA key with PS512, say).
    ///
    /// # Panics
    /// When the algorithm does not take this kind of key.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        let family = |algorithm: Algorithm| match algorithm.name() {
            name if name.starts_with("RS") || name.starts_with("PS") => "RSA",
            name if name.starts_with("HS") => "HMAC",
            name => name,
        };
        assert_eq!(family(algorithm), family(self.algorithm), "the key is of another kind");
        self.algorithm = algorithm;
        self
    }

    /// The kid it is published under and that its tokens carry.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The raw JWS signature over any bytes (RFC 7518 section 3).
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Rsa(key) => Rsa::with_name(self.algorithm.name()).sign(key, message).as_bytes().into_owned(),
            Secret::P256(key) => jwt_compact::AlgorithmSignature::as_bytes(&Es256.sign(key, message)).into_owned(),
            Secret::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Secret::P521(key) => {
                let signature: p521::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Secret::Ed25519(key) => {
                jwt_compact::AlgorithmSignature::as_bytes(&jwt_compact::Algorithm::sign(&Ed25519, key, message))
                    .into_owned()
            }
            Secret::Hmac(secret) => match self.algorithm {
                Algorithm::Hs384 => Hs384.sign(&Hs384Key::new(secret), message).as_bytes().into_owned(),
                Algorithm::Hs512 => Hs512.sign(&Hs512Key::new(secret), message).as_bytes().into_owned(),
                _ => Hs256.sign(&Hs256Key::new(secret), message).as_bytes().into_owned(),
            },
        }
    }

    /// What a provider publishes (RFC 7517): key material, `kid` when there is one, `alg` and `use`. An HMAC key shows its secret.
    pub fn jwk(&self) -> Value {
        let mut jwk = self.jwk_material();
        jwk["alg"] = self.algorithm.name().into();
        jwk["use"] = "sig".into();
        if let Some(kid) = &self.kid {
            jwk["kid"] = kid.as_str().into();
        }
        jwk
    }

    /// The key material alone: `kty` and the parameters of its kind.
    pub fn jwk_material(&self) -> Value {
        let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        match &self.secret {
            Secret::Rsa(key) => published(&JsonWebKey::from(&key.to_public_key())),
            Secret::P256(key) => published(&JsonWebKey::from(&key.to_verifying_key())),
            Secret::Ed25519(key) => published(&JsonWebKey::from(&key.to_verifying_key())),
            Secret::P384(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(48);
                json!({"kty": "EC", "crv": "P-384", "x": encoded(x), "y": encoded(y)})
            }
            Secret::P521(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(66);
                json!({"kty": "EC", "crv": "P-521", "x": encoded(x), "y": encoded(y)})
            }
            Secret::Hmac(secret) => json!({"kty": "oct", "k": encoded(secret)}),
        }
    }
}

fn published(key: &JsonWebKey<'_>) -> Value {
    serde_json::to_value(key).expect("a public key is plain JSON")
}

fn es256_key(scalar: &[u8]) -> <Es256 as jwt_compact::Algorithm>::SigningKey {
    jwt_compact::alg::SigningKey::<Es256>::from_slice(scalar).expect("a hash is below the order of P-256")
}

fn ed25519_key(seed: &[u8]) -> <Ed25519 as jwt_compact::Algorithm>::SigningKey {
    jwt_compact::alg::SigningKey::<Ed25519>::from_slice(seed).expect("any 32 bytes are an Ed25519 seed")
}

fn committed_rsa(size: RsaSize, n: u8) -> RsaPrivateKey {
    let file = match (size, n) {
        (RsaSize::Bits1024, 0) => include_str!("../../../../tests/kit/keys/rsa-1024-0.json"),
        (RsaSize::Bits2048, 0) => include_str!("../../../../tests/kit/keys/rsa-2048-0.json"),
        (RsaSize::Bits2048, 1) => include_str!("../../../../tests/kit/keys/rsa-2048-1.json"),
        (RsaSize::Bits2048, 2) => include_str!("../../../../tests/kit/keys/rsa-2048-2.json"),
        (RsaSize::Bits2048, 3) => include_str!("../../../../tests/kit/keys/rsa-2048-3.json"),
        (RsaSize::Bits3072, 0) => include_str!("../../../../tests/kit/keys/rsa-3072-0.json"),
        (RsaSize::Bits4096, 0) => include_str!("../../../../tests/kit/keys/rsa-4096-0.json"),
        _ => panic!("there is no {size:?} test key number {n}: see tests/kit/keys"),
    };
    let jwk: JsonWebKey<'_> = serde_json::from_str(file).expect("a committed test key is a JWK");
    RsaPrivateKey::try_from(&jwk).expect("a committed test key is an RSA private key")
}
