//! Ed25519 (RFC 8032), strict: canonical A outside the small subgroup, S below the order, R not of small order.

use crate::{Backend, KeyError};
use ed25519_dalek::{Signature, VerifyingKey};

pub(crate) struct Key {
    library: VerifyingKey,
}

impl Key {
    pub(crate) fn new(encoded: &[u8], _backend: Backend) -> Result<Self, KeyError> {
        let encoded = encoded.try_into().map_err(|_| KeyError::EncodingLength)?;
        let library = VerifyingKey::from_bytes(encoded).map_err(|_| KeyError::NotAPoint)?;
        if library.to_edwards().compress().to_bytes() != *encoded {
            return Err(KeyError::NotCanonical);
        }
        if library.is_weak() {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self { library })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.library.verify_strict(message, &signature).is_ok())
    }
}
