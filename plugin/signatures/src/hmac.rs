//! HMAC (RFC 2104), the only algorithm here with a secret: the comparison takes constant time.

use crate::{Hash, KeyError};
use claimgate_library::verify_hmac;

pub(crate) struct Key {
    secret: Vec<u8>,
}

impl Key {
    pub(crate) fn new(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.is_empty() {
            return Err(KeyError::SecretEmpty);
        }
        Ok(Self { secret: secret.to_vec() })
    }

    /// RFC 7518 section 3.2: a key of at least the size of the hash output must be used.
    pub(crate) fn long_enough(&self, hash: Hash) -> bool {
        self.secret.len() >= hash.length()
    }

    /// Compares configured secrets with each other, never with anything from a request: not in constant time.
    pub(crate) fn is_same(&self, other: &Key) -> bool {
        self.secret == other.secret
    }

    pub(crate) fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        verify_hmac(hash.length(), &self.secret, message, signature)
    }
}

#[cfg(test)]
mod tests;
