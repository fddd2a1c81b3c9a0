//! One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037): admitted for verification, or skipped with a reason.

use crate::algorithm::{Algorithm, Algorithms};
use crate::base64url;
use crate::json::{Kind, Value};
use claimgate_signatures::{Backend, Key, KeyError, Preparation};

/// Where a key set comes from. Symmetric keys are only ever taken from the configuration itself.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Written in the configuration.
    Inline,
    /// Fetched from the provider.
    Remote,
}

/// What a key must satisfy to be admitted.
#[derive(Copy, Clone, Debug)]
pub struct Admission {
    /// The algorithms that the issuer may use; a key that fits none of them is skipped.
    pub algorithms: Algorithms,
    /// Where the set comes from.
    pub origin: Origin,
    /// Whose arithmetic verifies.
    pub backend: Backend,
}

/// A key that verifies signatures of one issuer.
#[derive(Debug)]
pub struct Jwk {
    pub(crate) kid: Option<Box<str>>,
    pub(crate) algorithm: Option<Algorithm>,
    /// Microsoft's extension: the only `iss` this key may vouch for, possibly with `{tenantid}` in it.
    pub(crate) issuer: Option<Box<str>>,
    spki: Box<[u8]>,
    pub(crate) key: Key,
    pub(crate) symmetric: bool,
}

/// Why a key was left out of its set. The rest of the set works.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SkipReason {
    /// Not an object, or a member of the wrong type or not in base64url.
    Malformed,
    /// A `kty` or `crv` that no supported algorithm uses.
    UnknownType,
    /// Carries private members: the provider leaks.
    Private,
    /// `use` or `key_ops` say that it is not for verifying, or contradict each other.
    NotForVerification,
    /// `alg` does not fit the key, or fits nothing the issuer may use.
    Algorithm,
    /// A secret where none may be: in a fetched set, beside public keys, or without an HS algorithm listed.
    Symmetric,
    /// A secret whose `kid` another secret of the set has for the same algorithm.
    DuplicateKid,
    /// The key material is weak or invalid: size, exponent, parity, curve membership, small order.
    Unsound,
}

impl SkipReason {
    /// Its name in metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownType => "unknown_type",
            Self::Private => "private",
            Self::NotForVerification => "not_for_verification",
            Self::Algorithm => "algorithm",
            Self::Symmetric => "symmetric",
            Self::DuplicateKid => "duplicate_kid",
            Self::Unsound => "unsound",
        }
    }
}

impl Jwk {
    /// Admits one member of a key set.
    ///
    /// # Errors
    /// The reason to leave it out.
    pub fn admit(jwk: Value<'_>, admission: &Admission) -> Result<Self, SkipReason> {
        if jwk.kind() != Kind::Object {
            return Err(SkipReason::Malformed);
        }
        let kid = text(jwk, "kid")?;
        if kid.as_deref() == Some("") {
            return Err(SkipReason::Malformed);
        }
        let kty = text(jwk, "kty")?.ok_or(SkipReason::Malformed)?;
        let symmetric = kty == "oct";
        refuse_private_members(jwk, symmetric)?;
        check_purpose(jwk)?;
        let algorithm = match text(jwk, "alg")? {
            Some(name) => Some(Algorithm::named(&name).ok_or(SkipReason::Algorithm)?),
            None => None,
        };
        if symmetric && admission.origin == Origin::Remote {
            return Err(SkipReason::Symmetric);
        }
        let key = material(jwk, &kty, admission.backend)?;
        let fits = |algorithm: Algorithm| key.fits(algorithm.scheme());
        match algorithm {
            Some(algorithm) if !fits(algorithm) || !admission.algorithms.contains(algorithm) => {
                return Err(SkipReason::Algorithm);
            }
            None if !admission.algorithms.iter().any(fits) => {
                return Err(if symmetric { SkipReason::Symmetric } else { SkipReason::Algorithm });
            }
            _ => {}
        }
        let issuer = text(jwk, "issuer")?.map(Into::into);
        let spki = key.spki().unwrap_or_default().into();
        Ok(Self { kid: kid.map(Into::into), algorithm, issuer, spki, key, symmetric })
    }

