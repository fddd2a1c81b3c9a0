//! Envoy's `verify_signature`: a public key in DER, a hash by name, and nothing said about padding or encoding.

use rsa::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::status::Status;

/// Verifies as BoringSSL's `EVP_DigestVerify` does with default parameters: PKCS#1 v1.5 for RSA keys, DER signatures for
/// NIST curves; PSS, JOSE's raw ECDSA signatures and Ed25519 are not valid here. SHA-1 and PEM keys are not offered.
///
/// # Errors
///
/// [`Status::BadArgument`] when the arguments do not parse or carry no key. A signature that is not valid is no error.
pub fn verify_signature(arguments: &[u8]) -> Result<Vec<u8>, Status> {
    let arguments = Arguments::read(arguments).ok_or(Status::BadArgument)?;
    if arguments.public_key.is_empty() {
        return Err(Status::BadArgument);
    }
    Ok(match arguments.verify() {
        Ok(()) => vec![0x08, 0x01],
        Err(problem) => {
            let mut result = vec![0x12, problem.len() as u8];
            result.extend_from_slice(problem.as_bytes());
            result
        }
    })
}

/// The fields of `VerifySignatureArguments` with their numbers: 1, 2, 3 and 4.
#[derive(Default)]
struct Arguments<'a> {
    hash_function: &'a [u8],
    public_key: &'a [u8],
    signature: &'a [u8],
    text: &'a [u8],
}

const NOT_VALID: &str = "Failed to verify digest. Error code: 0";
const NO_INIT: &str = "Failed to initialize digest verify.";

impl<'a> Arguments<'a> {
    fn read(mut bytes: &'a [u8]) -> Option<Arguments<'a>> {
        let mut own = Arguments::default();
        while !bytes.is_empty() {
            let tag = varint(&mut bytes)?;
            if tag & 7 != 2 {
                return None;
            }
            let len = usize::try_from(varint(&mut bytes)?).ok()?;
            let field = bytes.get(..len)?;
            bytes = bytes.get(len..)?;
            match tag >> 3 {
                1 => own.hash_function = field,
                2 => own.public_key = field,
                3 => own.signature = field,
                4 => own.text = field,
                _ => {}
            }
        }
        Some(own)
    }

    fn verify(&self) -> Result<(), &'static str> {
        match self.hash_function.to_ascii_lowercase().as_slice() {
            b"sha224" => self.verify_hashed::<Sha224>(),
            b"sha256" => self.verify_hashed::<Sha256>(),
            b"sha384" => self.verify_hashed::<Sha384>(),
            b"sha512" => self.verify_hashed::<Sha512>(),
            _ => Err("Invalid hash function."),
        }
    }

    fn verify_hashed<D: Digest + rsa::pkcs8::AssociatedOid>(&self) -> Result<(), &'static str> {
        let prehash = D::digest(self.text);
        if let Ok(key) = rsa::RsaPublicKey::from_public_key_der(self.public_key) {
            let scheme = rsa::Pkcs1v15Sign::new::<D>();
            return key.verify(scheme, &prehash, self.signature).map_err(|_| NOT_VALID);
        }
        macro_rules! on_curve {
            ($curve:ident) => {
                if let Ok(key) = $curve::ecdsa::VerifyingKey::from_public_key_der(self.public_key) {
                    use $curve::ecdsa::signature::hazmat::PrehashVerifier;
                    let signature = $curve::ecdsa::Signature::from_der(self.signature).map_err(|_| NOT_VALID)?;
                    return key.verify_prehash(&prehash, &signature).map_err(|_| NOT_VALID);
                }
            };
        }
        on_curve!(p256);
        on_curve!(p384);
        on_curve!(p521);
        Err(NO_INIT)
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests;
