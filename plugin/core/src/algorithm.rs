//! Signature algorithms by their JOSE names (RFC 7518 section 3.1, RFC 8037, RFC 9864).

use claimgate_signatures::{Hash, Scheme};

/// A signature algorithm that a token may name in `alg`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519, also spelled `Ed25519` (RFC 9864).
    EdDsa,
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

const NAMES: [(&str, Algorithm); 14] = [
    ("RS256", Algorithm::Rs256),
    ("RS384", Algorithm::Rs384),
    ("RS512", Algorithm::Rs512),
    ("PS256", Algorithm::Ps256),
    ("PS384", Algorithm::Ps384),
    ("PS512", Algorithm::Ps512),
    ("ES256", Algorithm::Es256),
    ("ES384", Algorithm::Es384),
    ("ES512", Algorithm::Es512),
    ("EdDSA", Algorithm::EdDsa),
    ("HS256", Algorithm::Hs256),
    ("HS384", Algorithm::Hs384),
    ("HS512", Algorithm::Hs512),
    ("Ed25519", Algorithm::EdDsa),
];

impl Algorithm {
    /// The algorithm of exactly that name: names are case-sensitive, and `none` is no algorithm.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// Its JOSE name.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, algorithm)| *algorithm == self).map_or("", |(name, _)| name)
    }

    /// Whether signer and verifier share one secret.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }

    /// How its signatures are verified: algorithm, curve and hash in one.
    pub fn scheme(self) -> Scheme {
        match self {
            Self::Rs256 => Scheme::RsaPkcs1(Hash::Sha256),
            Self::Rs384 => Scheme::RsaPkcs1(Hash::Sha384),
            Self::Rs512 => Scheme::RsaPkcs1(Hash::Sha512),
            Self::Ps256 => Scheme::RsaPss(Hash::Sha256),
            Self::Ps384 => Scheme::RsaPss(Hash::Sha384),
            Self::Ps512 => Scheme::RsaPss(Hash::Sha512),
            Self::Es256 => Scheme::EcdsaP256,
            Self::Es384 => Scheme::EcdsaP384,
            Self::Es512 => Scheme::EcdsaP521,
            Self::EdDsa => Scheme::Ed25519,
            Self::Hs256 => Scheme::Hmac(Hash::Sha256),
            Self::Hs384 => Scheme::Hmac(Hash::Sha384),
            Self::Hs512 => Scheme::Hmac(Hash::Sha512),
        }
    }
}

/// A set of algorithms.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Algorithms(u16);

impl Algorithms {
    /// Every algorithm with a public key.
    pub fn asymmetric() -> Self {
        NAMES.iter().map(|(_, algorithm)| *algorithm).filter(|algorithm| !algorithm.is_symmetric()).collect()
    }

    /// Every algorithm there is.
    pub fn all() -> Self {
        NAMES.iter().map(|(_, algorithm)| *algorithm).collect()
    }

    /// Whether `algorithm` is one of these.
    pub fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & bit(algorithm) != 0
    }

    /// Its members.
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        let members =
            NAMES.iter().filter(move |(name, algorithm)| self.contains(*algorithm) && algorithm.name() == *name);
        members.map(|(_, algorithm)| *algorithm)
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(algorithms: I) -> Self {
        Self(algorithms.into_iter().fold(0, |set, algorithm| set | bit(algorithm)))
    }
}

fn bit(algorithm: Algorithm) -> u16 {
    1u16.wrapping_shl(algorithm as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_algorithm_goes_by_its_name_and_eddsa_by_two() {
        assert_eq!(Algorithms::all().iter().count(), 13);
        for algorithm in Algorithms::all().iter() {
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(Algorithm::named("Ed25519"), Some(Algorithm::EdDsa));
        assert_eq!(Algorithm::EdDsa.name(), "EdDSA");
        assert_eq!(Algorithm::named("none"), None);
    }

    #[test]
    fn asymmetric_are_all_but_those_with_a_shared_secret() {
        let symmetric = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
        for algorithm in Algorithms::all().iter() {
            assert_eq!(Algorithms::asymmetric().contains(algorithm), !symmetric.contains(&algorithm), "{algorithm:?}");
            assert_eq!(algorithm.is_symmetric(), matches!(algorithm.scheme(), Scheme::Hmac(_)));
        }
        let two: Algorithms = [Algorithm::Es384, Algorithm::Rs256].into_iter().collect();
        assert_eq!(two.iter().collect::<Vec<_>>(), [Algorithm::Rs256, Algorithm::Es384]);
    }

    #[test]
    fn each_algorithm_is_verified_by_a_scheme_of_its_own() {
        let schemes: Vec<Scheme> = Algorithms::all().iter().map(Algorithm::scheme).collect();
        assert!(
            schemes.iter().enumerate().all(|(at, scheme)| schemes.iter().position(|other| other == scheme) == Some(at))
        );
    }
}
