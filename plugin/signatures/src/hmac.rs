//! HMAC (RFC 2104), the only algorithm here with a secret: the comparison takes constant time.

use crate::{Hash, KeyError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

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

    pub(crate) fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        match hash {
            Hash::Sha256 => verify::<Hmac<Sha256>>(&self.secret, message, signature),
            Hash::Sha384 => verify::<Hmac<Sha384>>(&self.secret, message, signature),
            Hash::Sha512 => verify::<Hmac<Sha512>>(&self.secret, message, signature),
        }
    }
}

fn verify<M: Mac + KeyInit>(secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(secret).is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
}

#[cfg(test)]
mod tests;
