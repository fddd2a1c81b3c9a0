//! RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 section 8).

mod encoding;
mod montgomery;
mod roca;

use crate::{Backend, Hash, KeyError, der};
use claimgate_library::Rsa;

pub(crate) struct Key {
    /// Big-endian, no leading zero octet.
    modulus: Vec<u8>,
    exponent: u32,
    arithmetic: Arithmetic,
}

enum Arithmetic {
    Own(montgomery::Modulus),
    Library(Rsa),
}

impl Key {
    pub(crate) fn new(modulus: &[u8], exponent: &[u8], backend: Backend) -> Result<Self, KeyError> {
        let modulus = without_leading_zeros(modulus);
        match bits(modulus) {
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
        let arithmetic = match backend {
            Backend::Own => montgomery::Modulus::new(modulus).map(Arithmetic::Own),
            Backend::Library => Rsa::new(modulus, exponent).map(Arithmetic::Library),
        };
        // Both refuse nothing but what was refused above.
        let arithmetic = arithmetic.ok_or(KeyError::ModulusEven)?;
        Ok(Self { modulus: modulus.to_vec(), exponent, arithmetic })
    }

    pub(crate) fn verify_pkcs1(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        match &self.arithmetic {
            Arithmetic::Own(modulus) => {
                self.encoded(modulus, signature).is_some_and(|encoded| encoding::is_pkcs1(&encoded, hash, message))
            }
            Arithmetic::Library(key) => key.verify_pkcs1(&hash.digest(&[message]), signature),
        }
    }

    pub(crate) fn verify_pss(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        match &self.arithmetic {
            Arithmetic::Own(modulus) => self
                .encoded(modulus, signature)
                .is_some_and(|encoded| encoding::is_pss(&encoded, bits(&self.modulus) - 1, hash, message)),
            Arithmetic::Library(key) => key.verify_pss(&hash.digest(&[message]), signature),
        }
    }

    /// The encoded message behind a signature that is as long as the modulus and below it (RFC 8017 section 5.2.2).
    fn encoded(&self, modulus: &montgomery::Modulus, signature: &[u8]) -> Option<Vec<u8>> {
        let representative = signature.len() == self.modulus.len() && *signature < *self.modulus;
        representative.then(|| modulus.power(signature, self.exponent))
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        der::rsa_spki(&self.modulus, &self.exponent.to_be_bytes())
    }
}

fn without_leading_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

/// The length in bits of a number without leading zero octets.
fn bits(octets: &[u8]) -> usize {
    octets.len() * 8 - octets.first().map_or(0, |octet| octet.leading_zeros() as usize)
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
