//! RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 section 8).

mod roca;

use crate::{Backend, Hash, KeyError, der};
use ::rsa::{BoxedUint, RsaPublicKey, pkcs1v15::Pkcs1v15Sign, pss::Pss};
use sha2::{Sha256, Sha384, Sha512};

pub(crate) struct Key {
    /// Big-endian, no leading zero octet.
    modulus: Vec<u8>,
    exponent: u32,
    library: RsaPublicKey,
}

impl Key {
    pub(crate) fn new(modulus: &[u8], exponent: &[u8], _backend: Backend) -> Result<Self, KeyError> {
        let modulus = without_leading_zeros(modulus);
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |octet| octet.leading_zeros() as usize);
        match bits {
            0..2048 => return Err(KeyError::ModulusTooShort),
            2048..=8192 => {}
            _ => return Err(KeyError::ModulusTooLong),
        }
        if modulus.last().is_none_or(|octet| octet % 2 == 0) {
            return Err(KeyError::ModulusEven);
        }
        if roca::fingerprint(modulus) {
            return Err(KeyError::ModulusRoca);
        }
        let exponent = admit_exponent(exponent)?;
        let library = RsaPublicKey::new(BoxedUint::from_be_slice_vartime(modulus), BoxedUint::from(exponent))
            .map_err(|_| KeyError::ModulusEven)?;
        Ok(Self { modulus: modulus.to_vec(), exponent, library })
    }

    pub(crate) fn verify_pkcs1(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let digest = hash.digest(&[message]);
        let scheme = match hash {
            Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        };
        self.library.verify(scheme, &digest, signature).is_ok()
    }

    pub(crate) fn verify_pss(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let digest = hash.digest(&[message]);
        match hash {
            Hash::Sha256 => self.library.verify(Pss::<Sha256>::new(), &digest, signature).is_ok(),
            Hash::Sha384 => self.library.verify(Pss::<Sha384>::new(), &digest, signature).is_ok(),
            Hash::Sha512 => self.library.verify(Pss::<Sha512>::new(), &digest, signature).is_ok(),
        }
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        der::rsa_spki(&self.modulus, &self.exponent.to_be_bytes())
    }
}

fn without_leading_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

fn admit_exponent(octets: &[u8]) -> Result<u32, KeyError> {
    let octets = without_leading_zeros(octets);
    if octets.len() > 4 {
        return Err(KeyError::ExponentTooLarge);
    }
    let exponent = octets.iter().fold(0, |value, octet| value << 8 | u32::from(*octet));
    match exponent {
        0..3 => Err(KeyError::ExponentTooSmall),
        _ if exponent % 2 == 0 => Err(KeyError::ExponentEven),
        _ => Ok(exponent),
    }
}

#[cfg(test)]
mod tests;
