//! ES384 and ES512 for `jwt-compact`, which has neither: the RustCrypto crates behind its traits.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use jwt_compact::{Algorithm, AlgorithmSignature};
use p384::ecdsa::signature::{Signer as _, Verifier as _};

macro_rules! algorithm {
    ($algorithm:ident, $signature:ident, $curve:ident, $length:literal, $name:literal) => {
        pub(crate) struct $algorithm;
        pub(crate) struct $signature($curve::ecdsa::Signature);

        impl AlgorithmSignature for $signature {
            const LENGTH: Option<NonZeroUsize> = NonZeroUsize::new($length);

            fn try_from_slice(slice: &[u8]) -> anyhow::Result<Self> {
                $curve::ecdsa::Signature::from_slice(slice).map(Self).map_err(|error| anyhow::anyhow!("{error}"))
            }

            fn as_bytes(&self) -> Cow<'_, [u8]> {
                self.0.to_bytes().to_vec().into()
            }
        }

        impl Algorithm for $algorithm {
            type SigningKey = $curve::ecdsa::SigningKey;
            type VerifyingKey = $curve::ecdsa::VerifyingKey;
            type Signature = $signature;

            fn name(&self) -> Cow<'static, str> {
                $name.into()
            }

            fn sign(&self, key: &Self::SigningKey, message: &[u8]) -> Self::Signature {
                $signature(key.sign(message))
            }

            fn verify_signature(&self, signature: &$signature, key: &Self::VerifyingKey, message: &[u8]) -> bool {
                key.verify(message, &signature.0).is_ok()
            }
        }
    };
}

algorithm!(Es384, Es384Signature, p384, 96, "ES384");
algorithm!(Es512, Es512Signature, p521, 132, "ES512");