    /// Whether `other` is the same key and verifies nothing that this entry does not.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        (self.algorithm.is_none() || self.algorithm == other.algorithm)
            && self.kid == other.kid
            && self.issuer == other.issuer
            && self.key.is_same(&other.key)
    }

    /// Its DER SubjectPublicKeyInfo, for hosts that verify themselves; empty for keys that none can take.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Does ahead what its first verification would else do.
    pub(crate) fn prepare(&self) -> Preparation {
        self.key.prepare()
    }

    /// Whether this key may verify a token that names `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.key.fits(algorithm.scheme())
    }
}

fn refuse_private_members(jwk: Value<'_>, symmetric: bool) -> Result<(), SkipReason> {
    let private =
        |name: &str| matches!(name, "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth") || (name == "k" && !symmetric);
    let mut members = jwk.members().filter(|(_, value)| value.kind() != Kind::Null);
    if members.any(|(name, _)| private(&name)) { Err(SkipReason::Private) } else { Ok(()) }
}

/// RFC 7517 sections 4.2 and 4.3. SPIFFE's `jwt-svid` is a signing use.
fn check_purpose(jwk: Value<'_>) -> Result<(), SkipReason> {
    let purpose = text(jwk, "use")?;
    if purpose.as_deref().is_some_and(|used| used != "sig" && !used.eq_ignore_ascii_case("jwt-svid")) {
        return Err(SkipReason::NotForVerification);
    }
    let Some(operations) = present(jwk, "key_ops") else { return Ok(()) };
    if operations.kind() != Kind::Array {
        return Err(SkipReason::Malformed);
    }
    let mut seen = Vec::new();
    for operation in operations.elements() {
        let operation = operation.as_str().ok_or(SkipReason::Malformed)?;
        let contradicts = purpose.is_some() && !matches!(operation.as_ref(), "sign" | "verify");
        if contradicts || seen.contains(&operation) {
            return Err(SkipReason::NotForVerification);
        }
        seen.push(operation);
    }
    if seen.iter().any(|operation| operation == "verify") { Ok(()) } else { Err(SkipReason::NotForVerification) }
}

fn material(jwk: Value<'_>, kty: &str, backend: Backend) -> Result<Key, SkipReason> {
    let curve = text(jwk, "crv")?;
    let key = match (kty, curve.as_deref()) {
        ("RSA", _) => Key::rsa(&octets(jwk, "n")?, &octets(jwk, "e")?, backend),
        ("EC", Some("P-256")) => Key::p256(&octets(jwk, "x")?, &octets(jwk, "y")?, backend),
        ("EC", Some("P-384")) => Key::p384(&octets(jwk, "x")?, &octets(jwk, "y")?, backend),
        ("EC", Some("P-521")) => Key::p521(&octets(jwk, "x")?, &octets(jwk, "y")?, backend),
        ("OKP", Some("Ed25519")) => Key::ed25519(&octets(jwk, "x")?, backend),
        ("oct", _) => Key::hmac(&octets(jwk, "k")?),
        _ => return Err(SkipReason::UnknownType),
    };
    key.map_err(|_: KeyError| SkipReason::Unsound)
}

/// The member of that name, unless it is `null`: serializers write `null` for what a key does not have.
fn present<'a>(jwk: Value<'a>, name: &str) -> Option<Value<'a>> {
    jwk.member(name).filter(|value| value.kind() != Kind::Null)
}

fn text(jwk: Value<'_>, name: &str) -> Result<Option<String>, SkipReason> {
    match present(jwk, name) {
        None => Ok(None),
        Some(value) => value.as_str().map(|text| Some(text.into_owned())).ok_or(SkipReason::Malformed),
    }
}

fn octets(jwk: Value<'_>, name: &str) -> Result<Vec<u8>, SkipReason> {
    let encoded = text(jwk, name)?.ok_or(SkipReason::Malformed)?;
    base64url::decode(encoded).ok_or(SkipReason::Malformed)
}
